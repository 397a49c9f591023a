/** A rule's detection -> a test of the current event. */
import { simplePattern } from '../decide/index.ts';
import { foldAscii } from '../events/index.ts';
import type { CurrentEvent, CurrentField } from './current-event.ts';
import type { ResolvedLogsource } from './logsource.ts';
import type { Condition, Detection, Item, Search, Test } from './rule.ts';
import { type SoughtText, TextFinder } from './text-finder.ts';
import { compileValueTest, PlainValue, type ValueTest } from './value-test.ts';

/** Asks the event that is current. */
export type Ask = () => boolean;

/** From so many texts on they are looked for together. */
const MANY_TEXTS = 8;

/**
 * Compiles detections for events of their logsource; whether an event is of it is for the caller to ask. Rules ask the same
 * of the same fields again and again: what is alike is compiled once, and answered once for an event.
 */
export class Compiler {
  private readonly current: CurrentEvent;
  private readonly source: ResolvedLogsource;
  private readonly items = new Map<string, Ask>();

  constructor(current: CurrentEvent, source: ResolvedLogsource) {
    this.current = current;
    this.source = source;
  }

  detection({ searches, condition }: Detection): Ask {
    const compiled = new Map<string, Ask>();
    return this.condition(condition, (name) => {
      let test = compiled.get(name);
      if (!test) {
        test = this.search(searches.get(name)!);
        compiled.set(name, test);
      }
      return test;
    });
  }

  private condition(condition: Condition, search: (name: string) => Ask): Ask {
    switch (condition.kind) {
      case 'search':
        return search(condition.name);
      case 'not': {
        const test = this.condition(condition.of, search);
        return () => !test();
      }
      default:
        return joined(
          condition.kind,
          condition.of.map((one) => this.condition(one, search)),
        );
    }
  }

  private search(search: Search): Ask {
    if (search.kind === 'item') return this.item(search.item);
    return joined(
      search.kind,
      search.of.map((one) => this.search(one)),
    );
  }

  private item(item: Item): Ask {
    const { field, all, negated, tests } = item;
    const key = JSON.stringify([field, all, negated, tests]);
    let known = this.items.get(key);
    if (!known) {
      known = this.once(field === null ? this.keywords(item) : this.ofField(field, item));
      this.items.set(key, known);
    }
    return known;
  }

  /** Remembers the answer while the event is current. */
  private once(test: Ask): Ask {
    const { current } = this;
    let turn = 0;
    let answer = false;
    return () => {
      if (turn !== current.turn) {
        turn = current.turn;
        answer = test();
      }
      return answer;
    };
  }

  private ofField(name: string, item: Item): Ask {
    const field = this.current.field(name);
    const test = this.values(item, field);
    if (item.negated) return () => field.value !== undefined && !test();
    const absent = missingMeets(item);
    return () => (field.value === undefined ? absent : test());
  }

  /** Each test of keywords looks through all values of the event. */
  private keywords({ tests, all, negated }: Item): Ask {
    const { current, source } = this;
    const compiled = tests.map((test) => this.value(test));
    return () => {
      const values = Array.from(source.values(current.event), (value) => new PlainValue(value));
      const found = (test: ValueTest): boolean => values.some((value) => test(value, current.event));
      return (all ? compiled.every(found) : compiled.some(found)) !== negated;
    };
  }

  /** Of a value that is there. Plain texts of which one suffices are looked for together. */
  private values({ tests, all }: Item, field: CurrentField): Ask {
    const { current } = this;
    const ask =
      (test: ValueTest): Ask =>
      () =>
        test(field, current.event);
    if (all || tests.length === 1)
      return joined(
        'and',
        tests.map((test) => ask(this.value(test))),
      );
    const sought: SoughtText[] = [];
    const others: Ask[] = [];
    const alike = tests.flatMap(alternatives);
    for (const test of alike) {
      const simple = test.kind === 'pattern' && !test.cased ? simplePattern(test.pattern) : null;
      if (alike.length >= MANY_TEXTS && simple && simple.text !== '')
        sought.push({ text: foldAscii(simple.text), place: simple.place });
      else others.push(ask(this.value(test)));
    }
    if (sought.length === 0) return joined('or', others);
    const finder = new TextFinder(sought);
    let isFound = false;
    const found = (): void => {
      isFound = true;
    };
    return () => {
      isFound = false;
      finder.find(field.text, found);
      return isFound || others.some((test) => test());
    };
  }

  private value(test: Test): ValueTest {
    return compileValueTest(test, (field) => this.source.reader(field));
  }
}

function joined(kind: 'and' | 'or', tests: readonly Ask[]): Ask {
  const [first, second, third] = tests;
  if (!first || !second) return first ?? (() => kind === 'and');
  const isAnd = kind === 'and';
  if (!third) return isAnd ? () => first() && second() : () => first() || second();
  return () => {
    for (const test of tests) if (test() !== isAnd) return !isAnd;
    return isAnd;
  };
}

/** Whether a field that the event lacks meets the item. */
function missingMeets({ tests, all }: Item): boolean {
  const meets = (test: Test): boolean =>
    test.kind === 'null' ||
    (test.kind === 'exists' && !test.exists) ||
    (test.kind === 'or' && test.of.some(meets));
  return all ? tests.every(meets) : tests.some(meets);
}

function alternatives(test: Test): readonly Test[] {
  return test.kind === 'or' ? test.of.flatMap(alternatives) : [test];
}
