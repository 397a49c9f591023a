/**
 * Verdicts on events that were met before. A log says the same again and again, with other times and ids: where all that
 * its rules may read of an event is byte for byte what they read of an earlier one, they say the same of it.
 */
import type { Event } from '../events/index.ts';
import { type DataPlan, hashOf, isSame, type PlacedFields, TEXT_TYPES } from '../evtx/index.ts';
import { mayBeRead } from './event-fields.ts';
import type { Detection, Item, Search, Test } from './rule.ts';

/** Letters that stand in no number, hexadecimal or not, in no time, id, `true`, `false`, `NaN` or `Infinity`. */
export const IN_TEXTS_ALONE: RegExp = /[ghjkmopqvw]/i;

/** What is read of a field: nothing, its text if that may hold a letter, or whatever it holds. */
const NOTHING = 0;
const WORDS = 1;
const ALL = 2;

/** What rules may read of events of one kind. */
export class Reads {
  private readonly asked: (name: string) => boolean;
  /** Of fields that no rule names: keywords are looked for in every value. */
  private readonly others: number;
  private readonly byPlan = new WeakMap<DataPlan, Uint8Array>();

  /** `own`: rules read the event's own fields, by their names; else any of them may stand for any. */
  constructor(detections: readonly Detection[], own: boolean) {
    const items = detections.flatMap(({ searches }) => [...searches.values()].flatMap(itemsOf));
    const named = items.flatMap(({ field, tests }) => [
      ...(field === null ? [] : [field]),
      ...tests.flatMap(fieldsOf),
    ]);
    const keywords = items.filter(({ field }) => field === null).flatMap(({ tests }) => tests);
    this.asked = own ? mayBeRead(named) : () => true;
    this.others = keywords.length === 0 ? NOTHING : keywords.every(asksForWords) ? WORDS : ALL;
  }

  /** By value, as many as the plan reads. */
  of(plan: DataPlan): Uint8Array {
    let reads = this.byPlan.get(plan);
    if (reads === undefined) {
      reads = new Uint8Array(plan.last + 1);
      for (const { name, value } of plan.fields)
        if (typeof value === 'number') reads[value] = this.asked(name) ? ALL : this.others;
      this.byPlan.set(plan, reads);
    }
    return reads;
  }
}

function itemsOf(search: Search): readonly Item[] {
  return search.kind === 'item' ? [search.item] : search.of.flatMap(itemsOf);
}

/** Fields that a test compares with. */
function fieldsOf(test: Test): readonly string[] {
  return test.kind === 'field' ? [test.field] : test.kind === 'or' ? test.of.flatMap(fieldsOf) : [];
}

/** Whether a test is met by no number, time or id. */
function asksForWords(test: Test): boolean {
  if (test.kind === 'or') return test.of.every(asksForWords);
  return (
    test.kind === 'pattern' &&
    test.pattern.some((part) => typeof part === 'string' && IN_TEXTS_ALONE.test(part))
  );
}

/** A power of two. Of two events with the same place the later one stays: a log can't fill the memory. */
const PLACES = 16_384;
/** Bytes of what is read of an event; of one with more nothing is kept. */
const LONGEST = 8192;
/** Bytes of all that is kept: then all is forgotten. */
const MOST = 16 * 1024 * 1024;
/** Bytes of a descriptor, and of what tells of a run of values: where it begins behind the first value, and its size. */
const DESCRIPTOR = 4;
const RUN = 8;

interface Known {
  readonly reads: Reads;
  readonly plan: DataPlan;
  readonly host: string;
  /** What was read of it, in `kept`: where, and how many bytes. Descriptors of all values, runs of those that are read, and these. */
  readonly at: number;
  readonly size: number;
  readonly verdict: readonly number[];
}

export class KnownVerdicts {
  private readonly hashes = new Int32Array(PLACES);
  private readonly known: (Known | null)[] = Array<null>(PLACES).fill(null);
  private readonly kept = new DataView(new ArrayBuffer(MOST));
  private end = 0;
  /** Values that are read of the event, those that stand side by side in one run: where each begins, and its size. */
  private readonly runs = new Int32Array((2 * LONGEST) / DESCRIPTOR);
  private runsEnd = 0;
  /** Bytes of all that is read of it. */
  private size = 0;

