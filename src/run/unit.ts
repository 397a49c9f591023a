/** A piece of work: a log, or a range of one, counted in whichever thread takes it. */
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

/** Counts all that one unit holds. */
export async function countUnit(counter: Counter, unit: Unit, options: UnitOptions): Promise<void> {
  const { verify, recover, onBytes } = options;
  if (unit.range === null || isFirst(unit.range)) counter.addFile();
  for await (const batch of readLog(unit.log, { verify, recover, range: unit.range })) {
    for (const event of batch.events) counter.addEvent(event);
    // After the events: what their fields brought to light stands here, too.
    for (const diagnostic of batch.diagnostics) counter.addDiagnostic(diagnostic);
    for (const { path, reason } of batch.skipped ?? []) counter.addSkipped(path, reason);
    counter.addBytes(batch.bytes);
    onBytes(batch.bytes);
  }
}
