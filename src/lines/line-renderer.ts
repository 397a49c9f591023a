/**
 * The kernel for lines (kernel/lines.ts), seen from outside: its plans, its output, and what it can't render.
 *
 *     input: chunks | name of the log | output
 */
import {
  CHUNK_SIZE,
  type ChunkExports,
  ChunkKernel,
  type Compile,
  type Global,
  MARGIN,
  type Node,
  PLAIN,
} from '../evtx/index.ts';
import { csvCell, type CsvColumns } from './event-csv.ts';
import { jsonText } from './event-json.ts';
import { styleOf } from './line-style.ts';
import { ownNestedPlan, ownRecordPlan } from './own-plan.ts';
import { NotForKernel, type PlanCode } from './plan-code.ts';
import { toolNestedPlan, toolRecordPlan } from './tool-plan.ts';

/** Our own `dump` line, as JSON, CSV or XML, or that of the Rust tool. */
export type LineFormat = 'jsonl' | 'csv' | 'xml' | 'evtx_dump-jsonl';

/** The numbers are the kernel's. */
const FORMATS: readonly LineFormat[] = ['evtx_dump-jsonl', 'jsonl', 'csv', 'xml'];

const INPUT_CHUNKS = 4;
const INPUT_SIZE = INPUT_CHUNKS * CHUNK_SIZE + MARGIN;
const SOURCE_SIZE = 32 * 1024;
const OUTPUT_SIZE = 2 * 1024 * 1024;

const FULL = 6;

interface Exports extends ChunkExports {
  readonly outAt: Global;
  prepare(values: number, workspace: number, format: number, columns: boolean): void;
  setSource(at: number, size: number): void;
  render(from: number, to: number, out: number, end: number): number;
}

/**
 * Collects lines: those of chunks that it renders itself, and those that it is given. What it renders is what the plain
 * renderers give; without WebAssembly SIMD it renders nothing.
 */
export class LineRenderer {
  /** Room for chunks, one after another: fill it, then render them one by one. */
  readonly input: Buffer;
  readonly #kernel: ChunkKernel<Exports> | null;
  /** A text as it stands in a line. */
  readonly #text: (text: string) => string;
  /** The kernel's, or room for lines that are given. */
  readonly #memory: Buffer;
  /** Where the name of the log stands, and where the output begins. */
  readonly #source: number;
  readonly #output: number;
  /** Where the next line goes. */
  #out: number;
  /** Lines that found no room, before those in the output region. */
  #spilled: Buffer[] = [];
  #named = false;

  /** `columns` of CSV. `kernel` false: all is for the plain renderers. */
  constructor(format: LineFormat, columns: CsvColumns, kernel = true) {
    const own = INPUT_SIZE + SOURCE_SIZE + OUTPUT_SIZE;
    const module = new URL('./lines.wasm', import.meta.url);
    this.#kernel = kernel ? ChunkKernel.load<Exports>(module, own, compilersOf(format, columns)) : null;
    this.#memory = this.#kernel?.memory ?? Buffer.alloc(own);
    const input = this.#kernel?.input ?? 0;
    this.input = this.#memory.subarray(input, input + INPUT_CHUNKS * CHUNK_SIZE);
    this.#source = input + INPUT_SIZE;
    this.#output = this.#source + SOURCE_SIZE;
    this.#out = this.#output;
    const isCsv = format === 'csv';
    this.#text = isCsv ? csvCell : jsonText;
    const hasColumns = isCsv && columns.fields !== null;
    if (this.#kernel !== null) {
      const { values, workspace, exports } = this.#kernel;
      exports.prepare(values, workspace, FORMATS.indexOf(format), hasColumns);
    }
  }

