/** A recorded stream of the tracer, put together again without root, bpftrace or the machine that it was recorded on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../../src/events/index.ts';
import { type Assembled, Assembly, withPieces } from '../../src/monitor/assembly/assemble.ts';
import { KernelClock } from '../../src/monitor/assembly/clock.ts';
import { finish } from '../../src/monitor/assembly/draft.ts';
import { Hashes } from '../../src/monitor/assembly/hashes.ts';
import { identityOf } from '../../src/monitor/assembly/identity.ts';
import { Pieces } from '../../src/monitor/assembly/pieces.ts';
import { Processes } from '../../src/monitor/assembly/processes.ts';
import { Reorder } from '../../src/monitor/assembly/reorder.ts';
import { readLine } from '../../src/monitor/capture/line.ts';
import { isHappening, readRecord } from '../../src/monitor/capture/record.ts';
import { ROOT } from './shared.ts';

/**
 * `session.jsonl`: bpftrace 0.17, a few commands run by a process 27279 in /opt/session; the trigger of the live tests is
 * copied there as `trigger` and `target`. Only lines of these processes, and the paths that they name.
 */
export const SESSION: readonly string[] = readFileSync(
  join(ROOT, 'tests/monitor/streams/session.jsonl'),
  'latin1',
)
  .trimEnd()
  .split('\n');

export interface Replayed {
  readonly events: readonly Event[];
  readonly late: number;
  readonly truncated: number;
  readonly lost: number;
}

const NOTHING = { read: () => null, processOfThread: () => null, processInNamespace: () => null };
/** The kernel started at midnight of this day. */
export const BOOT: number = Date.UTC(2026, 10, 26);

/** The events of these lines, all that the sensor can give, in the order in which it gives them. */
export function replay(lines: readonly string[]): Replayed {
  const pieces = new Pieces();
  const reorder = new Reorder<Assembled>(1);
  const clock = new KernelClock({ wall: () => BOOT, steady: () => 0, sinceBoot: () => 0 });
  const assembly = new Assembly({
    processes: new Processes(identityOf('machine', 'boot'), NOTHING),
    clock,
    hashes: () => new Hashes([]),
    isOwn: () => false,
  });
  const events: Event[] = [];
  let [newest, lost] = [0, 0];
  const drain = (now: number): void => {
    for (const record of reorder.take(now)) {
      for (const draft of assembly.assemble(record)) events.push(finish(draft, 'host', null));
    }
  };
  for (const text of lines) {
    const line = readLine(text);
    if (line.kind === 'lost') lost += line.records;
    const record = line.kind === 'record' ? readRecord(line.text) : null;
    if (record === null) continue;
    if (isHappening(record)) {
      newest = Math.max(newest, record.at);
      reorder.add(withPieces(record, pieces));
    } else if (record.what === 'tick') reorder.tick(record.cpu, record.at);
    else pieces.add(record);
    drain(newest);
  }
  drain(Number.POSITIVE_INFINITY);
  return { events, late: reorder.late, truncated: assembly.truncated, lost };
}
