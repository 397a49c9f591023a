/** A piece of work: a log, or a range of one, counted in whichever thread takes it. */
import { setImmediate } from 'node:timers/promises';
import { Scanner } from '../evtx/index.ts';
import {
  type Batch,
  isFirst,
  type Log,
  type LogRange,
  readLog,
  scanEvtxFile,
  type ScannedBatch,
} from '../sources/index.ts';
import type { Counter } from '../tally/index.ts';

export interface Unit {
  readonly log: Log;
  readonly range: LogRange | null;
}

export interface UnitOptions {
  /** Check all checksums, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
  /** Told of every batch: bytes read since the last call. */
  readonly onBytes: (bytes: number) => void;
}

/** Counts all that one unit holds. `scanner` is the counter's own, for all its units. */
export async function countUnit(
  counter: Counter,
  scanner: Scanner,
  unit: Unit,
  options: UnitOptions,
): Promise<void> {
  const { log, range } = unit;
  const reading = { verify: options.verify, recover: options.recover, range, scanner };
  if (isFirst(range)) counter.addFile();
  if (log.kind !== 'evtx') {
    for await (const batch of readLog(log, reading)) {
      count(counter, batch, options);
      if (isBreathDue(batch.bytes)) await setImmediate();
    }
    return;
  }
  for (const batch of scanEvtxFile(log, scanner, reading)) {
    count(counter, batch, options);
    if (isBreathDue(batch.bytes)) await setImmediate();
  }
}

/** So many bytes are counted at a stretch, of however many logs, milliseconds of work: then a signal may be heard. */
const BREATH = 32 * 1024 * 1024;
/** What this thread has counted since. */
let atAStretch = 0;

function isBreathDue(bytes: number): boolean {
  atAStretch += bytes;
  if (atAStretch < BREATH) return false;
  atAStretch = 0;
  return true;
}

function count(counter: Counter, batch: Batch | ScannedBatch, { onBytes }: UnitOptions): void {
  if (batch.scan) counter.addScan(batch.scan);
  else if ('events' in batch) for (const event of batch.events) counter.addEvent(event);
  // After the events: what their fields brought to light stands here, too.
  for (const diagnostic of batch.diagnostics) counter.addDiagnostic(diagnostic);
  for (const { path, reason } of batch.skipped ?? []) counter.addSkipped(path, reason);
  counter.addBytes(batch.bytes);
  onBytes(batch.bytes);
}

/** A reader of event logs that gives a counter what it needs. */
export function scannerFor(counter: Counter): Scanner {
  return new Scanner((origin) => counter.wanted(origin));
}
