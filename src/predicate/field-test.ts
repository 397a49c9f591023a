/** `--where` and `--not`: Sigma-style tests of one field, `Field|modifier=value`. */
import { compileLinear, type LinearPattern } from './linear-regex.ts';
import { type Event, eventType, fieldsOf, foldAscii } from '../events/index.ts';
import { QuestionError } from './question.ts';

const MODIFIERS = ['equals', 'contains', 'startswith', 'endswith', 're'] as const;
type Modifier = (typeof MODIFIERS)[number];

/** Facts of the record itself that can be tested, and grouped by, beside its fields. */
const FACTS: Readonly<Record<string, (event: Event) => string>> = {
  Computer: (event) => event.host,
  Channel: (event) => event.channel,
  Provider: (event) => event.provider,
  EventID: (event) => String(event.eventId),
};

/** The name of a fact of the record, in any case; undefined where there is no such fact. */
export function factNamed(written: string): string | undefined {
  const folded = foldAscii(written);
  return Object.keys(FACTS).find((name) => foldAscii(name) === folded);
}

/** A field of an event, or where it has none of that name a fact of the record; null where there is neither. */
export function valueOf(event: Event, name: string): string | null {
  return event.fields.get(name) ?? (Object.hasOwn(FACTS, name) ? FACTS[name]!(event) : null);
}

export type FieldTest = (event: Event) => boolean;

/** Whether a test asks for hosts, and not for what happened on them. */
export function asksForHost(text: string): boolean {
  return /^\s*computer\s*[|=]/i.test(text);
}

/** A test, taken apart. */
export interface ParsedFieldTest {
  readonly field: string;
  readonly modifier: Modifier;
  readonly value: string;
}

/** Takes a test apart. Throws QuestionError for what can't be a test, whichever events it is asked of. */
export function parseFieldTest(text: string, option: string): ParsedFieldTest {
  const equals = text.indexOf('=');
  const left = equals < 0 ? text : text.slice(0, equals);
  const [field = '', modifierText = 'equals', ...more] = left.split('|').map((part) => part.trim());
  if (equals < 0 || field === '' || more.length > 0) {
    throw new QuestionError(
      'where-syntax',
      `${option} ${text}: expected Field=value or Field|modifier=value, for example 'SourceImage|endswith=\\csrss.exe'`,
    );
  }
  const modifier = MODIFIERS.find((known) => known === foldAscii(modifierText));
  if (!modifier) {
    throw new QuestionError(
      'where-modifier',
      `${option} ${text}: expected one of the modifiers ${MODIFIERS.join(', ')}, found "${modifierText}"`,
    );
  }
  const value = text.slice(equals + 1);
  if (modifier === 'equals' && value.includes('*')) {
    throw new QuestionError(
      'where-wildcard',
      `${option} ${text}: a value is literal text and "*" stands for itself; use ${field}|startswith=, |endswith=, |contains= or |re=`,
    );
  }
  return { field, modifier, value };
}

/**
 * Compiles one test. Text is compared with A to Z folded; a regular expression is case-sensitive unless it says `(?i)`,
 * and takes linear time. A field that the event lacks matches nothing. Throws QuestionError for what can't be a test.
 */
export function compileFieldTest(text: string, eventIds: readonly number[], option: string): FieldTest {
  const { field, modifier, value } = parseFieldTest(text, option);
  const read = fieldReader(field, eventIds, option, text);
  const matches = compileMatch(modifier, value, option, text);
  return (event) => {
    const found = read(event);
    return found !== undefined && matches(found);
  };
}

function fieldReader(
  written: string,
  eventIds: readonly number[],
  option: string,
  text: string,
): (event: Event) => string | undefined {
  const folded = foldAscii(written);
  const known = new Set(eventIds.flatMap((id) => [...(fieldsOf(id)?.keys() ?? [])]));
  // Types write the same name differently (SourceProcessGuid, SourceProcessGUID): each event answers to its own.
  const names = [...known].filter((name) => foldAscii(name) === folded);
  if (names.length > 0) {
    return (event) => {
      for (const name of names) {
        const value = event.fields.get(name);
        if (value !== undefined) return value;
      }
      return undefined;
    };
  }
  const fact = factNamed(written);
  if (fact) return FACTS[fact]!;
  if (eventIds.length === 0) return (event) => event.fields.get(written) ?? foldedField(event, folded);
  const types = eventIds.map((id) => eventType(id)?.name ?? String(id));
  throw new QuestionError(
    'where-field',
    `${option} ${text}: ${[...new Set(types)].join(', ')} has no field "${written}"; expected one of ${[...known, ...Object.keys(FACTS)].join(', ')}`,
  );
}

/** A field whose name is written in another case. */
function foldedField(event: Event, folded: string): string | undefined {
  for (const [name, value] of event.fields) if (foldAscii(name) === folded) return value;
  return undefined;
}

function compileMatch(
  modifier: Modifier,
  value: string,
  option: string,
  text: string,
): (found: string) => boolean {
  const wanted = foldAscii(value);
  switch (modifier) {
    case 'equals':
      return (found) => foldAscii(found) === wanted;
    case 'contains':
      return (found) => foldAscii(found).includes(wanted);
    case 'startswith':
      return (found) => foldAscii(found).startsWith(wanted);
    case 'endswith':
      return (found) => foldAscii(found).endsWith(wanted);
    case 're': {
      const pattern = compileRegex(value, option, text);
      return (found) => pattern.matcher(found).find();
    }
  }
}

function compileRegex(value: string, option: string, text: string): LinearPattern {
  try {
    return compileLinear(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new QuestionError(
      'where-regex',
      `${option} ${text}: expected a regular expression (RE2 syntax): ${reason}`,
    );
  }
}
