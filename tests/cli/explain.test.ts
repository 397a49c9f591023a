/** `noisefloor explain` as a stranger runs it, on logs whose content is known by construction (examples/README.md). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const WEEK = join(ROOT, 'examples/modelled-week');
const POST = join(ROOT, 'spec/create-remote-thread.xml');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-explain-'));
after(() => rmSync(folder, { recursive: true }));

const OURS = join(folder, 'ours.xml');
writeFileSync(
  OURS,
  `<Sysmon schemaversion="4.90">
  <EventFiltering>
    <RuleGroup groupRelation="or">
      <CreateRemoteThread onmatch="exclude">
        <SourceImage condition="image">csrss.exe</SourceImage>
        <Rule groupRelation="and">
          <SourceImage condition="end with">\\vmtoolsd.exe</SourceImage>
          <TargetImage condition="image">spoolsv.exe</TargetImage>
        </Rule>
        <TargetImage condition="image">lsass.exe</TargetImage>
      </CreateRemoteThread>
    </RuleGroup>
    <ProcessCreate onmatch="exclude">
      <Image condition="image">nothing-1.exe</Image>
    </ProcessCreate>
    <ProcessCreate onmatch="exclude">
      <Image condition="image">nothing-2.exe</Image>
    </ProcessCreate>
  </EventFiltering>
</Sysmon>
`,
);

interface Explained {
  readonly source: string;
  readonly record: number | null;
  readonly eventId: number;
  readonly logged: boolean;
  readonly ruleName: string;
  readonly because: {
    readonly line: number;
    readonly column: number;
    readonly text: string;
    readonly kind: string;
  };
  readonly also: readonly { readonly line: number; readonly decides: boolean }[];
  readonly unknownFields: readonly string[];
}

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'explain', ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

function explained(...args: string[]): Explained[] {
  const { code, out, err } = run(...args);
  assert.equal(code, 0, err);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Explained);
}

test("the post's configuration: its own events, and those that are always logged", () => {
  const all = explained(POST, WEEK, '--json');
  assert.equal(all.length, 1061);
  const logged = all.filter((one) => one.logged);
  assert.deepEqual(
    [8, 4, 16, 1, 5].map((id) => logged.filter(({ eventId }) => eventId === id).length),
    [179, 9, 1, 0, 0],
  );
  const thread = logged.find(({ eventId }) => eventId === 8)!;
  assert.deepEqual(thread.because, {
    line: 12,
    column: 7,
    text: 'CreateRemoteThread onmatch="exclude": no filter matched',
    kind: 'section',
  });
  assert.equal(thread.source, join(WEEK, 'Sysmon.evtx'));
  assert.equal(thread.ruleName, '-');
  assert.equal(logged.find(({ eventId }) => eventId === 16)!.because.kind, 'always');
  assert.equal(all.find(({ eventId }) => eventId === 1)!.because.line, 9);
  for (const one of all) assert.deepEqual(one.unknownFields, []);
});

test('the line that decided each event, and what else would have', () => {
  const all = explained(OURS, WEEK, '--event', 'CreateRemoteThread');
  const at = (line: number): number => all.filter(({ because }) => because.line === line).length;
  // 159 of csrss.exe; 7 of the guest tools into spoolsv.exe, 10 into explorer.exe; 2 and 1 rare ones.
  assert.deepEqual([at(5), at(8), at(4)], [159, 7, 13]);
  assert.equal(all.filter(({ logged }) => logged).length, 13);
  // 17 of csrss.exe go into lsass.exe, which a line of its own excludes as well.
  assert.equal(all.filter(({ also }) => also.some(({ line, decides }) => line === 10 && decides)).length, 17);
});

test('--where, --not, --from and --to narrow what is explained', () => {
  const where = ['--where', 'SourceImage|endswith=\\vmtoolsd.exe'];
  assert.equal(explained(OURS, WEEK, '--event', '8', ...where).length, 17);
  assert.equal(
    explained(OURS, WEEK, '--event', '8', '--not', 'SourceImage|endswith=\\csrss.exe').length,
    179 - 159,
  );
  const days = ['03', '04', '05', '06', '07'].map(
    (day) => explained(OURS, WEEK, '--from', `2024-06-${day}`, '--to', `2024-06-${day}`).length,
  );
  assert.equal(
    days.reduce((a, b) => a + b),
    1061,
  );
});

test('--undecided: what is not logged because nothing in the configuration speaks of it', () => {
  // Two sections of which none matches log no start of a process; its end is logged by default.
  const ours = explained(OURS, WEEK, '--undecided');
  assert.equal(ours.length, 492);
  assert.ok(ours.every(({ eventId, because }) => eventId === 1 && because.kind === 'no-match'));
  const bare = join(folder, 'bare.xml');
  writeFileSync(bare, '<Sysmon schemaversion="4.90"/>');
  const undecided = explained(bare, WEEK, '--undecided');
  assert.equal(undecided.length, 179);
  assert.ok(undecided.every(({ eventId, because }) => eventId === 8 && because.kind === 'default'));
  assert.equal(explained(POST, WEEK, '--undecided').length, 0);
});

test('text: the verdict, the line with a caret, the summary; never wider than 80 columns', () => {
  const { out, code } = run(OURS, WEEK, '--format', 'text', '--event', '8');
  assert.equal(code, 0);
  const lines = out.split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
  const excerpt = lines.indexOf('      5 | <SourceImage condition="image">csrss.exe</SourceImage>');
  const caret = excerpt + 1;
  assert.match(lines[caret]!, /^ {8}\| \^~+$/);
  assert.equal(lines[caret]!.length, lines[excerpt]!.length);
  assert.match(out, /^13 of 179 events of Sysmon would be logged\.$/m);
  assert.match(out, /^ +179 +13 {2}8 CreateRemoteThread$/m);
  assert.match(out, /^ +159 {2}not logged {2}5:9 {2}SourceImage image "csrss\.exe"$/m);
  assert.match(out, /A log shows only what its own configuration let through/);
});

test('beside JSON the limit is said once, on stderr', () => {
  const { err } = run(POST, WEEK, '--json', '--event', '8');
  assert.equal(err.split('let through').length, 2);
});

test('a rejected configuration: its code and place, before any log is read', () => {
  const bad = join(folder, 'bad.xml');
  writeFileSync(
    bad,
    '<Sysmon schemaversion="4.90">\n <EventFiltering>\n  <ProcessCreat/>\n </EventFiltering>\n</Sysmon>',
  );
  const { code, out, err } = run(bad, WEEK);
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /^noisefloor: config-grammar: .*bad\.xml:3:3: /);
  assert.match(run(join(folder, 'none.xml'), WEEK).err, /^noisefloor: config-unreadable: .*none\.xml/);
  assert.equal(run(join(folder, 'none.xml'), WEEK).code, 2);
  assert.equal(run(folder, WEEK).code, 2);
  assert.match(run(OURS, WEEK, '--schema', 'new').err, /^noisefloor: schema-syntax: /);
});

test('a section that Sysmon drops is a warning with its place', () => {
  const dropped = join(folder, 'dropped.xml');
  writeFileSync(
    dropped,
    '<Sysmon schemaversion="4.90"><EventFiltering>\n<CreateRemoteThread/>\n</EventFiltering></Sysmon>',
  );
  const { code, err } = run(dropped, WEEK, '--event', '8');
  assert.equal(code, 0);
  assert.match(err, /^noisefloor: warning: config-onmatch: .*dropped\.xml:2:1: /m);
});

test('no log, or no event of Sysmon in it', () => {
  const { code, err } = run(OURS, join(folder, 'no.evtx'));
  assert.equal(code, 2);
  assert.match(err, /log-missing/);
  assert.match(err, /nothing-readable/);
  assert.equal(run(OURS, join(WEEK, 'System.evtx')).code, 0);
});

test("a field that this Sysmon does not know is said once per type, and on every event's line", () => {
  const log = join(folder, 'old.xml');
  const event = (record: number): string =>
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>' +
    '<Provider Name="Microsoft-Windows-Sysmon"/><EventID>8</EventID>' +
    `<TimeCreated SystemTime="2024-06-03T08:00:0${record}Z"/><EventRecordID>${record}</EventRecordID>` +
    '<Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>A</Computer></System><EventData>' +
    '<Data Name="SourceImage">C:\\a.exe</Data><Data Name="Evil\u202e">x</Data></EventData></Event>';
  writeFileSync(log, `<Events>${event(1)}${event(2)}</Events>`);
  const { out, err, code } = run(OURS, log, '--json');
  assert.equal(code, 0, err);
  const lines = out.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  for (const line of lines) assert.deepEqual((JSON.parse(line) as Explained).unknownFields, ['Evil\u202e']);
  assert.doesNotMatch(out + err, /\u202e/);
  assert.equal(err.split('explain-unknown-field').length, 2);
  // The users of event 8 came with schema 4.80.
  const old = explained(OURS, WEEK, '--event', '8', '--schema', '4.50');
  assert.deepEqual(old[0]!.unknownFields, ['SourceUser', 'TargetUser']);
});

test('the same input gives the same bytes', () => {
  assert.equal(run(OURS, WEEK).out, run(OURS, WEEK).out);
});

test('options that let no event through are named, so that nobody blames the log', () => {
  const { err } = run(POST, WEEK, '--json', '--where', 'Image=zzz', '--from', '2020-01-01');
  assert.match(err, /no event of Sysmon in what was read that --where, --from let through/);
});
