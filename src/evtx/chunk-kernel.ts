/**
 * What the kernels have in common (kernel/chunk.ts), seen from outside: their memory, and the templates that they know.
 *
 *     0 the module's own | 64 KiB tables, values, offsets of records | table of a chunk's templates | the kernel's own
 *     regions, of which the first is its input: chunks | known templates and plans
 */
import { readFileSync } from 'node:fs';
import { CHUNK_SIZE } from './chunk-header.ts';
import { type KnownTemplate, learnTemplate, type Template } from './template.ts';

const PAGE = 65_536;
const TABLES = PAGE;
const TABLES_SIZE = 12_288;
/** A known template that is not for the kernel. */
const NONE = TABLES + 1024;
/** Of the tables, what a kernel has for itself. */
const WORKSPACE = TABLES + 10_240;
const VALUES = TABLES + TABLES_SIZE;
/** 65,024 bytes hold 2,322 records of 28 bytes. */
const RECORDS = VALUES + 2 * 2048 * 4;
const TEMPLATES = 2 * PAGE;
const ENTRY = 8;
const INPUT = TEMPLATES + CHUNK_SIZE * ENTRY;
/** Stores and loads of 16 bytes reach past the end of a region. */
export const MARGIN = 256;
const KNOWN_SIZE = 2 * 1024 * 1024;
/** Of a known template, before its holes; of a hole. */
const KNOWN_HEAD = 24;
const HOLE = 12;
/** Definitions of one GUID and size that are told apart, and bytes of definitions that are parsed for each chunk. */
const MAX_ALIKE = 16;
const MAX_PARSED = 4 * CHUNK_SIZE;

/** Ops, values and 16 bytes of output that the records of a chunk may come to: honest ones stay below a tenth. */
export const ALLOWANCE: number = 256 * 1024;

const NO_RECORD_PLAN = 1;
const NO_NESTED_PLAN = 2;
/** Why a kernel stopped: this record is to be read the plain way. */
export const PLAIN = 3;
const NO_TEMPLATE = 5;
/** In place of a plan. */
const NOT_FOR_KERNEL = 0;
const NOT_ASKED = 1;

const HOLE_END = 0;
const HOLE_NEXT = 1;
const HOLE_INLINE = 2;

/** The parts of WebAssembly that are used; its types come with those of a browser only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

export interface Global {
  readonly value: number;
}

export interface ChunkExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly stopped: Global;
  readonly missing: Global;
  readonly work: Global;
  /** Address of the chunk that was begun last, and what stands with the templates that are known of it. */
  readonly chunk: Global;
  readonly stamp: Global;
  init(table: number, records: number, workspace: number): void;
  bucketOf(guid: number, size: number): number;
  forget(): void;
  walk(base: number): number;
  begin(base: number, allowance: number): void;
}

/** By address; null where there is no WebAssembly SIMD, or no such kernel was built. */
const modules = new Map<string, object | null>();

function moduleAt(url: URL): object | null {
  let module = modules.get(url.href);
  if (module === undefined) {
    try {
      module = new WebAssembly.Module(readFileSync(url));
    } catch {
      module = null;
    }
    modules.set(url.href, module);
  }
  return module;
}

/** The plan of a template, which is known at an address; null for one that is not for the kernel. */
export type Compile = (template: Template, address: number) => PlacedCode | null;

export interface PlacedCode {
  /** Bytes at most. */
  readonly size: number;
  /** Its bytes, to be put at an address. */
  place(at: number): Uint8Array;
}

export class ChunkKernel<Exports extends ChunkExports> {
  readonly exports: Exports;
  readonly memory: Buffer;
  /** Of the same bytes. */
  readonly words: Uint32Array;
  /** Where the values of two instances have room, and a KiB of tables. */
  readonly values: number = VALUES;
  readonly workspace: number = WORKSPACE;
  /** Where the kernel's own regions begin, with its input. */
  readonly input: number = INPUT;
  /** How a record's own template is compiled, and that of its data. */
  readonly #compilers: readonly [Compile, Compile];
  readonly #known: number;
  /** Where the next known template, or plan, goes. */
  #at: number;
  /** By address. */
  readonly #templates = new Map<number, Template>();
  /** How many are known of a GUID and size. */
  readonly #alike = new Map<string, number>();
  /** Bytes of definitions that may be parsed yet. */
  #parsable = 0;

