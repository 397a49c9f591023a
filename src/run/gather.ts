/** Logs -> one tally: spread over threads, and read once more where records were met twice. */
import { setImmediate } from 'node:timers/promises';
import type { Diagnostic } from '../events/index.ts';
import type { Question } from '../predicate/index.ts';
import { type Log, splitLog } from '../sources/index.ts';
import {
  addDiagnostics,
  channelKey,
  Counter,
  joinRuns,
  mergeInto,
  type Overlap,
  type Run,
  type Suspects,
  type Tally,
} from '../tally/index.ts';
import type { QuestionText } from './resolve.ts';
import { countUnit, scannerFor, type Unit, type UnitOptions } from './unit.ts';

export interface GatherOptions extends UnitOptions {
  /** At most this many threads. */
  readonly threads: number;
}

/** A thread loads the whole reader before it reads: only this many bytes outweigh that. */
const BYTES_PER_THREAD = 64 * 1024 * 1024;

/** Work is handed out in portions of about this many bytes, so that threads end at about the same time. */
const PORTION_BYTES = 16 * 1024 * 1024;

/** Reads logs into one tally; the same for any number of threads. */
export async function gather(
  asked: QuestionText,
  question: Question,
  logs: readonly Log[],
  options: GatherOptions,
): Promise<Tally> {
  // A stream (standard input, a FIFO) is open in this thread alone, and can be read but once.
  const streams = logs.filter(isStream);
  const bytes = logs.reduce((sum, log) => sum + log.size, 0);
  const wanted = Math.max(1, Math.min(options.threads, Math.floor(bytes / BYTES_PER_THREAD)));
  const threads = streams.length > 0 ? 1 : wanted;
  const units = logs.flatMap((log): Unit[] => {
    const ranges = threads > 1 ? splitLog(log, PORTION_BYTES) : [];
    return ranges.length > 1 ? ranges.map((range) => ({ log, range })) : [{ log, range: null }];
  });
  const first =
    threads > 1
      ? await gatherInThreads(asked, question, units, threads, options)
      : await gatherHere(question, units, options);
  if (first.overlaps.length === 0) return first.tally;
  if (streams.length > 0) return withDoubt(first, streams[0]!);
  // Records of the same host, channel and id were met in two places: read again in one go, and remember who they were.
  const whole = logs.map((log): Unit => ({ log, range: null }));
  const again = await gatherHere(
    question,
    whole,
    { ...options, onBytes: () => {} },
    suspectsOf(first.overlaps),
  );
  return again.tally;
}

function isStream({ kind }: Log): boolean {
  return kind === 'unknown';
}

/** Says that records may be counted twice, where it takes a second reading to tell. */
function withDoubt({ tally, overlaps }: Gathered, stream: Log): Tally {
  const runs = overlaps.flatMap((overlap) => overlap.runs);
  const ids = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const doubt: Diagnostic = {
    code: 'stream-duplicates',
    severity: 'warning',
    message: `up to ${ids} records have the id of another one and may be counted twice: a stream can't be read again to tell; give files`,
    where: { source: stream.path },
    lost: 0,
  };
  addDiagnostics(tally, doubt.code, { count: 1, lost: 0, first: [doubt] });
  return tally;
}

interface Gathered {
  readonly tally: Tally;
  readonly overlaps: readonly Overlap[];
}

async function gatherHere(
  question: Question,
  units: readonly Unit[],
  options: UnitOptions,
  suspects?: Suspects,
): Promise<Gathered> {
  const counter = new Counter(question, suspects);
  const scanner = scannerFor(counter);
  for (const unit of units) await countUnit(counter, scanner, unit, options);
  return counter.finish();
}

/** This thread counts, too, and at once: others are given work when they are ready, if any is left then. */
async function gatherInThreads(
  asked: QuestionText,
  question: Question,
  units: readonly Unit[],
  threads: number,
  options: UnitOptions,
): Promise<Gathered> {
  const { startWorker } = await import('./threads.ts');
  const portions = portionsOf(units);
  const workers = Array.from({ length: threads - 1 }, () => startWorker(asked, options));
  try {
    const here = (async (): Promise<Gathered> => {
      const counter = new Counter(question);
      const scanner = scannerFor(counter);
      for (let portion = portions.shift(); portion; portion = portions.shift()) {
        for (const unit of portion) await countUnit(counter, scanner, unit, options);
        // Others may have asked for work meanwhile.
        await setImmediate();
      }
      return counter.finish();
    })();
    const there = workers.map(async (worker): Promise<Gathered | null> => {
      await Promise.race([worker.ready, here]);
      if (portions.length === 0) return null;
      for (let portion = portions.shift(); portion; portion = portions.shift()) await worker.count(portion);
      return await worker.finish();
    });
    const parts = await Promise.all([here, ...there]);
    const [first, ...rest] = parts.filter((part) => part !== null);
    const overlaps = [
      ...parts.flatMap((part) => part?.overlaps ?? []),
      ...rest.flatMap((part) => mergeInto(first!.tally, part.tally)),
    ];
    return { tally: first!.tally, overlaps };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Units in their order, as many together as make a portion. */
function portionsOf(units: readonly Unit[]): Unit[][] {
  const portions: Unit[][] = [];
  let bytes = PORTION_BYTES;
  for (const unit of units) {
    if (bytes >= PORTION_BYTES) {
      portions.push([]);
      bytes = 0;
    }
    portions.at(-1)!.push(unit);
    bytes += unit.range ? unit.range.end - unit.range.start : unit.log.size;
  }
  return portions;
}

function suspectsOf(overlaps: readonly Overlap[]): Suspects {
  const runs = new Map<string, Run[]>();
  for (const overlap of overlaps) {
    const key = channelKey(overlap.host, overlap.channel);
    runs.set(key, joinRuns([...(runs.get(key) ?? []), ...overlap.runs]));
  }
  return runs;
}
