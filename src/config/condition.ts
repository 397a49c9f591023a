/**
 * The conditions of filters, as the engine compares them: on text, with A to Z folded, and nothing trimmed
 * (sysmon-semantics, 7.4).
 */
import { foldAscii } from '../events/index.ts';
import type { TextTest } from '../evtx/index.ts';
import { CONDITIONS } from './grammar-table.ts';

export type Condition = (typeof CONDITIONS)[number];

/** Takes a value that is folded already; missing and empty values are `-` before they come here. */
export type Match = (folded: string) => boolean;

const byFoldedName: ReadonlyMap<string, Condition> = new Map(
  CONDITIONS.map((name) => [foldAscii(name), name]),
);

/** The condition of this name in any case; nothing is trimmed. An empty name is `is`. Undefined: there is none. */
export function conditionNamed(name: string): Condition | undefined {
  return name === '' ? 'is' : (byFoldedName.get(name) ?? byFoldedName.get(foldAscii(name)));
}

/** What a condition asks, with its text: the one place that says so. */
export function textTestOf(condition: Condition, text: string): Omit<TextTest, 'field'> {
  const wanted = foldAscii(text);
  const test = (how: TextTest['how'], texts: readonly string[] = [wanted]): Omit<TextTest, 'field'> => ({
    how,
    texts,
    all: false,
    not: false,
  });
  switch (condition) {
    case 'is':
      return test('is');
    case 'is not':
      return { ...test('is'), not: true };
    case 'is any':
      return test('is', wanted.split(';'));
    case 'contains':
      return test('contains');
    case 'excludes':
      return { ...test('contains'), not: true };
    case 'contains any':
      return test('contains', listItems(wanted));
    case 'excludes any':
      return { ...test('contains', listItems(wanted)), not: true };
    case 'contains all':
      return { ...test('contains', listItems(wanted)), all: true };
    case 'excludes all':
      return { ...test('contains', listItems(wanted)), all: true, not: true };
    case 'begin with':
      return test('begins');
    case 'not begin with':
      return { ...test('begins'), not: true };
    case 'end with':
      return test('ends');
    case 'not end with':
      return { ...test('ends'), not: true };
    case 'less than':
      return test('less');
    case 'more than':
      return test('more');
    case 'image':
      return test(wanted.includes('\\') ? 'is' : 'leaf');
  }
}

/** Compiles a condition with its text. */
export function compileCondition(condition: Condition, text: string): Match {
  const { how, texts, all, not } = textTestOf(condition, text);
  const match = foldedMatch(how, texts, all);
  return not ? (value) => !match(value) : match;
}

function foldedMatch(how: TextTest['how'], texts: readonly string[], all: boolean): Match {
  const wanted = texts[0]!;
  switch (how) {
    case 'is': {
      if (texts.length === 1) return (value) => value === wanted;
      const items = new Set(texts);
      return (value) => items.has(value);
    }
    case 'contains':
      if (texts.length === 1) return (value) => value.includes(wanted);
      if (all) return (value) => texts.every((one) => value.includes(one));
      return (value) => texts.some((one) => value.includes(one));
    case 'begins':
      return (value) => value.startsWith(wanted);
    case 'ends':
      return (value) => value.endsWith(wanted);
    case 'leaf':
      return (value) => value.slice(value.lastIndexOf('\\') + 1) === wanted;
    case 'less':
      return (value) => value < wanted;
    case 'more':
      return (value) => value > wanted;
  }
}

/** Takes a value as it is written; missing and empty values are `-` before they come here. */
export type UnfoldedMatch = (value: string) => boolean;

/** Compiles a condition so that it folds what it looks at, and no more; null for those that look at all of a value. */
export function compileUnfolded(condition: Condition, text: string): UnfoldedMatch | null {
  const { how, texts, not } = textTestOf(condition, text);
  const match = texts.length === 1 ? unfoldedMatch(how, texts[0]!) : null;
  return match && not ? (value) => !match(value) : match;
}

function unfoldedMatch(how: TextTest['how'], wanted: string): UnfoldedMatch | null {
  const { length } = wanted;
  switch (how) {
    case 'is':
      return (value) => value.length === length && foldedAt(value, 0, wanted);
    case 'begins':
      return (value) => value.length >= length && foldedAt(value, 0, wanted);
    case 'ends':
      return (value) => value.length >= length && foldedAt(value, value.length - length, wanted);
    case 'leaf':
      return (value) => {
        const from = value.length - length;
        return (from === 0 || (from > 0 && value[from - 1] === '\\')) && foldedAt(value, from, wanted);
      };
    default:
      return null;
  }
}

/** Whether a folded text stands at this place, which has room for it. From behind: that is where paths differ. */
function foldedAt(value: string, from: number, wanted: string): boolean {
  for (let i = wanted.length - 1; i >= 0; i--) {
    let unit = value.charCodeAt(from + i);
    if (unit >= 0x41 && unit <= 0x5a) unit += 0x20;
    if (unit !== wanted.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Items of a list as `contains` and `excludes` see them: an empty item that is last is in every value, one before that
 * is the rest of the list from its separator on (sysmon-semantics, 7.4).
 */
export function listItems(text: string): string[] {
  const items: string[] = [];
  let from = 0;
  for (;;) {
    const separator = text.indexOf(';', from);
    if (separator < 0) {
      items.push(text.slice(from));
      return items;
    }
    items.push(separator === from ? text.slice(from) : text.slice(from, separator));
    from = separator + 1;
  }
}
