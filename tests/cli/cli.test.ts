/** The commands as a stranger runs them: whole processes, their output, their exit codes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Answer } from '../../src/run/index.ts';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const WEEK = join(ROOT, 'examples/modelled-week');
const CONFIG = join(ROOT, 'spec/create-remote-thread.xml');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-cli-'));
after(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function noisefloor(args: readonly string[], input: string | Buffer = ''): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

function answer(...args: string[]): Answer {
  const { code, out, err } = noisefloor(['ask', ...args, '--json']);
  assert.equal(code, 0, err);
  return JSON.parse(out) as Answer;
}

test('ask counts what the example logs hold by construction', () => {
  const { matches, read, question } = answer('8', WEEK);
  assert.deepEqual([matches.events, read.records, read.unreadable, read.files], [179, 1205, 0, 2]);
  assert.deepEqual(question, { name: 'CreateRemoteThread', kind: 'event-type', eventIds: [8] });
  const total = Object.values(matches.byPhase).reduce((a, b) => a + b);
  assert.equal(total, 179);
});

test("the post's configuration asks the same as its event type", () => {
  const [byConfig, byType] = [answer(CONFIG, WEEK), answer('CreateRemoteThread', WEEK)];
  assert.equal(byConfig.question.kind, 'sysmon-config');
  assert.deepEqual(byConfig.matches, byType.matches);
  assert.deepEqual(byConfig.groups, byType.groups);
  assert.deepEqual(
    byConfig.rules.map(({ name, line, events }) => [name, line, events]),
    [['CreateRemoteThread', 12, 179]],
  );
});

test('--not hides, and what it hid stands beside what is left', () => {
  const { matches, excluded } = answer('8', WEEK, '--not', 'SourceImage|endswith=\\csrss.exe');
  assert.deepEqual([matches.events, excluded!.events, excluded!.before.events], [20, 159, 179]);
});

test('of hundreds of rules each matches what it matches alone', () => {
  const rules = join(folder, 'rules');
  mkdirSync(join(rules, 'deep/down'), { recursive: true });
  const rule = (title: string, source: string): string =>
    `title: ${title}\nlogsource: {product: windows, category: create_remote_thread}\ndetection:\n  s: {SourceImage|endswith: '${source}'}\n  condition: s\n`;
  const [common, rare] = ['.exe', '\\csrss.exe'];
  for (let i = 0; i < 400; i++)
    writeFileSync(
      join(rules, i % 2 ? 'deep' : 'deep/down', `${i}.yml`),
      rule(`${i}`, i === 7 ? rare : common),
    );
  writeFileSync(join(folder, 'common.yml'), rule('common', common));
  writeFileSync(join(folder, 'rare.yml'), rule('rare', rare));
  const alone = (name: string): number => answer(name, WEEK).matches.events;
  const events = new Map(answer('rules', WEEK).rules.map((one) => [one.name, one.events]));
  assert.equal(events.size, 400);
  const expected = { common: alone('common.yml'), rare: alone('rare.yml') };
  assert.notEqual(expected.common, expected.rare);
  for (const [name, found] of events)
    assert.equal(found, name === '7' ? expected.rare : expected.common, name);
});

test('--where, --from and --to narrow; --by groups by other fields', () => {
  assert.equal(answer('8', WEEK, '--where', 'SourceImage|endswith=\\vmtoolsd.exe').matches.events, 17);
  const days = ['2024-06-03', '2024-06-04', '2024-06-05', '2024-06-06', '2024-06-07'].map(
    (day) => answer('8', WEEK, '--from', day, '--to', day).matches.events,
  );
  assert.equal(
    days.reduce((a, b) => a + b),
    179,
  );
  const { groups } = answer('8', WEEK, '--by', 'sourceimage');
  assert.deepEqual(Object.keys(groups[0]!.key), ['SourceImage']);
  assert.equal(
    groups.reduce((sum, { events }) => sum + events, 0),
    179,
  );
});

test('the same input gives the same bytes, whatever the number of threads', () => {
  const [one, again, many] = [
    ['--threads', '1'],
    ['--threads', '1'],
    ['--threads', '3'],
  ].map((threads) => noisefloor(['ask', '8', WEEK, '--json', ...threads]).out);
  assert.equal(one, again);
  assert.equal(one, many);
});

test('a copy of a log changes nothing but the number of duplicates', () => {
  const twice = join(folder, 'twice');
  mkdirSync(twice);
  for (const name of ['a.evtx', 'b.evtx']) copyFileSync(join(WEEK, 'Sysmon.evtx'), join(twice, name));
  copyFileSync(join(WEEK, 'System.evtx'), join(twice, 'System.evtx'));
  const [single, double] = [answer('8', WEEK), answer('8', twice)];
  assert.deepEqual(
    [double.matches, double.exposure, double.rate],
    [single.matches, single.exposure, single.rate],
  );
  assert.deepEqual([double.read.duplicates, single.read.duplicates], [1061, 0]);
});

test('an export of a log beside it changes nothing but the number of duplicates', () => {
  const both = join(folder, 'both');
  mkdirSync(both);
  copyFileSync(join(WEEK, 'Sysmon.evtx'), join(both, 'Sysmon.evtx'));
  writeFileSync(
    join(both, 'Sysmon.xml'),
    noisefloor(['dump', join(WEEK, 'Sysmon.evtx'), '--format', 'xml']).out,
  );
  const [single, double] = [answer('8', join(WEEK, 'Sysmon.evtx')), answer('8', both)];
  assert.deepEqual([double.matches, double.read.duplicates], [single.matches, 1061]);
});

test('the hours do not grow by a System log beside the Sysmon log', () => {
  const [alone, both] = [answer('8', join(WEEK, 'Sysmon.evtx')), answer('8', WEEK)];
  assert.ok(both.exposure.hours <= alone.exposure.hours);
  assert.ok(alone.exposure.hours - both.exposure.hours < 0.02 * alone.exposure.hours + 1);
});

test('--exposure replaces the hours', () => {
  const { exposure, rate } = answer('8', WEEK, '--exposure', '1000h');
  assert.deepEqual([exposure.hours, exposure.method], [1000, 'given']);
  assert.ok(Math.abs(rate.eventsPerHostHour!.estimate - 0.179) < 1e-9);
});

test('--exposure for a host that no log names is said', () => {
  const { diagnostics, exposure } = answer('8', WEEK, '--exposure', 'DESKTOP-NF02=100h');
  assert.ok(diagnostics.some(({ code }) => code === 'exposure-host-unknown'));
  assert.equal(exposure.perHost.length, 2);
});

test('field names of dump tests are found in any case', () => {
  const count = (...args: string[]): number => noisefloor(['dump', WEEK, ...args]).out.split('\n').length - 1;
  assert.equal(count('--event', '8', '--where', 'sourceimage|endswith=\\csrss.exe'), 159);
});

test('the text answer fits 80 columns and says that the logs are modelled', () => {
  const { code, out } = noisefloor(['ask', '8', WEEK]);
  assert.equal(code, 0);
  for (const line of out.split('\n')) assert.ok([...line].length <= 80, line);
  assert.match(out, /modelled logs, not recorded/);
});

test('an event log that is cut in its header is an error, alone and beside others', () => {
  const cut = join(folder, 'cut.evtx');
  const whole = readFileSync(join(WEEK, 'Sysmon.evtx'));
  for (const length of [8, 100, 4095]) {
    writeFileSync(cut, whole.subarray(0, length));
    const alone = noisefloor(['ask', '8', cut]);
    assert.equal(alone.code, 2);
    assert.match(alone.err, /error: evtx-truncated: .*cut\.evtx/);
    const beside = noisefloor(['ask', '8', cut, join(WEEK, 'Sysmon.evtx'), '--strict']);
    assert.equal(beside.code, 2);
    assert.doesNotMatch(beside.out, /Nothing was lost/);
  }
});

test('what stands where a page, a tally or a list is to be written stays, unless it is one', () => {
  const log = join(folder, 'taken.evtx');
  copyFileSync(join(WEEK, 'Sysmon.evtx'), log);
  const json = join(folder, 'taken.jsonl');
  writeFileSync(json, noisefloor(['dump', log, '--format', 'jsonl']).out);
  const tally = join(folder, 'taken.tally');
  const zipped = join(folder, 'taken.jsonl.gz');
  writeFileSync(zipped, gzipSync(readFileSync(json)));
  for (const path of [log, json, zipped]) {
    const before = readFileSync(path);
    for (const args of [
      ['ask', '8', WEEK, '--html', path],
      ['ask', '8', WEEK, '--junit', path],
      ['ask', '8', path, '--tally', path],
      ['test', 'no.yml', '--junit', path],
      ...(path === log ? [['config', '8', '--out', path]] : []),
    ]) {
      const { code, err, out } = noisefloor(args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, /^noisefloor: out-exists: --\w+ .*taken/);
      assert.deepEqual(readFileSync(path), before);
    }
  }
  assert.equal(noisefloor(['ask', '8', WEEK, '--tally', tally]).code, 0);
  const first = readFileSync(tally);
  assert.equal(noisefloor(['ask', '8', WEEK, '--tally', tally]).code, 0);
  assert.deepEqual(readFileSync(tally), first);
  const both = ['--html', join(folder, 'taken.html'), '--junit', join(folder, 'taken.xml')];
  for (let turn = 0; turn < 2; turn += 1) assert.equal(noisefloor(['ask', '8', WEEK, ...both]).code, 0);
  assert.equal(noisefloor(['merge', tally, '--out', log]).code, 2);
});

test('--html writes a page beside the answer, and says where it could not', () => {
  const page = join(folder, 'answer.html');
  const { code, out } = noisefloor(['ask', '8', WEEK, '--json', '--html', page]);
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as Answer).matches.events, 179);
  const text = readFileSync(page, 'utf8');
  assert.match(text, /^<!doctype html>/);
  assert.match(text, /30 of 51 watched host-hours/);
  assert.ok(text.includes(`noisefloor ask 8 ${WEEK} --json --html ${page}`));
  noisefloor(['ask', '8', WEEK, '--json', '--html', page, '--threads', '1']);
  assert.equal(readFileSync(page, 'utf8').replaceAll(' --threads 1', ''), text);

  const missing = noisefloor(['ask', '8', WEEK, '--html', join(folder, 'no/such/answer.html')]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /^noisefloor: out-unwritable: --html .*answer\.html: .*ENOENT/);
  const directory = noisefloor(['ask', '8', WEEK, '--html', folder]);
  assert.equal(directory.code, 2);
  assert.match(directory.err, /out-unwritable: .*EISDIR/);
  assert.match(directory.out, /fired in 30 of 51/, 'the answer is there all the same');

  const absent = join(folder, 'nothing.html');
  assert.equal(noisefloor(['ask', '8', 'absent.evtx', '--html', absent]).code, 2);
  assert.throws(() => readFileSync(absent), /ENOENT/);
});

test('a gate says what it found where nobody reads its output', async () => {
  const codeOf = async (...args: string[]): Promise<number | null> => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };
  assert.equal(await codeOf('ask', '8', WEEK, '--budget', '0.001/host-day'), 1);
  assert.equal(await codeOf('ask', '8', WEEK, '--budget', '1000/host-hour'), 0);
  assert.equal(await codeOf('dump', WEEK, '--format', 'jsonl'), 0);
});

test('dump of which nothing can be read exits with 2', () => {
  writeFileSync(join(folder, 'odd.json'), '{"a":1}\n{"a":2}\n');
  const { code, out, err } = noisefloor(['dump', 'odd.json', '--format', 'jsonl']);
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /json-no-event/);
  assert.equal(noisefloor(['dump', WEEK, 'odd.json', '--format', 'jsonl']).code, 0);
});

test('dump writes every event of every provider, and reads its own lines back', () => {
  const { code, out } = noisefloor(['dump', WEEK]);
  assert.equal(code, 0);
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, 1205);
  const first = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.deepEqual(Object.keys(first), [
    'source',
    'record',
    'time',
    'host',
    'provider',
    'channel',
    'eventId',
    'version',
    'fields',
  ]);
  const again = noisefloor(['dump', '-'], out);
  const facts = (line: string): unknown => ({ ...(JSON.parse(line) as object), source: '', time: '' });
  assert.deepEqual(again.out.trimEnd().split('\n').map(facts), lines.map(facts));
});

test('dump as XML is read back as the same events', () => {
  const xml = noisefloor(['dump', WEEK, '--event', '8', '--format', 'xml']).out;
  const path = join(folder, 'eight.xml');
  writeFileSync(path, xml);
  const facts = (out: string): unknown[] =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => ({ ...(JSON.parse(line) as object), source: '', time: '' }));
  assert.deepEqual(
    facts(noisefloor(['dump', path]).out),
    facts(noisefloor(['dump', WEEK, '--event', '8']).out),
  );
});

test('dump narrows by event, field and time', () => {
  const count = (...args: string[]): number => noisefloor(['dump', WEEK, ...args]).out.split('\n').length - 1;
  assert.equal(count('--event', 'CreateRemoteThread'), 179);
  assert.equal(count('--event', 'CreateRemoteThread', '--threads', '2'), 179);
  assert.equal(count('--event', '8', '--event', '6005'), 188);
  assert.equal(count('--event', '8', '--not', 'SourceImage|endswith=\\csrss.exe'), 20);
  assert.equal(count('--event', '8', '--format', 'csv'), 180);
});

test('bad input is named, with its place and the exit code', () => {
  const says = (args: string[], code: number, text: RegExp, input?: string): void => {
    const result = noisefloor(args, input);
    assert.equal(result.code, code, `${args.join(' ')}: ${result.err}`);
    assert.match(result.err + result.out, text);
  };
  says(['ask', '8', 'missing'], 2, /log-missing: missing/);
  says(['ask', '8'], 2, /missing required argument/);
  says(['ask', 'Nonsense', WEEK], 2, /question-unknown/);
  says(['ask', '8', WEEK, '--where', 'Nope=1'], 2, /where-field/);
  says(['ask', '8', WEEK, '--from', 'yesterday'], 2, /time-syntax/);
  says(['ask', '8', WEEK, '--threads', '0'], 2, /whole number/);
  says(['ask', join(ROOT, 'package.json'), WEEK], 2, /config-not-xml/);
  says(['frob'], 2, /unknown command/);
  says(['--help'], 0, /ask/);
  mkdirSync(join(folder, 'empty'));
  says(['ask', '8', 'empty'], 2, /log-empty-folder/);
  writeFileSync(join(folder, 'noise.bin'), Buffer.from([1, 2, 3, 250, 251, 252]));
  says(['ask', '8', 'noise.bin'], 2, /log-unknown-kind/);
  says(['dump', 'noise.bin'], 2, /log-unknown-kind/);
  writeFileSync(join(folder, 'cut.gz'), gzipSync(readFileSync(join(WEEK, 'System.evtx'))).subarray(0, 5000));
  says(['ask', '8', 'cut.gz'], 2, /archive-truncated/);
});

test('what could be read beside what could not is answered', () => {
  const { code, out, err } = noisefloor(['ask', '8', WEEK, 'missing', '--json']);
  assert.equal(code, 0);
  assert.match(err, /log-missing/);
  const { matches, diagnostics } = JSON.parse(out) as Answer;
  assert.equal(matches.events, 179);
  assert.ok(diagnostics.some((one) => one.code === 'log-missing'));
});

test('JSON that breaks in the middle costs one event; --strict makes it an error', () => {
  const lines = noisefloor(['dump', WEEK, '--event', '8']).out.trimEnd().split('\n');
  lines[50] = lines[50]!.slice(0, 200);
  const path = join(folder, 'broken.json');
  writeFileSync(path, lines.join('\n'));
  appendFileSync(path, '\n');
  const { matches, read, diagnostics } = answer('8', path);
  assert.deepEqual([matches.events, read.unreadable], [178, 1]);
  assert.deepEqual(diagnostics.find(({ code }) => code === 'json-syntax')?.where, { source: path, line: 51 });
  assert.equal(noisefloor(['ask', '8', path, '--strict', '--json']).code, 2);
});

test('no exposure is exit code 3 with null rates, and no rate of zero', () => {
  const { code, out } = noisefloor(['ask', '8', join(WEEK, 'System.evtx'), '--json']);
  assert.equal(code, 3);
  const { rate, matches } = JSON.parse(out) as Answer;
  assert.deepEqual([rate.occasionsPerHostHour, rate.eventsPerHostHour, matches.events], [null, null, 0]);
});

test('no such event: an upper bound, and whether the log could hold one', () => {
  const { rate, blind } = answer('ProcessTampering', WEEK);
  assert.equal(rate.occasionsPerHostHour!.estimate, 0);
  assert.ok(rate.occasionsPerHostHour!.high! > 0);
  assert.match(rate.occasionsPerHostHour!.method, /one-sided/);
  assert.deepEqual(
    blind.map(({ eventId }) => eventId),
    [25],
  );
});

test('a reader that has seen enough is no error', () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${MAIN}" dump "${WEEK}" | head -n 1`],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual([status, stderr], [0, '']);
});

test("README's example is what the program answers", () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const example = /\n\$ noisefloor ask [^\n]*\n\n([^]*?)\n```/.exec(readme)![1]!;
  const { stdout } = spawnSync(
    process.execPath,
    [
      MAIN,
      'ask',
      'spec/create-remote-thread.xml',
      'examples/modelled-week',
      '--not',
      'SourceImage|endswith=\\csrss.exe',
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  assert.equal(example, stdout.trimEnd());
});
