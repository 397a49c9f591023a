/**
 * Which parts of an OR block an event can match at all. Every part (a loose filter or a Rule) has gates: conditions of
 * which one must hold for the part to match. Gates are looked up by the event's values, so that of hundreds of parts a
 * few are left to be tried; a part without a gate is always tried. It changes nothing but the time: what is tried is
 * tried in full, in the block's order.
 */
import { foldAscii } from '../events/index.ts';
import type { Filter } from './blocks.ts';
import { listItems } from './condition.ts';
import { buildMatcher, type TextMatcher, type Wanted } from '../predicate/index.ts';

/** Parts by their index in the block, ascending. */
export interface FilterLookup {
  /** Writes the parts that can match into `into`, ascending; returns how many. `value` gives folded texts. */
  candidates(value: (field: string) => string | undefined, into: number[]): number;
}

type GateKind = 'whole' | 'image' | 'begin' | 'end' | 'inside';

interface Gate {
  readonly field: string;
  readonly kind: GateKind;
  readonly texts: readonly string[];
}

interface FieldIndex {
  readonly field: string;
  readonly whole: Map<string, number[]>;
  readonly image: Map<string, number[]>;
  /** Texts that begin, end or stand inside. */
  readonly wanted: Wanted[];
}

/** Builds the index of a block's parts; null where it would leave nothing out. */
export function buildLookup(parts: readonly (readonly Filter[])[]): FilterLookup | null {
  const always: number[] = [];
  const fields = new Map<string, FieldIndex>();
  for (const [part, filters] of parts.entries()) {
    const gates = gatesOf(filters);
    if (gates === null) always.push(part);
    else for (const gate of gates) addGate(fields, gate, part);
  }
  if (fields.size === 0) return null;
  const indexes = [...fields.values()].map((index) => ({ ...index, matcher: buildMatcher(index.wanted) }));
  // A part that was found for this event carries the event's number: so nothing has to be cleared.
  const seen = new Uint32Array(parts.length);
  let event = 0;
  return {
    candidates(value, into) {
      event = (event + 1) >>> 0;
      let count = 0;
      const add = (part: number): void => {
        if (seen[part] === event) return;
        seen[part] = event;
        into[count++] = part;
      };
      for (const part of always) add(part);
      for (const index of indexes) {
        const text = value(index.field);
        if (text !== undefined) find(index, text, index.matcher, add);
      }
      return sortFirst(into, count);
    },
  };
}

/** Gates of a part; null if it has none, because it can match whatever the values are. */
function gatesOf(filters: readonly Filter[]): Gate[] | null {
  const gates = filters.map(gateOf);
  const [first] = filters;
  // Loose, or a Rule whose filters are alternatives: each needs its gate.
  if (first!.rule === null || first!.ruleMode === 'or') {
    return gates.includes(null) ? null : (gates as Gate[]);
  }
  // All filters must match: the gate that lets the least through is enough.
  const best = (gates.filter((gate) => gate !== null) as Gate[]).sort(
    (a, b) => RANK[a.kind] - RANK[b.kind] || weight(b) - weight(a),
  )[0];
  return best ? [best] : null;
}

const RANK: Readonly<Record<GateKind, number>> = { whole: 0, image: 1, end: 2, begin: 3, inside: 4 };

/** Length of the shortest text: longer ones are found less often. */
function weight({ texts }: Gate): number {
  return Math.min(...texts.map((text) => text.length));
}

function gateOf({ field, condition, text: written }: Filter): Gate | null {
  const text = foldAscii(written);
  const gate = (kind: GateKind, texts: readonly string[]): Gate | null =>
    // Every value begins with, ends with and holds the empty text.
    kind !== 'whole' && kind !== 'image' && texts.includes('') ? null : { field, kind, texts };
  switch (condition) {
    case 'is':
      return gate('whole', [text]);
    case 'is any':
      return gate('whole', text.split(';'));
    case 'image':
      return text.includes('\\') ? gate('whole', [text]) : gate('image', [text]);
    case 'begin with':
      return gate('begin', [text]);
    case 'end with':
      return gate('end', [text]);
    case 'contains':
      return gate('inside', [text]);
    case 'contains any':
      return gate('inside', listItems(text));
    case 'contains all': {
      const longest = listItems(text).sort((a, b) => b.length - a.length)[0]!;
      return gate('inside', [longest]);
    }
    default:
      return null;
  }
}

function addGate(fields: Map<string, FieldIndex>, { field, kind, texts }: Gate, part: number): void {
  let index = fields.get(field);
  if (!index) {
    index = { field, whole: new Map(), image: new Map(), wanted: [] };
    fields.set(field, index);
  }
  for (const text of texts) {
    if (kind === 'whole' || kind === 'image') push(index[kind], text, part);
    else index.wanted.push({ text, place: kind, number: part });
  }
}

function push(map: Map<string, number[]>, text: string, part: number): void {
  const known = map.get(text);
  if (known) known.push(part);
  else map.set(text, [part]);
}

function find(
  index: FieldIndex,
  text: string,
  matcher: TextMatcher | null,
  add: (part: number) => void,
): void {
  if (index.whole.size > 0) for (const part of index.whole.get(text) ?? NONE) add(part);
  if (index.image.size > 0) {
    for (const part of index.image.get(text.slice(text.lastIndexOf('\\') + 1)) ?? NONE) add(part);
  }
  matcher?.(text, add);
}

const NONE: readonly number[] = [];

/** Sorts the first `count` numbers: there are a few, and mostly in order. */
function sortFirst(list: number[], count: number): number {
  for (let i = 1; i < count; i++) {
    const item = list[i]!;
    let j = i - 1;
    for (; j >= 0 && list[j]! > item; j--) list[j + 1] = list[j]!;
    list[j + 1] = item;
  }
  return count;
}
