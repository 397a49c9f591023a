/** The thread that reads: mutants of chunks, of which those that reach new code are kept, and mutants of them. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage, type Fresh } from './coverage.ts';
import type { Failure, Input } from './input.ts';
import { Random } from './random.ts';
import { Desk } from './watch.ts';

export interface Task {
  readonly seed: number;
  readonly seconds: number;
  /** Chunks to begin with. */
  readonly seeds: readonly Uint8Array[];
  readonly shared: SharedArrayBuffer;
  /** Read just these. */
  readonly only: readonly Input[] | null;
}

export interface Report {
  readonly inputs: number;
  readonly files: number;
  readonly records: number;
  readonly planned: number;
  /** Inputs on which the plain reader stopped at one of its bounds. */
  readonly bounded: number;
  /** Inputs to make mutants of. */
  readonly kept: number;
  readonly blocks: { readonly known: number; readonly reached: number };
  readonly failure: Failure | null;
  readonly done: boolean;
}

const task = workerData as Task;
const desk = new Desk(task.shared);
// Before the reader is loaded, whose blocks are to be counted.
const coverage = new Coverage('/src/evtx/');
const { Comparer } = await import('../evtx/differences.ts');
const { compareInput, shorten } = await import('./input.ts');
const { LinesComparer } = await import('./lines.ts');
const { anyFile, differsAsFile } = await import('./files.ts');
const { mutate } = await import('./mutate.ts');

/** Inputs between two looks at the coverage. */
const BATCH = 256;
/** Files that are read after each batch. */
const FILES = 4;
/** Inputs that one reader reads: what it has learnt from one goes on to the next. */
const SESSION = 128;

// Errors tell what is wrong with a record, thousands of times: where they were thrown is not asked, and dear.
Error.stackTraceLimit = 0;
const random = new Random(task.seed);
const count = { inputs: 0, files: 0, records: 0, planned: 0, bounded: 0 };
let failure: Failure | null = null;
let comparer = new Comparer();
let lines = new LinesComparer();
let session: Input[] = [];

/** Reads an input in all ways; whether they agree. */
function read(input: Input): boolean {
  if (session.length >= SESSION) {
    session = [];
    comparer = new Comparer();
    lines = new LinesComparer();
  }
  session.push(input);
  desk.put(input);
  const { difference, records, planned, bounded } = compareInput(comparer, lines, input);
  desk.clear();
  count.inputs += 1;
  count.records += records;
  count.planned += planned;
  count.bounded += bounded ? 1 : 0;
  if (difference !== null) failure = { reason: difference, inputs: shorten(session), file: null };
  return difference === null;
}

function inputOf(chunk: Buffer): Input {
  const flag = (oneIn: number): boolean => random.oneIn(oneIn);
  return { chunk, verify: flag(2), recover: flag(2), noChecksums: flag(8), dirty: flag(8) };
}

/** Finds in a batch the inputs that reach these places, and keeps them. */
function keepNew(batch: readonly Input[], fresh: Fresh): void {
  if (fresh.size === 0) return;
  // Without the kernel, of which V8 counts nothing, and which takes a while to begin with.
  const reader = new Comparer(false);
  for (const input of batch) compareInput(reader, null, input);
  const reached = coverage.reached(fresh);
  if (reached.size === 0) return;
  if (batch.length === 1) {
    kept.push(batch[0]!.chunk);
    for (const [url, places] of reached) for (const place of places) fresh.get(url)!.delete(place);
    for (const [url, places] of fresh) if (places.size === 0) fresh.delete(url);
    return;
  }
  const half = batch.length >> 1;
  keepNew(batch.slice(0, half), fresh);
  keepNew(batch.slice(half), fresh);
}

async function readFile(bytes: Buffer): Promise<boolean> {
  const file = { bytes, verify: random.oneIn(2), recover: random.oneIn(2), seed: random.u32() };
  const path = join(tmpdir(), `noisefloor-fuzz-${process.pid}-${task.seed}.evtx`);
  count.files += 1;
  const reason = await differsAsFile(bytes, path, file, new Random(file.seed));
  if (reason !== null) failure = { reason, inputs: [], file };
  return reason === null;
}

function report(done: boolean): void {
  const message: Report = { ...count, kept: kept.length, blocks: coverage.blocks(), failure, done };
  parentPort!.postMessage(message);
}

/** Chunks to make mutants of. */
const kept: Buffer[] = task.seeds.map((chunk) => Buffer.from(chunk));

async function fuzz(): Promise<void> {
  const end = Date.now() + 1000 * task.seconds;
  for (const chunk of kept) if (!read(inputOf(chunk))) return;
  coverage.take();
  for (let told = 0; Date.now() < end;) {
    const batch: Input[] = [];
    while (batch.length < BATCH && Date.now() < end) {
      const input = inputOf(mutate(random.pick(kept), random.pick(kept), random));
      batch.push(input);
      if (!read(input)) return;
    }
    keepNew(batch, coverage.take());
    for (let i = 0; i < FILES; i++) if (!(await readFile(anyFile(kept, random)))) return;
    if (Date.now() < told + 1000) continue;
    told = Date.now();
    report(false);
  }
}

if (task.only === null) await fuzz();
else task.only.every(read);
report(true);