  /** The verdict on an event, of the kind that `reads` is of: an earlier one, or what `decide` says. */
  of(
    event: Event,
    fields: PlacedFields,
    reads: Reads,
    decide: (event: Event) => readonly number[],
  ): readonly number[] {
    const { plan } = fields;
    if (DESCRIPTOR * (plan.last + 1) > LONGEST) return decide(event);
    const hash = this.read(fields, reads.of(plan));
    if (this.size > LONGEST) return decide(event);
    const place = hash & (PLACES - 1);
    const known = this.known[place];
    if (
      known &&
      this.hashes[place] === hash &&
      known.reads === reads &&
      known.plan === plan &&
      known.host === event.host &&
      this.isKnown(fields, known)
    )
      return known.verdict;
    const verdict = decide(event);
    this.keep(place, hash, fields, { reads, plan, host: event.host, size: this.size, verdict });
    return verdict;
  }

  /** Finds what is read of an event; its hash. */
  private read({ view, descriptorsAt, valuesAt }: PlacedFields, reads: Uint8Array): number {
    const { runs } = this;
    const all = DESCRIPTOR * reads.length;
    let hash = hashOf(view, descriptorsAt, descriptorsAt + all, reads.length);
    let size = all;
    let end = 0;
    let at = valuesAt;
    let start = -1;
    for (let i = 0, p = descriptorsAt; i <= reads.length; i++, p += DESCRIPTOR) {
      const mode = i < reads.length ? reads[i]! : NOTHING;
      const length = i < reads.length ? view.getUint16(p, true) : 0;
      if (mode === ALL || (mode === WORDS && hasWords(view, view.getUint8(p + 2), at, length))) {
        if (start < 0) start = at;
      } else if (start >= 0) {
        hash = hashOf(view, start, at, hash);
        runs[end++] = start - valuesAt;
        runs[end++] = at - start;
        size += RUN + at - start;
        start = -1;
      }
      at += length;
    }
    this.runsEnd = end;
    this.size = size;
    return hash;
  }

  /** Whether what was found is what is known. */
  private isKnown({ plan, view, descriptorsAt, valuesAt }: PlacedFields, { at, size }: Known): boolean {
    const { runs, runsEnd, kept } = this;
    const all = DESCRIPTOR * (plan.last + 1);
    if (size !== this.size || !isSame(view, descriptorsAt, all, kept, at)) return false;
    let own = at + all;
    for (let i = 0; i < runsEnd; i += 2, own += RUN) {
      if (kept.getInt32(own, true) !== runs[i] || kept.getInt32(own + 4, true) !== runs[i + 1]) return false;
    }
    for (let i = 0; i < runsEnd; i += 2) {
      const length = runs[i + 1]!;
      if (!isSame(view, valuesAt + runs[i]!, length, kept, own)) return false;
      own += length;
    }
    return true;
  }

  private keep(place: number, hash: number, fields: PlacedFields, found: Omit<Known, 'at'>): void {
    const { runs, runsEnd, kept } = this;
    const { plan, view, descriptorsAt, valuesAt } = fields;
    if (this.end + found.size > MOST) {
      this.known.fill(null);
      this.end = 0;
    }
    this.hashes[place] = hash;
    this.known[place] = { ...found, at: this.end };
    const from = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const into = new Uint8Array(kept.buffer);
    const add = (at: number, size: number): void => {
      into.set(from.subarray(at, at + size), this.end);
      this.end += size;
    };
    add(descriptorsAt, DESCRIPTOR * (plan.last + 1));
    for (let i = 0; i < runsEnd; i++, this.end += 4) kept.setInt32(this.end, runs[i]!, true);
    for (let i = 0; i < runsEnd; i += 2) add(valuesAt + runs[i]!, runs[i + 1]!);
  }
}

/** Whether a value may hold a letter, and be no number, time or id. */
function hasWords(view: DataView, type: number, at: number, size: number): boolean {
  if (!TEXT_TYPES.includes(type)) return false;
  if (type !== TEXT_TYPES[0]) return true;
  // Up to the colon stand digits, and what is written between them.
  for (let p = at; p + 2 <= at + size; p += 2) if (view.getUint16(p, true) > 0x3a) return true;
  return false;
}
