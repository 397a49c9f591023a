/** What a configuration asks of an event, as a formula: exactly what `decideFor` evaluates (sysmon-semantics, section 6). */
import { FALSE, type Formula, MANY, type Pattern, TRUE } from '../decide/index.ts';
import { foldAscii } from '../events/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { compileCondition, type Condition, listItems } from './condition.ts';
import { grouped } from './grouped.ts';
import type { Config } from './load.ts';

/** Whether the engine logs an event of this type; 4, 16 and 255 are no such type. */
export function loggedFormula(config: Config, event: BoundEvent): Formula {
  const blocks = config.active.filter(({ tag }) => tag === event.tag);
  if (blocks.length === 0) return event.default === 'include' ? TRUE : FALSE;
  const of = (onmatch: Block['onmatch']): Formula => ({
    kind: 'or',
    of: blocks.filter((block) => block.onmatch === onmatch).map((block) => blockFormula(block, event)),
  });
  const hidden: Formula = { kind: 'not', of: of('exclude') };
  const [only] = blocks;
  // One section alone leaves the rest to its opposite; with several nothing else is logged.
  return blocks.length === 1 && only!.onmatch === 'exclude'
    ? hidden
    : { kind: 'and', of: [hidden, of('include')] };
}

/** Whether a section matches an event of this type of its tag. */
export function blockFormula({ combine, filters }: Block, event: BoundEvent): Formula {
  if (filters.length === 0) return FALSE;
  const rules = [
    ...grouped(
      filters.filter(({ rule }) => rule !== null),
      ({ rule }) => rule,
    ).values(),
  ].map((own): Formula => ({
    kind: own[0]!.ruleMode,
    of: own.map((filter) => filterFormula(filter, event)),
  }));
  const loose = filters.filter(({ rule }) => rule === null);
  if (combine === 'or')
    return { kind: 'or', of: [...rules, ...loose.map((filter) => filterFormula(filter, event))] };
  // Loose filters on one field are alternatives, wherever they stand.
  const fields = [...grouped(loose, ({ field }) => field).values()].map((own): Formula => ({
    kind: 'or',
    of: own.map((filter) => filterFormula(filter, event)),
  }));
  return { kind: 'and', of: [...rules, ...fields] };
}

/** Whether a filter matches an event of this type. */
export function filterFormula(filter: Filter, event: BoundEvent): Formula {
  if (event.fields[filter.index] !== filter.field) return FALSE;
  return conditionFormula(filter.field, filter.condition, filter.text);
}

/** A condition of a field. A missing value, and an empty one, is `-`. */
export function conditionFormula(field: string, condition: Condition, text: string): Formula {
  // The name of a rule is known only when all filters are through.
  if (field === 'RuleName') return compileCondition(condition, text)('-') ? TRUE : FALSE;
  if (/%[^%]+%/.test(text)) return variable(field, condition, text);
  const any = (of: readonly Formula[]): Formula => (of.length === 1 ? of[0]! : { kind: 'or', of });
  const all = (of: readonly Formula[]): Formula => (of.length === 1 ? of[0]! : { kind: 'and', of });
  const not = (of: Formula): Formula => ({ kind: 'not', of });
  const is = (one: string): Formula => atom(field, plain(one));
  const inside = (one: string): Formula => atom(field, one === '' ? [MANY] : [MANY, one, MANY]);
  switch (condition) {
    case 'is':
      return is(text);
    case 'is not':
      return not(is(text));
    case 'is any':
      return any(text.split(';').map(is));
    case 'contains':
      return inside(text);
    case 'excludes':
      return not(inside(text));
    case 'contains any':
      return any(listItems(text).map(inside));
    case 'excludes any':
      return not(any(listItems(text).map(inside)));
    case 'contains all':
      return all(listItems(text).map(inside));
    case 'excludes all':
      return not(all(listItems(text).map(inside)));
    case 'begin with':
      return atom(field, [...plain(text), MANY]);
    case 'not begin with':
      return not(atom(field, [...plain(text), MANY]));
    case 'end with':
      return atom(field, [MANY, ...plain(text)]);
    case 'not end with':
      return not(atom(field, [MANY, ...plain(text)]));
    case 'image':
      if (text.includes('\\')) return is(text);
      return any([...(text === '' ? [] : [is(text)]), atom(field, [MANY, `\\${text}`])]);
    case 'less than':
    case 'more than': {
      const holds = compileCondition(condition, text)('-');
      const kind = condition === 'less than' ? 'less' : 'more';
      return { kind: 'test', field, test: { kind, text }, absent: holds, empty: holds };
    }
  }
}

function plain(text: string): Pattern {
  return text === '' ? [] : [text];
}

function atom(field: string, pattern: Pattern): Formula {
  const parts = pattern.filter((part) => typeof part === 'string').map(foldAscii);
  const dash = dashMeets(pattern, parts);
  return { kind: 'test', field, test: { kind: 'pattern', pattern, cased: false }, absent: dash, empty: dash };
}

/** Whether `-`, which stands for a missing value, meets a text with `*` at one or both ends. */
function dashMeets(pattern: Pattern, [text]: readonly string[]): boolean {
  if (text === undefined) return pattern.length > 0;
  return text === '-';
}

/** `%NAME%` stands for what only the machine knows: like is like, and nothing else is claimed. */
function variable(field: string, condition: Condition, text: string): Formula {
  const match = compileCondition(condition, text);
  return {
    kind: 'test',
    field,
    test: {
      kind: 'opaque',
      key: `${condition}\0${foldAscii(text)}`,
      meets: (value) => match(foldAscii(value)),
      samples: [text],
    },
    absent: match('-'),
    empty: match('-'),
  };
}
