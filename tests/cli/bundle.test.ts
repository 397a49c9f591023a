/** The command line as it is installed (scripts/bundle.mjs) says what its modules say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { shareWork } from '../../src/run/portions.ts';
import type { ThreadData } from '../../src/run/start-thread.ts';
import type { Counted, CountingWork } from '../../src/run/count-threads.ts';
import { ROOT } from '../builders/shared.ts';

const BUNDLE = join(ROOT, 'dist/bin');
const WEEK = join(ROOT, 'examples/modelled-week');
const SYSTEM = join(WEEK, 'System.evtx');
const SESSION = join(ROOT, 'examples/recorded-session');
const CONFIG = join(ROOT, 'spec/create-remote-thread.xml');
const SUITE = join(ROOT, 'examples/suite');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-bundle-'));
after(() => rmSync(folder, { recursive: true }));

const zipped = join(folder, 'system.evtx.gz');
writeFileSync(zipped, gzipSync(readFileSync(SYSTEM)));
const rule = join(folder, 'rule.yml');
writeFileSync(
  rule,
  `title: Threads of csrss
logsource: { product: windows, category: create_remote_thread }
detection: { one: { SourceImage|re: 'csrss\\.exe$' }, condition: one }
`,
);

function run(args: readonly string[], flags: readonly string[] = []): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status, text: stdout + stderr };
}

const COMMAND_LINES: readonly (readonly string[])[] = [
  ['--version'],
  ['--help'],
  ['no-such-command'],
  ['ask', '8', WEEK],
  ['ask', '8', WEEK, '--json', '--where', 'SourceImage|re=(?i)CSRSS', '--forecast', '7d 10 hosts'],
  ['ask', CONFIG, zipped, '--log-config', CONFIG],
  ['ask', rule, WEEK, '--tally', 'week.tally'],
  ['merge', 'week.tally', '--json'],
  ['dump', WEEK, '--format', 'csv', '--event', '8'],
  ['dump', join(SESSION, 'events'), '--format', 'jsonl'],
  ['check', CONFIG, '--format', 'json'],
  ['diff', CONFIG, join(SUITE, 'sysmon.xml'), WEEK],
  ['explain', CONFIG, SYSTEM],
  ['test', join(SUITE, 'threads.yml'), join(SUITE, 'processes.yml')],
  ['tune', '8', WEEK, '--budget', '1/host-day'],
  ['blindspots', join(SUITE, 'sysmon.xml')],
  ['watch', '8'],
];

test('the bundle answers as its modules do, whether or not V8 has kept what it compiled', () => {
  for (const args of COMMAND_LINES) {
    const modules = run([join(ROOT, 'dist/src/cli/main.js'), ...args]);
    const bundled = [join(BUNDLE, 'noisefloor.cjs'), ...args];
    assert.deepEqual(run(bundled), modules, args.join(' '));
    // With other flags V8 takes nothing that it kept.
    if (args[0] === 'check' || args[0] === '--help')
      assert.deepEqual(run(bundled, ['--no-lazy-feedback-allocation']), modules, args.join(' '));
  }
});

test('a page that the bundle makes is that of its modules', () => {
  const made = ['dist/src/cli/main.js', 'dist/bin/noisefloor.cjs'].map((main) => {
    assert.equal(run([join(ROOT, main), 'ask', '8', WEEK, '--html', 'page.html']).code, 0);
    return readFileSync(join(folder, 'page.html'), 'utf8');
  });
  assert.ok(made[0]!.length > 10_000);
  assert.equal(made[0]!.replaceAll('main.js', ''), made[1]!.replaceAll('noisefloor.cjs', ''));
});

test('a worker of the bundle counts', async () => {
  const path = join(WEEK, 'Sysmon.evtx');
  const log = { path, size: readFileSync(path).length, explicit: true, kind: 'evtx' } as const;
  const work: CountingWork = {
    asked: { question: '8' },
    work: shareWork([{ log, range: null }], 2),
    thread: 1,
    verify: false,
    recover: false,
  };
  const workerData: ThreadData = { task: 'count', ownProcess: true };
  const worker = new Worker(pathToFileURL(join(BUNDLE, 'worker.js')), { workerData });
  worker.postMessage(work);
  try {
    const counted = await new Promise<Counted>((resolve, reject) => {
      worker.once('error', reject).once('message', resolve);
    });
    assert.deepEqual([...work.work.read], [0, log.size]);
    assert.ok(counted.tally.records > 500);
  } finally {
    await worker.terminate();
  }
});
