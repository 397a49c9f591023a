/**
 * Reads a JSON object in the bytes of one line without making it: whether it is one, and where the values stand that are
 * wanted. Strict: what it takes, JSON.parse takes too, and finds the same values at these keys. Whatever it is not certain
 * of it refuses, and the line is read like any other text.
 */

/** What stands at a wanted key. */
export const KIND = {
  absent: 0,
  /** Text without escapes and of ASCII alone: as it stands between its quotes. */
  plain: 1,
  /** Any other text. */
  text: 2,
  /** A whole number of at most 15 characters. */
  integer: 3,
  number: 4,
  true: 5,
  false: 6,
  null: 7,
  object: 8,
  array: 9,
} as const;

const { absent, plain, text, integer, number, true: yes, false: no, null: none, object, array } = KIND;

/** Numbers of so many characters are kept as text (json-value.ts). */
export const LONG = 16;
/** Numbers that `list` has for a member. */
export const MEMBER = 5;
/** Deeper objects and lists are refused. */
const MAX_DEPTH = 32;
/** Longer lines are refused: no event with more than MAX_FIELDS fields is as short. */
const MAX_LINE: number = 128 * 1024;

/** Keys of one object that are wanted, by their length. */
interface Node {
  readonly byLength: (readonly Key[] | undefined)[];
  /** Whether a key is refused that is like SPELT, but not the same. */
  readonly spelt: boolean;
}

interface Key {
  readonly bytes: Uint8Array;
  readonly last: number;
  /** Index of the path; -1 for a key that is refused. */
  readonly slot: number;
  /** What is wanted inside of its object. */
  readonly node: Node | null;
}

/** Where the name of a field may be spelt in several ways, or repeated with a number behind it, only this way is certain. */
const SPELT = Buffer.from('UtcTime');

/** Of a byte in a string: 0 stands for itself. */
const CLASS = new Uint8Array(256).fill(3, 0, 0x20).fill(4, 0x80);
const QUOTE = 1;
const ESCAPE = 2;
const HIGH = 4;
/** What a string may have beside plain ASCII. */
const ESCAPED = 1;
const OTHER = 2;
CLASS[0x22] = QUOTE;
CLASS[0x5c] = ESCAPE;

const isDigit = (byte: number | undefined): boolean => byte! >= 0x30 && byte! <= 0x39;

export class LineScanner {
  /** Of each wanted path, in the order of the paths: its KIND, and where its value starts and ends. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Whether a number of the object is so long that it is kept as text. */
  hasLong = false;
  readonly #root: Node;
  #bytes: Uint8Array = new Uint8Array(0);

