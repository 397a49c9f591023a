/** `tune` as a stranger runs it: exit codes, what stands on stdout and on stderr, and the shape of its JSON. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Tuning } from '../../src/run/index.ts';
import { plantedLog } from '../builders/planted-log.ts';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const WEEK = join(ROOT, 'examples/modelled-week');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-cli-tune-'));
after(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function tune(...args: string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'tune', ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

function named(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** All keys of an object, and of the first item of a list in it, as paths. */
function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : keysOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = path === '' ? key : `${path}.${key}`;
    return [own, ...keysOf(inner, own)];
  });
}

test('the example week: text on stdout, nothing on stderr, the same bytes each time', () => {
  const [first, second] = [tune('8', WEEK), tune('8', WEEK, '--threads', '1')];
  assert.deepEqual([first.code, first.err], [0, '']);
  assert.equal(first.out, second.out);
  // 159 of csrss.exe, 17 of vmtoolsd.exe, 2 of msvsmon.exe, 1 of rundll32.exe, by construction.
  assert.match(first.out, /^4 entries hide 179 of 179 benign CreateRemoteThread events/);
  assert.match(first.out, /No attacks were given/);
  for (const line of first.out.split('\n')) assert.ok(line.length <= 80, line);
});

test('the JSON has every key of noisefloor.tuning/1', () => {
  const labels = named('labels.yml', 'attacks:\n  - where: SourceImage|endswith=\\rundll32.exe\n');
  const { code, out } = tune('8', WEEK, '--attacks', labels, '--budget', '1/host-hour', '--json');
  assert.equal(code, 0);
  const tuning = JSON.parse(out) as Tuning;
  assert.equal(tuning.schema, 'noisefloor.tuning/1');
  const keys = new Set(keysOf({ ...tuning, allowList: [], tradeOff: [] }));
  const wanted =
    'schema question question.name question.kind question.eventIds read read.files read.records exposure exposure.hours before before.events before.occasionsPerHostHour allowList after after.inSample after.heldOut attacks attacks.events attacks.hidden attacks.coverage optimality optimality.entries optimality.lowerBound tradeOff promise';
  for (const key of wanted.split(' ')) assert.ok(keys.has(key), key);
  // A budget that anything keeps needs no entry.
  assert.deepEqual([tuning.allowList, tuning.promise], [[], 'met']);
  const { allowList, tradeOff } = JSON.parse(tune('8', WEEK, '--json').out) as Tuning;
  for (const key of 'conditions conditions[].field conditions[].condition conditions[].value suppresses suppresses.events suppresses.occasions suppresses.hosts room gain reason witness witness.EventID reach hidesAttacks'.split(
    ' ',
  ))
    assert.ok(keysOf(allowList[0]).includes(key), key);
  for (const key of ['entries', 'heldOut', 'room']) assert.ok(keysOf(tradeOff[1]).includes(key), key);
  const path = allowList.find(({ reach }) => reach.length > 0)!.reach;
  assert.ok(path.every((step) => step.length === 2));
});

test('0 where the budget is kept, 1 where it is not or can not be promised', () => {
  const met = tune('8', WEEK, '--budget', '1/host-hour');
  assert.deepEqual([met.code, met.err], [0, '']);
  assert.match(met.out, /Within budget \(1\/host-hour\)/);
  const over = tune('8', WEEK, '--budget', '1/1000 host-week');
  assert.equal(over.code, 1);
  assert.match(over.out, /Over budget|Not promised: budget/);
});

test('--max-entries bounds the list', () => {
  const { out } = tune('8', WEEK, '--max-entries', '2', '--json');
  const { allowList, tradeOff } = JSON.parse(out) as Tuning;
  assert.equal(allowList.length, 2);
  assert.ok(tradeOff.every(({ entries }) => entries <= 2));
  for (const bad of ['0', '-1', 'x', '1.5']) assert.equal(tune('8', WEEK, '--max-entries', bad).code, 2);
});

test('2 for what can not be asked or written, and for logs out of which nothing could be read', () => {
  const labels = named('bad.yml', 'attacks:\n  - host: PC1\n');
  for (const [args, message] of [
    [['8', WEEK, '--budget', 'plenty'], /budget/],
    [['8', WEEK, '--out', 'list.txt'], /out-format.*list\.txt/],
    [['8', WEEK, '--out', 'no/such/list.xml'], /out-unwritable/],
    [['8', WEEK, '--attacks', labels], /labels-syntax: bad\.yml: line 2/],
    [['8', WEEK, '--attacks', 'missing.evtx'], /attacks-unreadable/],
    [['8', WEEK, '--acl', 'missing.txt'], /acl-unreadable/],
    [['8', 'missing.evtx'], /nothing-readable/],
    [['Nonsense', WEEK], /question-unknown/],
    [['8'], /missing required argument/],
  ] as const) {
    const { code, out, err } = tune(...args);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err, message);
  }
});

test('--strict: a record that could not be read is 2', () => {
  const log = named('broken.jsonl', `${plantedLog([], { PC1: 12 })}{"EventID": 8, "broken\n`);
  assert.equal(tune('8', log).code, 0);
  assert.equal(tune('8', log, '--strict').code, 2);
});

test('3 without exposure: the list is printed, and no rate', () => {
  const one = {
    host: 'PC1',
    hour: 0,
    fields: { SourceImage: 'C:\\Windows\\System32\\csrss.exe', TargetImage: 'C:\\b.exe' },
  };
  const log = named('one.jsonl', plantedLog([one], {}));
  const { code, out } = tune('8', log);
  assert.equal(code, 3);
  assert.match(out, /csrss\.exe/);
  assert.match(out, /Nothing was watched/);
  assert.equal(tune('8', log, '--budget', '1/host-day').code, 3);
});

test('--out writes the list; without an entry it says that there is none', () => {
  const { code, err } = tune('8', WEEK, '--out', 'week.xml');
  assert.deepEqual([code, err], [0, '']);
  assert.match(readFileSync(join(folder, 'week.xml'), 'utf8'), /csrss\.exe/);
  const none = tune('8', named('quiet.jsonl', plantedLog([], { PC1: 12 })), '--out', 'none.xml');
  assert.equal(none.code, 0);
  assert.match(none.err, /there is no entry to write, so none\.xml was not written/);
  assert.ok(!existsSync(join(folder, 'none.xml')));
});

test('--acl of your own machine opens a folder that is closed by default', () => {
  const config = ['--where', 'SourceImage|endswith=\\msvsmon.exe', '--json'];
  const [closed, open] = [
    JSON.parse(tune('8', WEEK, ...config).out) as Tuning,
    JSON.parse(
      tune(
        '8',
        WEEK,
        ...config,
        '--acl',
        named('studio.txt', 'C:\\Program Files\\Microsoft Visual Studio BUILTIN\\Users:(OI)(CI)(M)\n'),
      ).out,
    ) as Tuning,
  ];
  assert.deepEqual([closed.allowList[0]!.room, open.allowList[0]!.room], ['start', 'place']);
});

test('what a log says is shown, and not obeyed', () => {
  const fields = {
    SourceImage: 'C:\\Program Files\\A\\\u001b[31m\u202eexe.a',
    TargetImage: 'C:\\b.exe',
  };
  const log = named(
    'hostile.jsonl',
    plantedLog([{ host: 'PC\u001b[2J', hour: 1, fields }], { 'PC\u001b[2J': 12 }),
  );
  for (const args of [[], ['--json']]) {
    const { code, out } = tune('8', log, ...args);
    assert.equal(code, 0);
    assert.ok(!out.includes('\u001b') && !out.includes('\u202e'));
  }
});
