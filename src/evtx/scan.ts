/**
 * The scan: what the records of a chunk come to, and of those that are wanted the record itself. Plans of templates tell
 * where to look, so that most records cost a few reads; a record that no plan can tell is decoded the plain way
 * (chunk.ts), with the same result.
 *
 * A chunk that is as it should be is scanned by the kernel (scan-kernel.ts), which reads by the same plans. What it can't
 * tell, and everything where it can't run, is read here.
 */
import { CHUNK_SIZE } from './chunk-header.ts';
import type { EvtxDiagnostic } from './diagnostic.ts';
import type { FileHeader } from './file-header.ts';
import { UNDECIDED } from './filter.ts';
import { type Origin, Origins, type Wanted } from './origins.ts';
import type { DataPlan, Given, SystemPlan } from './plan.ts';
import { type Chunk, PlannedRecord } from './planned-record.ts';
import type { EvtxRecord } from './record.ts';
import { recordIdAt } from './record-header.ts';
import { INPUT_CHUNKS, INPUT_SIZE, MOST_RECORDS, ScanKernel } from './scan-kernel.ts';
import { type ScannedChunk, ScannedChunks } from './scanned-chunk.ts';
import { type Template, Templates } from './template.ts';
import { Texts } from './texts.ts';
import { Totals } from './totals.ts';
import { delayOf, FILETIME_ZERO_MS, filetimeToMs, VALUE_ARRAY, VALUE_BINXML } from './value.ts';
import { checkData, type Visit, walkChunk } from './walk.ts';
import { WantedRecords } from './wanted-records.ts';

/** What a block of chunks holds. Valid until the next scan, and as long as the block's bytes are not changed. */
export class Scan {
  readonly totals: Totals;
  readonly wanted: WantedRecords;

  constructor(totals: Totals, wanted: WantedRecords) {
    this.totals = totals;
    this.wanted = wanted;
  }

  /** All that are wanted. */
  get events(): readonly (PlannedRecord | EvtxRecord)[] {
    return this.wanted.all();
  }
}

export interface ScanOptions {
  /** Check the data's CRC of every chunk, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage, too. */
  readonly recover: boolean;
  readonly file: FileHeader;
  /** Of the block in its file, bytes. */
  readonly offset: number;
  /** Told of what is wrong, in the order of the file; of what is wrong with a record's data when its fields are asked for. */
  readonly report: (diagnostic: EvtxDiagnostic) => void;
}

/** Values of an instance at most: a descriptor takes four bytes. */
const MAX_VALUES = CHUNK_SIZE / 4;
/** Tokens that begin a record's body: a fragment, and in it a template instance. */
const FRAGMENT = 0x0f;
const INSTANCE = 0x0c;

/** A reader takes a while to make ready: one is to read many logs. */
export class Scanner {
  /** Undefined until it is needed; null where it can't run, or is not to. */
  #kernel: ScanKernel | null | undefined;
  readonly #texts = new Texts();
  readonly #select: (origin: Origin) => Wanted;
  /** Of records that the kernel does not read. */
  #templates: Templates | null = null;
  readonly #origins = new Origins();
  /** By origin. */
  #wanted: Wanted[] = [];
  #input: Buffer | null = null;
  #totals: Totals;
  readonly #records: WantedRecords;
  /** The instance that was entered last: its template, its descriptors, and where each value begins and the last ends. */
  #template: Template | null = null;
  #descriptors = 0;
  #count = 0;
  readonly #at = new Int32Array(MAX_VALUES + 1);

  /** `select` is asked once for each origin that is met. `kernel` false: nothing is scanned by the kernel. */
  constructor(select: (origin: Origin) => Wanted, kernel = true) {
    this.#select = select;
    this.#totals = new Totals(0, this.#origins.all);
    this.#records = new WantedRecords(this.#origins.all);
    if (!kernel) this.#kernel = null;
  }

  /** Room for chunks that follow each other, whole or the last one cut: from here they are scanned without being copied. */
  get input(): Buffer {
    this.#input ??= this.#ready()?.input ?? Buffer.allocUnsafeSlow(INPUT_SIZE);
    return this.#input;
  }

  #ready(): ScanKernel | null {
    if (this.#kernel === undefined) this.#kernel = ScanKernel.load();
    return this.#kernel;
  }

