/**
 * The kernel (kernel/json-lines.ts), seen from outside: its memory, its plans, and what it can't render.
 *
 *     0 the module's own | 64 KiB workspace, scratch, offsets of records, name of the log | table of a chunk's templates
 *     | input: chunks | output | known templates and plans
 */
import { readFileSync } from 'node:fs';
import { CHUNK_SIZE, type KnownTemplate, learnTemplate, type Node } from '../evtx/index.ts';
import { jsonText } from './event-json.ts';
import { ownNestedPlan, ownRecordPlan } from './own-plan.ts';
import { NotForKernel, type PlanCode } from './plan-code.ts';
import { toolNestedPlan, toolRecordPlan } from './tool-plan.ts';

/** Our own `dump` line, or that of the Rust tool. */
export type LineFormat = 'jsonl' | 'evtx_dump-jsonl';

const PAGE = 65_536;
const WORKSPACE = PAGE;
/** A known template that is not for the kernel. */
const NONE = WORKSPACE + 2048;
const SCRATCH = WORKSPACE + 8192;
/** 65,024 bytes hold 2,322 records of 28 bytes. */
const RECORDS = SCRATCH + 2 * 2048 * 4;
const SOURCE = RECORDS + 4 * 2323;
const SOURCE_SIZE = 32 * 1024;
const TABLE = 2 * PAGE;
const ENTRY = 8;
const INPUT = TABLE + CHUNK_SIZE * ENTRY;
const INPUT_CHUNKS = 4;
/** Stores and loads of 16 bytes reach past the end of a region. */
const MARGIN = 256;
const OUTPUT = INPUT + INPUT_CHUNKS * CHUNK_SIZE + MARGIN;
const OUTPUT_SIZE = 2 * 1024 * 1024;
const KNOWN = OUTPUT + OUTPUT_SIZE + MARGIN;
const KNOWN_SIZE = 2 * 1024 * 1024;
const END = KNOWN + KNOWN_SIZE + MARGIN;
/** Of a known template, before its holes; of a hole. */
const KNOWN_HEAD = 24;
const HOLE = 12;
/** Definitions of one GUID and size that are told apart, and bytes of definitions that are parsed for one chunk. */
const MAX_ALIKE = 16;
const MAX_PARSED = 4 * CHUNK_SIZE;

/** Ops, values and 16 bytes of output that the records of a chunk may come to: honest ones stay below a tenth. */
const ALLOWANCE = 256 * 1024;

const NO_RECORD_PLAN = 1;
const NO_NESTED_PLAN = 2;
const PLAIN = 3;
const FULL = 4;
const NO_TEMPLATE = 6;
/** In place of a plan. */
const NOT_FOR_KERNEL = 0;
const NOT_ASKED = 1;

/** The parts of WebAssembly that are used; its types come with those of a browser only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface Global {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly stopped: Global;
  readonly missing: Global;
  readonly outAt: Global;
  readonly work: Global;
  init(table: number, records: number, scratch: number, workspace: number, own: boolean): void;
  setSource(at: number, size: number): void;
  bucketOf(guid: number, size: number): number;
  forget(): void;
  walk(base: number): number;
  begin(base: number, mark: number, allowance: number): void;
  render(from: number, to: number, out: number, end: number): number;
}

let compiled: object | null | undefined;

/** The compiled kernel; null where there is no WebAssembly SIMD, or no kernel was built. */
function kernelModule(): object | null {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)));
    } catch {
      compiled = null;
    }
  }
  return compiled;
}

/**
 * Collects lines: those of chunks that it renders itself, and those that it is given. What it renders is what the plain
 * renderers give; without WebAssembly SIMD it renders nothing.
 */
export class LineRenderer {
  /** Room for chunks, one after another: fill it, then render them one by one. */
  readonly input: Buffer;
  readonly #format: LineFormat;
  readonly #exports: Exports | null;
  readonly #memory: Buffer;
  readonly #words: Uint32Array;
  /** Where the next line goes. */
  #out: number = OUTPUT;
  /** Lines that found no room, before those in the output region. */
  #spilled: Buffer[] = [];
  #named = false;
  #mark = 0;
  /** Where the next known template, or plan, goes. */
  #knownAt: number = KNOWN;
  /** By address. */
  readonly #known = new Map<number, KnownTemplate>();
  /** How many are known of a GUID and size. */
  readonly #alike = new Map<string, number>();
  /** Bytes of definitions parsed for the chunk. */
  #parsed = 0;

