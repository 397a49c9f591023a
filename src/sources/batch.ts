import type { Diagnostic, Event } from '../events/index.ts';

/** What one step of reading brings. Its events hold only until the next batch is asked for. */
export interface Batch {
  /** The path as given; a member of an archive as `a.zip!member`. */
  readonly source: string;
  readonly events: readonly Event[];
  readonly diagnostics: readonly Diagnostic[];
  /** Bytes of the file on disk that were read for this step (of an archive: its own, compressed bytes). */
  readonly bytes: number;
}
