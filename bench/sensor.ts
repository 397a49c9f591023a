/**
 * `npm run bench:sensor [EXECS] [ROUNDS] [RECORDS]`: what the sensor costs on Linux (root, bpftrace, gcc). First a loop
 * that does nothing but start short processes, with and without the sensor, in turn; then the memory of the sensor and
 * of its tracer while an hour's worth of records goes by (100 a second make 360,000), counted and not waited for.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../tests/builders/shared.ts';
import { SKIP_LIVE } from '../tests/live/live-part.ts';
import { buildPrograms, type Programs } from '../tests/live/programs.ts';
import { logsAll, type Service, startService } from '../tests/live/service.ts';
import { median, tableText } from './table.ts';

const [EXECS, ROUNDS, RECORDS] = [
  Number(process.argv[2] ?? 4000),
  Number(process.argv[3] ?? 5),
  Number(process.argv[4] ?? 360_000),
];

/** The post's: event 8 alone. */
const POST = readFileSync(join(ROOT, 'spec/create-remote-thread.xml'), 'utf8');
const FULL = logsAll(
  'ProcessCreate',
  'FileCreateTime',
  'NetworkConnect',
  'ProcessTerminate',
  'DriverLoad',
  'CreateRemoteThread',
  'RawAccessRead',
  'ProcessAccess',
  'FileCreate',
  'DnsQuery',
  'FileDelete',
);

const CONFIGS = { "the post's configuration": POST, 'all event types': FULL };

/** Seconds of processor time, of user and kernel, that a process has used; /proc counts hundredths. */
function processorSeconds(pid: number): number {
  const after = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(after[11]) + Number(after[12])) / 100;
}

function residentMegabytes(pid: number): number {
  return (
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024
  );
}

/** Of one exec, in microseconds. */
interface Cost {
  readonly wall: number;
  /** Of the loop and its children: probes run in their time. */
  readonly loop: number;
  readonly tracer: number;
  readonly sensor: number;
}

async function execLoop(programs: Programs, service: Service | null): Promise<Cost> {
  const pids = service ? [service.status()!.tracer.pid!, service.process.pid!] : [];
  const before = pids.map(processorSeconds);
  const text = execFileSync(programs.flood, [String(EXECS), 'bench'], { encoding: 'utf8' });
  const { seconds, cpu } = JSON.parse(text) as { seconds: number; cpu: number };
  if (service) await sleep(500);
  const [tracer, sensor] = pids.map((pid, at) => processorSeconds(pid) - before[at]!);
  const each = (total: number | undefined): number => ((total ?? 0) * 1e6) / EXECS;
  return { wall: each(seconds), loop: each(cpu), tracer: each(tracer), sensor: each(sensor) };
}

async function overhead(programs: Programs): Promise<void> {
  const kinds = { off: null, ...CONFIGS };
  const costs = new Map(Object.keys(kinds).map((name) => [name, [] as Cost[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, config] of Object.entries(kinds)) {
      if (config === null) {
        costs.get(name)!.push(await execLoop(programs, null));
        continue;
      }
      const service = await startService(mkdtempSync(join(programs.folder, 'root-')), config);
      costs.get(name)!.push(await execLoop(programs, service));
      await service.end();
    }
  const of = (name: string, part: keyof Cost): number => median(costs.get(name)!.map((cost) => cost[part]));
  console.log(
    `${EXECS} times posix_spawn of /bin/true, medians of ${ROUNDS} rounds in turn, microseconds each\n`,
  );
  const rows = [['sensor', 'wall', 'to off', 'processor: loop', 'to off', 'tracer', 'sensor']];
  for (const name of Object.keys(kinds)) {
    const ratio = (part: keyof Cost): string =>
      `${((of(name, part) / of('off', part) - 1) * 100).toFixed(1)} %`;
    const us = (part: keyof Cost): string => of(name, part).toFixed(0);
    rows.push([name, us('wall'), ratio('wall'), us('loop'), ratio('loop'), us('tracer'), us('sensor')]);
  }
  process.stdout.write(`${tableText(rows)}\n`);
}

/** A quarter's median and the whole's most. */
function memoryRow(name: string, samples: readonly number[]): string[] {
  const quarter = Math.max(1, samples.length >> 2);
  const [first, last] = [median(samples.slice(0, quarter)), median(samples.slice(-quarter))];
  return [name, first.toFixed(1), last.toFixed(1), Math.max(...samples).toFixed(1)];
}

async function memory(programs: Programs, name: string, config: string): Promise<void> {
  const root = mkdtempSync(join(programs.folder, 'root-'));
  const service = await startService(root, config);
  const folder = join(root, 'files');
  mkdirSync(folder);
  const samples: { tracer: number; sensor: number }[] = [];
  const sample = (): void => {
    const { pid } = service.status()!.tracer;
    samples.push({ tracer: residentMegabytes(pid!), sensor: residentMegabytes(service.process.pid!) });
  };
  const from = performance.now();
  // Programs that differ, files that differ: what it remembers of each must not add up.
  // With the post's configuration the tracer tells nothing of processes: then rounds are counted, of 5000 happenings each.
  for (let round = 0; round * 5000 < RECORDS && service.status()!.counters.received < RECORDS; round++) {
    execFileSync(programs.flood, ['1000', `hour-${round}`]);
    execFileSync(programs.trigger, ['flood-files', '4000', folder]);
    sample();
    await sleep(1100);
  }
  const { counters, log } = service.status()!;
  const took = ((performance.now() - from) / 1000).toFixed(0);
  console.log(`Memory with ${name}, in MB resident:`);
  console.log(
    `${counters.received} records in ${took} s, ${counters.logged} events logged (${log?.bytes} bytes),`,
  );
  console.log(`${counters.lost} lost, ${counters.late} late, ${counters.shed} shed\n`);
  const rows = [
    ['process', 'first quarter', 'last quarter', 'most'],
    memoryRow(
      'tracer (bpftrace)',
      samples.map(({ tracer }) => tracer),
    ),
    memoryRow(
      'sensor (node)',
      samples.map(({ sensor }) => sensor),
    ),
    memoryRow(
      'both',
      samples.map(({ tracer, sensor }) => tracer + sensor),
    ),
  ];
  process.stdout.write(`${tableText(rows)}\n`);
  await service.end();
}

if (SKIP_LIVE) {
  console.log(`bench:sensor cannot run here: ${SKIP_LIVE}`);
} else {
  const programs = buildPrograms();
  await overhead(programs);
  for (const [name, config] of Object.entries(CONFIGS)) await memory(programs, name, config);
  programs.remove();
}
