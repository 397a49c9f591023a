/** Who reaches whom, by events 1, 8 and 10; and which hosts are virtual machines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachOf, pathTo } from '../../../src/analysis/tuning/reach.ts';
import { analyse, REACH_FIELDS, tune } from '../../../src/analysis/index.ts';
import type { Tally } from '../../../src/tally/index.ts';
import { channelOf, groupOf, hostOf, questionOf, SYSMON, tallyOf } from '../../builders/tally.ts';

const BY = new Map(Object.entries(REACH_FIELDS));
const SYSTEM = 'nt authority\\system';
const ALICE = 'pc\\alice';
const image = (name: string): string => `c:\\windows\\${name}.exe`;
const on = { h: { '2024-03-04 00:01': 1 } };

function tally(...groups: readonly (readonly [eventId: number, ...key: (string | null)[]])[]): Tally {
  return tallyOf(
    {
      h: hostOf({ [SYSMON]: channelOf([['2024-03-04 00:00', '2024-03-04 10:00']], { 1: 50, 8: 5, 10: 5 }) }),
    },
    groups.map(([eventId, ...key]) => groupOf(key, on, { eventId })),
    { by: new Map(BY) },
  );
}

const started = (parent: string, child: string, user: string | null): [number, ...(string | null)[]] => [
  1,
  image(parent),
  image(child),
  user,
  user,
];
const opened = (
  source: string,
  target: string,
  access: string,
  user: string,
): [number, ...(string | null)[]] => [10, image(source), image(target), access, user];
const injected = (source: string, target: string, user: string): [number, ...(string | null)[]] => [
  8,
  image(source),
  image(target),
  user,
];

const pathFrom = (of: Tally, source: string): string[] =>
  pathTo(reachOf(of), [{ field: 'SourceImage', condition: 'is', value: image(source) }]).map(([from, to]) =>
    `${from} ${to}`.replaceAll(/c:\\windows\\|\.exe/g, ''),
  );

test('the shortest way from an ordinary program is found, and a longer one only where there is no shorter', () => {
  assert.deepEqual(pathFrom(tally(started('explorer', 'tool', ALICE)), 'tool'), ['explorer tool']);
  assert.deepEqual(
    pathFrom(tally(injected('agent', 'tool', SYSTEM), started('shell', 'agent', ALICE)), 'tool'),
    ['shell agent', 'agent tool'],
  );
  assert.deepEqual(pathFrom(tally(started('services', 'tool', SYSTEM)), 'tool'), []);
  // A ring of services ends.
  assert.deepEqual(pathFrom(tally(injected('a', 'tool', SYSTEM), injected('tool', 'a', SYSTEM)), 'tool'), []);
});

test('an open process is a way only with rights to take it over', () => {
  // 0x1000 only asks for facts; 0x20 writes its memory; 0x40 copies its handles.
  assert.deepEqual(pathFrom(tally(opened('shell', 'tool', '0x1000', ALICE)), 'tool'), []);
  assert.deepEqual(pathFrom(tally(opened('shell', 'tool', '0x1020', ALICE)), 'tool'), ['shell tool']);
  assert.deepEqual(pathFrom(tally(opened('shell', 'tool', '0x1fffff', ALICE)), 'tool'), ['shell tool']);
  assert.deepEqual(pathFrom(tally(opened('shell', 'tool', 'none', ALICE)), 'tool'), []);
});

test('where no user is told, what lies where users may write is ordinary', () => {
  const of = tally([8, 'c:\\users\\a\\x.exe', image('tool'), null]);
  assert.deepEqual(pathTo(reachOf(of), [{ field: 'SourceImage', condition: 'is', value: image('tool') }]), [
    ['c:\\users\\a\\x.exe', image('tool')],
  ]);
  assert.deepEqual(pathFrom(tally([8, image('service'), image('tool'), null]), 'tool'), []);
});

test('hosts with guest tools are virtual machines, and have their rates apart', () => {
  const hours = (host: string): [string, string][] => [
    ['2024-03-04 00:00', host === 'vm' ? '2024-03-04 09:59' : '2024-03-04 19:59'],
  ];
  const guest = 'c:\\program files\\vmware\\vmware tools\\vmtoolsd.exe';
  const of = tallyOf(
    Object.fromEntries(
      ['vm', 'metal'].map((host) => [host, hostOf({ [SYSMON]: channelOf(hours(host), { 8: 1, 1: 5000 }) })]),
    ),
    [
      groupOf([guest, image('a')], { vm: { '2024-03-04 00:01': 1, '2024-03-04 01:01': 1 } }),
      groupOf([image('csrss'), image('a')], {
        vm: { '2024-03-04 02:01': 1 },
        metal: { '2024-03-04 03:01': 1 },
      }),
    ],
  );
  const question = questionOf();
  const { virtual } = tune({
    tally: of,
    question,
    answer: analyse(of, question),
    attacks: null,
    labels: [],
    budget: null,
    maxEntries: null,
    acl: undefined,
    reach: null,
    says: () => true,
  });
  assert.deepEqual(virtual.hosts, [{ host: 'vm', hypervisor: 'VMware', evidence: guest }]);
  assert.equal(virtual.onVirtual!.occasionsPerHostHour!.estimate, 3 / 10);
  assert.equal(virtual.onOthers!.occasionsPerHostHour!.estimate, 1 / 20);
  assert.deepEqual(
    virtual.tools.map(({ image: path, inQuestion, runsAs, hostDriven }) => [
      path,
      inQuestion,
      runsAs,
      hostDriven,
    ]),
    [[guest, true, 'both', true]],
  );
});