  /** `paths`: keys of the object, those of an object inside of it as `outer/inner`; `refused`: keys of lines to be refused. */
  constructor(paths: readonly string[], refused: readonly string[]) {
    this.kinds = new Uint8Array(paths.length);
    this.starts = new Int32Array(paths.length);
    this.ends = new Int32Array(paths.length);
    this.#root = nodeOf(
      '',
      paths.map((path, slot) => [path, slot]),
      refused,
    );
  }

  /** Reads the object from `from` to just before `to`; false if it is none or not certain. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from > MAX_LINE || bytes[from] !== 0x7b) return false;
    this.kinds.fill(absent);
    this.hasLong = false;
    this.#bytes = bytes;
    return this.#object(from + 1, this.#root, 1) === to;
  }

  /** Just past the object whose first key or brace comes at `from`; -1 where it is refused. */
  #object(from: number, node: Node | null, depth: number): number {
    const bytes = this.#bytes;
    let at = bytes[from] === 0x22 ? from : this.#space(from);
    if (bytes[at] === 0x7d) return at + 1;
    for (;;) {
      if (bytes[at] !== 0x22) return -1;
      const start = at + 1;
      const stop = stringEnd(bytes, start);
      if (stop < 0) return -1;
      at = stop >> 2;
      let key: Key | undefined;
      if (node !== null) {
        if ((stop & ESCAPED) !== 0) return -1;
        const keys = node.byLength[at - 1 - start];
        if (keys !== undefined) key = find(keys, bytes, start, at - 2);
        if (key === undefined) {
          if (node.spelt && isSpelt(bytes, start, at - 1)) return -1;
        } else if (key.slot < 0) return -1;
      }
      if (bytes[at] !== 0x3a) at = this.#space(at);
      if (bytes[at] !== 0x3a) return -1;
      const begin = this.#space(at + 1);
      at = this.#value(begin, key === undefined ? null : key.node, depth);
      if (at < 0) return -1;
      if (key !== undefined) {
        const { slot } = key;
        // Of a key that comes twice the last one counts.
        if (this.kinds[slot] !== absent) return -1;
        this.kinds[slot] = this.#kind;
        this.starts[slot] = begin;
        this.ends[slot] = at;
      }
      let byte = bytes[at];
      if (byte !== 0x2c && byte !== 0x7d) byte = bytes[(at = this.#space(at))];
      if (byte === 0x7d) return at + 1;
      if (byte !== 0x2c) return -1;
      at++;
      if (bytes[at] !== 0x22) at = this.#space(at);
    }
  }

  /** Just past a value, whose kind it notes; `depth` objects and lists are open around it. */
  #value(from: number, node: Node | null, depth: number): number {
    const byte = this.#bytes[from];
    let at: number;
    if (byte === 0x22) {
      const stop = stringEnd(this.#bytes, from + 1);
      at = stop >> 2;
      this.#kind = (stop & 3) === 0 ? plain : text;
    } else if (byte === 0x7b) {
      at = depth < MAX_DEPTH ? this.#object(from + 1, node, depth + 1) : -1;
      this.#kind = object;
    } else if (byte === 0x5b) {
      at = depth < MAX_DEPTH ? this.#array(from + 1, depth + 1) : -1;
      this.#kind = array;
    } else at = this.#scalar(from);
    return at;
  }

  /** As `#object`, of a list. */
  #array(from: number, depth: number): number {
    const bytes = this.#bytes;
    let at = this.#space(from);
    if (bytes[at] === 0x5d) return at + 1;
    for (;;) {
      at = this.#value(at, null, depth);
      if (at < 0) return -1;
      at = this.#space(at);
      if (bytes[at] === 0x5d) return at + 1;
      if (bytes[at] !== 0x2c) return -1;
      at = this.#space(at + 1);
    }
  }

  #space(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    // Within a line there are no line breaks.
    while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
    return at;
  }

  /** The kind of the value read last. */
  #kind: number = none;

  /** Just past the number or literal; -1 where there is none. */
  #scalar(from: number): number {
    const bytes = this.#bytes;
    const first = bytes[from];
    if (first === 0x74) {
      this.#kind = yes;
      return bytes[from + 1] === 0x72 && bytes[from + 2] === 0x75 && bytes[from + 3] === 0x65 ? from + 4 : -1;
    }
    if (first === 0x6e) {
      this.#kind = none;
      return bytes[from + 1] === 0x75 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x6c ? from + 4 : -1;
    }
    if (first === 0x66) {
      this.#kind = no;
      const rest = bytes[from + 1] === 0x61 && bytes[from + 2] === 0x6c && bytes[from + 3] === 0x73;
      return rest && bytes[from + 4] === 0x65 ? from + 5 : -1;
    }
    let at = first === 0x2d ? from + 1 : from;
    const digits = at;
    while (isDigit(bytes[at])) at++;
    if (at === digits || (bytes[digits] === 0x30 && at > digits + 1)) return -1;
    this.#kind = at - from < LONG ? integer : number;
    if (bytes[at] === 0x2e) {
      this.#kind = number;
      const start = ++at;
      while (isDigit(bytes[at])) at++;
      if (at === start) return -1;
    }
    const run = at - digits;
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      this.#kind = number;
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      const start = at;
      while (isDigit(bytes[at])) at++;
      if (at === start || at - from >= LONG) return -1;
    }
    if (at - from < LONG) return at;
    this.hasLong = true;
    // Whether one with fewer digits is kept as text depends on the rest of its line.
    return run < LONG ? -1 : at;
  }

  /**
   * The members of an object that was scanned, from its brace at `from` on; how many, or -1 for more than are told apart.
   * Of each: where its key stands with its quotes, and its value, and of which kind that is.
   */
  list(bytes: Buffer, from: number, members: Int32Array): number {
    this.#bytes = bytes;
    let at = this.#space(from + 1);
    let count = 0;
    for (; bytes[at] === 0x22; count += MEMBER) {
      if (count === members.length) return -1;
      members[count] = at;
      at = stringEnd(bytes, at + 1) >> 2;
      members[count + 1] = at;
      at = this.#space(this.#space(at) + 1);
      members[count + 2] = at;
      if (bytes[at] === 0x22) {
        this.#kind = text;
        at = knownEnd(bytes, at + 1);
      } else at = this.#value(at, null, 1);
      members[count + 3] = at;
      members[count + 4] = this.#kind;
      at = this.#space(at);
      if (bytes[at] === 0x2c) at = this.#space(at + 1);
    }
    return count / MEMBER;
  }
}

