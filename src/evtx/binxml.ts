/**
 * BinXML: a record's body as a tree of nodes. A template's tree is parsed once per chunk; a record is that tree and its
 * substitution values, so that nothing is copied and a value is read only when somebody asks for its text.
 *
 *     0x0f fragment header     major u8, minor u8, flags u8
 *     0x01 open start element  [dependency u16] size u32, name u32 (+ name, inline at its first use) [attributes u32 if 0x41]
 *     0x06 attribute           name u32 (+ name), then value tokens
 *     0x05 value text          type u8, count u16, UTF-16        0x07 CDATA   count u16, UTF-16
 *     0x08 character reference u16                               0x09 entity  name u32 (+ name)
 *     0x0a PI target           name u32 (+ name)                 0x0b PI data count u16, UTF-16
 *     0x0c template instance   u8, id u32, definition u32 (+ definition, inline at its first use), then values
 *     0x0d substitution        index u16, type u8                0x0e the same, optional
 *     0x02 close start, 0x03 close empty, 0x04 end element, 0x00 end of stream; 0x40 is the flag "more follows"
 *
 * All offsets count from the start of the chunk. Source: libyal's EVTX format documentation, and the sketches.
 */
import { BinXmlError, hex } from './diagnostic.ts';
import { utf16Text, VALUE_BINXML } from './value.ts';

export type Node =
  | { readonly kind: 'element'; readonly element: Element }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'substitution'; readonly index: number }
  | { readonly kind: 'instance'; readonly instance: Fragment };

export interface Element {
  readonly name: string;
  /** Index of the substitution without which this element does not exist; -1 for none. */
  readonly dependency: number;
  readonly attributes: { readonly name: string; readonly value: readonly Node[] }[];
  readonly children: Node[];
}

/** Nodes with the values that their substitutions stand for. */
export interface Fragment {
  readonly nodes: readonly Node[];
  readonly values: Values | null;
}

/** The values of a template instance. Sizes and types are read where they stand: most values are never asked for. */
export interface Values {
  readonly count: number;
  /** Where the descriptors begin: size u16, type u8, 0 u8 for each value. */
  readonly descriptors: number;
  /** Where each value begins; one more for the end of the last. */
  readonly at: readonly number[];
  /** Parsed nested BinXML by index, on first use. */
  readonly nested: Map<number, Fragment>;
}

/**
 * Bounds on the work that all records of a chunk may cause together. A template can be used many times over and values
 * can lie on top of each other, so that 64 KiB can ask for any amount of it. An honest chunk stays far below: each of its
 * bytes is parsed once, and real ones come to some ten thousand visits and fifty thousand characters.
 */
const MAX_TOKENS = 2 * 65_536;
const MAX_VISITS = 1_000_000;
const MAX_TEXT = 16 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Characters of a name; the longest of Windows' own have some sixty. */
export const MAX_NAME = 1024;

/** What the nodes that were parsed depend on, beside the bytes between the start and the end of their tokens. */
export interface Trace {
  /** Where offsets of names stand. */
  readonly names: number[];
  /** Whether anything was read in a way that depends on where it stands. */
  placed: boolean;
}

/** The bytes of one chunk, and what has been parsed of it. */
export class ChunkText {
  readonly bytes: Buffer;
  readonly #names = new Map<number, { text: string; end: number }>();
  readonly #trace: Trace | null;
  readonly #templates = new Map<number, readonly Node[]>();
  #tokens = 0;
  #visits = 0;
  #characters = 0;

  constructor(bytes: Buffer, trace: Trace | null = null) {
    this.bytes = bytes;
    this.#trace = trace;
  }

  /** Counts nodes that are looked at, or bytes of an array, whose items are at most as many. */
  visit(count: number): void {
    this.#visits += count;
    if (this.#visits > MAX_VISITS) {
      throw new BinXmlError(0, `the chunk's records ask for more than ${MAX_VISITS} visits of their nodes`);
    }
  }

