/** What `check` found in one file. */
import type { LintResult } from '../config/index.ts';

export interface CheckedConfig {
  /** As given; `-` is standard input. */
  readonly path: string;
  /** The text that the places of findings are in: with `fix`, the one after the repairs. */
  readonly text: string;
  /** The schemaversion as Sysmon reads it, such as `4.90`; null where it is none. */
  readonly schema: string | null;
  readonly result: LintResult;
  /** Repairs that were made and written back, with their places in the text as it was; empty without `fix`. */
  readonly fixed: readonly FixedFinding[];
  /** Why repairs were not written back; null if they were, or if there were none. */
  readonly notFixed: string | null;
}

export interface FixedFinding {
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly title: string;
}

export interface CheckAnswer {
  /** Schema of the Sysmon that the files were checked for. */
  readonly binarySchema: string;
  readonly files: readonly CheckedConfig[];
}
