/**
 * What an event must hold for a rule to match it: at least one of a few texts, each in a field of its own. An index finds
 * by it the few rules that can match an event at all.
 */
import { foldAscii } from '../events/index.ts';
import type { Condition, Detection, Item, Search, Test } from './rule.ts';

/** A folded text that the value of a field holds. */
export interface NeededText {
  readonly field: string;
  readonly text: string;
}

/** More alternatives than this say too little. */
const MAX_ALTERNATIVES = 200;

/** One of these is there in every event that matches; null where nothing is sure to be. Never empty. */
export function neededTexts({ searches, condition }: Detection): readonly NeededText[] | null {
  return ofCondition(condition, (name) => ofSearch(searches.get(name)!));
}

type Needed = readonly NeededText[] | null;

function ofCondition(condition: Condition, search: (name: string) => Needed): Needed {
  switch (condition.kind) {
    case 'search':
      return search(condition.name);
    case 'not':
      return null;
    case 'and':
      return best(condition.of.map((one) => ofCondition(one, search)));
    case 'or':
      return either(condition.of.map((one) => ofCondition(one, search)));
  }
}

function ofSearch(search: Search): Needed {
  if (search.kind === 'item') return ofItem(search.item);
  const parts = search.of.map(ofSearch);
  return search.kind === 'and' ? best(parts) : either(parts);
}

function ofItem({ field, negated, all, tests }: Item): Needed {
  if (field === null || negated) return null;
  const texts = tests.map((test) => ofTest(field, test));
  return all ? best(texts) : either(texts);
}

function ofTest(field: string, test: Test): Needed {
  if (test.kind === 'or') return either(test.of.map((one) => ofTest(field, one)));
  if (test.kind !== 'pattern') return null;
  const texts = test.pattern.filter((part) => typeof part === 'string');
  const longest = texts.reduce((long, text) => (text.length > long.length ? text : long), '');
  return longest === '' ? null : [{ field, text: foldAscii(longest) }];
}

/** Any one of them is enough: the one that fewest events will hold, by its shortest text, then by its number of texts. */
function best(parts: readonly Needed[]): Needed {
  return parts.reduce((known, part) => {
    if (!known || !part) return known ?? part;
    return worth(part) > worth(known) ? part : known;
  }, null);
}

function worth(needed: readonly NeededText[]): number {
  const shortest = needed.reduce((length, { text }) => Math.min(length, text.length), Infinity);
  return Math.min(shortest, 24) - Math.log2(needed.length);
}

/** All of them together, if each is sure. */
function either(parts: readonly Needed[]): Needed {
  const all: NeededText[] = [];
  for (const part of parts) {
    if (!part) return null;
    all.push(...part);
    if (all.length > MAX_ALTERNATIVES) return null;
  }
  return all.length > 0 ? all : null;
}
