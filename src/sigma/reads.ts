/**
 * What rules may read of events. A log says the same again and again, with other times and ids: where all that may be read
 * of an event is what was read of an earlier one, rules say the same of it.
 */
import { READ_ALL, READ_NOTHING, READ_WORDS } from '../evtx/index.ts';
import { mayBeRead } from './event-fields.ts';
import { itemsOf } from './detection.ts';
import type { Detection, Item, Test } from './rule.ts';

/** Letters that stand in no number, hexadecimal or not, in no time, id, `true`, `false`, `NaN` or `Infinity`. */
export const IN_TEXTS_ALONE: RegExp = /[ghjkmopqvw]/i;

/** What rules may read of events of one kind. */
export class Reads {
  /** Whether a rule names a field. */
  readonly names: (field: string) => boolean;
  /** Of fields that no rule names: keywords are looked for in every value. */
  private readonly others: number;

  /** `own`: rules read the event's own fields, by their names; else any of them may stand for any. */
  constructor(detections: readonly Detection[], own: boolean) {
    const named = new Set<string>();
    const keywords: Test[] = [];
    const addItem = ({ field, modifiers, tests }: Item): void => {
      if (field === null) keywords.push(...tests);
      else named.add(field);
      if (modifiers.includes('fieldref')) for (const test of tests) addFields(test, named);
    };
    for (const detection of detections) for (const item of itemsOf(detection)) addItem(item);
    this.names = own ? mayBeRead(named) : () => true;
    this.others = keywords.length === 0 ? READ_NOTHING : keywords.every(asksForWords) ? READ_WORDS : READ_ALL;
  }

  /** How much is read of a field. */
  of(field: string): number {
    return this.names(field) ? READ_ALL : this.others;
  }
}

/** Adds the fields that a test compares with. */
function addFields(test: Test, named: Set<string>): void {
  if (test.kind === 'field') named.add(test.field);
  else if (test.kind === 'or') for (const one of test.of) addFields(one, named);
}

/** Whether a test is met by no number, time or id. */
function asksForWords(test: Test): boolean {
  if (test.kind === 'or') return test.of.every(asksForWords);
  return (
    test.kind === 'pattern' &&
    test.pattern.some((part) => typeof part === 'string' && IN_TEXTS_ALONE.test(part))
  );
}
