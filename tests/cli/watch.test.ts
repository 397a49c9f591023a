/** `watch` as a person runs it: processes that are started, given something to see, and ended. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { dumpLine } from '../../src/lines/index.ts';
import { headerLine, sealLine, segmentName } from '../../src/sources/index.ts';
import { event } from '../builders/events.ts';
import { SEEN, watchWithFakeSensor } from '../builders/fake-sensor.ts';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const FAKE = pathToFileURL(join(ROOT, 'dist/tests/builders/fake-sensor.js')).href;
const LOG = join(ROOT, 'examples/modelled-week/Sysmon.evtx');
const CONFIG = join(ROOT, 'spec/create-remote-thread.xml');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-watch-cli-'));
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  until(what: () => boolean): Promise<void>;
  /** Ends it, and gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  main: readonly string[] = [MAIN],
): Running {
  const child = spawn(process.execPath, [...main, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', NOISEFLOOR_ROOT: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const exited = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return {
    child,
    out: () => out,
    err: () => err,
    async until(what) {
      for (let tries = 0; !what(); tries++) {
        if (tries > 6000 || !running.has(child)) assert.fail(`it never came:\n${out}\n${err}`);
        await setTimeout(10);
      }
    },
    async end(signal = 'SIGINT') {
      child.kill(signal);
      const code = await exited;
      assert.doesNotMatch(err, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
      return code;
    },
  };
}

function withFakeSensor(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const { name } = watchWithFakeSensor;
  const code = `import { ${name} } from '${FAKE}'; await ${name}(process.argv.slice(1));`;
  return start(['--', ...args], env, ['--input-type=module', '-e', code]);
}

function isWaiting(watched: Running): () => boolean {
  return () => /waiting for/.test(watched.err());
}

function line(record: number, some: Parameters<typeof event>[0] = {}): string {
  const time = Date.UTC(2026, 0, 5, 9, record);
  return `${dumpLine('x', event({ record, time, ...some }))}\n`;
}

function noisefloor(...args: string[]): {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
} {
  const env = { ...process.env, NO_COLOR: '1', NOISEFLOOR_ROOT: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

test('a log is counted, its last events are shown, and each new one comes as a line; Ctrl-C ends with the answer', async () => {
  const path = join(folder, 'log.jsonl');
  writeFileSync(path, Array.from({ length: 30 }, (_, id) => line(id + 1)).join(''));
  const watched = start(['watch', '8', path, '--lines', '3']);
  await watched.until(isWaiting(watched));
  assert.match(watched.err(), /log\.jsonl holds 30 records, 30 events to show, the last 3 below/);
  await watched.until(() => watched.out().split('\n').length === 5);
  appendFileSync(
    path,
    line(31, {
      fields: { SourceImage: 'C:\\new.exe', TargetImage: 'C:\\lsass.exe', RuleName: 'rule\u001b[2J' },
    }),
  );
  appendFileSync(path, line(32, { eventId: 5 }));
  await watched.until(() => /new\.exe/.test(watched.out()));
  assert.equal(await watched.end(), 0);
  const lines = watched.out().split('\n');
  assert.deepEqual(lines.slice(0, 4), [
    '2026-01-05 (UTC)',
    '09:28:00   CreateRemoteThread  a.exe -> b.exe',
    '09:29:00   CreateRemoteThread  a.exe -> b.exe',
    '09:30:00   CreateRemoteThread  a.exe -> b.exe',
  ]);
  assert.match(
    lines[4]!,
    /^09:31:00 \+ CreateRemoteThread {2}new\.exe -> lsass\.exe +\[rule\\u\{1b\}\[2J\]$/,
  );
  assert.equal(lines.length, 6);
  for (const text of lines) assert.ok(text.length <= 80, text);
  assert.match(
    watched.err(),
    /CreateRemoteThread: 31 events, 1 occasion, .*, 2 groups, last new 09:31 new\.exe -> lsass\.exe; 0 boots, 31 min; [^\n]*1\/host-day[^\n]*\n$/,
  );
});

test('--json prints what dump prints', async () => {
  const watched = start(['watch', LOG, '--json', '--lines', '100000']);
  const dumped = noisefloor('dump', LOG, '--format', 'jsonl').out;
  await watched.until(() => watched.out().length >= dumped.length);
  assert.equal(await watched.end('SIGTERM'), 0);
  assert.equal(watched.out(), dumped);
});

test('with --json losses are among the lines, and are said on standard error; heartbeats are not', async () => {
  const path = join(folder, 'losses.jsonl');
  writeFileSync(path, '');
  const watched = start(['watch', '8', path, '--json']);
  await watched.until(isWaiting(watched));
  const linux = { provider: 'Linux-Sysmon', channel: 'Linux-Sysmon/Operational' };
  appendFileSync(path, line(1, { ...linux, eventId: 4, fields: { State: 'Running' } }));
  appendFileSync(path, line(2, { ...linux, eventId: 255, fields: { ID: 'LOST', Description: '5 records' } }));
  appendFileSync(path, `{"no": "event"}\n${line(3)}`);
  await watched.until(() => watched.out().split('\n').length === 4);
  await watched.end();
  const printed = watched.out().trim().split('\n');
  assert.deepEqual(
    printed.map((text) => (JSON.parse(text) as { eventId: number }).eventId),
    [4, 255, 8],
  );
  assert.match(watched.err(), /SysmonError +LOST: 5 records/);
  assert.match(watched.err(), /json-no-event/);
  assert.doesNotMatch(watched.err(), /Running/);
  assert.match(watched.err(), /record(s?) lost\n$/);
});

test('a reader that has seen enough ends it quietly', async () => {
  const path = join(folder, 'pipe.jsonl');
  writeFileSync(path, line(1));
  const watched = start(['watch', path, '--json']);
  await watched.until(() => watched.out() !== '');
  watched.child.stdout!.destroy();
  const exited = once(watched.child, 'close');
  for (let id = 2; running.has(watched.child) && id < 500; id++) {
    appendFileSync(path, line(id));
    await Promise.race([exited, setTimeout(20)]);
  }
  const [code] = (await exited) as [number | null];
  assert.equal(code, 0);
  assert.doesNotMatch(watched.err(), /EPIPE|Error/);
});

test('with --new only what was never seen is shown', async () => {
  const path = join(folder, 'new.jsonl');
  writeFileSync(path, line(0) + line(1));
  assert.equal(noisefloor('ask', '8', path, '--tally', 'seen.tally').code, 0);
  const watched = start(['watch', '8', path, '--new', 'seen.tally']);
  await watched.until(isWaiting(watched));
  appendFileSync(path, line(2) + line(3, { fields: { SourceImage: 'C:\\x.exe', TargetImage: 'C:\\b.exe' } }));
  await watched.until(() => watched.out() !== '');
  assert.equal(await watched.end(), 0);
  assert.match(watched.out(), /^2026-01-05 \(UTC\)\n09:03:00 \+ CreateRemoteThread {2}x\.exe -> b\.exe\n$/);
  assert.match(watched.err(), /4 events, .* 2 groups \(1 new\)/);
});

test('without arguments it follows the log of the installed monitor, with its configuration', async () => {
  const none = noisefloor('watch');
  assert.equal(none.code, 2);
  assert.match(none.err, /^noisefloor: monitor-not-installed: [^\n]*\n$/);
  const log = join(folder, 'var/lib/noisefloor/events');
  mkdirSync(log, { recursive: true });
  mkdirSync(join(folder, 'etc/noisefloor'), { recursive: true });
  cpSync(CONFIG, join(folder, 'etc/noisefloor/config.xml'));
  const segment = join(log, segmentName(1));
  const row = (id: number): Buffer => sealLine(line(id).trim().replace('"x"', '"live"'));
  writeFileSync(segment, Buffer.concat([headerLine({ host: 'HOST', bootId: 'b', first: 1 }), row(1)]));
  for (const args of [['watch'], ['watch', '8']]) {
    const watched = start(args);
    await watched.until(isWaiting(watched));
    assert.match(watched.err(), /events holds \d+ records?, \d+ events? to show/);
    const before = readFileSync(segment, 'utf8').trim().split('\n').length;
    appendFileSync(segment, row(before));
    await watched.until(() => watched.out().includes(`09:0${before}:00`));
    assert.equal(await watched.end(), 0);
  }
  rmSync(join(folder, 'var'), { recursive: true });
});

test('a configuration alone starts the sensor; its events are shown and counted', async () => {
  const told = join(folder, 'told.json');
  const watched = withFakeSensor([CONFIG, '--log', 'somewhere'], { TOLD: told });
  await watched.until(() => watched.out().split('\n').length === SEEN.length + 2);
  assert.equal(await watched.end(), 0);
  assert.deepEqual(JSON.parse(readFileSync(told, 'utf8')), {
    config: CONFIG,
    log: 'somewhere',
    runtime: null,
  });
  assert.equal(
    watched.out(),
    '2026-01-05 (UTC)\n' +
      '09:00:00 + CreateRemoteThread  gdb -> sleep\n' +
      '09:01:00 + CreateRemoteThread  strace -> sleep\n' +
      '09:02:00   CreateRemoteThread  gdb -> sleep\n',
  );
  assert.match(
    watched.err(),
    /CreateRemoteThread: 3 events, 1 occasion, .* 2 groups, last new 09:01 strace -> sleep;/,
  );
});

test('as a service it has the paths of the service, and says nothing on standard output', async () => {
  const told = join(folder, 'service.json');
  const watched = withFakeSensor([CONFIG, '--service'], { TOLD: told });
  await watched.until(() => /watching/.test(watched.err()));
  assert.equal(await watched.end('SIGTERM'), 0);
  assert.deepEqual(JSON.parse(readFileSync(told, 'utf8')), {
    config: CONFIG,
    log: join(folder, 'var/lib/noisefloor/events'),
    runtime: join(folder, 'run/noisefloor'),
  });
  assert.equal(watched.out(), '');
});

test('a sensor that can not start ends it with one sentence', async () => {
  const config = join(folder, 'refused.xml');
  cpSync(CONFIG, config);
  const watched = withFakeSensor([config]);
  const [code] = (await once(watched.child, 'close')) as [number | null];
  assert.equal(code, 2);
  assert.match(watched.err(), /noisefloor: monitor-root: expected root\n$/);
});

test('what can not be watched is refused in one sentence', () => {
  const refused = (code: string, ...args: string[]): void => {
    const { code: exit, out, err } = noisefloor('watch', ...args);
    assert.deepEqual([exit, out], [2, ''], err);
    assert.match(err, new RegExp(`^noisefloor: ${code}: [^\\n]+\\n$`));
  };
  refused('log-missing', 'nowhere.evtx');
  refused('question-unknown', 'nothing', LOG);
  refused('follow-kind', '8', CONFIG);
  refused('budget-syntax', '8', LOG, '--budget', 'much');
  refused('where-field', '8', LOG, '--where', 'Nope=1');
  refused('log-missing', '8', LOG, '--new', 'nowhere');
  if (process.platform !== 'win32') refused('monitor-not-installed', CONFIG, '--live');
  assert.equal(noisefloor('watch', '8', LOG, '--live').code, 2);
  assert.equal(noisefloor('watch', LOG, '--lines', '-1').code, 2);
  assert.ok(!existsSync(join(folder, 'var')));
});
