/** A piece of work: a log, or a range of one, counted in whichever thread takes it. */
import { Scanner } from '../evtx/index.ts';
import { isFirst, type Log, type LogRange, readLog } from '../sources/index.ts';
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
  const { verify, recover, onBytes } = options;
  if (unit.range === null || isFirst(unit.range)) counter.addFile();
  for await (const batch of readLog(unit.log, { verify, recover, range: unit.range, scanner })) {
    if (batch.rows) counter.addRows(batch.rows, batch.events);
    else for (const event of batch.events) counter.addEvent(event);
    // After the events: what their fields brought to light stands here, too.
    for (const diagnostic of batch.diagnostics) counter.addDiagnostic(diagnostic);
    for (const { path, reason } of batch.skipped ?? []) counter.addSkipped(path, reason);
    counter.addBytes(batch.bytes);
    onBytes(batch.bytes);
  }
}

/** A reader of event logs that gives a counter what it needs. */
export function scannerFor(counter: Counter): Scanner {
  return new Scanner((origin) => counter.wanted(origin));
}