  private constructor(exports: Exports, own: number, compilers: readonly [Compile, Compile]) {
    this.exports = exports;
    this.#compilers = compilers;
    this.#known = INPUT + own + MARGIN;
    this.#at = this.#known;
    const { memory } = exports;
    const end = this.#known + KNOWN_SIZE + MARGIN;
    memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE));
    this.memory = Buffer.from(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    exports.init(TEMPLATES, RECORDS, TABLES);
  }

  /** `own`: bytes of the kernel's own regions. Null where it can't run. */
  static load<Exports extends ChunkExports>(
    url: URL,
    own: number,
    compilers: readonly [Compile, Compile],
  ): ChunkKernel<Exports> | null {
    const module = moduleAt(url);
    if (module === null) return null;
    try {
      const { exports } = new WebAssembly.Instance(module, {});
      return new ChunkKernel(exports as Exports, own, compilers);
    } catch (error) {
      // There is no room for its memory.
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /**
   * Walks the whole chunk at an address: how many records it has; -1 where its header is not right or they do not stand
   * one after another as it counts them, and then the chunk is to be read the plain way.
   */
  walk(base: number): number {
    return this.exports.walk(base);
  }

  /** The offset in its chunk of a record that was walked. */
  recordAt(index: number): number {
    return this.words[RECORDS / 4 + index]!;
  }

  /** Takes the offsets of other records, in place of all that a walk found. */
  select(offsets: readonly number[]): void {
    this.words.set(offsets, RECORDS / 4);
  }

  /** The template that is known at an address. */
  templateAt(address: number): Template {
    return this.#templates.get(address)!;
  }

  /** Makes ready for the chunk at an address. */
  begin(base: number): void {
    this.allowParsing(1);
    this.exports.begin(base, ALLOWANCE);
  }

  /** Definitions of so many chunks may be parsed. */
  allowParsing(chunks: number): void {
    this.#parsable = chunks * MAX_PARSED;
  }

  /** Gives the kernel what it stopped for; false where it is nothing that is given here, or where it asks for too much. */
  supply(): boolean {
    const { stopped, missing } = this.exports;
    switch (stopped.value) {
      case NO_TEMPLATE:
        return this.#learn(missing.value);
      case NO_RECORD_PLAN:
        return this.#compile(missing.value, 0);
      case NO_NESTED_PLAN:
        return this.#compile(missing.value, 1);
      default:
        return false;
    }
  }

  /**
   * Makes the template known that is defined at an offset of the chunk; false where the chunk has more of them than an
   * honest one.
   */
  #learn(definition: number): boolean {
    const { chunk, stamp } = this.exports;
    const view = new DataView(this.memory.buffer, chunk.value, CHUNK_SIZE);
    const size = view.getUint32(definition + 20, true);
    const fits = size <= CHUNK_SIZE - definition - 24;
    this.#parsable -= fits ? size : 0;
    if (this.#parsable < 0) return false;
    const start = chunk.value + definition;
    const key = this.memory.toString('latin1', start + 4, start + 24);
    const alike = this.#alike.get(key) ?? 0;
    const known = fits && alike < MAX_ALIKE ? learnTemplate(view, definition, size) : null;
    const address = known === null ? NONE : this.#remember(known);
    if (address !== NONE) this.#alike.set(key, alike + 1);
    const entry = (TEMPLATES + definition * ENTRY) / 4;
    this.words[entry] = stamp.value;
    this.words[entry + 1] = address;
    return true;
  }

  /** Writes a known template where the kernel finds it; its address. */
  #remember(known: KnownTemplate): number {
    const { view, holes } = known;
    const look = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    const names = holes.map(({ is }) =>
      typeof is === 'string' ? null : Buffer.from(is.buffer, is.byteOffset, is.byteLength),
    );
    const head = KNOWN_HEAD + HOLE * holes.length;
    const size = names.reduce((sum, name) => sum + (name?.length ?? 0), head + look.length);
    // One of many names that lie elsewhere, all the same one.
    if (size > KNOWN_SIZE / 4) return NONE;
    this.#makeRoom(size);
    const address = this.#at;
    const guid = look.readUInt32LE(0);
    const bodySize = look.readUInt32LE(16);
    const bucket = this.exports.bucketOf(guid, bodySize) / 4;
    this.words.set([this.words[bucket]!, guid, bodySize, NOT_ASKED, NOT_ASKED, address + head], address / 4);
    this.words[bucket] = address;
    this.memory.set(look, address + head);
    let end = address + head + look.length;
    for (const [i, { at, is }] of holes.entries()) {
      const name = names[i];
      const last = i === holes.length - 1;
      const kind = last ? HOLE_END : name ? end : is === 'next' ? HOLE_NEXT : HOLE_INLINE;
      this.words.set([at, kind, name?.length ?? 0], (address + KNOWN_HEAD + i * HOLE) / 4);
      if (!name) continue;
      this.memory.set(name, end);
      end += name.length;
    }
    this.#templates.set(address, known.template);
    this.#at = (end + 15) & ~15;
    return address;
  }

  /** Writes the plan of a known template; where there is no room for it, all are forgotten instead. */
  #compile(address: number, role: 0 | 1): true {
    const entry = (address + 12) / 4 + role;
    const code = this.#compilers[role](this.#templates.get(address)!, address);
    if (code === null) {
      this.words[entry] = NOT_FOR_KERNEL;
    } else if (!this.#makeRoom(code.size)) {
      const bytes = code.place(this.#at);
      this.memory.set(bytes, this.#at);
      this.words[entry] = this.#at;
      this.#at = (this.#at + bytes.length + 15) & ~15;
    }
    return true;
  }

  /** Forgets all known templates where so many bytes have no room; an honest log has some dozens, which never come to this. */
  #makeRoom(size: number): boolean {
    if (this.#at + size <= this.#known + KNOWN_SIZE) return false;
    this.forget();
    return true;
  }

  /** Forgets all known templates. */
  forget(): void {
    this.#templates.clear();
    this.#alike.clear();
    this.#at = this.#known;
    const { chunk, work } = this.exports;
    this.exports.forget();
    this.exports.begin(chunk.value, work.value);
  }
}