function nodeOf(
  before: string,
  paths: readonly (readonly [path: string, slot: number])[],
  refused: readonly string[],
): Node {
  const byLength: Key[][] = [];
  const add = (name: string, slot: number, node: Node | null): void => {
    const bytes = Buffer.from(name);
    (byLength[bytes.length] ??= []).push({ bytes, last: bytes.at(-1)!, slot, node });
  };
  for (const [path, slot] of paths) {
    const name = path.slice(before.length);
    if (!path.startsWith(before) || name.includes('/')) continue;
    const inner = paths.filter(([other]) => other.startsWith(`${path}/`));
    add(name, slot, inner.length === 0 ? null : nodeOf(`${path}/`, inner, []));
  }
  for (const name of refused) add(name, -1, null);
  return { byLength, spelt: paths.some(([path]) => path === before + SPELT.toString()) };
}

function find(keys: readonly Key[], bytes: Uint8Array, start: number, end: number): Key | undefined {
  const last = bytes[end];
  for (const key of keys) {
    if (key.last !== last) continue;
    let at = 0;
    while (key.bytes[at] === bytes[start + at] && at < key.bytes.length) at++;
    if (at === key.bytes.length) return key;
  }
  return undefined;
}

/** Whether a key begins as SPELT does, case aside. */
function isSpelt(bytes: Uint8Array, start: number, end: number): boolean {
  if ((bytes[start]! | 0x20) !== 0x75 || end - start < SPELT.length) return false;
  return SPELT.every((byte, index) => (bytes[start + index]! | 0x20) === (byte | 0x20));
}

/**
 * Just past the quote that ends the string, times four, and what it has in the lowest bits; negative where there is no such
 * quote in its line, or an escape that JSON does not have.
 */
function stringEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  let has = 0;
  for (;;) {
    let kind = CLASS[bytes[at]!];
    while (kind === 0) kind = CLASS[bytes[++at]!];
    if (kind === QUOTE) return ((at + 1) << 2) | has;
    if (kind === HIGH) {
      has |= OTHER;
      at++;
    } else if (kind === ESCAPE) {
      has |= ESCAPED;
      const byte = bytes[at + 1];
      // \" \\ \/ \b \f \n \r \t
      if (byte === 0x5c || byte === 0x72 || byte === 0x6e || byte === 0x74 || byte === 0x22) at += 2;
      else if (byte === 0x2f || byte === 0x62 || byte === 0x66) at += 2;
      else if (byte === 0x75 && isHex(bytes, at + 2)) at += 6;
      else return -1;
    } else return -1;
  }
}

/** Just past the quote that ends a string that was scanned before. Long ones are messages, and are gone through quickly. */
function knownEnd(bytes: Buffer, from: number): number {
  const near = from + 64;
  let at = from;
  for (let byte = bytes[at]; at < near; byte = bytes[at]) {
    if (byte === 0x22) return at + 1;
    at += byte === 0x5c ? 2 : 1;
  }
  for (let end = bytes.indexOf(0x22, at); ; end = bytes.indexOf(0x22, end + 1)) {
    let before = end - 1;
    while (before >= at && bytes[before] === 0x5c) before--;
    if ((end - before) % 2 === 1) return end + 1;
  }
}

function isHex(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < from + 4; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte) && !((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)) return false;
  }
  return true;
}
