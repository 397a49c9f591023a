/**
 * Verdicts on events that were met before. A log says the same again and again, with other times and ids: where all that
 * its rules may read of an event is byte for byte what they read of an earlier one, they say the same of it.
 */
import type { Event } from '../events/index.ts';
import { type DataPlan, hashOf, isSame, MAX_FIELDS, type PlacedFields, TEXT_TYPES } from '../evtx/index.ts';
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

  /** By field of a plan. */
  of(plan: DataPlan): Uint8Array {
    let reads = this.byPlan.get(plan);
    if (reads === undefined) {
      reads = Uint8Array.from(plan.fields, ({ name }) => (this.asked(name) ? ALL : this.others));
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
/** Before the bytes of a value: its field and type, and its size. */
const HEAD = 8;

interface Known {
  readonly reads: Reads;
  readonly plan: DataPlan;
  readonly host: string;
  /** What was read of it, in `kept`: where, and how many bytes. */
  readonly at: number;
  readonly size: number;
  readonly verdict: readonly number[];
}

export class KnownVerdicts {
  private readonly hashes = new Int32Array(PLACES);
  private readonly known: (Known | null)[] = Array<null>(PLACES).fill(null);
  private readonly kept = new DataView(new ArrayBuffer(MOST));
  private end = 0;
  /** Three numbers a field: see PlacedFields. The size is -1 for one that is not read. */
  private readonly values = new Int32Array(3 * MAX_FIELDS);
  /** Bytes of what is read of the event, with what stands before each value. */
  private size = 0;

  /** The verdict on an event, of the kind that `reads` is of: an earlier one, or what `decide` says. */
  of(
    event: Event,
    fields: PlacedFields,
    reads: Reads,
    decide: (event: Event) => readonly number[],
  ): readonly number[] {
    const { plan } = fields;
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
  private read(fields: PlacedFields, reads: Uint8Array): number {
    const { values } = this;
    const { view } = fields;
    fields.locate(values);
    let hash = reads.length;
    let all = 0;
    for (let i = 0, k = 0; i < reads.length; i++, k += 3) {
      const at = values[k + 1]!;
      const size = values[k + 2]!;
      if (reads[i] === NOTHING || (reads[i] === WORDS && !hasWords(view, values[k]!, at, size))) {
        values[k + 2] = -1;
        continue;
      }
      hash = hashOf(view, at, at + size, hash ^ values[k]!);
      all += HEAD + size;
    }
    this.size = all;
    return hash;
  }

  /** Whether what was found is what is known. */
  private isKnown({ plan, view }: PlacedFields, { at, size }: Known): boolean {
    if (size !== this.size) return false;
    const { values, kept } = this;
    let own = at;
    for (let i = 0, k = 0; i < plan.fields.length; i++, k += 3) {
      const length = values[k + 2]!;
      if (length < 0) continue;
      if (kept.getInt32(own, true) !== headOf(i, values[k]!) || kept.getInt32(own + 4, true) !== length)
        return false;
      own += HEAD;
      if (!isSame(view, values[k + 1]!, length, kept, own)) return false;
      own += length;
    }
    return true;
  }

  private keep(place: number, hash: number, { plan, view }: PlacedFields, found: Omit<Known, 'at'>): void {
    const { values, kept } = this;
    if (this.end + found.size > MOST) {
      this.known.fill(null);
      this.end = 0;
    }
    this.hashes[place] = hash;
    this.known[place] = { ...found, at: this.end };
    for (let i = 0, k = 0; i < plan.fields.length; i++, k += 3) {
      const length = values[k + 2]!;
      if (length < 0) continue;
      kept.setInt32(this.end, headOf(i, values[k]!), true);
      kept.setInt32(this.end + 4, length, true);
      this.end += HEAD;
      const at = values[k + 1]!;
      for (let p = at; p < at + length; p++) kept.setUint8(this.end++, view.getUint8(p));
    }
  }
}

function headOf(field: number, type: number): number {
  return (field << 8) ^ type;
}

/** Whether a value may hold a letter, and be no number, time or id. */
function hasWords(view: DataView, type: number, at: number, size: number): boolean {
  if (!TEXT_TYPES.includes(type)) return false;
  if (type !== TEXT_TYPES[0]) return true;
  // Up to the colon stand digits, and what is written between them.
  for (let p = at; p + 2 <= at + size; p += 2) if (view.getUint16(p, true) > 0x3a) return true;
  return false;
}