  /** Names the log of the chunks that follow. */
  setSource(source: string): void {
    const text = this.#text(source);
    this.#named = 3 * text.length <= SOURCE_SIZE;
    if (this.#named) this.#kernel?.exports.setSource(this.#source, this.#memory.write(text, this.#source));
  }

  /**
   * Walks the whole chunk of an index in the input: how many records it has; -1 where its header is not right or they do
   * not stand one after another as it counts them, and then the chunk is for the plain renderer.
   */
  walk(index: number): number {
    return this.#named && this.#kernel !== null ? this.#kernel.walk(this.#baseOf(index)) : -1;
  }

  /** Takes the offsets (in the chunk) of the records to render, in place of all that a walk found. */
  select(offsets: readonly number[]): void {
    this.#kernel!.select(offsets);
  }

  #baseOf(index: number): number {
    return this.#kernel!.input + index * CHUNK_SIZE;
  }

  /**
   * Renders `count` records of a chunk, whose offsets were walked or selected. `plain` gives the line of a record that
   * is not for the kernel, by its offset in the chunk; null where something is wrong with it. Returns false, and has
   * rendered nothing, after such a record, and where the records ask for more work than honest ones can: then the whole
   * chunk is for the plain renderer.
   */
  render(index: number, count: number, plain: (at: number) => string | null): boolean {
    const kernel = this.#kernel!;
    // What this chunk gives can be taken back: what stands before it is out of the way then.
    if (this.#out > this.#output + OUTPUT_SIZE / 2) this.#spill();
    const before = { out: this.#out, pieces: this.#spilled.length };
    const takeBack = (): false => {
      const first = this.#spilled[before.pieces];
      if (first === undefined) {
        this.#out = before.out;
      } else {
        this.#memory.set(first.subarray(0, before.out - this.#output), this.#output);
        this.#out = before.out;
        this.#spilled.length = before.pieces;
      }
      return false;
    };
    kernel.begin(this.#baseOf(index));
    for (let i = 0; i < count;) {
      i = kernel.exports.render(i, count, this.#out, this.#output + OUTPUT_SIZE);
      this.#out = kernel.exports.outAt.value;
      if (i === count) break;
      if (kernel.supply()) continue;
      const why = kernel.exports.stopped.value;
      if (why === FULL && this.#out > this.#output) {
        this.#spill();
        continue;
      }
      if (why !== FULL && why !== PLAIN) return takeBack();
      const line = plain(kernel.recordAt(i));
      if (line === null) return takeBack();
      this.append(line);
      i += 1;
    }
    return true;
  }

  /** Adds a line that was rendered elsewhere, after those rendered so far. */
  append(line: string): void {
    const most = 3 * line.length + 1;
    if (this.#out + most > this.#output + OUTPUT_SIZE) this.#spill();
    if (this.#out + most > this.#output + OUTPUT_SIZE) {
      this.#spilled.push(Buffer.from(`${line}\n`));
      return;
    }
    this.#out += this.#memory.write(line, this.#out);
    this.#memory[this.#out++] = 0x0a;
  }

  /** Bytes of lines that wait to be taken. */
  get waiting(): number {
    return this.#spilled.reduce((sum, { length }) => sum + length, this.#out - this.#output);
  }

  /** Takes the lines rendered so far. The last piece holds until the next chunk is rendered. */
  take(): Buffer[] {
    const pieces = this.#spilled;
    this.#spilled = [];
    if (this.#out > this.#output) pieces.push(this.#memory.subarray(this.#output, this.#out));
    this.#out = this.#output;
    return pieces;
  }

  #spill(): void {
    if (this.#out > this.#output)
      this.#spilled.push(Buffer.from(this.#memory.subarray(this.#output, this.#out)));
    this.#out = this.#output;
  }
}

/** Of a record's own template, and that of its data. */
function compilersOf(format: LineFormat, columns: CsvColumns): readonly [Compile, Compile] {
  if (format === 'evtx_dump-jsonl') return [compiler(toolRecordPlan), compiler(toolNestedPlan)];
  const style = styleOf(format, columns);
  return [compiler((nodes) => ownRecordPlan(nodes, style)), compiler((nodes) => ownNestedPlan(nodes, style))];
}

function compiler(plan: (nodes: readonly Node[]) => PlanCode): Compile {
  return ({ nodes }) => {
    try {
      return plan(nodes);
    } catch (error) {
      if (error instanceof NotForKernel) return null;
      throw error;
    }
  };
}
