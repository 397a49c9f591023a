/** Sysmon and the machine's own logs as a user of Windows drives them: whole commands under Wine, over fake tools. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeWindows, type FakeWindows } from '../builders/fake-windows.ts';
import type { Session } from '../builders/session.ts';
import { ROOT } from '../builders/shared.ts';
import { type Ended, noWine, onZ, startWine, type Wine } from '../builders/wine.ts';
import { type Fakes, serveFakes } from '../builders/wine-fakes.ts';

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const LOGS = {
  [SYSMON]: { file: join(ROOT, 'examples/modelled-week/Sysmon.evtx') },
  System: { file: join(ROOT, 'examples/modelled-week/System.evtx') },
};

let wine: Wine;
let fakes: Fakes;
let session: Session;
const state = fakeWindows();

before(async () => {
  if (noWine !== false) return;
  wine = await startWine();
  fakes = await serveFakes(wine, state);
  session = await wine.session();
  mkdirSync(join(wine.drive, 'folder with blanks & more'));
  copyFileSync(join(ROOT, 'spec/create-remote-thread.xml'), join(wine.drive, 'post.xml'));
  copyFileSync(
    join(ROOT, 'spec/create-remote-thread.xml'),
    join(wine.drive, 'folder with blanks & more/post.xml'),
  );
  for (const [name, { file }] of [
    ['Sysmon.evtx', LOGS[SYSMON]],
    ['System.evtx', LOGS.System],
  ] as const)
    copyFileSync(file, join(wine.drive, name));
});
after(() => {
  if (noWine !== false) return;
  session.close();
  fakes.close();
  wine.end();
});

/** Runs a command on the machine as it is then; nothing may be left in the user's folder for temporary files. */
async function noisefloor(some: Partial<FakeWindows>, ...args: string[]): Promise<Ended & { ran: string[] }> {
  Object.assign(state, fakeWindows(some));
  fakes.ran.length = 0;
  const ended = await session.run(args, 'X:\\');
  assert.doesNotMatch(ended.err, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  assert.deepEqual(leftBehind(), []);
  return { ...ended, ran: [...fakes.ran] };
}

/** Resolves when the followed channel was looked at so often since the commands were forgotten. */
async function looks(count: number): Promise<void> {
  const isLook = (one: string): boolean => one.startsWith(`wevtutil qe ${SYSMON}`);
  while (fakes.ran.filter(isLook).length < count) await sleep(50, undefined, { ref: false });
}

function leftBehind(): string[] {
  const users = join(wine.system, 'users');
  return readdirSync(users)
    .map((user) => join(users, user, 'Temp'))
    .filter((temp) => existsSync(temp))
    .flatMap((temp) => readdirSync(temp))
    .filter((name) => name.startsWith('noisefloor'));
}

const installed = { services: { Sysmon64: { image: 'X:\\Sysmon64.cmd', state: 'RUNNING' } } };

test('install, status, reload and uninstall drive Sysmon', { skip: noWine }, async () => {
  const first = await noisefloor(
    { channels: LOGS },
    'install',
    'X:\\post.xml',
    '--sysmon',
    'X:\\Sysmon64.cmd',
  );
  assert.equal(first.err, '');
  assert.equal(first.code, 0);
  assert.ok(first.ran.includes('X:\\Sysmon64.cmd -accepteula -i X:\\post.xml'), first.ran.join('\n'));
  assert.match(first.out, /^Sysmon: X:\\Sysmon64\.cmd, not installed yet\n/);
  assert.match(first.out, /^ {2}Sysmon64 installed\.$/m);
  assert.match(first.out, /The configuration in force is the one that was asked for: .*SHA256=/);

  const keep = { services: state.services, registry: state.registry, sysmon: state.sysmon, channels: LOGS };
  const status = await noisefloor(keep, 'status');
  assert.equal(status.code, 0, status.err);
  assert.match(status.out, /^Service: +Sysmon64, RUNNING, X:\\Sysmon64\.cmd$/m);
  assert.match(status.out, /^Oldest record: +2024-06-03T08:31:\d\d\.\d{3}Z, record 1$/m);
  const json = await noisefloor(keep, 'status', '--json');
  assert.equal((JSON.parse(json.out) as { schema: string }).schema, 'noisefloor.sysmon-status/1');

  const again = await noisefloor(keep, 'reload', 'folder with blanks & more\\post.xml');
  assert.equal(again.code, 0, again.err);
  assert.ok(
    again.ran.includes('X:\\Sysmon64.cmd -accepteula -c X:\\folder with blanks & more\\post.xml'),
    again.ran.join('\n'),
  );

  const gone = await noisefloor(keep, 'uninstall');
  assert.equal(gone.code, 0, gone.err);
  assert.match(gone.out, /The service Sysmon64 is gone/);
  assert.deepEqual(Object.keys(state.services), []);
  const none = await noisefloor({}, 'status');
  assert.deepEqual([none.code, none.out], [2, 'Sysmon is not installed on this machine.\n']);
});

test(
  'what keeps Sysmon from being driven is one sentence on stderr, and exit code 2',
  { skip: noWine },
  async () => {
    writeFileSync(
      join(wine.drive, 'bad.xml'),
      '<Sysmon schemaversion="4.90"><EventFiltering><No/></EventFiltering></Sysmon>',
    );
    const sysmon = ['--sysmon', 'X:\\Sysmon64.cmd'];
    for (const [some, args, expected] of [
      [{}, ['install', 'post.xml'], /^noisefloor: sysmon-not-found: .*\n$/],
      [
        {},
        ['install', 'post.xml', '--sysmon', 'X:\\no\\Sysmon.exe'],
        /^noisefloor: sysmon-not-found: --sysmon X:\\no\\.*\n$/,
      ],
      [{ elevated: false }, ['install', 'post.xml', ...sysmon], /^noisefloor: sysmon-not-elevated: .*\n$/],
      [{}, ['install', 'bad.xml', ...sysmon], /^noisefloor: config-grammar: bad\.xml:1:.*\n$/],
      [{}, ['reload', 'post.xml', ...sysmon], /^noisefloor: sysmon-not-installed: .*\n$/],
      [
        { fail: { 'sysmon -accepteula -i': { status: 1, says: 'Gr\x81n\r\n' } } },
        ['install', 'post.xml', ...sysmon],
        /^noisefloor: sysmon-failed: .* ended with 1, and says: .*\n$/,
      ],
    ] as const) {
      const { code, err } = await noisefloor(some, ...args);
      assert.match(err, expected);
      assert.equal(code, 2, err);
    }
  },
);

test('ask --live answers as the exported logs do, and leaves nothing behind', { skip: noWine }, async () => {
  Object.assign(state, fakeWindows({ ...installed, channels: LOGS }));
  // A process of its own, as users have it.
  const live = await wine.noisefloor(['ask', '8', '--live', '--json']);
  assert.equal(live.err, '');
  assert.equal(live.code, 0);
  const files = await session.run(['ask', '8', 'Sysmon.evtx', 'System.evtx', '--json'], 'X:\\');
  assert.equal(live.out, files.out);
  assert.deepEqual(leftBehind(), []);
});

test(
  'what keeps the live log from being read is one sentence, and exit code 2',
  { skip: noWine },
  async () => {
    for (const [some, expected] of [
      [{ ...installed, channels: LOGS, elevated: false }, /^noisefloor: live-not-elevated: .*\n$/],
      [{ channels: {} }, /^noisefloor: live-no-channel: Sysmon is not installed .*\n$/],
      [{ ...installed, channels: {} }, /^noisefloor: live-no-channel: the service Sysmon64 .*\n$/],
      [
        { ...installed, channels: LOGS, fail: { 'wevtutil epl': { status: 1722 } } },
        /^noisefloor: live-failed: .* ended with 1722; nor can its file be copied \(ENOENT\)\n$/,
      ],
    ] as const) {
      const { code, err } = await noisefloor(some, 'ask', '8', '--live');
      assert.match(err, expected);
      assert.equal(code, 2);
    }
  },
);

test(
  'the channels are followed: what is there, and then what comes, each once',
  { skip: noWine },
  async () => {
    Object.assign(state, fakeWindows({ ...installed, channels: { ...LOGS, [SYSMON]: { ...LOGS[SYSMON] } } }));
    writeFileSync(
      join(wine.drive, 'follow.mjs'),
      `import { followLive } from ${JSON.stringify(`file:///${onZ(join(ROOT, 'dist/src/monitor/index.js')).replaceAll('\\', '/')}`)};
const end = new AbortController();
const records = [];
const losses = [];
for await (const batch of followLive({ signal: end.signal, intervalMs: 50 })) {
  for (const { record, channel } of batch.events) if (channel.includes('Sysmon')) records.push(record);
  losses.push(...batch.diagnostics);
  if (records.length >= 1100) end.abort();
}
console.log(JSON.stringify({ records, losses }));
`,
    );
    fakes.ran.length = 0;
    const running = wine.node(['X:\\follow.mjs']);
    // The log is as long as its file; then 200 records come with higher ids, of which the first ten are gone already.
    await Promise.race([looks(1), running]);
    state.channels[SYSMON] = { ...LOGS[SYSMON], shift: 1061, from: 1061 + 11, upTo: 1061 + 200 };
    const { out, err } = await running;
    assert.equal(err, '');
    const { records, losses } = JSON.parse(out) as {
      records: number[];
      losses: { code: string; lost: number }[];
    };
    assert.deepEqual(records, [
      ...Array.from({ length: 1061 }, (_, at) => at + 1),
      ...Array.from({ length: 190 }, (_, at) => 1061 + 11 + at),
    ]);
    assert.deepEqual(
      losses.map(({ code, lost }) => [code, lost]),
      [['live-gap', 10]],
    );
    assert.deepEqual(leftBehind(), []);
  },
);

test('an export that is interrupted leaves nothing behind', { skip: noWine }, async () => {
  Object.assign(state, fakeWindows({ ...installed, channels: LOGS }));
  const door = `file:///${onZ(join(ROOT, 'dist/src/cli/live.js')).replaceAll('\\', '/')}`;
  // Wine sends no Ctrl-C to Node; what Node makes of one is this event.
  writeFileSync(
    join(wine.drive, 'interrupted.mjs'),
    `import { existsSync } from 'node:fs';
import { liveLogs } from ${JSON.stringify(door)};
const { paths } = await liveLogs();
console.log(paths.length, paths.every((path) => existsSync(path)));
process.emit('SIGINT', 'SIGINT');
`,
  );
  const { code, out, err } = await wine.node(['X:\\interrupted.mjs']);
  assert.deepEqual([code, out, err], [130, '2 true\n', '']);
  assert.deepEqual(leftBehind(), []);
});

test('watch --live prints what comes, as dump prints it', { skip: noWine }, async () => {
  Object.assign(state, fakeWindows({ ...installed, channels: { ...LOGS, [SYSMON]: { ...LOGS[SYSMON] } } }));
  fakes.ran.length = 0;
  const end = new AbortController();
  const watching = wine.noisefloor(['watch', '8', '--live', '--json', '--lines', '0'], {
    signal: end.signal,
  });
  await Promise.race([looks(1), watching]);
  state.channels[SYSMON] = { ...LOGS[SYSMON], shift: 1061, upTo: 1061 + 200 };
  fakes.ran.length = 0;
  // The second look begins when what the first one brought is printed.
  await Promise.race([looks(3), watching]);
  end.abort();
  const { out, err } = await watching;
  assert.match(err, /^noisefloor: this machine holds 1,205 records, 179 events to show; [^\n]*\n$/);
  // What Sysmon says of itself stands among the events.
  const types = ['8', '4', '16', '255'].flatMap((id) => ['--event', id]);
  const { out: dumped } = await session.run(['dump', 'Sysmon.evtx', ...types], 'X:\\');
  const lines = (text: string): Record<string, unknown>[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const expected = lines(dumped)
    .filter(({ record }) => Number(record) <= 200)
    .map((line) => ({ ...line, source: SYSMON, record: Number(line['record']) + 1061 }));
  assert.ok(expected.length > 10);
  assert.deepEqual(lines(out), expected);
});
