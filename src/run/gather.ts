/** Logs -> one tally: spread over threads, and read once more where records were met twice. */
import type { Diagnostic } from '../events/index.ts';
import type { Question } from '../predicate/index.ts';
import type { Log } from '../sources/index.ts';
import {
  addDiagnostics,
  channelKey,
  Counter,
  concatRuns,
  joinRuns,
  mergeInto,
  type Overlap,
  rowsOf,
  type Runs,
  type Suspects,
  type Tally,
} from '../tally/index.ts';
import { hasBegun, shareWork, type SharedWork, takePortions, unitsOf } from './portions.ts';
import type { QuestionText } from './resolve.ts';
import { threadCount } from './thread-count.ts';
import type { Counted, CountingWorker } from './count-threads.ts';
import { countUnit, scannerFor, type Unit, type UnitOptions } from './unit.ts';

export interface GatherOptions extends Pick<UnitOptions, 'verify' | 'recover'> {
  /** Told of the bytes that all threads have read so far. */
  readonly onRead: (bytes: number) => void;
  /** At most this many threads; see threadCount. */
  readonly threads: number | undefined;
}

/** Logs that are being read: threads load what they need while the question is still on its way. */
export interface Gathering {
  /** Reads them into one tally, once; the same for any number of threads. */
  tally(question: Question): Promise<Tally>;
  /** Ends the threads, however far they are. */
  stop(): Promise<unknown>;
}

export async function startGathering(
  asked: QuestionText,
  logs: readonly Log[],
  options: GatherOptions,
): Promise<Gathering> {
  // A stream (standard input, a FIFO) is open in this thread alone, and can be read but once.
  const stream = logs.find(isStream);
  const bytes = logs.reduce((sum, log) => sum + log.size, 0);
  const threads = stream ? 1 : threadCount(bytes, options.threads, asked.question);
  const units =
    threads > 1 ? unitsOf(logs, threads, LONGEST) : logs.map((log): Unit => ({ log, range: null }));
  const work = shareWork(units, threads);
  const workers: CountingWorker[] = [];
  if (threads > 1) {
    const { startWorker } = await import('./count-threads.ts');
    for (let thread = 1; thread < threads; thread++)
      workers.push(await startWorker(asked, work, thread, options));
  }
  return {
    stop: () => Promise.all(workers.map((worker) => worker.stop())),
    async tally(question) {
      const first = await gatherTogether(question, work, workers, options);
      if (first.overlaps.length === 0) return first.tally;
      if (stream) return withDoubt(first, stream);
      // Records of the same host, channel and id were met in two places: read again in one go, and remember who they were.
      return await gatherAgain(question, logs, options, suspectsOf(first.overlaps));
    },
  };
}

/** Reads what was begun with into one tally, and ends the threads. */
export async function gathered(gathering: Gathering, question: Question): Promise<Tally> {
  try {
    return await gathering.tally(question);
  } finally {
    await gathering.stop();
  }
}

function isStream({ kind }: Log): boolean {
  return kind === 'unknown';
}

/** Says that records may be counted twice, where it takes a second reading to tell. */
function withDoubt({ tally, overlaps }: Counted, stream: Log): Tally {
  const runs = overlaps.flatMap((overlap) => rowsOf(overlap.runs));
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

async function gatherAgain(
  question: Question,
  logs: readonly Log[],
  { verify, recover }: GatherOptions,
  suspects: Suspects,
): Promise<Tally> {
  const counter = new Counter(question, suspects);
  const scanner = scannerFor(counter);
  for (const log of logs)
    await countUnit(counter, scanner, { log, range: null }, { verify, recover, onBytes: () => {} });
  return counter.finish().tally;
}

/** This thread counts, too, and at once; others join in when they have loaded what they need, if any work is left then. */
async function gatherTogether(
  question: Question,
  work: SharedWork,
  workers: readonly CountingWorker[],
  { verify, recover, onRead }: GatherOptions,
): Promise<Counted> {
  const counter = new Counter(question);
  const scanner = scannerFor(counter);
  const { read } = work;
  const tell = (): void => onRead(read.reduce((sum, bytes) => sum + bytes));
  const onBytes = (bytes: number): void => {
    read[0]! += bytes;
    tell();
  };
  for (const portion of takePortions(work, 0)) {
    for (const unit of portion) await countUnit(counter, scanner, unit, { verify, recover, onBytes });
  }
  const own = counter.finish();
  const telling = setInterval(tell, TELL_MS);
  const others = await Promise.all(
    workers.filter((_, i) => hasBegun(work, i + 1)).map(({ counted }) => counted),
  ).finally(() => clearInterval(telling));
  tell();
  const overlaps = [
    ...[own, ...others].flatMap((part) => part.overlaps),
    ...others.flatMap((part) => mergeInto(own.tally, part.tally)),
  ];
  return { tally: own.tally, overlaps };
}

/** Bytes of a portion at most. */
const LONGEST = 64 * 1024 * 1024;
/** How often it is told what others have read when nothing is left for this thread, milliseconds. */
const TELL_MS = 100;

function suspectsOf(overlaps: readonly Overlap[]): Suspects {
  const runs = new Map<string, Runs>();
  for (const overlap of overlaps) {
    const key = channelKey(overlap.host, overlap.channel);
    const known = runs.get(key);
    runs.set(key, joinRuns(known ? concatRuns(known, overlap.runs) : overlap.runs));
  }
  return runs;
}
