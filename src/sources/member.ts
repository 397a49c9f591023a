import type { Blocks } from './blocks.ts';

/** A file inside an archive. */
export interface Member {
  /** As stored: only a name, never a path to write to. Empty for the content of a gzip file. */
  readonly name: string;
  /** Bytes, unpacked, as the archive tells. */
  readonly size: number;
  /** The content; null where it can't be read. */
  readonly blocks: Blocks | null;
  /** Why it is not read, where that is no loss. */
  readonly unread: string | null;
}

/** Characters of a stored name that are kept: PAX headers can hold a MiB, and it would stand in every place. */
const MAX_NAME = 4096;

export function memberName(stored: string): string {
  return stored.length <= MAX_NAME ? stored : `${stored.slice(0, MAX_NAME - 1)}…`;
}
