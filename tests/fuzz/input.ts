/** What the readers are given: chunks in their order, and how they are to be read. Failing ones are written to a file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FILE_HEADER_SIZE, type FileHeader, readFileHeader } from '../../src/evtx/index.ts';
import { Comparer, type Comparison } from '../evtx/differences.ts';
import { fileHeader } from './files.ts';
import { LinesComparer } from './lines.ts';

export interface Input {
  readonly chunk: Buffer;
  readonly verify: boolean;
  readonly recover: boolean;
  /** Of the file's header. */
  readonly noChecksums: boolean;
  readonly dirty: boolean;
}

/** Compares an input, as the first chunk of its file; `lines` null: not what is rendered of it. */
export function compareInput(comparer: Comparer, lines: LinesComparer | null, input: Input): Comparison {
  const { chunk, verify, recover, noChecksums, dirty } = input;
  const file: FileHeader = { ...readFileHeader(NO_HEADER), noChecksums, dirty, chunkCount: 1 };
  const comparison = comparer.compare(chunk, { verify, recover, file, offset: FILE_HEADER_SIZE });
  // Past a bound of the plain reader the kernel may render more.
  if (lines === null || comparison.bounded || comparison.difference !== null) return comparison;
  const header = fileHeader(1, 0, (dirty ? 1 : 0) | (noChecksums ? 4 : 0));
  return { ...comparison, difference: lines.compare(Buffer.concat([header, chunk]), input) };
}

const NO_HEADER = new Uint8Array(FILE_HEADER_SIZE);

/** What differs when readers are given these inputs one after another; null where nothing does. */
export function firstDifference(inputs: readonly Input[]): string | null {
  const comparer = new Comparer();
  const lines = new LinesComparer();
  for (const input of inputs) {
    const { difference } = compareInput(comparer, lines, input);
    if (difference !== null) return difference;
  }
  return null;
}

/** Leaves out inputs as long as the readers still differ. */
export function shorten(inputs: readonly Input[]): readonly Input[] {
  let kept = inputs;
  for (let step = kept.length >> 1; step >= 1; step >>= 1) {
    for (let at = 0; at + step < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + step)];
      if (firstDifference(fewer) === null) at += step;
      else kept = fewer;
    }
  }
  return kept;
}

/** Inputs on which the readers differ, or a file on which the ways to read it do. */
export interface Failure {
  readonly reason: string;
  readonly inputs: readonly Input[];
  readonly file: WholeFile | null;
}

export interface WholeFile {
  readonly bytes: Buffer;
  readonly verify: boolean;
  readonly recover: boolean;
  /** Of the random numbers that say where its stream is cut. */
  readonly seed: number;
}

export function writeFailure(path: string, failure: Failure): void {
  const bytes = (_: string, value: unknown): unknown =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  // A buffer's own toJSON would come first.
  const { reason, inputs, file } = failure;
  const plain = {
    reason,
    inputs: inputs.map((input) => ({ ...input, chunk: Uint8Array.from(input.chunk) })),
    file: file && { ...file, bytes: Uint8Array.from(file.bytes) },
  };
  writeFileSync(path, `${JSON.stringify(plain, bytes, 1)}\n`);
}

export function readFailure(path: string): Failure {
  const bytes = (name: string, value: unknown): unknown =>
    (name === 'chunk' || name === 'bytes') && typeof value === 'string'
      ? Buffer.from(value, 'base64')
      : value;
  return JSON.parse(readFileSync(path, 'utf8'), bytes) as Failure;
}
