/** Every command under Node for Windows: the same output and files as on Linux, but for the paths. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, win32 } from 'node:path';
import { after, before, test } from 'node:test';
import { zip } from '../builders/zip.ts';
import { ROOT } from '../builders/shared.ts';
import { openSession, type Session } from '../builders/session.ts';
import { type Ended, noWine, startWine, type Wine } from '../builders/wine.ts';

const COMMANDS = join(ROOT, 'dist/tests/builders/commands.js');

/** Files that the commands are given, and those that they write. */
const FILES = [
  'logs/Sysmon.evtx',
  'logs/System.evtx',
  'logs/inner/a0/one.jsonl',
  'logs/inner/a/two.jsonl',
  'week.zip',
  'post.xml',
  'logs8.xml',
  'sysmon.xml',
  'configs/a.xml',
  'configs/b.xml',
  'broken.xml',
  'suite/threads.yml',
  'suite/sysmon.xml',
  'rules/a0/one.yml',
  'rules/a/two.yml',
  'labels.yml',
] as const;
const WRITTEN = [
  'out.tally',
  'sum.tally',
  'answer.html',
  'budget.xml',
  'suite.junit.xml',
  'list.csv',
  'tuned.xml',
  'fixed.xml',
  'ask.xml',
] as const;
/** What the commands with JSON write of these. */
const WROTE = ['out.tally', 'sum.tally', 'suite.junit.xml', 'list.csv', 'tuned.xml', 'fixed.xml'];
const FOLDERS = ['logs/inner', 'logs', 'configs', 'suite', 'rules', 'no/such', 'missing.evtx'] as const;

const RULE = (id: number): string => `title: Thread by ${id}
id: 0000000${id}-0000-4000-8000-000000000000
status: test
logsource: { product: windows, category: create_remote_thread }
detection:
  a: { SourceImage|endswith: '\\${id === 1 ? 'csrss' : 'rundll32'}.exe' }
  condition: a
level: high
`;

const FILTERS = `<Sysmon schemaversion="4.90">
<EventFiltering>
<RuleGroup groupRelation="or"><CreateRemoteThread onmatch="exclude">
<SourceImage condition="end with">csrss.exe</SourceImage>
<SourceImage condition="contains">vmtoolsd</SourceImage>
</CreateRemoteThread></RuleGroup>
</EventFiltering>
</Sysmon>
`;

let wine: Wine;
let session: Session;

function event(record: number): string {
  const fields = { UtcTime: '2024-06-03 10:00:00.000', SourceImage: 'C:\\a.exe', TargetImage: 'C:\\b.exe' };
  return `${JSON.stringify({
    source: 'x',
    record,
    time: '2024-06-03T10:00:00.000Z',
    host: 'OTHER',
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    eventId: 8,
    version: 2,
    fields,
  })}\n`;
}

/** Fills a folder with all that the commands are given. */
function fill(folder: string): void {
  for (const name of WRITTEN) rmSync(join(folder, name), { force: true });
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const example = (path: string): Buffer => readFileSync(join(ROOT, 'examples', path));
  put('logs/Sysmon.evtx', example('modelled-week/Sysmon.evtx'));
  put('logs/System.evtx', example('modelled-week/System.evtx'));
  put('logs/inner/a0/one.jsonl', event(1));
  put('logs/inner/a/two.jsonl', event(2));
  put('week.zip', zip([{ name: 'in/Sysmon.evtx', data: example('modelled-week/Sysmon.evtx') }]));
  put('post.xml', readFileSync(join(ROOT, 'spec/create-remote-thread.xml')));
  put('sysmon.xml', FILTERS);
  put('logs8.xml', FILTERS.replaceAll(/<SourceImage.*\n/g, ''));
  put('configs/a.xml', FILTERS);
  put('configs/b.xml', FILTERS.replace('end with', 'image'));
  put('broken.xml', FILTERS.replace('contains', 'contain'));
  put('fixed.xml', FILTERS.replace('onmatch="exclude"', 'onmatch="Exclude"'));
  put(
    'suite/threads.yml',
    example('suite/threads.yml').toString().replaceAll('../modelled-week/', '../logs/'),
  );
  put('suite/sysmon.xml', example('suite/sysmon.xml'));
  put('rules/a0/one.yml', RULE(1));
  put('rules/a/two.yml', RULE(2));
  put('labels.yml', 'attacks:\n  - where: SourceImage|endswith=\\rundll32.exe\n');
}

