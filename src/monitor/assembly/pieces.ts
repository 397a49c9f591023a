/** Records come in pieces where a string is too long for one: the pieces of paths, names and arguments, put together. */
import type { Piece } from '../capture/record.ts';
import { fromLatin1 } from '../capture/line.ts';
import { CHUNK } from '../program/syntax.ts';
import { MAX_DEPTH } from '../program/parts.ts';

interface Path {
  readonly members: (string | undefined)[];
  /** Members it has; -1 while its end was not told. */
  count: number;
  deep: boolean;
}

interface Text {
  text: string;
  /** Pieces that were put together, in order. */
  pieces: number;
  whole: boolean;
}

/** What is known of a path: `cut` where it has more members than are walked. */
export interface KnownPath {
  readonly text: string;
  readonly cut: boolean;
}

/** Paths that are kept: those go that were told or asked for longest ago. */
const MAX_PATHS = 65_536;
/** Pieces whose end was lost are forgotten when there are so many. */
const MAX_PENDING = 20_000;

/** Keeps pieces until the record that they belong to comes. */
export class Pieces {
  readonly #paths = new Map<string, Path>();
  readonly #texts = new Map<number, Text>();
  readonly #arguments = new Map<number, { hex: string[]; whole: boolean }>();
  readonly #rests = new Map<number, string>();
  readonly #addresses = new Map<number, string[]>();

  add(piece: Piece): void {
    switch (piece.what) {
      case 'path-member': {
        const path = this.#path(piece.key);
        if (piece.rest) path.members[piece.index] = (path.members[piece.index] ?? '') + piece.name;
        else path.members[piece.index] = piece.name;
        return;
      }
      case 'path-end': {
        const path = this.#path(piece.key);
        path.count = piece.members;
        path.deep = piece.steps >= MAX_DEPTH;
        return;
      }
      case 'path-text':
        append(this.#texts, piece.tid, piece.index, piece.text);
        return;
      case 'arguments': {
        const known = piece.index === 0 ? undefined : this.#arguments.get(piece.pid);
        const next = known ?? { hex: [], whole: true };
        if (next.hex.length !== piece.index) next.whole = false;
        else next.hex.push(piece.hex);
        bounded(this.#arguments).set(piece.pid, next);
        return;
      }
      case 'name-rest':
        bounded(this.#rests).set(piece.tid, piece.text);
        return;
      case 'address': {
        const known = piece.index === 0 ? undefined : this.#addresses.get(piece.tid);
        bounded(this.#addresses).set(piece.tid, [...(known ?? []), piece.address]);
        return;
      }
      default:
    }
  }

  /** The path that a key stands for; null where pieces of it are missing. */
  path(key: string): KnownPath | null {
    const path = this.#paths.get(key);
    if (!path || path.count < 0) return null;
    this.#keep(key, path);
    const members: string[] = [];
    for (let i = path.count - 1; i >= 0; i--) {
      const member = path.members[i];
      if (member === undefined) return null;
      members.push(member);
    }
    return { text: `${path.deep ? '…' : ''}/${fromLatin1(members.join('/'))}`, cut: path.deep };
  }

  /** The path that a call was given, and forgets it; null where it is missing, `whole` false where a piece is. */
  takeText(tid: number): { readonly text: string; readonly whole: boolean } | null {
    const found = take(this.#texts, tid);
    if (!found) return null;
    // Behind a full piece there is another, be it an empty one.
    return { text: fromLatin1(found.text), whole: found.whole && found.text.length < CHUNK * found.pieces };
  }

  /** The arguments of an exec, of so many bytes; null where nothing of them was told. */
  takeArguments(pid: number, bytes: number): { readonly text: string; readonly whole: boolean } | null {
    const found = take(this.#arguments, pid);
    if (bytes === 0) return { text: '', whole: true };
    if (!found) return null;
    const told = Buffer.from(found.hex.join('').replaceAll(' ', ''), 'hex').subarray(0, bytes);
    return { text: commandLine(told), whole: found.whole && told.length === bytes };
  }

  takeNameRest(tid: number): string {
    return take(this.#rests, tid) ?? '';
  }

  /** Addresses that a lookup gave, each once. */
  takeAddresses(tid: number): readonly string[] {
    return [...new Set(take(this.#addresses, tid) ?? [])];
  }

  #path(key: string): Path {
    return this.#keep(key, this.#paths.get(key) ?? { members: [], count: -1, deep: false });
  }

  #keep(key: string, path: Path): Path {
    this.#paths.delete(key);
    if (this.#paths.size >= MAX_PATHS) this.#paths.delete(this.#paths.keys().next().value!);
    this.#paths.set(key, path);
    return path;
  }
}

/** Arguments as one line: separated by blanks, as every tool shows them. */
export function commandLine(bytes: Buffer): string {
  const end = bytes.length > 0 && bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  return fromLatin1(bytes.toString('latin1', 0, end).replaceAll('\0', ' '));
}

function append(texts: Map<number, Text>, key: number, index: number, piece: string): void {
  if (index === 0) {
    bounded(texts).set(key, { text: piece, pieces: 1, whole: true });
    return;
  }
  const text = texts.get(key);
  if (!text) return;
  // Behind a piece that was not full there is no other: the loop does not look for the end of a text within it.
  if (text.text.length < CHUNK * text.pieces) return;
  if (text.pieces !== index) text.whole = false;
  text.text += piece;
  text.pieces += 1;
}

function take<V>(map: Map<number, V>, key: number): V | undefined {
  const value = map.get(key);
  if (value !== undefined) map.delete(key);
  return value;
}

/** The map, without its oldest entry where it is full. */
function bounded<V>(map: Map<number, V>): Map<number, V> {
  if (map.size >= MAX_PENDING) map.delete(map.keys().next().value!);
  return map;
}
