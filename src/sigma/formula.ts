/** What a rule asks of one of Sysmon's events, as a formula. */
import { FALSE, type Formula, MANY, type TextTest, TRUE } from '../decide/index.ts';
import { EVENT_TYPES, fieldsOf, foldAscii } from '../events/index.ts';
import type { ResolvedLogsource } from './logsource.ts';
import type { PlacedRule } from './rule-set.ts';
import type { Condition, Detection, Item, Search, Test } from './rule.ts';
import { squeeze } from './event-fields.ts';
import { regexSample } from './regex-sample.ts';
import { compileValueTest, NO_EVENT, PlainValue } from './value-test.ts';

/** Ids of Sysmon's events that a rule of this logsource is asked of. */
export function sysmonIds({ sources }: ResolvedLogsource): readonly number[] {
  const own = sources.filter(({ channel }) => channel === null);
  if (own.some(({ eventIds }) => eventIds === null)) return EVENT_TYPES.map(({ id }) => id);
  return [...new Set(own.flatMap(({ eventIds }) => eventIds ?? []))].sort((a, b) => a - b);
}

/**
 * Whether a rule, with its filters, matches an event with this id. Comparisons with other fields are opaque and believed
 * by nobody: whoever has a witness asks the rule itself.
 */
export function ruleFormula({ detection, filters }: PlacedRule, eventId: number): Formula {
  return { kind: 'and', of: [detection, ...filters].map((one) => detectionFormula(one, eventId)) };
}

function detectionFormula({ searches, condition }: Detection, eventId: number): Formula {
  const made = new Map([...searches].map(([name, search]) => [name, searchFormula(search, eventId)]));
  const of = (one: Condition): Formula => {
    if (one.kind === 'search') return made.get(one.name)!;
    return one.kind === 'not' ? { kind: 'not', of: of(one.of) } : { kind: one.kind, of: one.of.map(of) };
  };
  return of(condition);
}

function searchFormula(search: Search, eventId: number): Formula {
  if (search.kind === 'item') return itemFormula(search.item, eventId);
  return { kind: search.kind, of: search.of.map((one) => searchFormula(one, eventId)) };
}

function itemFormula(item: Item, eventId: number): Formula {
  const { field, all, negated, tests } = item;
  const kind = all ? 'and' : 'or';
  if (field === null) {
    const where = [...(fieldsOf(eventId)?.keys() ?? [])];
    const meets: Formula = {
      kind,
      of: tests.map((test): Formula => ({
        kind: 'or',
        of: [...where.map((name) => testFormula(name, test)), ...recordValues(test)],
      })),
    };
    return negated ? { kind: 'not', of: meets } : meets;
  }
  const own = readAs(field, eventId);
  const meets: Formula = { kind, of: tests.map((test) => own(test)) };
  if (!negated) return meets;
  return { kind: 'and', of: [own({ kind: 'exists', exists: true }), { kind: 'not', of: meets }] };
}

const SYSMON = 'Microsoft-Windows-Sysmon';
const CHANNEL = 'Microsoft-Windows-Sysmon/Operational';

/** Keywords are looked for in the record's own names as well; the computer's may be anything. */
function recordValues(test: Test): Formula[] {
  return [constant(SYSMON)(test), constant(CHANNEL)(test), testFormula('Computer', test)];
}

type Ask = (test: Test) => Formula;

/** How a rule's name for a field is read in events of this type (see event-fields.ts). */
function readAs(field: string, eventId: number): Ask {
  const folded = foldAscii(field);
  const names = [...(fieldsOf(eventId)?.keys() ?? [])];
  if (folded === 'eventid') return constant(String(eventId));
  if (folded === 'provider_name') return constant(SYSMON);
  const name =
    names.find((one) => one === field) ??
    names.find((one) => foldAscii(one) === folded) ??
    names.find((one) => squeeze(foldAscii(one)) === squeeze(folded));
  if (name !== undefined) return (test) => testFormula(name, test);
  if (folded === 'channel' || folded === 'eventlog') return constant(CHANNEL);
  if (folded === 'computer' || folded === 'computername' || folded === 'hostname')
    return (test) => testFormula('Computer', test);
  const hashes = names.find((one) => one === 'Hashes' || one === 'Hash');
  if (/^(?:md5|sha1|sha256|imphash)$/.test(folded) && hashes !== undefined)
    return (test) => hashFormula(hashes, folded, test);
  return (test) => (absentMeets(test) ? TRUE : FALSE);
}