  /** Scans chunks that follow each other; the last may be cut. */
  scan(bytes: Buffer, options: ScanOptions): Scan {
    const kernel = this.#ready();
    if (this.#origins.forget()) {
      this.#wanted = [];
      kernel?.forget();
    }
    const most = Math.ceil(bytes.length / CHUNK_SIZE) * MOST_RECORDS;
    if (this.#totals.most < most) this.#totals = new Totals(most, this.#origins.all);
    this.#totals.clear();
    const chunks = new ScannedChunks(bytes, options.offset, this.#texts, options.report);
    this.#records.begin(chunks);
    const whole = kernel === null ? 0 : Math.floor(bytes.length / CHUNK_SIZE);
    for (let i = 0; i < whole; i += INPUT_CHUNKS)
      this.#block(kernel!, chunks, i, Math.min(i + INPUT_CHUNKS, whole), options);
    for (let i = whole; i < chunks.count; i++) this.#chunk(chunks.at(i), options);
    return new Scan(this.#totals, this.#records);
  }

  /** Scans whole chunks by the kernel, from one to before another; what that can't tell, the plain way. */
  #block(kernel: ScanKernel, chunks: ScannedChunks, from: number, to: number, options: ScanOptions): void {
    const { verify } = options;
    /** The next chunk whose data's checksum is not looked at yet, and how many anomalies it has. */
    let [next, anomalies] = [from, 0];
    const checkTo = (end: number): void => {
      for (; next < end; next++) {
        if (!verify && anomalies === 0) continue;
        const { bytes, offset, report } = chunks.at(next);
        checkData(bytes, offset, report);
        anomalies = 0;
      }
    };
    let visited = null as { readonly chunk: ScannedChunk; readonly visit: Visit } | null;
    kernel.begin(chunks.bytesOf(from, to));
    for (;;) {
      const isDone = kernel.scan();
      kernel.total(this.#totals);
      this.#records.addFound(kernel, from);
      if (isDone) break;
      const stopped = kernel.resolve();
      if (stopped === 'supplied' || (stopped === 'new-origin' && this.#tellOrigin(kernel))) continue;
      const index = from + kernel.chunkIndex;
      const chunk = chunks.at(index);
      checkTo(index);
      if (stopped === 'irregular') {
        this.#chunk(chunk, options);
        next += 1;
        continue;
      }
      if (visited?.chunk !== chunk) visited = { chunk, visit: this.#visitor(chunk) };
      const first = kernel.recordIndex;
      const end = stopped === 'too-much' ? kernel.recordCount : first + 1;
      for (let i = first; i < end; i++) {
        const at = kernel.recordAt(i);
        const wrong = visited.visit(at, chunk.view.getUint32(at + 4, true));
        if (wrong === null) continue;
        anomalies += 1;
        chunk.report(wrong);
      }
      kernel.passTo(end);
    }
    checkTo(to);
  }

  /** Scans a chunk without the kernel. */
  #chunk(chunk: ScannedChunk, { verify, recover, file, report }: ScanOptions): void {
    const { bytes, offset } = chunk;
    walkChunk(bytes, { verify, recover, file, offset }, this.#visitor(chunk), report);
  }

  /** Reads records of a chunk by plan, or else the plain way. */
  #visitor(chunk: ScannedChunk): Visit {
    this.#templates ??= new Templates();
    this.#templates.enter(chunk.view);
    return (at, size) => (this.#planned(chunk, at, size) ? null : this.#plain(chunk.decode(at, size)));
  }

  /** Tells the kernel whose the record is that it stopped at; false for what it can't be told. */
  #tellOrigin(kernel: ScanKernel): boolean {
    const { provider, channel, host } = kernel.origin();
    // Another attribute stands in for an empty name.
    if (provider === '') return false;
    const number = this.#origins.number(provider, channel, host);
    kernel.setOrigin(number, this.#wantedOf(number));
    return true;
  }

  /** Reads a record by its template's plan; false, and nothing is added, where that is not possible. */
  #planned(chunk: Chunk, start: number, size: number): boolean {
    const { view } = chunk;
    if (!this.#enter(view, start + 24, start + size - 4)) return false;
    const plan = this.#template!.system;
    if (plan === null || plan.last >= this.#count) return false;
    if (plan.dependency >= 0 && this.#type(view, plan.dependency) === 0) return false;
    const eventId = this.#integer(plan.eventId, view);
    const id = this.#recordId(plan.record, view);
    const time = filetimeToMs(view.getUint32(start + 16, true), view.getUint32(start + 20, true));
    // The first record of a filtered export has no time in its header.
    if (eventId < 0 || id < 0 || time <= FILETIME_ZERO_MS) return false;
    const origin = this.#origins.ofRecord(plan, view, chunk.bytes, this.#descriptors, this.#at);
    if (origin < 0) return false;
    const record = id > 0 ? id : (recordIdAt(chunk.bytes, start) ?? -1);
    const delay = this.#delay(plan.created, view, time);
    if (this.#isWanted(origin, eventId, record, time)) {
      const version = this.#integer(plan.version, view);
      if (version < 0) return false;
      const data = this.#dataOf(plan, view);
      this.#records.add(
        new PlannedRecord({
          chunk,
          start,
          size,
          origin: this.#origins.all[origin]!,
          record: record < 0 ? null : record,
          time,
          eventId,
          version: version & 0xff,
          delay,
          plan: data,
          descriptors: this.#descriptors,
          values: this.#at[0]!,
          part: UNDECIDED,
        }),
      );
    }
    this.#totals.add(origin, eventId, record, time, delay);
    return true;
  }

  /** Adds a record that was decoded the plain way; returns what is wrong where it could not be. */
  #plain(record: EvtxRecord | EvtxDiagnostic): EvtxDiagnostic | null {
    if (record.kind === 'diagnostic') return record;
    const origin = this.#origins.number(record.provider, record.channel, record.host);
    const id = record.record ?? -1;
    if (this.#isWanted(origin, record.eventId, id, record.time)) this.#records.add(record);
    this.#totals.add(origin, record.eventId, id, record.time, record.delay);
    return null;
  }

  #isWanted(origin: number, eventId: number, record: number, time: number): boolean {
    const wanted = this.#wantedOf(origin);
    if (wanted.eventIds[eventId] !== 0) return true;
    return wanted.oneIn > 0 && (record < 0 ? Math.floor(time / 1000) : record) % wanted.oneIn === 0;
  }

  #wantedOf(origin: number): Wanted {
    return (this.#wanted[origin] ??= this.#select(this.#origins.all[origin]!));
  }

  /**
   * Enters the template instance that lies, alone in its fragment, between two places of the chunk. False where there is
   * no such thing, or where its template is none that is kept.
   */
  #enter(view: DataView, start: number, end: number): boolean {
    const p = start + 4 < end && view.getUint8(start) === FRAGMENT ? start + 4 : start;
    if (p + 14 > end || view.getUint8(p) !== INSTANCE) return false;
    const definition = view.getUint32(p + 6, true);
    if (definition >= view.byteLength) return false;
    const template = this.#templates!.at(definition);
    if (template === null) return false;
    // The definition follows at its first use.
    const q = p + 10 + (definition === p + 10 ? 24 + view.getUint32(definition + 20, true) : 0);
    if (q + 4 > end) return false;
    const count = view.getUint32(q, true);
    const descriptors = q + 4;
    if (count > (end - descriptors) / 4) return false;
    const at = this.#at;
    let value = descriptors + 4 * count;
    for (let i = 0; i < count; i++) {
      at[i] = value;
      value += view.getUint16(descriptors + 4 * i, true);
    }
    at[count] = value;
    // Behind its values the fragment ends: with a token that says so, or with the bytes that it was given.
    if (value > end || (value < end && view.getUint8(value) !== 0)) return false;
    this.#template = template;
    this.#descriptors = descriptors;
    this.#count = count;
    return true;
  }

  #type(view: DataView, index: number): number {
    return view.getUint8(this.#descriptors + 4 * index + 2);
  }

  #size(index: number): number {
    return this.#at[index + 1]! - this.#at[index]!;
  }

  /** A small whole number; -1 where the value is not of such a type. */
  #integer(given: Given, view: DataView): number {
    if (typeof given === 'string') return Number(given) & 0xffff;
    const at = this.#at[given]!;
    const [type, size] = [this.#type(view, given), this.#size(given)];
    if (type === 0x06 && size === 2) return view.getUint16(at, true);
    return type === 0x04 && size === 1 ? view.getUint8(at) : -1;
  }

  /** EventRecordID; 0 where there is none, or one past 2^53, and -1 where the value is of another type. */
  #recordId(given: Given, view: DataView): number {
    if (given === '') return 0;
    if (typeof given === 'string' || this.#type(view, given) !== 0x0a || this.#size(given) !== 8) return -1;
    const at = this.#at[given]!;
    const id = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    return Number.isSafeInteger(id) ? id : 0;
  }

  #delay(given: Given, view: DataView, time: number): number {
    if (typeof given === 'string' || this.#type(view, given) !== 0x11 || this.#size(given) !== 8) return 0;
    const at = this.#at[given]!;
    return delayOf(time, filetimeToMs(view.getUint32(at, true), view.getUint32(at + 4, true)));
  }

  /** Enters the data of the record that is entered, and returns their plan; null where only the plain way can tell. */
  #dataOf(plan: SystemPlan, view: DataView): DataPlan | null {
    let data: DataPlan | null;
    if (typeof plan.data === 'number') {
      const index = plan.data;
      if (index >= this.#count || this.#type(view, index) !== VALUE_BINXML) return null;
      if (!this.#enter(view, this.#at[index]!, this.#at[index + 1]!)) return null;
      data = this.#template!.data;
    } else data = plan.data;
    if (data === null || data.last >= this.#count) return null;
    for (let i = 0; i <= data.last; i++) {
      const type = this.#type(view, i);
      // An array is several fields, and BinXML may hold elements of its own.
      if ((type & VALUE_ARRAY) !== 0 || type === VALUE_BINXML) return null;
    }
    return data;
  }
}
