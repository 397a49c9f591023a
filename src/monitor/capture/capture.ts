/** One bpftrace and what it prints: from the start of the child until it is stopped or dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, getPriority, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { StringDecoder } from 'node:string_decoder';
import { MonitorError } from '../error.ts';
import type { Probe } from '../program/probes.ts';
import { writeProgram } from '../program/program.ts';
import { kernelVersion, syntaxOf, tracerVersion } from '../program/syntax.ts';
import type { Tracer } from '../requirements.ts';
import { readLine } from './line.ts';
import { type Happening, isHappening, type Piece, readRecord } from './record.ts';

export interface CaptureOptions {
  readonly tracer: Tracer;
  readonly probes: readonly Probe[];
  /** Pieces, ticks and what else is no happening. */
  readonly onPiece: (piece: Piece) => void;
  readonly onHappening: (happening: Happening) => void;
  /** Records that the kernel had no room for, or that can't be read. */
  readonly onLost: (records: number) => void;
  /** The child ended without having been stopped; what it said. */
  readonly onEnd: (reason: string) => void;
}

export interface Capture {
  readonly pid: number;
  readonly probes: readonly Probe[];
  /** Probes that are attached, as the tracer tells; 0 until it does. */
  readonly attached: () => number;
  /** Resolves when every probe delivers. Rejects with MonitorError when the tracer gives up before. */
  readonly ready: Promise<void>;
  /** Waits until all that happened until now has been read, then ends the child. */
  readonly stop: () => Promise<void>;
  /** Ends the child at once; `onEnd` is told. */
  readonly kill: () => void;
}

/** Memory for records that were not read yet: so much for all CPUs together, in pages of 4 KiB. */
const BUFFER_PAGES = 16_384;
const MAP_KEYS = 16_384;
/** A sentinel that has not been seen is sent again, milliseconds. */
const SENTINEL_MS = 100;
/** Attaching a hundred probes takes seconds, and minutes on an emulated machine. */
const READY_MS = 1_200_000;
const STOP_MS = 10_000;

