/**
 * `npm run bench [LOG.evtx]`: MB/s, records/s and peak memory of `ask` and `dump`, each in a process of its own. With
 * ../shared beside the repository it grows a log of 64 MB there (see its tools/grow-evtx); else give one. Speed is
 * never a test: machines are noisy, so compare medians and ratios of one run only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = 5;
const MAIN = 'dist/src/cli/main.js';
const MEGABYTES = 64;
const GROW = join(process.env['NOISEFLOOR_SHARED'] ?? '../shared', 'tools/grow-evtx');

interface Run {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

/** Runs one command; the child reports its own peak memory when it exits. */
function run(args: readonly string[]): Run {
  const report = `process.on('exit', () => require('fs').writeSync(3, String(process.resourceUsage().maxRSS)))`;
  const start = performance.now();
  const { status, output } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,import{createRequire}from'module';const require=createRequire('file:///');${report}`,
      MAIN,
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`noisefloor ${args.join(' ')} exited with ${status}`);
  return { seconds, peakMegabytes: Number(String(output[3])) / 1024 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function records(log: string): number {
  const { stdout } = spawnSync(process.execPath, [MAIN, 'ask', '8', log, '--json'], { maxBuffer: 1 << 28 });
  return (JSON.parse(String(stdout)) as { read: { records: number } }).read.records;
}

function bench(log: string): void {
  const megabytes = statSync(log).size / 1e6;
  const count = records(log);
  const cases: Readonly<Record<string, readonly string[]>> = {
    'ask 8, 1 thread': ['ask', '8', log, '--json', '--threads', '1'],
    'ask 8, all threads': ['ask', '8', log, '--json'],
    'ask 10, 1 thread': ['ask', '10', log, '--json', '--threads', '1'],
    'dump jsonl': ['dump', log, '--format', 'jsonl'],
    'dump csv': ['dump', log, '--format', 'csv'],
  };
  const runs = new Map(Object.keys(cases).map((name) => [name, [] as Run[]]));
  // In turn, so that a slow moment of the machine hits all alike.
  for (let i = 0; i < RUNS; i++)
    for (const [name, args] of Object.entries(cases)) runs.get(name)!.push(run(args));

  console.log(
    `${megabytes.toFixed(0)} MB, ${count} records; Node ${process.versions.node}; ${cpus().length} x ${cpus()[0]?.model}`,
  );
  console.log(`median of ${RUNS} whole processes\n`);
  console.log(
    `${'command'.padEnd(20)}${'seconds'.padStart(9)}${'MB/s'.padStart(8)}${'records/s'.padStart(12)}${'peak MB'.padStart(9)}`,
  );
  for (const [name, all] of runs) {
    const seconds = median(all.map((one) => one.seconds));
    const peak = Math.max(...all.map((one) => one.peakMegabytes));
    const row = [seconds.toFixed(2).padStart(9), (megabytes / seconds).toFixed(0).padStart(8)];
    console.log(
      `${name.padEnd(20)}${row.join('')}${Math.round(count / seconds)
        .toString()
        .padStart(12)}${peak.toFixed(0).padStart(9)}`,
    );
  }
}

const [given] = process.argv.slice(2);
if (given) bench(given);
else if (existsSync(GROW)) {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-bench-'));
  try {
    const log = join(folder, 'grown.evtx');
    const { status } = spawnSync(GROW, [log, String(MEGABYTES)], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error('grow-evtx failed');
    bench(log);
  } finally {
    rmSync(folder, { recursive: true });
  }
} else {
  console.error('bench: there is no ../shared/tools/grow-evtx: give the path of a large event log');
  process.exitCode = 2;
}
