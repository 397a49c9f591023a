/** A rule's detection -> a test of one event. */
import { simplePattern } from '../decide/index.ts';
import { type Event, foldAscii } from '../events/index.ts';
import { buildMatcher, type Wanted } from '../predicate/index.ts';
import type { ResolvedLogsource } from './logsource.ts';
import type { Condition, Detection, Item, Search, Test } from './rule.ts';
import { compileValueTest, type FieldReader, type ValueTest } from './value-test.ts';

export type EventTest = (event: Event) => boolean;

/** Compiles a detection for events of its logsource; whether an event is of it is for the caller to ask. */
export function compileDetection(detection: Detection, source: ResolvedLogsource): EventTest {
  const searches = new Map<string, EventTest>();
  const search = (name: string): EventTest => {
    let test = searches.get(name);
    if (!test) {
      test = compileSearch(detection.searches.get(name)!, source);
      searches.set(name, test);
    }
    return test;
  };
  return compileCondition(detection.condition, search);
}

function compileCondition(condition: Condition, search: (name: string) => EventTest): EventTest {
  switch (condition.kind) {
    case 'search':
      return search(condition.name);
    case 'not': {
      const test = compileCondition(condition.of, search);
      return (event) => !test(event);
    }
    default:
      return joined(
        condition.kind,
        condition.of.map((one) => compileCondition(one, search)),
      );
  }
}

function compileSearch(search: Search, source: ResolvedLogsource): EventTest {
  if (search.kind === 'item') return compileItem(search.item, source);
  return joined(
    search.kind,
    search.of.map((one) => compileSearch(one, source)),
  );
}

function joined(kind: 'and' | 'or', tests: readonly EventTest[]): EventTest {
  if (tests.length === 1) return tests[0]!;
  return kind === 'and'
    ? (event) => tests.every((test) => test(event))
    : (event) => tests.some((test) => test(event));
}

function compileItem(item: Item, source: ResolvedLogsource): EventTest {
  const { field } = item;
  const reader = (name: string): FieldReader => source.reader(name);
  if (field === null) return compileKeywords(item, source, reader);
  const read = reader(field);
  if (item.negated) {
    const test = compileTests(item, reader);
    return (event) => {
      const value = read(event);
      return value !== undefined && !test(value, event);
    };
  }
  const absent = missingMeets(item);
  const test = compileTests(item, reader);
  return (event) => {
    const value = read(event);
    return value === undefined ? absent : test(value, event);
  };
}

/** Each test of keywords looks through all values of the event. */
function compileKeywords(
  { tests, all, negated }: Item,
  source: ResolvedLogsource,
  reader: (field: string) => FieldReader,
): EventTest {
  const compiled = tests.map((test) => compileValueTest(test, reader));
  const meets = (event: Event): boolean => {
    const values = [...source.values(event)].map((value): [string, string] => [value, foldAscii(value)]);
    const found = (test: ValueTest): boolean => values.some(([value, folded]) => test(value, folded, event));
    return all ? compiled.every(found) : compiled.some(found);
  };
  return negated ? (event) => !meets(event) : meets;
}

/** Whether a field that the event lacks meets the item. */
function missingMeets({ tests, all }: Item): boolean {
  const meets = (test: Test): boolean =>
    test.kind === 'null' ||
    (test.kind === 'exists' && !test.exists) ||
    (test.kind === 'or' && test.of.some(meets));
  return all ? tests.every(meets) : tests.some(meets);
}

type PresentTest = (value: string, event: Event) => boolean;

/** Of a value that is there. Plain texts of which one suffices are looked up, and not tried one by one. */
function compileTests({ tests, all }: Item, reader: (field: string) => FieldReader): PresentTest {
  const folds = tests.some(needsFolding);
  if (all || tests.length === 1) {
    const compiled = tests.map((test) => compileValueTest(test, reader));
    return (value, event) => {
      const folded = folds ? foldAscii(value) : value;
      return all
        ? compiled.every((test) => test(value, folded, event))
        : compiled.some((test) => test(value, folded, event));
    };
  }
  const wholes = new Set<string>();
  const parts: Wanted[] = [];
  const others: ValueTest[] = [];
  for (const test of tests.flatMap(alternatives)) {
    const simple = test.kind === 'pattern' && !test.cased ? simplePattern(test.pattern) : null;
    if (simple?.place === 'whole') wholes.add(foldAscii(simple.text));
    else if (simple && simple.text !== '')
      parts.push({ text: foldAscii(simple.text), place: simple.place as Wanted['place'], number: 0 });
    else others.push(compileValueTest(test, reader));
  }
  const matcher = buildMatcher(parts);
  return (value, event) => {
    const folded = folds ? foldAscii(value) : value;
    if (wholes.has(folded)) return true;
    let found = false;
    matcher?.(folded, () => {
      found = true;
    });
    return found || others.some((test) => test(value, folded, event));
  };
}

function alternatives(test: Test): readonly Test[] {
  return test.kind === 'or' ? test.of.flatMap(alternatives) : [test];
}

function needsFolding(test: Test): boolean {
  if (test.kind === 'or') return test.of.some(needsFolding);
  return (test.kind === 'pattern' || test.kind === 'field') && !test.cased;
}