/** Starts the tracer. */
export function startCapture(options: CaptureOptions): Capture {
  const { tracer, probes, onEnd } = options;
  const version = tracerVersion(`bpftrace v${tracer.version}`) ?? [0, 17];
  const kernel = kernelVersion(release());
  const program = writeProgram({ probes, version, kernel, has: hasTracepoint, libc: findLibc() });
  const syntax = syntaxOf(version, kernel);
  const environment = syntax.environment({ mapKeys: MAP_KEYS, bufferPages: bufferPages() });
  const child = spawn(tracer.path, ['-f', 'json', '-', String(process.pid)], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A tracer that dies at once does not read its program; that it died is told below.
  child.stdin!.on('error', () => {});
  child.stdin!.end(program);
  const heard: Heard = { sentinels: new Sentinels(), ticks: new Ticks(), attached: { probes: 0 } };
  const { sentinels, ticks, attached } = heard;
  const { onLost } = options;
  const counting = syntax.countsRecords ? countLoss(onLost) : null;
  readLines(child, (line) => {
    const taken = takeLine(line, options, heard);
    if (counting) counting(taken);
    else if (typeof taken === 'number') onLost(taken);
  });
  const errors = tailOf(child);
  let stopped = false;
  let fail: (error: MonitorError) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => {});
  const closed = new Promise<void>((resolve) => {
    const ended = (reason: string): void => {
      sentinels.end();
      resolve();
      fail(new MonitorError('monitor-tracer', `${tracer.path}: expected it to trace, but ${reason}`));
      if (!stopped) onEnd(reason);
      stopped = true;
    };
    child.once('error', (error) => ended(error.message));
    child.once('close', (code, signal) => ended(`it ended with ${signal ?? code}${errors()}`));
  });
  return {
    pid: child.pid ?? 0,
    probes,
    attached: () => attached.probes,
    ready: Promise.race([sentinels.seen(READY_MS), failed]).then((seen) => {
      if (seen !== null) return;
      child.kill('SIGKILL');
      throw new MonitorError(
        'monitor-tracer',
        `${tracer.path}: expected it to trace within ${READY_MS / 1000} s${errors()}`,
      );
    }),
    stop: async () => {
      const at = await sentinels.seen(STOP_MS);
      if (at !== null) await ticks.allPast(at, STOP_MS);
      stopped = true;
      child.kill('SIGKILL');
      await closed;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** What is known of how far a tracer has been read. */
interface Heard {
  readonly sentinels: Sentinels;
  readonly ticks: Ticks;
  readonly attached: { probes: number };
}

/** Passes a line on. What else there is to know: the records that it says are lost, or the record that it holds. */
function takeLine(
  latin1: string,
  { onPiece, onHappening }: CaptureOptions,
  { sentinels, ticks, attached }: Heard,
): number | Happening | Piece | null {
  const line = readLine(latin1);
  if (line.kind === 'attached') attached.probes = line.probes;
  if (line.kind === 'lost') return line.records;
  if (line.kind === 'unreadable') return 1;
  if (line.kind !== 'record') return null;
  const record = readRecord(line.text);
  if (record === null) return 1;
  if (record.what === 'sentinel') sentinels.found(record.at);
  else if (isHappening(record)) onHappening(record);
  else {
    if (record.what === 'tick') ticks.see(record.cpu, record.at);
    onPiece(record);
  }
  return record;
}

/** What loops print, which the program does not count. */
const UNCOUNTED: ReadonlySet<string> = new Set(['path-member', 'path-text', 'arguments']);

/**
 * Tells losses by the program's own count of its records, once a second: newer tracers tell those of one CPU alone. A
 * record is counted before it is written, so another CPU's may stand in the count and be read just after it: what is
 * missing at two counts in a row is lost.
 */
export function countLoss(
  onLost: (records: number) => void,
): (taken: number | Happening | Piece | null) => void {
  let [received, missing, told] = [0, 0, 0];
  return (taken) => {
    if (taken === null) return;
    // What can't be read is a loss as well, and comes to light in the count.
    if (typeof taken !== 'number' && !UNCOUNTED.has(taken.what)) received += 1;
    if (typeof taken === 'number' || taken.what !== 'count') return;
    const before = missing;
    missing = taken.records - received;
    const lost = Math.min(before, missing) - told;
    if (lost <= 0) return;
    told += lost;
    onLost(lost);
  };
}

/** Calls that are made for no other reason than to be seen: then all probes before it in the program are attached. */
class Sentinels {
  #seen: (at: number) => void = () => {};
  #ended = false;

  /** When one that is made now, or again and again until then, was made by the kernel's clock; null if none is seen in so many milliseconds. */
  async seen(withinMs: number): Promise<number | null> {
    const until = performance.now() + withinMs;
    const found = new Promise<number>((resolve) => (this.#seen = resolve));
    for (;;) {
      getPriority();
      const at = await Promise.race([found, sleep(SENTINEL_MS, null)]);
      if (this.#ended) return null;
      if (at !== null || performance.now() >= until) return at;
    }
  }

  found(at: number): void {
    this.#seen(at);
  }

  end(): void {
    this.#ended = true;
  }
}

/** How far each CPU has been read. */
class Ticks {
  readonly #byCpu = new Map<number, number>();

  see(cpu: number, at: number): void {
    this.#byCpu.set(cpu, at);
  }

  /** Resolves when all that happened until then has been read, or after so many milliseconds. */
  async allPast(at: number, withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    while (performance.now() < until && [...this.#byCpu.values()].some((tick) => tick < at))
      await sleep(SENTINEL_MS);
  }
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout!.on('data', (data: Buffer) => {
    const text = rest + data.toString('latin1');
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      onLine(text.slice(from, to));
      from = to + 1;
    }
    rest = text.slice(from);
  });
}

/** Lines of its errors that are kept: newer versions warn by the hundred. */
const ERROR_LINES = 5;

/** The last lines in which the child says that something is wrong. */
function tailOf(child: ChildProcess): () => string {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let lines: string[] = [];
  child.stderr!.on('data', (data: Buffer) => {
    const parts = (rest + decoder.write(data)).split('\n');
    rest = parts.pop() ?? '';
    // That it can't raise the limit of locked memory is no reason: newer kernels don't use it.
    const wrong = parts.filter(
      (line) => /error|denied|failed|not found|too large/i.test(line) && !line.includes('RLIMIT_MEMLOCK'),
    );
    lines = [...lines, ...wrong].slice(-ERROR_LINES);
  });
  return () => (lines.length === 0 ? '' : `: ${lines.map((line) => line.trim()).join('; ')}`);
}

function hasTracepoint(name: string): boolean {
  const path = name.replace(':', '/');
  return ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'].some((root) =>
    existsSync(`${root}/events/${path}`),
  );
}

function findLibc(): string | null {
  const folders = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((triplet) => `/lib/${triplet}`);
  return (
    [...folders, '/lib64', '/usr/lib64', '/usr/lib', '/lib']
      .map((folder) => `${folder}/libc.so.6`)
      .find((path) => existsSync(path)) ?? null
  );
}

function bufferPages(): number {
  const pages = BUFFER_PAGES / availableParallelism();
  return 2 ** Math.floor(Math.log2(Math.min(1024, Math.max(64, pages))));
}