  /** Counts characters that are read, before they are put together. */
  spend(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_TEXT) {
      throw new BinXmlError(0, `the chunk's records come to more than ${MAX_TEXT} characters of text`);
    }
  }

  #token(p: number, count = 1): void {
    this.#tokens += count;
    if (this.#tokens > MAX_TOKENS) {
      throw new BinXmlError(p, `more than ${MAX_TOKENS} BinXML tokens, which no 64 KiB hold`);
    }
  }

  /** Parses a fragment that lies between two offsets. `dependencies`: elements carry their dependency (in templates). */
  fragment(start: number, end: number, dependencies: boolean, depth = 0): Fragment {
    const parsed = this.#parse(start, end, dependencies, depth);
    const [only] = parsed;
    // A record is nearly always one template instance: then the instance is the fragment.
    return parsed.length === 1 && only!.kind === 'instance'
      ? only!.instance
      : { nodes: parsed, values: null };
  }

  /** The nodes of a template: a definition's body, of `size` bytes at `start`. */
  template(start: number, size: number): readonly Node[] {
    return this.#parse(start, start + size, true, 1);
  }

  /** The fragment that a BinXML value holds. */
  nested(values: Values, index: number, depth: number): Fragment {
    let nested = values.nested.get(index);
    if (!nested) {
      nested = this.fragment(values.at[index]!, values.at[index + 1]!, false, depth);
      values.nested.set(index, nested);
    }
    return nested;
  }

  /** Type of a value as its descriptor says; 0 (null) for one that the instance does not have. */
  typeOf(values: Values, index: number): number {
    return index < values.count ? this.bytes[values.descriptors + 4 * index + 2]! : 0;
  }

  /** Whether a value is BinXML, and not empty. */
  isNested(values: Values, index: number): boolean {
    return this.typeOf(values, index) === VALUE_BINXML && values.at[index + 1]! > values.at[index]!;
  }

  /** Whether an element stands in a record: one that depends on a substitution needs its value. */
  exists(element: Element, values: Values | null): boolean {
    const { dependency } = element;
    if (dependency < 0 || values === null || dependency >= values.count) return true;
    return this.typeOf(values, dependency) !== 0;
  }

  #parse(start: number, end: number, dependencies: boolean, depth: number): Node[] {
    if (depth > MAX_DEPTH) throw new BinXmlError(start, `BinXML nested deeper than ${MAX_DEPTH}`);
    const { bytes } = this;
    const root: Node[] = [];
    const open: Element[] = [];
    let into = root;
    let p = start;
    while (p < end) {
      this.#token(p);
      const token = bytes[p]!;
      switch (token & 0xbf) {
        case 0x00:
          return this.#finish(root, open, p);
        case 0x0f:
          p += 4;
          break;
        case 0x01: {
          if (open.length >= MAX_DEPTH) throw new BinXmlError(p, `elements nested deeper than ${MAX_DEPTH}`);
          const head = this.#elementHead(p, end, dependencies);
          const element: Element = {
            name: head.name,
            dependency: head.dependency,
            attributes: [],
            children: [],
          };
          p = head.end;
          if ((token & 0x40) !== 0) p = this.#attributes(p + 4, end, element);
          into.push({ kind: 'element', element });
          open.push(element);
          into = element.children;
          break;
        }
        case 0x02:
          p += 1;
          break;
        case 0x03:
        case 0x04:
          p += 1;
          if (open.pop() === undefined) throw new BinXmlError(p - 1, 'an element ends that never began');
          into = open.at(-1)?.children ?? root;
          break;
        case 0x0c: {
          const instance = this.#instance(p, end, depth);
          into.push({ kind: 'instance', instance: instance.fragment });
          p = instance.end;
          break;
        }
        case 0x0a:
          p = this.#name(p + 1).end;
          break;
        case 0x0b:
          p += 3 + 2 * bytes.readUInt16LE(p + 1);
          break;
        default: {
          const next = this.#content(p, end, into);
          if (next < 0) throw new BinXmlError(p, `expected a BinXML token, found ${hex(token)}`);
          p = next;
        }
      }
    }
    if (this.#trace && p > end) this.#trace.placed = true;
    return this.#finish(root, open, p);
  }

  #finish(root: Node[], open: readonly Element[], at: number): Node[] {
    if (open.length > 0) throw new BinXmlError(at, `element ${open.at(-1)!.name} does not end`);
    return root;
  }

  /** One token of text; the offset after it, or -1 if there is none at `p`. */
  #content(p: number, end: number, into: Node[]): number {
    const { bytes } = this;
    switch (bytes[p]! & 0xbf) {
      case 0x05: {
        const type = bytes[p + 1]!;
        if (type !== 0x01)
          throw new BinXmlError(p, `expected literal text of type 0x1, found type ${hex(type)}`);
        return this.#text(p + 2, end, into);
      }
      case 0x07:
        return this.#text(p + 1, end, into);
      case 0x08:
        into.push({ kind: 'text', text: String.fromCharCode(bytes.readUInt16LE(p + 1)) });
        return p + 3;
      case 0x09: {
        const name = this.#name(p + 1);
        into.push({ kind: 'text', text: ENTITIES.get(name.text) ?? `&${name.text};` });
        return name.end;
      }
      case 0x0d:
      case 0x0e:
        into.push({ kind: 'substitution', index: bytes.readUInt16LE(p + 1) });
        return p + 4;
      default:
        return -1;
    }
  }

  #text(p: number, end: number, into: Node[]): number {
    const size = 2 * this.bytes.readUInt16LE(p);
    if (p + 2 + size > end) throw new BinXmlError(p, `text of ${size} bytes runs past its end`);
    this.spend(size / 2);
    into.push({ kind: 'text', text: utf16Text(this.bytes, p + 2, size) });
    return p + 2 + size;
  }

  #attributes(start: number, end: number, element: Element): number {
    let p = start;
    while (p < end && (this.bytes[p]! & 0xbf) === 0x06) {
      this.#token(p);
      const name = this.#name(p + 1);
      const value: Node[] = [];
      element.attributes.push({ name: name.text, value });
      p = name.end;
      for (let next = p; next >= 0 && p < end;) {
        this.#token(p);
        next = this.#content(p, end, value);
        if (next >= 0) p = next;
      }
    }
    return p;
  }

  /**
   * Elements of a template carry a dependency, elements of a nested fragment don't, and writers differ for those that
   * stand in a record itself: so the reading that leads to a name is taken, the expected one first.
   */
  #elementHead(
    p: number,
    end: number,
    dependencies: boolean,
  ): { name: string; dependency: number; end: number } {
    for (const withDependency of [dependencies, !dependencies]) {
      const at = p + (withDependency ? 3 : 1);
      if (at + 8 > end || at + 4 + this.bytes.readUInt32LE(at) > this.bytes.length) continue;
      const name = this.#tryName(at + 4);
      if (!name) continue;
      if (this.#trace) {
        this.#trace.names.push(at + 4);
        this.#trace.placed ||= withDependency !== dependencies || at + 4 + this.bytes.readUInt32LE(at) > end;
      }
      const dependency = withDependency ? this.bytes.readUInt16LE(p + 1) : 0xffff;
      return { name: name.text, dependency: dependency === 0xffff ? -1 : dependency, end: name.end };
    }
    throw new BinXmlError(
      p,
      `expected an element with a name of at most ${MAX_NAME} characters, found neither form of one`,
    );
  }

  #name(p: number): { text: string; end: number } {
    const name = this.#tryName(p);
    this.#trace?.names.push(p);
    if (!name) {
      throw new BinXmlError(
        p,
        `expected the offset of a name of at most ${MAX_NAME} characters inside the chunk`,
      );
    }
    return name;
  }

  /** Name at the offset that stands at `p`: next u32, hash u16, count u16, UTF-16, NUL. Inline if it follows at once. */
  #tryName(p: number): { text: string; end: number } | null {
    const { bytes } = this;
    if (p + 4 > bytes.length) return null;
    const at = bytes.readUInt32LE(p);
    let name = this.#names.get(at);
    if (!name) {
      if (at + 8 > bytes.length) return null;
      const size = 2 * bytes.readUInt16LE(at + 6);
      const end = at + 8 + size + 2;
      if (size === 0 || size > 2 * MAX_NAME || end > bytes.length) return null;
      if (bytes.readUInt16LE(end - 2) !== 0) return null;
      this.spend(size / 2);
      name = { text: bytes.toString('utf16le', at + 8, at + 8 + size), end };
      this.#names.set(at, name);
    }
    return { text: name.text, end: at === p + 4 ? name.end : p + 4 };
  }

  #instance(start: number, end: number, depth: number): { fragment: Fragment; end: number } {
    const { bytes } = this;
    if (this.#trace) this.#trace.placed = true;
    if (start + 14 > end) throw new BinXmlError(start, 'a template instance runs past its end');
    const definition = bytes.readUInt32LE(start + 6);
    if (definition + 24 > bytes.length) {
      throw new BinXmlError(
        start,
        `expected a template definition inside the chunk, found offset ${hex(definition)}`,
      );
    }
    let p = start + 10;
    // next u32, GUID, size u32, body: inline at the first use of a template in a chunk.
    const size = bytes.readUInt32LE(definition + 20);
    if (definition === p) p += 24 + size;
    if (definition + 24 + size > bytes.length || p + 4 > end) {
      throw new BinXmlError(start, `a template definition of ${size} bytes runs past its end`);
    }
    let nodes = this.#templates.get(definition);
    if (!nodes) {
      nodes = this.#parse(definition + 24, definition + 24 + size, true, depth + 1);
      this.#templates.set(definition, nodes);
    }
    const count = bytes.readUInt32LE(p);
    const descriptors = p + 4;
    if (count > (end - descriptors) / 4)
      throw new BinXmlError(p, `${count} substitution values run past their end`);
    this.#token(p, count);
    p = descriptors + 4 * count;
    const at = [p];
    for (let i = 0; i < count; i++) at.push((p += bytes.readUInt16LE(descriptors + 4 * i)));
    if (p > end)
      throw new BinXmlError(descriptors, `substitution values run ${p - end} bytes past their end`);
    return { fragment: { nodes, values: { count, descriptors, at, nested: new Map() } }, end: p };
  }
}

const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
);
