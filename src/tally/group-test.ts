/** A test of `--where` or `--not`, asked of a group or a host of a tally instead of an event. */
import { boundKey, type Event, fieldsOf, foldAscii, isCutKey, typeKey } from '../events/index.ts';
import { type ParsedFieldTest, parseFieldTest, QuestionError } from '../predicate/index.ts';
import { MAX_SPELLINGS } from './groups.ts';
import type { Group, HostTally, Tally } from './tally.ts';

export interface TallyTest {
  /** With its option, for messages. */
  readonly text: string;
  /** As compiled for events. */
  readonly test: (event: Event) => boolean;
  /** Whether it asks for the host alone. */
  readonly ofHost: boolean;
  /** As written. */
  readonly source: string;
}

const SYSMON = 'Microsoft-Windows-Sysmon';

/**
 * Whether all events of a group pass, or none does. Values are folded, and so are the comparisons of all modifiers but
 * `re`, which asks all spellings. Throws QuestionError where the tally has not kept what it takes to tell.
 */
export function answerOfGroup(tally: Tally, group: Group, test: TallyTest, source: string): boolean {
  const parsed = parseFieldTest(test.source, '');
  const place = placeOf(tally, group, parsed, test, source);
  const value = place === null ? null : (group.key[place] ?? null);
  if (value !== null && isCutKey(value)) return answerOfCut(value, parsed, test, source);
  const fields = tally.by.get(typeKey(group.channel, group.eventId)) ?? [];
  const passes = (values: readonly (string | null)[]): boolean => test.test(eventOf(group, fields, values));
  if (parsed.modifier !== 're' || value === null) return passes(group.key);
  const answers = new Set(
    [...group.spellings.keys()].map((text) => passes(JSON.parse(text) as (string | null)[])),
  );
  const [answer, another] = answers;
  if (answer === undefined || another !== undefined || !allSpellings(group)) {
    throw cannotTell(
      test,
      source,
      `it keeps values without their case, and not all spellings of "${value}" pass or fail alike`,
    );
  }
  return answer;
}

/** Whether all records of a host pass, or none does. */
export function answerOfHost(host: HostTally, test: TallyTest, source: string): boolean {
  const answers = new Set(
    [...host.spellings.keys()].map((name) => test.test({ ...NOTHING, host: name, fields: new Map() })),
  );
  const [answer, another] = answers;
  if (
    another !== undefined ||
    host.spellings.size >= MAX_SPELLINGS ||
    [...host.spellings.keys()].some(isCutKey)
  ) {
    throw cannotTell(
      test,
      source,
      `not all spellings of the host ${[...host.spellings.keys()].join(', ')} pass or fail alike`,
    );
  }
  return answer ?? false;
}

const NOTHING: Omit<Event, 'host' | 'fields'> = {
  record: null,
  time: Number.NaN,
  provider: SYSMON,
  channel: '',
  eventId: 0,
  version: null,
};

function eventOf(group: Group, fields: readonly string[], values: readonly (string | null)[]): Event {
  const known = fields.flatMap((field, i): [string, string][] => {
    const value = values[i] ?? null;
    return value === null ? [] : [[field, value]];
  });
  const { channel, eventId } = group;
  return { ...NOTHING, channel, eventId, host: '', fields: new Map(known) };
}

/**
 * Where among the group's values the tested one stands; null for the event id, and for a field that no event of the type
 * has. Throws for one that the tally is not grouped by.
 */
function placeOf(
  tally: Tally,
  { channel, eventId }: Group,
  { field }: ParsedFieldTest,
  test: TallyTest,
  source: string,
): number | null {
  const folded = foldAscii(field);
  const type = typeKey(channel, eventId);
  const fields = tally.by.get(type) ?? [];
  const place = fields.findIndex((name) => foldAscii(name) === folded);
  if (place >= 0) return place;
  const known = channel === '' ? [...(fieldsOf(eventId)?.keys() ?? [])] : null;
  const has = known === null || known.some((name) => foldAscii(name) === folded);
  if (!has && folded !== 'channel' && folded !== 'provider') return null;
  if (folded === 'eventid' || (folded === 'channel' && channel !== '')) return null;
  throw missingField(source, type, [field], fields, test.text);
}

/** What is asked of a tally that is not grouped by these fields. */
export function missingField(
  source: string,
  type: string,
  missing: readonly string[],
  fields: readonly string[],
  asked: string,
): QuestionError {
  const has = fields.length === 0 ? 'no field' : fields.join(', ');
  return new QuestionError(
    'tally-field',
    `${asked}: ${source} does not hold ${missing.join(', ')} of event ${type}: expected one of its fields, which are ${has}, with Computer and EventID; or give the logs`,
  );
}

/** A value that was longer than is kept: its beginning, and a digest of the whole. */
function answerOfCut(
  kept: string,
  { modifier, value }: ParsedFieldTest,
  test: TallyTest,
  source: string,
): boolean {
  const wanted = foldAscii(value);
  const start = kept.slice(0, kept.lastIndexOf('…#'));
  if (modifier === 'equals') return boundKey(wanted) === kept;
  if (modifier === 'startswith' && (wanted.length <= start.length || !wanted.startsWith(start)))
    return start.startsWith(wanted);
  if (modifier === 'contains' && start.includes(wanted)) return true;
  throw cannotTell(
    test,
    source,
    `it keeps only the beginning of long values, such as "${kept.slice(0, 60)}…"`,
  );
}

/** Past a few spellings of one group the rest was not kept. */
function allSpellings(group: Group): boolean {
  const sum = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0);
  const events = sum([...group.hosts.values()].map((slots) => sum(slots.values())));
  return sum(group.spellings.values()) >= events;
}

function cannotTell(test: TallyTest, source: string, why: string): QuestionError {
  return new QuestionError(
    'tally-where',
    `${test.text}: ${source} can't tell, because ${why}: give the logs`,
  );
}
