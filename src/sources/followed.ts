/** What following a log has to say beside its events, and what whoever follows one can be asked. */
import type { Diagnostic } from '../events/index.ts';
import type { Batch } from './batch.ts';
import type { FollowedFile } from './followed-file.ts';

/** Something that is read while it grows. */
export interface Follower {
  /** All that has come since the last time. Batches stay valid until the next is asked for. */
  poll(): AsyncGenerator<Batch>;
  /** What is left to say when it is followed no more. */
  end(): readonly Batch[];
  close(): Promise<void>;
}

/** Follows one file, and the next one of its name. */
export interface FileFollower extends Follower {
  /** Takes over a file that now has the name. False if it is another log, which someone else has to read. */
  goOnIn(file: FollowedFile): Promise<boolean>;
  /** What is left of the file, and what is wrong with its end: nobody writes to it any more. */
  finish(): AsyncGenerator<Batch>;
}

type Said = Pick<Diagnostic, 'code' | 'severity' | 'message'>;

/** A batch that only says something. */
export function say(source: string, said: Said, lost = 0): Batch {
  return { source, events: [], diagnostics: [{ ...said, where: { source }, lost }], bytes: 0 };
}

/** The log was cleared, or another took its place, and its records do not go on where they were. */
export const ANEW: Said = {
  code: 'follow-anew',
  severity: 'info',
  message: 'the log begins anew (it was cleared, cut or replaced): it is read from its start',
};

/** The log's name was given to a new file, in which it goes on. */
export const ROTATED: Said = {
  code: 'follow-rotated',
  severity: 'info',
  message: 'the log goes on in a new file: the old one was read to its end',
};

/** Records that were gone when they were to be read; `first` is the id of the first of so many. */
export function overwritten(first: number, lost: number): Said {
  const ids = lost === 1 ? `record ${first} was` : `the records ${first} to ${first + lost - 1} were`;
  return {
    code: 'follow-overwritten',
    severity: 'error',
    message: `${ids} gone before they could be read: make the log larger`,
  };
}
