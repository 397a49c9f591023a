/**
 * What an event must hold for a rule to match it: at least one of a few texts, each in a field of its own. An index finds
 * by it the few rules that can match an event at all.
 */
import { simplePattern } from '../decide/index.ts';
import { foldAscii } from '../events/index.ts';
import { regexNeed } from './regex-need.ts';
import type { Condition, Detection, Item, Search, Test } from './rule.ts';
import { GramCounts, lastPart, type SoughtText } from './text-finder.ts';
import { compileValueTest, type FoldableValue, NO_EVENT, PlainValue } from './value-test.ts';

/** A folded text that the value of a field holds; of any field where it is null. */
export interface NeededText extends SoughtText {
  readonly field: string | null;
}

/** More alternatives than this say too little. */
const MAX_ALTERNATIVES = 2000;
/** A text of fewer characters than a gram has stands in many values. */
const COMMON = 0.2;
/** Texts that a rule has, about. */
const TEXTS_EACH = 16;

/** Tells how many events will hold a text by how many texts of the rules are like it: both tell of the same programs. */
export class TextCosts {
  private readonly grams: GramCounts;
  private readonly parts = new Map<string, number>();
  private readonly texts = new Map<Test, SoughtText | null>();

  constructor(detections: readonly Detection[]) {
    this.grams = new GramCounts(detections.length * TEXTS_EACH);
    for (const { searches } of detections) for (const search of searches.values()) this.addSearch(search);
  }

  /** How often its grams stand in the texts. */
  get counts(): GramCounts {
    return this.grams;
  }

  /** A guess of how many events in one hold it, to be compared with others. */
  of(text: SoughtText): number {
    const part = lastPart(text);
    if (part !== null) return isWord(text) ? COMMON : (this.parts.get(part) ?? 0) / this.texts.size;
    const { count } = this.grams.rarest(text.text);
    return count === Infinity ? COMMON : count / this.texts.size;
  }

  /** A text that a value holds which meets a test of one of the detections; null where there is none. */
  textOf(test: Test): SoughtText | null {
    return this.texts.get(test) ?? null;
  }

  private addSearch(search: Search): void {
    if (search.kind !== 'item') for (const one of search.of) this.addSearch(one);
    else for (const test of search.item.tests) this.addTest(test);
  }

  private addTest(test: Test): void {
    if (test.kind === 'or') for (const one of test.of) this.addTest(one);
    const text = textOf(test);
    this.texts.set(test, text);
    if (text === null) return;
    const part = lastPart(text);
    if (part !== null) this.parts.set(part, (this.parts.get(part) ?? 0) + 1);
    this.grams.add(text.text);
  }
}

/** Whether a text is a value such as System, true or 443, which few rules name and many events have. */
function isWord({ place, text }: SoughtText): boolean {
  return place === 'whole' && text.length <= 10 && !text.includes('.');
}

/**
 * One of these is there in every event of this id (null: of any) that matches. Null where nothing is sure to be; empty where
 * no such event can match.
 */
export function neededTexts(
  { searches, condition }: Detection,
  eventId: number | null,
  costs: TextCosts,
): readonly NeededText[] | null {
  const reading = new Reading(eventId, costs);
  const made = new Map<string, Needed>();
  const needed = reading.ofCondition(condition, (name) => {
    let own = made.get(name);
    if (own === undefined) made.set(name, (own = reading.ofSearch(searches.get(name)!)));
    return own;
  });
  return needed && needed.texts;
}

type Needed = { readonly texts: readonly NeededText[]; readonly cost: number } | null;

/** Never met. */
const NEVER: Needed = { texts: [], cost: -1 };

class Reading {
  private readonly eventId: FoldableValue | null;
  private readonly costs: TextCosts;

  constructor(eventId: number | null, costs: TextCosts) {
    this.eventId = eventId === null ? null : new PlainValue(String(eventId));
    this.costs = costs;
  }

  ofCondition(condition: Condition, search: (name: string) => Needed): Needed {
    switch (condition.kind) {
      case 'search':
        return search(condition.name);
      case 'not':
        return null;
      case 'and':
        return best(condition.of.map((one) => this.ofCondition(one, search)));
      case 'or':
        return either(condition.of.map((one) => this.ofCondition(one, search)));
    }
  }

  ofSearch(search: Search): Needed {
    if (search.kind === 'item') return this.ofItem(search.item);
    const parts = search.of.map((one) => this.ofSearch(one));
    return search.kind === 'and' ? best(parts) : either(parts);
  }

  private ofItem({ field, negated, all, tests }: Item): Needed {
    if (negated) return null;
    // What the id of the record meets is known before any event.
    const isId = field !== null && foldAscii(field) === 'eventid';
    const texts = tests.map((test) => (isId ? this.ofId(test) : this.ofTest(field, test)));
    return all ? best(texts) : either(texts);
  }

  private ofId(test: Test): Needed {
    if (this.eventId === null || test.kind !== 'pattern') return null;
    return compileValueTest(test, () => () => undefined)(this.eventId, NO_EVENT) ? null : NEVER;
  }

  private ofTest(field: string | null, test: Test): Needed {
    if (test.kind === 'or') return either(test.of.map((one) => this.ofTest(field, one)));
    if (test.kind === 'regex') {
      const need = regexNeed(test.source, test.flags);
      return best(
        (need?.texts ?? []).map((texts) =>
          either(texts.map((text) => this.ofText(field, { place: 'inside', text: foldAscii(text) }))),
        ),
      );
    }
    const text = this.costs.textOf(test);
    return text && this.ofText(field, text);
  }

  private ofText(field: string | null, text: SoughtText): Needed {
    return { texts: [{ field, text: text.text, place: text.place }], cost: this.costs.of(text) };
  }
}

/** A text, folded, that a value holds which meets a pattern; of one with wildcards the longest. null where there is none. */
function textOf(test: Test): SoughtText | null {
  if (test.kind !== 'pattern') return null;
  const simple = simplePattern(test.pattern);
  if (simple) return simple.text === '' ? null : { place: simple.place, text: foldAscii(simple.text) };
  let longest = '';
  for (const part of test.pattern) {
    if (typeof part === 'string' && part.length > longest.length) longest = part;
  }
  return longest === '' ? null : { place: 'inside', text: foldAscii(longest) };
}

/** Any one of them is enough: the one that the fewest events will hold. */
function best(parts: readonly Needed[]): Needed {
  return parts.reduce((known, part) => {
    if (!known || !part) return known ?? part;
    return part.cost < known.cost ? part : known;
  }, null);
}

/** All of them together, if each is sure. */
function either(parts: readonly Needed[]): Needed {
  const texts: NeededText[] = [];
  let cost = 0;
  for (const part of parts) {
    if (part === NEVER) continue;
    if (!part) return null;
    texts.push(...part.texts);
    cost += part.cost;
    if (texts.length > MAX_ALTERNATIVES) return null;
  }
  if (parts.length === 0) return null;
  return texts.length > 0 ? { texts, cost } : NEVER;
}
