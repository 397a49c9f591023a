/** Texts of values. The same few stand in a log again and again: each is made once, so that a map knows it at sight. */
import { hashOf } from './bytes.ts';
import { textEnd, utf16Text } from './value.ts';

/** A longer one is made anew: it is hardly ever the same twice. Bytes. */
const LONGEST = 1024;
/** Of two texts with the same place the later one stays: no bound is needed, and a log can't fill the memory. */
const PLACES = 32_768;

/** Knows texts again, by their bytes. */
export interface TextKeeper {
  /** Those that it knows lie here. */
  readonly buffer: ArrayBufferLike;
  /**
   * Twice the number of a text of `length` bytes at an address, one more where it was not known until now. Numbers begin
   * with 0, and again with 0 where all are forgotten. -1 for one that it does not keep.
   */
  readonly keep: (at: number, length: number) => number;
}

export class Texts {
  readonly #keeper: TextKeeper | null;
  /** By the keeper's number. */
  readonly #kept: string[] = [];
  readonly #hashes = new Int32Array(PLACES);
  #texts: string[] | null = null;

  constructor(keeper: TextKeeper | null = null) {
    this.#keeper = keeper;
  }

  /** Text of `length` bytes of UTF-16 at `at`, without NULs at its end. `view` and `bytes` are of the same bytes. */
  get(view: DataView, bytes: Buffer, at: number, length: number): string {
    const keeper = this.#keeper;
    if (keeper !== null && bytes.buffer === keeper.buffer) {
      const told = keeper.keep(bytes.byteOffset + at, length);
      if ((told & 1) === 0) return this.#kept[told >> 1]!;
      if (told >= 0) return this.#keep(told >> 1, utf16Text(bytes, at, length));
    }
    const end = textEnd(bytes, at, length);
    const size = end - at;
    if (size === 0) return '';
    if (size > LONGEST) return utf16Text(bytes, at, size);
    const hash = hashOf(view, at, end, size);
    const place = hash & (PLACES - 1);
    this.#texts ??= Array<string>(PLACES).fill('');
    const known = this.#texts[place]!;
    if (this.#hashes[place] === hash && isText(view, at, size, known)) return known;
    const text = utf16Text(bytes, at, size);
    this.#hashes[place] = hash;
    this.#texts[place] = text;
    return text;
  }

  #keep(number: number, text: string): string {
    if (number === 0) this.#kept.length = 0;
    this.#kept.push(text);
    return text;
  }
}

function isText(view: DataView, at: number, size: number, text: string): boolean {
  if (2 * text.length !== size) return false;
  let i = 0;
  for (; i + 2 <= text.length; i += 2) {
    const two = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
    if (two !== view.getInt32(at + 2 * i, true)) return false;
  }
  return i === text.length || text.charCodeAt(i) === view.getUint16(at + 2 * i, true);
}
