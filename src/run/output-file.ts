/** Files that are written for a user, beside what is printed. */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { QuestionError } from '../predicate/index.ts';
import { readHead } from '../sources/index.ts';

/** What is to be written; `other`: a configuration, or a list of any format. */
export type OutputKind = 'page' | 'junit' | 'tally' | 'other';

interface Kind {
  readonly name: string;
  /** Whether what begins so may be replaced. */
  readonly is: (head: Buffer) => boolean;
}

const KINDS: Readonly<Record<OutputKind, Kind>> = {
  page: { name: 'a page', is: (head) => /^\s*<!doctype html/i.test(head.toString('latin1')) },
  junit: { name: 'JUnit XML', is: (head) => /^\s*<\?xml[^>]*>\s*<testsuite/.test(head.toString('latin1')) },
  tally: { name: 'a tally', is: isTally },
  other: {
    name: 'anything but an event log',
    is: (head) => !/^Elf(?:File|Chnk)\0/.test(head.toString('latin1')),
  },
};
const NOTHING = Buffer.alloc(0);

/**
 * To be called before logs are read for minutes. Throws QuestionError where the file's folder can't be written to, and where
 * something else stands in its place: who forgets the name of a page, names a log.
 */
export function expectOutput(option: string, path: string, kind: OutputKind): void {
  attempt(option, path, () => accessSync(dirname(path), constants.W_OK));
  expectReplaceable(option, path, kind);
}

/** Throws QuestionError where something else stands at the path. */
export function expectReplaceable(option: string, path: string, kind: OutputKind): void {
  const head = headOf(path);
  const { name, is } = KINDS[kind];
  if (head.length === 0 || is(head)) return;
  throw new QuestionError(
    'out-exists',
    `${option} ${path}: expected ${name} there, or nothing, found another file, which stays: is the name of the file to write missing? Choose another one`,
  );
}

/** Throws QuestionError where the system does not let it. */
export function writeOutput(option: string, path: string, content: string | Uint8Array): void {
  attempt(option, path, () => writeFileSync(path, content));
}

function attempt(option: string, path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { message } = error as Error;
    throw new QuestionError(
      'out-unwritable',
      `${option} ${path}: expected a file that can be written: ${message}`,
    );
  }
}

/** The first bytes of a file; none of what is no file, is not there, or can't be read. */
function headOf(path: string): Buffer {
  try {
    return statSync(path).isFile() ? readHead(path) : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** By what encodeTally says of the system that wrote it, which other programs do not; or as who unpacked it finds it. */
function isTally(head: Buffer): boolean {
  const isOurGzip = head[0] === 0x1f && head[1] === 0x8b && head[9] === 255;
  return isOurGzip || head.toString('latin1').startsWith('{"schema":"noisefloor.tally/');
}
