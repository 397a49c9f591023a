/** Event types -> what has to be probed for them. */

/** What a part of the program is for. */
export type Probe =
  | 'process-starts'
  | 'process-ends'
  | 'connections'
  | 'injections'
  | 'accesses'
  | 'raw-reads'
  | 'file-creations'
  | 'file-deletions'
  | 'file-times'
  | 'loads'
  | 'name-lookups';

/** What each event type needs beside what every process runs, which is always kept. Only these types exist on Linux. */
const NEEDS: ReadonlyMap<number, Probe> = new Map([
  [1, 'process-starts'],
  [2, 'file-times'],
  [3, 'connections'],
  [5, 'process-ends'],
  [6, 'loads'],
  [8, 'injections'],
  [9, 'raw-reads'],
  [10, 'accesses'],
  [11, 'file-creations'],
  [22, 'name-lookups'],
  [23, 'file-deletions'],
  [26, 'file-deletions'],
]);

/** The event types that the sensor can give, ascending. */
export const LINUX_EVENT_IDS: readonly number[] = [...NEEDS.keys()];

/** The probes that these event types need, in a fixed order. */
export function probesFor(eventIds: Iterable<number>): readonly Probe[] {
  const wanted = new Set(eventIds);
  const probes = [...NEEDS].flatMap(([id, probe]) => (wanted.has(id) ? [probe] : []));
  return [...new Set(probes)];
}