  /** `kernel` false: all is for the plain renderers. */
  constructor(format: LineFormat, kernel = true) {
    this.#format = format;
    const module = kernel ? kernelModule() : null;
    if (module === null) {
      this.#exports = null;
      this.#memory = Buffer.alloc(KNOWN);
    } else {
      this.#exports = new WebAssembly.Instance(module, {}).exports as Exports;
      const { memory } = this.#exports;
      memory.grow(Math.ceil((END - memory.buffer.byteLength) / PAGE));
      this.#memory = Buffer.from(memory.buffer);
      this.#exports.init(TABLE, RECORDS, SCRATCH, WORKSPACE, format === 'jsonl');
    }
    this.#words = new Uint32Array(this.#memory.buffer);
    this.input = this.#memory.subarray(INPUT, INPUT + INPUT_CHUNKS * CHUNK_SIZE);
  }

  /** Names the log of the chunks that follow. */
  setSource(source: string): void {
    const text = jsonText(source);
    this.#named = 3 * text.length <= SOURCE_SIZE;
    if (this.#named) this.#exports?.setSource(SOURCE, this.#memory.write(text, SOURCE));
  }

  /**
   * Walks the whole chunk of an index in the input: how many records it has; -1 where its header is not right or they do
   * not stand one after another as it counts them, and then the chunk is for the plain renderer.
   */
  walk(index: number): number {
    return this.#named && this.#exports !== null ? this.#exports.walk(INPUT + index * CHUNK_SIZE) : -1;
  }

  /** Takes the offsets (in the chunk) of the records to render, in place of all that a walk found. */
  select(offsets: readonly number[]): void {
    this.#words.set(offsets, RECORDS / 4);
  }

  /**
   * Renders `count` records of a chunk, whose offsets were walked or selected. `plain` gives the line of a record that
   * is not for the kernel, by its offset in the chunk; null where something is wrong with it. Returns false, and has
   * rendered nothing, after such a record, and where the records ask for more work than honest ones can: then the whole
   * chunk is for the plain renderer.
   */
  render(index: number, count: number, plain: (at: number) => string | null): boolean {
    const base = INPUT + index * CHUNK_SIZE;
    // What this chunk gives can be taken back: what stands before it is out of the way then.
    if (this.#out > OUTPUT + OUTPUT_SIZE / 2) this.#spill();
    const before = { out: this.#out, pieces: this.#spilled.length };
    const takeBack = (): false => {
      const first = this.#spilled[before.pieces];
      if (first === undefined) {
        this.#out = before.out;
      } else {
        this.#memory.set(first.subarray(0, before.out - OUTPUT), OUTPUT);
        this.#out = before.out;
        this.#spilled.length = before.pieces;
      }
      return false;
    };
    const kernel = this.#exports!;
    this.#parsed = 0;
    kernel.begin(base, ++this.#mark, ALLOWANCE);
    for (let i = 0; i < count;) {
      i = kernel.render(i, count, this.#out, OUTPUT + OUTPUT_SIZE);
      this.#out = kernel.outAt.value;
      if (i === count) break;
      const at = this.#words[RECORDS / 4 + i]!;
      switch (kernel.stopped.value) {
        case NO_TEMPLATE:
          if (!this.#learn(base, kernel.missing.value)) return takeBack();
          continue;
        case NO_RECORD_PLAN:
        case NO_NESTED_PLAN:
          this.#compile(base, kernel.missing.value, kernel.stopped.value === NO_NESTED_PLAN ? 1 : 0);
          continue;
        case FULL:
          if (this.#out > OUTPUT) {
            this.#spill();
            continue;
          }
          break;
        case PLAIN:
          break;
        default:
          return takeBack();
      }
      const line = plain(at);
      if (line === null) return takeBack();
      this.append(line);
      i += 1;
    }
    return true;
  }

  /** Adds a line that was rendered elsewhere, after those rendered so far. */
  append(line: string): void {
    const most = 3 * line.length + 1;
    if (this.#out + most > OUTPUT + OUTPUT_SIZE) this.#spill();
    if (this.#out + most > OUTPUT + OUTPUT_SIZE) {
      this.#spilled.push(Buffer.from(`${line}\n`));
      return;
    }
    this.#out += this.#memory.write(line, this.#out);
    this.#memory[this.#out++] = 0x0a;
  }

  /** Bytes of lines that wait to be taken. */
  get waiting(): number {
    return this.#spilled.reduce((sum, { length }) => sum + length, this.#out - OUTPUT);
  }

  /** Takes the lines rendered so far. The last piece holds until the next chunk is rendered. */
  take(): Buffer[] {
    const pieces = this.#spilled;
    this.#spilled = [];
    if (this.#out > OUTPUT) pieces.push(this.#memory.subarray(OUTPUT, this.#out));
    this.#out = OUTPUT;
    return pieces;
  }

  #spill(): void {
    if (this.#out > OUTPUT) this.#spilled.push(Buffer.from(this.#memory.subarray(OUTPUT, this.#out)));
    this.#out = OUTPUT;
  }

  /**
   * Makes the template known that is defined at an offset of the chunk; false where the chunk has more of them than an
   * honest one.
   */
  #learn(base: number, definition: number): boolean {
    const view = new DataView(this.#memory.buffer, base, CHUNK_SIZE);
    const size = view.getUint32(definition + 20, true);
    const fits = size <= CHUNK_SIZE - definition - KNOWN_HEAD;
    this.#parsed += fits ? size : 0;
    if (this.#parsed > MAX_PARSED) return false;
    const key = this.#memory.toString('latin1', base + definition + 4, base + definition + 24);
    const alike = this.#alike.get(key) ?? 0;
    const known = fits && alike < MAX_ALIKE ? learnTemplate(view, definition, size) : null;
    const address = known === null ? NONE : this.#remember(base, known);
    if (known !== null) this.#alike.set(key, alike + 1);
    const entry = (TABLE + definition * ENTRY) / 4;
    this.#words[entry] = this.#mark;
    this.#words[entry + 1] = address;
    return true;
  }

  /** Writes a known template where the kernel finds it; its address. */
  #remember(base: number, known: KnownTemplate): number {
    const { view, holes } = known;
    const look = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    const names = holes.map(({ is }) =>
      typeof is === 'string' ? null : Buffer.from(is.buffer, is.byteOffset, is.byteLength),
    );
    const head = KNOWN_HEAD + HOLE * holes.length;
    const size = names.reduce((sum, name) => sum + (name?.length ?? 0), head + look.length);
    this.#makeRoom(base, size);
    const address = this.#knownAt;
    const guid = look.readUInt32LE(0);
    const bodySize = look.readUInt32LE(16);
    const bucket = this.#exports!.bucketOf(guid, bodySize) / 4;
    this.#words.set(
      [this.#words[bucket]!, guid, bodySize, NOT_ASKED, NOT_ASKED, address + head],
      address / 4,
    );
    this.#words[bucket] = address;
    this.#memory.set(look, address + head);
    let end = address + head + look.length;
    for (const [i, { at, is }] of holes.entries()) {
      const name = names[i];
      const last = i === holes.length - 1;
      const kind = last ? HOLE_END : name ? end : is === 'next' ? HOLE_NEXT : HOLE_INLINE;
      this.#words.set([at, kind, name?.length ?? 0], (address + KNOWN_HEAD + i * HOLE) / 4);
      if (!name) continue;
      this.#memory.set(name, end);
      end += name.length;
    }
    this.#known.set(address, known);
    this.#knownAt = (end + 15) & ~15;
    return address;
  }

  /** Writes the plan of a known template; where there is no room for it, all are forgotten instead. */
  #compile(base: number, address: number, role: 0 | 1): void {
    let code: PlanCode;
    const entry = (address + 12) / 4 + role;
    try {
      code = COMPILERS[this.#format][role](this.#known.get(address)!.template.nodes);
    } catch (error) {
      if (!(error instanceof NotForKernel)) throw error;
      this.#words[entry] = NOT_FOR_KERNEL;
      return;
    }
    if (this.#makeRoom(base, code.size)) return;
    const bytes = code.place(this.#knownAt);
    this.#memory.set(bytes, this.#knownAt);
    this.#words[entry] = this.#knownAt;
    this.#knownAt = (this.#knownAt + bytes.length + 15) & ~15;
  }

  /** Forgets all known templates where so many bytes have no room; an honest log has some dozens, which never come to this. */
  #makeRoom(base: number, size: number): boolean {
    if (this.#knownAt + size <= KNOWN + KNOWN_SIZE) return false;
    this.#known.clear();
    this.#alike.clear();
    this.#knownAt = KNOWN;
    this.#exports!.forget();
    this.#exports!.begin(base, ++this.#mark, this.#exports!.work.value);
    return true;
  }
}

const HOLE_END = 0;
const HOLE_NEXT = 1;
const HOLE_INLINE = 2;

/** A record's own template, and that of its data. */
const COMPILERS: Readonly<Record<LineFormat, readonly [Compile, Compile]>> = {
  jsonl: [ownRecordPlan, ownNestedPlan],
  'evtx_dump-jsonl': [toolRecordPlan, toolNestedPlan],
};
type Compile = (nodes: readonly Node[]) => PlanCode;
