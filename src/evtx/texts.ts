/** Texts of values. The same few stand in a log again and again: each is made once, so that a map knows it at sight. */
import { hashOf } from './bytes.ts';
import { textEnd, utf16Text } from './value.ts';

/** A longer one is made anew: it is hardly ever the same twice. Bytes. */
const LONGEST = 1024;
/** Of two texts with the same place the later one stays: no bound is needed, and a log can't fill the memory. */
const PLACES = 32_768;

export class Texts {
  readonly #hashes = new Int32Array(PLACES);
  #texts: string[] | null = null;

  /** Text of `length` bytes of UTF-16 at `at`, without NULs at its end. `view` and `bytes` are of the same bytes. */
  get(view: DataView, bytes: Buffer, at: number, length: number): string {
    const end = textEnd(bytes, at, length);
    const size = end - at;
    if (size === 0) return '';
    if (size > LONGEST) return utf16Text(bytes, at, size);
    const hash = hashOf(view, at, end, size);
    const place = hash & (PLACES - 1);
    const texts = (this.#texts ??= Array<string>(PLACES).fill(''));
    const known = texts[place]!;
    if (this.#hashes[place] === hash && isText(view, at, size, known)) return known;
    this.#hashes[place] = hash;
    return (texts[place] = utf16Text(bytes, at, size));
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