/** Commands; `{path}` stands for a path in whichever spelling. */
const JSON_COMMANDS: readonly string[][] = [
  ['ask', '8', '{logs}', '--json'],
  ['ask', '8', '{logs/Sysmon.evtx}', '{logs/System.evtx}', '--json', '--tally', '{out.tally}'],
  ['ask', '8', '{out.tally}', '--json'],
  ['ask', '8', '{week.zip}', '--json'],
  ['ask', '{post.xml}', '{logs/Sysmon.evtx}', '--json'],
  ['ask', '{rules}', '{logs/Sysmon.evtx}', '--json'],
  ['ask', '8', '{missing.evtx}', '{logs/Sysmon.evtx}', '--json'],
  ['merge', '{out.tally}', '--out', '{sum.tally}'],
  ['dump', '{logs}', '--event', '8', '--format', 'jsonl'],
  ['dump', '{week.zip}', '--event', '8', '--format', 'csv'],
  ['tune', '8', '{logs/Sysmon.evtx}', '--attacks', '{labels.yml}', '--json', '--out', '{list.csv}'],
  [
    'tune',
    '{logs8.xml}',
    '{logs/Sysmon.evtx}',
    '--attacks',
    '{labels.yml}',
    '--json',
    '--out',
    '{tuned.xml}',
  ],
  ['check', '{configs}', '{broken.xml}', '--format', 'json'],
  ['check', '{broken.xml}', '--format', 'sarif'],
  ['check', '{fixed.xml}', '--fix', '--format', 'json'],
  ['explain', '{sysmon.xml}', '{logs/Sysmon.evtx}', '--json'],
  ['diff', '{configs/a.xml}', '{configs/b.xml}', '{logs/Sysmon.evtx}', '--json'],
  ['test', '{suite/threads.yml}', '--junit', '{suite.junit.xml}'],
  ['blindspots', '{sysmon.xml}', '{logs/Sysmon.evtx}', '--sigma', '{rules}', '--json'],
  ['config', '8'],
];
/** Text is wrapped, so that it is only the same where the paths are as long. */
const TEXT_COMMANDS: readonly string[][] = [
  ['ask', '8', '{logs}', '--html', '{answer.html}', '--budget', '1/host-day', '--junit', '{budget.xml}'],
  ['ask', '8', '{missing.evtx}'],
  ['ask', '8', '{logs/Sysmon.evtx}', '--html', '{no/such}/answer.html'],
  ['dump', '{logs/Sysmon.evtx}', '--event', '8', '--format', 'text'],
  ['dump', '{logs/Sysmon.evtx}', '--event', '8', '--format', 'xml'],
  ['tune', '8', '{logs/Sysmon.evtx}', '--attacks', '{labels.yml}'],
  ['check', '{configs}', '{broken.xml}'],
  ['explain', '{sysmon.xml}', '{logs/Sysmon.evtx}'],
  ['diff', '{configs/a.xml}', '{configs/b.xml}', '{logs/Sysmon.evtx}'],
  ['blindspots', '{sysmon.xml}', '{logs/Sysmon.evtx}'],
  ['merge', '{out.tally}'],
];

type Spelling = (path: string) => string;

interface Outcome {
  readonly ended: readonly Ended[];
  readonly files: Readonly<Record<string, string>>;
}

function spelled(commands: readonly string[][], spell: Spelling): string[][] {
  return commands.map((args) =>
    args.map((arg) => arg.replace(/^\{(.*?)\}/, (_, path: string) => spell(path))),
  );
}

/** What the commands did in a fresh folder, which `cwd` names as their process does. */
async function outcome(
  where: Session,
  folder: string,
  cwd: string,
  commands: readonly string[][],
): Promise<Outcome> {
  fill(folder);
  const ended: Ended[] = [];
  for (const args of commands) ended.push(await where.run(args, cwd));
  const written = WRITTEN.filter((name) => existsSync(join(folder, name)));
  const files = written.map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
  return { ended, files: Object.fromEntries(files) as Record<string, string> };
}

