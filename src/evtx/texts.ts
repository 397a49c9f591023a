/** Texts of values. The same few stand in a log again and again: each is made once, so that a map knows it at sight. */
import { hashOf } from './bytes.ts';
import { textEnd, utf16Text } from './value.ts';

/** A longer one is made anew: it is hardly ever the same twice. Bytes. */
const LONGEST = 1024;
/** Of two texts with the same place the later one stays: no bound is needed, and a log can't fill the memory. */
const PLACES = 32_768;

/** A value's text was not asked for yet. */
const NOT_ASKED = -2;
/** What a value begins with when its text is asked for: a new text costs 3, one that is known earns 1. */
const FIRST_CREDIT = 256;

/** What the kernel (kernel/scan.ts) knows of texts in its memory. */
export interface TextKernel {
  readonly buffer: ArrayBufferLike;
  /**
   * Of the same bytes. Of each record's values one word: the number of its text, or a negative one. Before them stands
   * the address at which values are told of, two words each, of which the first is what it has earned.
   */
  readonly words: Int32Array;
  /** Is added to a number: so the text of no other scanner has it. */
  readonly first: number;
}

export class Texts {
  readonly #kernel: TextKernel | null;
  readonly #marks = new Float64Array(PLACES).fill(-1);
  #texts: string[] | null = null;

  constructor(kernel: TextKernel | null = null) {
    this.#kernel = kernel;
  }

  /**
   * Number of the text of a value, by where its record's numbers begin and its index; -1 where it has none. No other
   * text ever has the same, and the same text mostly has. What is asked for once is numbered in later records.
   */
  numberOf(numbers: number, index: number): number {
    if (numbers === 0) return -1;
    const { words, first } = this.#kernel!;
    const number = words[numbers + index]!;
    if (number >= 0) return first + number;
    if (number === NOT_ASKED) words[(words[numbers - 1]! >> 2) + 2 * index] ||= FIRST_CREDIT;
    return -1;
  }

  /**
   * Text of `length` bytes of UTF-16 at `at`, without NULs at its end. `view` and `bytes` are of the same bytes; `number`
   * is the text's, or -1.
   */
  get(view: DataView, bytes: Buffer, at: number, length: number, number = -1): string {
    this.#texts ??= Array<string>(PLACES).fill('');
    if (number >= 0) {
      const place = number % PLACES;
      if (this.#marks[place] === number) return this.#texts[place]!;
      return this.#keep(place, number, utf16Text(bytes, at, length));
    }
    const end = textEnd(bytes, at, length);
    const size = end - at;
    if (size === 0) return '';
    if (size > LONGEST) return utf16Text(bytes, at, size);
    const hash = hashOf(view, at, end, size);
    const place = hash & (PLACES - 1);
    const mark = -2 - (hash >>> 0);
    const known = this.#texts[place]!;
    if (this.#marks[place] === mark && isText(view, at, size, known)) return known;
    return this.#keep(place, mark, utf16Text(bytes, at, size));
  }

  #keep(place: number, mark: number, text: string): string {
    this.#marks[place] = mark;
    this.#texts![place] = text;
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
