/** QUESTION and its options -> a compiled question. */
import { existsSync, statSync } from 'node:fs';
import { ConfigError } from '../config/index.ts';
import {
  type Event,
  EVENT_TYPES,
  type EventType,
  eventType,
  eventTypesNamed,
  fieldsOf,
  foldAscii,
  isSysmon,
  parseTime,
} from '../events/index.ts';
import {
  asksForHost,
  compileFieldTest,
  type Question,
  QuestionError,
  questionText,
} from '../predicate/index.ts';
import { configRules } from './config-rules.ts';
import { loadConfig } from './load-config.ts';

/** A question as it was asked: plain text, so that it crosses to worker threads. */
export interface QuestionText {
  /** An event type's name or id, or the path of a Sysmon configuration. */
  readonly question: string;
  readonly where?: readonly string[];
  readonly not?: readonly string[];
  /** Fields to group by, instead of those that the event table names. */
  readonly by?: readonly string[];
  /** ISO 8601, UTC unless it says otherwise; a day means the whole day. */
  readonly from?: string;
  readonly to?: string;
  /** Group by all that tuning may use as well, for a tally that is kept. */
  readonly tunable?: boolean;
}

/** Compiles a question. Throws QuestionError or ConfigError for what can't be asked. */
export function resolveQuestion(asked: QuestionText): Question {
  const subject = subjectOf(asked.question);
  const { eventIds } = subject;
  const hosts = (asked.where ?? [])
    .filter(asksForHost)
    .map((text) => compileFieldTest(text, eventIds, '--where'));
  const where = (asked.where ?? []).map((text) => compileFieldTest(text, eventIds, '--where'));
  const not = (asked.not ?? []).map((text) => compileFieldTest(text, eventIds, '--not'));
  const [from, to] = timeRange(asked);
  const ids = new Set(eventIds);
  const lists = subject.rules.map((_, index): readonly number[] => [index]);
  const shown = new Map(eventIds.map((id) => [id, groupFields(id, asked.by, eventIds)]));
  const grouped = asked.tunable
    ? new Map([...shown].map(([id, fields]) => [id, tunableFields(id, fields)]))
    : shown;
  return {
    name: subject.name,
    kind: subject.kind,
    eventIds,
    sources: [{ channel: null, eventIds }],
    rules: subject.rules,
    decide: (event) => {
      // Other providers use the same small numbers: 8 is Sysmon's only from Sysmon.
      if (!ids.has(event.eventId) || !isSysmon(event.provider)) return NONE;
      return where.every((test) => test(event)) ? (lists[subject.ruleOf(event)] ?? NONE) : NONE;
    },
    hides: not.length === 0 ? null : (event) => not.some((test) => test(event)),
    concerns: hosts.length === 0 ? null : (event) => hosts.every((test) => test(event)),
    from,
    to,
    by: ({ eventId }) => grouped.get(eventId) ?? [],
    shows: (type, by) => shown.get(Number(type)) ?? by,
    text: questionText({
      subject: subject.text,
      where: asked.where ?? [],
      not: asked.not ?? [],
      from,
      to,
    }),
  };
}

/** No rule matches. */
const NONE: readonly number[] = [];

type Subject = Pick<Question, 'name' | 'kind' | 'eventIds' | 'rules' | 'text'> & {
  /** Index of the rule that decides an event of Sysmon with one of the ids, or -1. */
  readonly ruleOf: (event: Event) => number;
};

function subjectOf(question: string): Subject {
  const types = eventTypesNamed(question);
  if (types.length > 0) return typeSubject(types);
  if (existsSync(question) && statSync(question).isFile()) return fileSubject(question);
  const names = [...new Set(EVENT_TYPES.map((type) => type.name))];
  const near = names.find((name) => foldAscii(name).startsWith(foldAscii(question).slice(0, 4)));
  throw new QuestionError(
    'question-unknown',
    `expected an event type (a name such as CreateRemoteThread, or an id such as 8) or the path of a Sysmon configuration, found "${question}"${near ? `; did you mean ${near}?` : ''}`,
  );
}

function typeSubject(types: readonly EventType[]): Subject {
  const { name } = types[0]!;
  return {
    name,
    kind: 'event-type',
    eventIds: types.map((type) => type.id),
    rules: [{ name, id: '', file: '', line: 0, level: '', tags: [], sources: [] }],
    ruleOf: () => 0,
    text: `event-type ${types.map((type) => type.id).join(',')}`,
  };
}

function fileSubject(path: string): Subject {
  const { config } = loadConfig(path);
  const logged = configRules(config, path);
  const { length } = logged.eventIds;
  if (length === 0) {
    throw new ConfigError(
      'config-logs-nothing',
      path,
      1,
      1,
      'this configuration logs no event that can be filtered: there is nothing to ask',
    );
  }
  const names = [...new Set(logged.eventIds.map((id) => eventType(id)!.name))];
  return {
    name: names.length === 1 ? names[0]! : path,
    kind: 'sysmon-config',
    eventIds: logged.eventIds,
    rules: logged.rules,
    ruleOf: logged.ruleOf,
    text: `sysmon-config ${config.source.text}`,
  };
}

function groupFields(
  eventId: number,
  by: readonly string[] | undefined,
  eventIds: readonly number[],
): readonly string[] {
  if (by === undefined || by.length === 0) return eventType(eventId)?.groupBy ?? [];
  const known = [...new Set(eventIds.flatMap((id) => [...(fieldsOf(id)?.keys() ?? [])]))];
  return by.map((written) => {
    const name = known.find((candidate) => foldAscii(candidate) === foldAscii(written.trim()));
    if (name !== undefined) return name;
    throw new QuestionError('by-field', `--by ${written}: expected one of ${known.join(', ')}`);
  });
}

/** What tuning may use of a type, in its own order, and what is to be shown beside that. */
function tunableFields(eventId: number, shown: readonly string[]): readonly string[] {
  const fields = eventType(eventId)?.tuneBy ?? [];
  return [...fields, ...shown.filter((field) => !fields.includes(field))];
}

/** Milliseconds since 1970 of `--from` and `--to`, closed; infinite where not given. */
export function timeRange(asked: {
  readonly from?: string;
  readonly to?: string;
}): [from: number, to: number] {
  const from = asked.from === undefined ? -Infinity : timeOf(asked.from, '--from', 0);
  const to = asked.to === undefined ? Infinity : timeOf(asked.to, '--to', 86_400_000 - 1);
  if (from > to) throw new QuestionError('time-range', `--from ${asked.from} is after --to ${asked.to}`);
  return [from, to];
}

function timeOf(text: string, option: string, rest: number): number {
  const day = /^\s*\d{4}-\d{2}-\d{2}\s*$/.test(text);
  const time = parseTime(day ? `${text.trim()} 00:00` : text);
  if (Number.isNaN(time)) {
    throw new QuestionError(
      'time-syntax',
      `${option} ${text}: expected a time such as 2026-03-14, 2026-03-14T08:30Z or 2026-03-14T08:30:00+01:00`,
    );
  }
  return day ? time + rest : time;
}