async function onLinux(folder: string, commands: readonly string[][]): Promise<Outcome> {
  const here = await openSession(async (port) => {
    const child = spawn(process.execPath, [COMMANDS, `${port}`], {
      stdio: 'ignore',
      env: { ...process.env, NO_COLOR: '1' },
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out: '', err: '' };
  });
  const done = await outcome(
    here,
    folder,
    folder,
    spelled(commands, (path) => path),
  );
  here.close();
  return done;
}

async function onWindows(folder: string, commands: readonly string[][], spell: Spelling): Promise<Outcome> {
  const { ended, files } = await outcome(session, folder, 'X:\\', spelled(commands, spell));
  const paths = [...FILES, ...WRITTEN, ...FOLDERS].toSorted((a, b) => b.length - a.length);
  const plain = (text: string): string => {
    let result = text;
    for (const path of paths) {
      const there = spell(path);
      // Node names files by whole paths in its messages, long ones and shares in Windows' own way.
      const whole = win32.toNamespacedPath(win32.resolve('X:\\', there));
      const found = [whole, whole.replace(/^\\\\\?\\(?=X:)/, ''), there];
      const escaped = found.map((one) => JSON.stringify(one).slice(1, -1));
      const uris = [`file:///${there.replaceAll('\\', '/')}`, `file:${there.replaceAll('\\', '/')}`];
      for (const one of [...escaped, ...found, ...uris]) result = result.replaceAll(one, path);
    }
    return result;
  };
  return {
    ended: ended.map(({ code, out, err }) => ({ code, out: plain(out), err: plain(err) })),
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [name, plain(text)])),
  };
}

/** Line by line, so that a difference is seen for what it is. */
function same(commands: readonly string[][], windows: Outcome, linux: Outcome, long = false): void {
  const sameText = (found: string, expected: string, what: string): void => {
    const [there, here] = [found.split('\n'), expected.split('\n')];
    const at = here.findIndex((line, index) => line !== there[index]);
    if (at >= 0) assert.equal(there[at], here[at], `${what}, line ${at + 1}`);
    assert.equal(there.length, here.length, `${what}: lines`);
  };
  for (const [at, args] of commands.entries()) {
    const what = args.join(' ');
    const [there, here] = [windows.ended[at]!, linux.ended[at]!];
    assert.doesNotMatch(here.err + there.err, /UNCAUGHT|^\s+at .+:\d+:\d+\)?$/m, `${what}: no stack trace`);
    sameText(there.err, here.err, `stderr of ${what}`);
    // Its lines are cut at 80 columns, and the path with them.
    if (!long || args[0] !== 'test') sameText(there.out, here.out, `stdout of ${what}`);
    assert.equal(there.code, here.code, what);
  }
  for (const [name, text] of Object.entries(windows.files)) sameText(text, linux.files[name]!, name);
}

const backslashes = (path: string): string => path.replaceAll('/', '\\');
const DEEP = ['long'.repeat(25), 'path'.repeat(25), 'names'.repeat(20)];

/** What Linux makes of all commands, with relative paths: the others are compared with it. */
let linux: Outcome;
const ALL = [...JSON_COMMANDS, ...TEXT_COMMANDS];

before(async () => {
  if (noWine !== false) return;
  wine = await startWine();
  session = await wine.session();
  linux = await onLinux(wine.drive, ALL);
});
after(() => {
  if (noWine !== false) return;
  session.close();
  wine.end();
});

for (const [name, below, spell] of [
  ['a drive letter', '', (path: string) => `X:\\${backslashes(path)}`],
  ['a UNC path', '', (path: string) => `\\\\noisefloor\\share\\${backslashes(path)}`],
  [
    'a path of more than 260 characters',
    DEEP.join('/'),
    (path: string) => `X:\\${DEEP.join('\\')}\\${backslashes(path)}`,
  ],
] as const) {
  test(`every command takes ${name}, and answers as on Linux`, { skip: noWine }, async () => {
    const folder = join(wine.drive, below);
    mkdirSync(folder, { recursive: true });
    const windows = await onWindows(folder, JSON_COMMANDS, spell);
    for (const file of WROTE) assert.ok(file in windows.files, file);
    same(JSON_COMMANDS, windows, linux, below !== '');
  });
}

test(
  'every command takes a relative path with backslashes, and prints as on Linux',
  { skip: noWine },
  async () => {
    const windows = await onWindows(wine.drive, ALL, backslashes);
    same(ALL, windows, linux);
    assert.deepEqual(Object.keys(windows.files), Object.keys(linux.files));
  },
);