function absentMeets(test: Test): boolean {
  return (
    test.kind === 'null' ||
    (test.kind === 'exists' && !test.exists) ||
    (test.kind === 'or' && test.of.some(absentMeets))
  );
}

const noOther = (): (() => undefined) => () => undefined;

/** A field whose value is always the same. */
function constant(value: string): Ask {
  return (test) => {
    if (test.kind === 'field') return opaque('', test);
    const match = compileValueTest(test, noOther);
    return match(new PlainValue(value), NO_EVENT) ? TRUE : FALSE;
  };
}

function testFormula(field: string, test: Test): Formula {
  const atom = (of: TextTest, absent: boolean, empty: boolean): Formula => ({
    kind: 'test',
    field,
    test: of,
    absent,
    empty,
  });
  switch (test.kind) {
    case 'pattern':
      return atom(
        { kind: 'pattern', pattern: test.pattern, cased: test.cased },
        false,
        test.pattern.every((part) => part === MANY),
      );
    case 'exists':
      return atom(
        { kind: 'pattern', pattern: test.exists ? [MANY] : [], cased: true },
        !test.exists,
        test.exists,
      );
    case 'null':
      // No text is nothing: an empty pattern is met by the empty text alone, and that is there.
      return atom({ kind: 'pattern', pattern: [], cased: true }, true, false);
    case 'or':
      return { kind: 'or', of: test.of.map((one) => testFormula(field, one)) };
    default:
      return opaque(field, test);
  }
}

function opaque(field: string, test: Test): Formula {
  const match = test.kind === 'field' ? () => false : compileValueTest(test, noOther);
  const meets = (value: string): boolean => match(new PlainValue(value), NO_EVENT);
  const key = JSON.stringify(test);
  return {
    kind: 'test',
    field,
    test: { kind: 'opaque', key, meets, samples: samplesOf(test) },
    absent: false,
    empty: meets(''),
  };
}

function samplesOf(test: Test): string[] {
  if (test.kind === 'compare') {
    const number = Number(test.number);
    return [String(number), String(number + 1), String(number - 1)];
  }
  if (test.kind === 'regex') {
    const sample = regexSample(test.source);
    return sample === null ? [] : [sample];
  }
  if (test.kind === 'cidr') return test.address.length === 4 ? [test.address.join('.')] : [];
  return [];
}

/** One of the hashes in `SHA1=…,IMPHASH=…`. */
function hashFormula(field: string, algorithm: string, test: Test): Formula {
  if (test.kind === 'or') return { kind: 'or', of: test.of.map((one) => hashFormula(field, algorithm, one)) };
  const { pattern = [] } = test.kind === 'pattern' ? test : {};
  const [only] = pattern;
  if (
    test.kind !== 'pattern' ||
    pattern.length !== 1 ||
    typeof only !== 'string' ||
    !/^[\da-f]+$/i.test(only)
  ) {
    const match = compileValueTest(test, noOther);
    const find = new RegExp(`(?:^|,)${algorithm}=([0-9A-F]+)`, 'i');
    const meets = (value: string): boolean => {
      const found = find.exec(value)?.[1];
      return found === undefined ? absentMeets(test) : match(new PlainValue(found), NO_EVENT);
    };
    return {
      kind: 'test',
      field,
      test: { kind: 'opaque', key: `${algorithm}\0${JSON.stringify(test)}`, meets, samples: [] },
      absent: absentMeets(test),
      empty: absentMeets(test),
    };
  }
  const text = `${algorithm}=${only}`;
  const places: (string | typeof MANY)[][] = [
    [text],
    [`${text},`, MANY],
    [MANY, `,${text}`],
    [MANY, `,${text},`, MANY],
  ];
  return {
    kind: 'or',
    of: places.map((one) => ({
      kind: 'test',
      field,
      test: { kind: 'pattern', pattern: one, cased: false },
      absent: false,
      empty: false,
    })),
  };
}
