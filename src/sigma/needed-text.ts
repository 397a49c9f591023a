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
  /** By the tests of an item, or of one that has become several, a text for each. */
  private readonly texts = new Map<readonly Test[], readonly (SoughtText | null)[]>();
  private tests = 0;

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
    if (part !== null) return isWord(text) ? COMMON : (this.parts.get(part) ?? 0) / this.tests;
    const { count } = this.grams.rarest(text.text);
    return count === Infinity ? COMMON : count / this.tests;
  }

  /** For each of these tests of the detections a text that a value holds which meets it; null where there is none. */
  textsOf(tests: readonly Test[]): readonly (SoughtText | null)[] {
    return this.texts.get(tests)!;
  }

  private addSearch(search: Search): void {
    if (search.kind === 'item') this.addTests(search.item.tests);
    else for (const one of search.of) this.addSearch(one);
  }

  private addTests(tests: readonly Test[]): void {
    this.tests += tests.length;
    this.texts.set(
      tests,
      tests.map((test) => {
        if (test.kind === 'or') this.addTests(test.of);
        const text = textOf(test);
        if (text !== null) this.addText(text);
        return text;
      }),
    );
  }

  private addText(text: SoughtText): void {
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
  return reading.ofCondition(condition, (name) => {
    let own = made.get(name);
    if (own === undefined) made.set(name, (own = reading.ofSearch(searches.get(name)!)));
    return own;
  });
}

type Needed = readonly NeededText[] | null;

/** Never met. */
const NEVER: Needed = [];

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
        return this.best(condition.of.map((one) => this.ofCondition(one, search)));
      case 'or':
        return either(condition.of.map((one) => this.ofCondition(one, search)));
    }
  }

  ofSearch(search: Search): Needed {
    if (search.kind === 'item') return this.ofItem(search.item);
    const parts = search.of.map((one) => this.ofSearch(one));
    return search.kind === 'and' ? this.best(parts) : either(parts);
  }

  private ofItem({ field, negated, all, tests }: Item): Needed {
    if (negated) return null;
    // What the id of the record meets is known before any event.
    const isId = field !== null && foldAscii(field) === 'eventid';
    const texts = isId ? tests.map((test) => this.ofId(test)) : this.ofTests(field, tests);
    return all ? this.best(texts) : either(texts);
  }

  private ofId(test: Test): Needed {
    if (this.eventId === null || test.kind !== 'pattern') return null;
    return compileValueTest(test, () => () => undefined)(this.eventId, NO_EVENT) ? null : NEVER;
  }

  private ofTests(field: string | null, tests: readonly Test[]): Needed[] {
    const sought = this.costs.textsOf(tests);
    return tests.map((test, i) => {
      const own = sought[i]!;
      return own === null ? this.ofOther(field, test) : [{ field, text: own.text, place: own.place }];
    });
  }

  /** Of a test that is no text's. */
  private ofOther(field: string | null, test: Test): Needed {
    if (test.kind === 'or') return either(this.ofTests(field, test.of));
    if (test.kind !== 'regex') return null;
    const need = regexNeed(test.source, test.flags);
    return this.best(
      (need?.texts ?? []).map((texts) =>
        either(texts.map((text): Needed => [{ field, text: foldAscii(text), place: 'inside' }])),
      ),
    );
  }

  /** Any one of them is enough: the one that the fewest events will hold. */
  private best(parts: readonly Needed[]): Needed {
    let [best, least]: [Needed, number] = [null, Infinity];
    const sure = parts.filter((part) => part !== null);
    if (sure.length < 2) return sure[0] ?? null;
    for (const part of sure) {
      const cost = part.length === 0 ? -1 : part.reduce((sum, text) => sum + this.costs.of(text), 0);
      if (cost < least) [best, least] = [part, cost];
    }
    return best;
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

/** All of them together, if each is sure. */
function either(parts: readonly Needed[]): Needed {
  if (parts.length < 2) return parts[0] ?? null;
  const texts: NeededText[] = [];
  for (const part of parts) {
    if (part === null) return null;
    texts.push(...part);
    if (texts.length > MAX_ALTERNATIVES) return null;
  }
  return texts;
}
