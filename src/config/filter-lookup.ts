/**
 * Which of many parts an event can match at all. Every part (filters that must all match) has a gate: a condition that
 * must hold for the part to match. Gates are looked up by the event's values, so that of hundreds of parts a few are left
 * to be tried; a part without a gate is always tried.
 */
import { foldAscii } from '../events/index.ts';
import type { TextTable } from '../evtx/index.ts';
import { endsTables, insideTables, matcherOf, type Sought } from '../predicate/index.ts';
import type { Filter } from './blocks.ts';
import { listItems } from './condition.ts';

/** The gates of one field. Numbers are those of the parts. */
export interface FieldGates {
  readonly field: string;
  /** Tell by the ends of a value. */
  readonly ends: readonly TextTable[];
  /** The lowest number that `ends` tells. */
  readonly endsFrom: number;
  /** Tell by all of a value. */
  readonly inside: readonly TextTable[];
  readonly insideFrom: number;
}

export interface Gates {
  readonly fields: readonly FieldGates[];
  /** Parts without a gate, ascending. */
  readonly ungated: readonly number[];
  /** By part: which of its filters matches where its gate is found; -1 if none is known to. */
  readonly known: Int32Array;
}

type Asked = Pick<Filter, 'field' | 'condition' | 'text'>;

interface Gate {
  readonly field: string;
  readonly place: Sought['place'];
  readonly texts: readonly string[];
  /** The condition holds where the gate does. */
  readonly exact: boolean;
  /** Index of its filter in the part. */
  readonly filter: number;
}

/** Builds the gates of parts; a part that is null has none. */
export function buildGates(parts: readonly (readonly Asked[] | null)[]): Gates {
  const ungated: number[] = [];
  const known = new Int32Array(parts.length).fill(-1);
  const fields = new Map<string, Sought[]>();
  for (const [number, filters] of parts.entries()) {
    const gate = filters && gateOf(filters);
    if (!gate) {
      ungated.push(number);
      continue;
    }
    if (gate.exact) known[number] = gate.filter;
    let sought = fields.get(gate.field);
    if (!sought) fields.set(gate.field, (sought = []));
    for (const text of gate.texts) sought.push({ text, place: gate.place, number });
  }
  return {
    fields: [...fields].map(([field, sought]) => ({
      field,
      ends: endsTables(sought),
      endsFrom: lowest(sought.filter(({ place }) => place !== 'inside')),
      inside: insideTables(sought),
      insideFrom: lowest(sought.filter(({ place }) => place === 'inside')),
    })),
    ungated,
    known,
  };
}

function lowest(sought: readonly Sought[]): number {
  return sought.reduce((least, { number }) => Math.min(least, number), Infinity);
}

/** The gate that lets the least through; null if there is none, because the part can match whatever the values are. */
function gateOf(filters: readonly Asked[]): Gate | null {
  let best: Gate | null = null;
  for (const [index, filter] of filters.entries()) {
    const gate = gateOfFilter(filter, index);
    if (gate && (best === null || isTighter(gate, best))) best = gate;
  }
  return best;
}

const RANK: Readonly<Record<Sought['place'], number>> = { whole: 0, leaf: 1, end: 2, begin: 3, inside: 4 };

function isTighter(a: Gate, b: Gate): boolean {
  return RANK[a.place] < RANK[b.place] || (a.place === b.place && weight(a) > weight(b));
}

/** Length of the shortest text: longer ones are found less often. */
function weight({ texts }: Gate): number {
  return texts.reduce((least, { length }) => Math.min(least, length), Infinity);
}

function gateOfFilter({ field, condition, text: written }: Asked, filter: number): Gate | null {
  const text = foldAscii(written);
  const gate = (place: Sought['place'], texts: readonly string[], exact = true): Gate | null =>
    // Every value begins with, ends with and holds the empty text.
    place !== 'whole' && place !== 'leaf' && texts.includes('')
      ? null
      : { field, place, texts, exact, filter };
  switch (condition) {
    case 'is':
      return gate('whole', [text]);
    case 'is any':
      return gate('whole', text.split(';'));
    case 'image':
      return gate(text.includes('\\') ? 'whole' : 'leaf', [text]);
    case 'begin with':
      return gate('begin', [text]);
    case 'end with':
      return gate('end', [text]);
    case 'contains':
      return gate('inside', [text]);
    case 'contains any':
      return gate('inside', listItems(text));
    case 'contains all': {
      const items = listItems(text);
      const longest = items.reduce((best, item) => (item.length > best.length ? item : best));
      return gate('inside', [longest], items.length === 1);
    }
    default:
      return null;
  }
}

/**
 * The parts that an event can match, ascending. Of a part's filters one must match: without any it always can. `value`
 * gives the event's values, `-` for those that are missing or empty.
 */
export function buildLookup(
  parts: readonly (readonly Asked[])[],
): (value: (field: string) => string) => number[] {
  const owners: number[] = [];
  const alternatives = parts.flatMap((filters, part) => {
    const own = filters.length === 0 ? [null] : filters.map((filter) => [filter]);
    for (let i = 0; i < own.length; i++) owners.push(part);
    return own;
  });
  const { fields, ungated } = buildGates(alternatives);
  const always = ungated.map((alternative) => owners[alternative]!);
  const matchers = fields.map(({ field, ends, inside }) => ({
    field,
    ends: matcherOf(ends),
    inside: matcherOf(inside),
  }));
  return (value) => {
    const found = new Set(always);
    const add = (alternative: number): void => void found.add(owners[alternative]!);
    for (const { field, ends, inside } of matchers) {
      const text = value(field);
      const units = { bytes: Buffer.from(text, 'utf16le'), at: 0, length: text.length };
      ends?.(units, add);
      inside?.(units, add);
    }
    return [...found].sort((a, b) => a - b);
  };
}
