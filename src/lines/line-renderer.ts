/**
 * The kernel (kernel/json-lines.ts), seen from outside: its memory, its plans, and what it can't render.
 *
 *     0 the module's own | 64 KiB workspace, scratch, offsets of records, name of the log | template table, 1 MiB
 *     | input: chunks | output | plans
 */
import { readFileSync } from 'node:fs';
import { CHUNK_SIZE, type Node, type Template, Templates } from '../evtx/index.ts';
import { jsonText } from './event-json.ts';
import { ownNestedPlan, ownRecordPlan } from './own-plan.ts';
import { NotForKernel, type PlanCode } from './plan-code.ts';
import { toolNestedPlan, toolRecordPlan } from './tool-plan.ts';

/** Our own `dump` line, or that of the Rust tool. */
export type LineFormat = 'jsonl' | 'evtx_dump-jsonl';

const PAGE = 65_536;
const WORKSPACE = PAGE;
const SCRATCH = WORKSPACE + 1024;
/** 65,024 bytes hold 2,322 records of 28 bytes. */
const RECORDS = SCRATCH + 2 * 2048 * 4;
const SOURCE = RECORDS + 4 * 2323;
const SOURCE_SIZE = 32 * 1024;
const TABLE = 2 * PAGE;
const ENTRY = 16;
const INPUT = TABLE + CHUNK_SIZE * ENTRY;
const INPUT_CHUNKS = 8;
/** Stores and loads of 16 bytes reach past the end of a region. */
const MARGIN = 256;
const OUTPUT = INPUT + INPUT_CHUNKS * CHUNK_SIZE + MARGIN;
const OUTPUT_SIZE = 2 * 1024 * 1024;
const PLANS = OUTPUT + OUTPUT_SIZE + MARGIN;
const PLANS_SIZE = 2 * 1024 * 1024;
const END = PLANS + PLANS_SIZE + MARGIN;

/** Ops, values and 16 bytes of output that the records of a chunk may come to: honest ones stay below a tenth. */
const ALLOWANCE = 256 * 1024;

const NO_RECORD_PLAN = 1;
const NO_NESTED_PLAN = 2;
const PLAIN = 3;
const FULL = 4;
/** In the table: not for the kernel, and not looked up yet. */
const NOT_FOR_KERNEL = 0;
const UNKNOWN = 1;

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
  readonly missedAt: Global;
  readonly outAt: Global;
  readonly work: Global;
  init(table: number, records: number, scratch: number, workspace: number, own: boolean): void;
  setSource(at: number, size: number): void;
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
  #planAt: number = PLANS;
  readonly #templates = new Templates();
  /** Where the plan of a template stands: as a record's own, and as one of nested data. */
  #plans: readonly WeakMap<Template, number>[] = [new WeakMap(), new WeakMap()];

  /** `kernel` false: all is for the plain renderers. */
  constructor(format: LineFormat, kernel = true) {
    this.#format = format;
    const module = kernel ? kernelModule() : null;
    if (module === null) {
      this.#exports = null;
      this.#memory = Buffer.alloc(PLANS);
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
   * Walks the chunk of an index in the input, whose header is right: how many records it has; -1 where they do not stand
   * one after another as the header counts them, and then the chunk is for the plain renderer.
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
    let entered = false;
    const kernel = this.#exports!;
    kernel.begin(base, ++this.#mark, ALLOWANCE);
    for (let i = 0; i < count;) {
      i = kernel.render(i, count, this.#out, OUTPUT + OUTPUT_SIZE);
      this.#out = kernel.outAt.value;
      if (i === count) break;
      const at = this.#words[RECORDS / 4 + i]!;
      switch (kernel.stopped.value) {
        case NO_RECORD_PLAN:
        case NO_NESTED_PLAN:
          if (!entered) this.#templates.enter(new DataView(this.#memory.buffer, base, CHUNK_SIZE));
          entered = true;
          this.#enter(base, kernel.missedAt.value, kernel.stopped.value === NO_NESTED_PLAN);
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

  /** Enters the plan of the template that is defined at an offset of the chunk into the table. */
  #enter(base: number, definition: number, nested: boolean): void {
    const plan = this.#plan(base, definition, nested ? 1 : 0);
    const entry = (TABLE + definition * ENTRY) / 4;
    if (this.#words[entry] !== this.#mark) {
      this.#words[entry] = this.#mark;
      this.#words[entry + 1] = UNKNOWN;
      this.#words[entry + 2] = UNKNOWN;
    }
    this.#words[entry + (nested ? 2 : 1)] = plan;
  }

  #plan(base: number, definition: number, role: 0 | 1): number {
    const template = this.#templates.at(definition);
    if (template === null) return NOT_FOR_KERNEL;
    let plan = this.#plans[role]!.get(template);
    if (plan === undefined) {
      plan = this.#compile(base, template, role);
      this.#plans[role]!.set(template, plan);
    }
    return plan;
  }

  #compile(base: number, { nodes }: Template, role: 0 | 1): number {
    let code: PlanCode;
    try {
      code = COMPILERS[this.#format][role](nodes);
    } catch (error) {
      if (error instanceof NotForKernel) return NOT_FOR_KERNEL;
      throw error;
    }
    if (this.#planAt + code.size > PLANS + PLANS_SIZE) this.#forgetPlans(base);
    const at = this.#planAt;
    const bytes = code.place(at);
    this.#memory.set(bytes, at);
    this.#planAt = (at + bytes.length + 15) & ~15;
    return at;
  }

  /** Makes room for plans: an honest log has some dozens, which never come to this. */
  #forgetPlans(base: number): void {
    this.#plans = [new WeakMap(), new WeakMap()];
    this.#planAt = PLANS;
    this.#exports!.begin(base, ++this.#mark, this.#exports!.work.value);
  }
}

/** A record's own template, and that of its data. */
const COMPILERS: Readonly<Record<LineFormat, readonly [Compile, Compile]>> = {
  jsonl: [ownRecordPlan, ownNestedPlan],
  'evtx_dump-jsonl': [toolRecordPlan, toolNestedPlan],
};
type Compile = (nodes: readonly Node[]) => PlanCode;
