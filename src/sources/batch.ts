import type { Diagnostic, Event } from '../events/index.ts';
import type { Scan } from '../evtx/index.ts';

/** What one step of reading brings. Its events hold only until the next batch is asked for. */
export interface Batch {
  /** The path as given; a member of an archive as `a.zip!member`. */
  readonly source: string;
  readonly events: readonly Event[];
  /** Of an event log: `events` are then those alone that were wanted, and the scan tells what all come to. */
  readonly scan?: Scan;
  /** Of an event log: the chunks that the events are records of, and where they begin in their file. */
  readonly block?: { readonly bytes: Buffer; readonly offset: number };
  /** May grow while the events' fields are asked for: read it after them. */
  readonly diagnostics: readonly Diagnostic[];
  /** Bytes of the file on disk that were read for this step (of an archive: its own, compressed bytes). */
  readonly bytes: number;
  /** Members of an archive that are no logs, and so were not read. */
  readonly skipped?: readonly Skipped[];
}

/** Something that was not read because it is no log: never a loss, but never silent. */
export interface Skipped {
  /** A path, or `a.zip!member`. */
  readonly path: string;
  readonly reason: string;
}
