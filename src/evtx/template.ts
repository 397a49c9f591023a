/**
 * Template definitions, kept from chunk to chunk. Every chunk carries its templates anew, and parsing them would take
 * longer than reading its records. A definition is known again by its GUID, and then by every byte that means something:
 * a crafted file may give one GUID to many bodies. Left out are only offsets of names, which differ from chunk to chunk;
 * the names that they lead to are compared.
 *
 *     0 next u32   4 GUID   20 size u32   24 body
 */
import { ChunkText, type Node, type Trace } from './binxml.ts';
import { isSame } from './bytes.ts';
import { CHUNK_SIZE } from './chunk-header.ts';
import { reasonOf } from './diagnostic.ts';
import { type DataPlan, planData, planSystem, type SystemPlan } from './plan.ts';

const HEAD = 24;
/** Templates that are kept, and bytes of their bodies: past that all are forgotten, for their number is the log's choice. */
const MAX_TEMPLATES = 4096;
const MAX_BYTES = 16 * 1024 * 1024;
/** Bodies of one GUID and size that are told apart. */
const MAX_ALIKE = 16;
/** Bytes that are compared or parsed to find the templates of one chunk: definitions may lie on top of each other. */
const MAX_WORK = 24 * CHUNK_SIZE;

/** A definition's body, parsed, and what is read of it; a plan is null where only the plain way can read it. */
export class Template {
  readonly nodes: readonly Node[];
  #system: SystemPlan | null | undefined;
  #data: DataPlan | null | undefined;

  constructor(nodes: readonly Node[]) {
    this.nodes = nodes;
  }

  /** As the body of a record. */
  get system(): SystemPlan | null {
    if (this.#system === undefined) this.#system = planSystem(this.nodes);
    return this.#system;
  }

  /** As the body of a record's data. */
  get data(): DataPlan | null {
    if (this.#data === undefined) this.#data = planData(this.nodes);
    return this.#data;
  }
}

/** A template, and what its definition looks like. */
export interface KnownTemplate {
  readonly template: Template;
  /** From the GUID to the end of the body. */
  readonly view: DataView;
  /** Ascending, four bytes each, from the start of `view`; a last one stands at its end. */
  readonly holes: readonly Hole[];
  /** Bytes that are compared with it. */
  readonly work: number;
}

interface Hole {
  readonly at: number;
  /** `next` means nothing here. `inline`: the offset of a name that follows at once. Else the name that it leads to. */
  readonly is: 'next' | 'inline' | DataView;
}

/** The templates of chunks that are read one after another. */
export class Templates {
  readonly #known = new Map<number, KnownTemplate[]>();
  #count = 0;
  #bytes = 0;
  /** The chunk's, as they were looked for. */
  #here: (Template | null)[] = [];
  /** By offset in the chunk: the template there, as an index in `here`, and the chunk for which that was found. */
  readonly #place = new Uint16Array(CHUNK_SIZE);
  readonly #turn = new Uint32Array(CHUNK_SIZE);
  #now = 0;
  /** Bytes compared and parsed for the chunk. */
  #work = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Begins with another chunk. */
  enter(view: DataView): void {
    this.#view = view;
    if (this.#now === 0xffffffff) {
      this.#turn.fill(0);
      this.#now = 0;
    }
    this.#now += 1;
    this.#here = [];
    this.#work = 0;
  }

  /** The template that is defined at an offset of the chunk; null for one that only the plain way can read. */
  at(definition: number): Template | null {
    if (this.#turn[definition] === this.#now) return this.#here[this.#place[definition]!]!;
    const template = this.#find(definition);
    this.#place[definition] = this.#here.push(template) - 1;
    this.#turn[definition] = this.#now;
    return template;
  }

  #find(definition: number): Template | null {
    const view = this.#view;
    if (definition + HEAD > view.byteLength) return null;
    const size = view.getUint32(definition + 20, true);
    const end = definition + HEAD + size;
    if (end > view.byteLength) return null;
    const key = view.getUint32(definition + 4, true) ^ Math.imul(size, 0x9e3779b1);
    let alike = this.#known.get(key);
    for (const known of alike ?? []) {
      if (this.#work > MAX_WORK) return null;
      this.#work += known.work;
      if (looksLike(view, definition, known)) return known.template;
    }
    this.#work += size;
    const known = this.#work > MAX_WORK ? null : learnTemplate(view, definition, size);
    if (known === null) return null;
    if (this.#count >= MAX_TEMPLATES || this.#bytes + size > MAX_BYTES) {
      this.#known.clear();
      alike = undefined;
      this.#count = 0;
      this.#bytes = 0;
    }
    if (alike === undefined) this.#known.set(key, [known]);
    else if (alike.length < MAX_ALIKE) alike.push(known);
    else return known.template;
    this.#count += 1;
    this.#bytes += size;
    return known.template;
  }
}

/** Whether the definition at an offset would be parsed to the same nodes. */
function looksLike(view: DataView, definition: number, { view: own, holes }: KnownTemplate): boolean {
  const start = definition + 4;
  let at = 0;
  for (const { at: end, is } of holes) {
    if (!isSame(view, start + at, end - at, own, at)) return false;
    if (end === own.byteLength) return true;
    if (is !== 'next') {
      // A name that follows at once is passed over by who parses, even where the same one lies elsewhere.
      const name = view.getUint32(start + end, true);
      if ((name === start + end + 4) !== (is === 'inline')) return false;
      if (is !== 'inline' && !isName(view, name, is)) return false;
    }
    at = end + 4;
  }
  return false;
}

/** Whether a name stands at an offset: count u16, UTF-16, NUL. */
function isName(view: DataView, offset: number, name: DataView): boolean {
  const start = offset + 6;
  return start + name.byteLength <= view.byteLength && isSame(view, start, name.byteLength, name, 0);
}

/**
 * Parses the definition of `size` bytes at an offset of a chunk, which holds it; null where what it says depends on where it stands, or where it
 * can't be parsed.
 */
export function learnTemplate(view: DataView, definition: number, size: number): KnownTemplate | null {
  const chunk = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const trace: Trace = { names: [], placed: false };
  let nodes: readonly Node[];
  try {
    nodes = new ChunkText(chunk, trace).template(definition + HEAD, size);
  } catch (error) {
    // Whoever needs it parses it once more, and says what is wrong with it.
    reasonOf(error);
    return null;
  }
  if (trace.placed) return null;
  const start = definition + 4;
  const body = Buffer.from(chunk.subarray(start, definition + HEAD + size));
  const holes: Hole[] = [];
  for (const p of trace.names.toSorted((a, b) => a - b)) {
    const name = view.getUint32(p, true);
    holes.push({ at: p - start, is: name === p + 4 ? 'inline' : nameAt(chunk, name) });
    if (name === p + 4) holes.push({ at: p + 4 - start, is: 'next' });
  }
  holes.push({ at: body.length, is: 'next' });
  const own = new DataView(body.buffer, body.byteOffset, body.length);
  const names = holes.reduce((sum, { is }) => sum + (typeof is === 'string' ? 0 : is.byteLength), 0);
  return { template: new Template(nodes), view: own, holes, work: body.length + names };
}

/** A copy of a name from its count to its NUL. */
function nameAt(chunk: Buffer, offset: number): DataView {
  const count = chunk.readUInt16LE(offset + 6);
  const bytes = Uint8Array.from(chunk.subarray(offset + 6, offset + 8 + 2 * count + 2));
  return new DataView(bytes.buffer);
}
