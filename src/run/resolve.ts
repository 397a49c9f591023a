/** QUESTION and its options -> a compiled question. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type Event,
  EVENT_TYPES,
  type EventKind,
  type EventType,
  eventType,
  eventTypesNamed,
  fieldsOf,
  foldAscii,
  isSysmon,
} from '../events/index.ts';
import { READ_ALL, READ_NOTHING } from '../evtx/index.ts';
import {
  asksForHost,
  compileFieldTest,
  factNamed,
  isOfKind,
  parseFieldTest,
  type FilteredKind,
  type Question,
  QuestionError,
  questionText,
} from '../predicate/index.ts';
import { hasRules, looksLikeSigma } from './sigma-files.ts';
import { compileLater } from './start-thread.ts';
import { timeRange } from './time-range.ts';

/** A question as it was asked: plain text, so that it crosses to worker threads. */
export interface QuestionText {
  /** An event type's name or id, or the path of a Sysmon configuration, a Sigma rule or a folder of rules. */
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
  /**
   * `reach` asks for who started, opened and injected into whom, whatever `question` says; `all` for all that Sysmon's
   * filters can let through; `excluded` for what the configuration's exclude entries hide.
   */
  readonly about?: 'reach' | 'all' | 'excluded';
  /** False: every event is decided anew, though one like it was decided. The answer is the same. */
  readonly memo?: boolean;
  /** With `excluded`: counts attacks alone, by these files of labels; without one every event is one. */
  readonly attacks?: readonly string[];
}

/**
 * Compiles a question, and loads what that takes: the languages of configurations and of rules only for those. Throws
 * QuestionError or ConfigError for what can't be asked.
 */
export async function resolveQuestion(asked: QuestionText): Promise<Question> {
  if (asked.about === 'reach') return (await import('./reach.ts')).reachQuestion(timeRange(asked));
  if (asked.about === 'excluded') {
    const { excludedQuestion } = await import('./excluded.ts');
    return excludedQuestion(asked.question, timeRange(asked), asked.attacks ?? null);
  }
  const subject = asked.about === 'all' ? allSubject() : await subjectOf(asked.question);
  const { name, kind, eventIds, sources, rules, problems, correlations } = subject;
  // Of Sigma's logs not every field is known: any may be tested.
  const checked = kind === 'sigma-rules' || kind === 'sigma-rule' ? [] : eventIds;
  const tests = (texts: readonly string[] | undefined, option: string): FieldTest[] =>
    (texts ?? []).map((text) => compileFieldTest(text, checked, option));
  const where = tests(asked.where, '--where');
  const hosts = tests(asked.where?.filter(asksForHost), '--where');
  const not = tests(asked.not, '--not');
  const [from, to] = timeRange(asked);
  const shown = fieldsShown(subject, asked.by, checked);
  return {
    name,
    kind,
    eventIds,
    sources,
    rules,
    problems,
    correlations,
    counts: subject.counts && ((event) => (where.every((test) => test(event)) ? subject.counts!(event) : [])),
    decide: (event) => {
      const found = subject.decide(event);
      return found.length > 0 && where.every((test) => test(event)) ? found : NONE;
    },
    hides: not.length === 0 ? null : (event) => not.some((test) => test(event)),
    concerns: hosts.length === 0 ? null : (event) => hosts.every((test) => test(event)),
    from,
    to,
    by: (event) => (asked.tunable ? tunableFields(event, shown(event)) : shown(event)),
    reads: asked.memo === false ? null : readsOf(subject, asked),
    tested: testedOf(subject, asked),
    filtered: filteredOf(subject, asked),
    shows: (type, by) => shownOf(type, by, asked.by, checked),
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

type FieldTest = ReturnType<typeof compileFieldTest>;

type Subject = Pick<
  Question,
  'name' | 'kind' | 'eventIds' | 'sources' | 'rules' | 'problems' | 'correlations' | 'counts' | 'text'
> & {
  readonly reads: NonNullable<Question['reads']>;
  /** Whether it tests a field by its name. */
  readonly names: (kind: EventKind, field: string) => boolean;
  /** Indices of the rules that match, ascending. */
  readonly decide: Question['decide'];
  /** Fields to group by where nothing else is asked for. */
  readonly fields: (kind: EventKind) => readonly string[];
  /** Null where no filter says what `decide` does. */
  readonly filterOf: FilteredKind['filterOf'] | null;
};

async function subjectOf(question: string): Promise<Subject> {
  const types = eventTypesNamed(question);
  if (types.length > 0) return typeSubject(types);
  const found = statSync(question, { throwIfNoEntry: false });
  if (found?.isDirectory() && hasRules(question)) return await sigmaSubject(question);
  if (found?.isFile())
    return looksLikeSigma(question) ? await sigmaSubject(question) : await configSubject(question);
  const names = [...new Set(EVENT_TYPES.map((type) => type.name))];
  const near = names.find((name) => foldAscii(name).startsWith(foldAscii(question).slice(0, 4)));
  throw new QuestionError(
    'question-unknown',
    `expected an event type (a name such as CreateRemoteThread, or an id such as 8), the path of a Sysmon configuration, or of a Sigma rule or a folder of them, found "${question}"${near ? `; did you mean ${near}?` : ''}`,
  );
}

/** What only Sysmon's own events can be: other providers use the same small numbers. */
function ofSysmon(
  eventIds: readonly number[],
  rules: readonly unknown[],
  ruleOf: (event: Event) => number,
  reads: Subject['reads'],
  filterOf: Subject['filterOf'] = null,
): Omit<Subject, 'name' | 'kind' | 'eventIds' | 'rules' | 'text'> {
  const ids = new Set(eventIds);
  const lists = rules.map((_, index): readonly number[] => [index]);
  return {
    sources: [{ channel: null, eventIds }],
    decide: (event) =>
      ids.has(event.eventId) && isSysmon(event.provider) ? (lists[ruleOf(event)] ?? NONE) : NONE,
    fields: ({ eventId }) => eventType(eventId)?.groupBy ?? [],
    problems: [],
    correlations: [],
    counts: null,
    reads,
    names: (kind, field) => reads(kind, field) !== READ_NOTHING,
    filterOf,
  };
}

function typeSubject(types: readonly EventType[]): Subject {
  const { name } = types[0]!;
  const eventIds = types.map((type) => type.id);
  const rules = [{ name, id: '', file: '', line: 0, level: '', tags: [], sources: [] }];
  return {
    name,
    kind: 'event-type',
    eventIds,
    rules,
    ...ofSysmon(
      eventIds,
      rules,
      () => 0,
      () => READ_NOTHING,
    ),
    text: `event-type ${eventIds.join(',')}`,
  };
}

function allSubject(): Subject {
  const name = 'Events of Sysmon';
  const { rules, ...subject } = typeSubject(EVENT_TYPES.filter(({ tag }) => tag !== null));
  return { ...subject, name, rules: rules.map((rule) => ({ ...rule, name })) };
}

async function configSubject(path: string): Promise<Subject> {
  const { askedOfConfig } = await import('./config-rules.ts');
  await compileLater();
  const { name, eventIds, rules, ruleOf, reads, filterOf, text } = askedOfConfig(path);
  const sysmon = ofSysmon(eventIds, rules, ruleOf, reads, filterOf);
  return { name, kind: 'sysmon-config', eventIds, rules, ...sysmon, text };
}

async function sigmaSubject(path: string): Promise<Subject> {
  const { sigmaRules } = await import('./sigma-rules.ts');
  await compileLater();
  const { text, ...read } = sigmaRules(path);
  const [only, another] = read.rules;
  const kind = another ? 'sigma-rules' : 'sigma-rule';
  const name = another ? `${read.rules.length} Sigma rules of ${basename(path)}` : only!.name;
  return { name, kind, ...read, filterOf: null, text: `sigma ${text}` };
}

/** What is read of an event: what the subject reads, and the fields of tests. */
function readsOf({ reads }: Subject, asked: QuestionText): Subject['reads'] {
  const tested = testedFields(asked);
  return (kind, field) => (tested.has(foldAscii(field)) ? READ_ALL : reads(kind, field));
}

/** Fields of Sysmon's types that the subject or a test asks of an event. */
function testedOf({ sources, names }: Subject, asked: QuestionText): Question['tested'] {
  const named = testedFields(asked);
  return (kind) =>
    isSysmon(kind.provider) && sources.some((source) => isOfKind(source, null, kind.eventId))
      ? [...(fieldsOf(kind.eventId)?.keys() ?? [])].filter(
          (field) => named.has(foldAscii(field)) || names(kind, field),
        )
      : [];
}

/** Fields of tests, folded. */
function testedFields({ where = [], not = [] }: QuestionText): ReadonlySet<string> {
  return new Set([...where, ...not].map((text) => foldAscii(parseFieldTest(text, '').field)));
}

/** What the subject decides by a filter. */
function filteredOf({ filterOf }: Subject, asked: QuestionText): Question['filtered'] {
  if (filterOf === null) return null;
  const tested = testedFields(asked);
  // The filter is asked of each event; what tests say of one would hold for others.
  if (asked.memo === false && tested.size > 0) return { filterOf, reads: null };
  return { filterOf, reads: (_, field) => (tested.has(foldAscii(field)) ? READ_ALL : READ_NOTHING) };
}

/** The fields by which an event is shown: those of `--by`, else those of its type. */
function fieldsShown(
  subject: Subject,
  by: readonly string[] | undefined,
  checked: readonly number[],
): (kind: EventKind) => readonly string[] {
  if (by === undefined || by.length === 0) return subject.fields;
  const named = new Map(checked.map((id) => [id, groupFields(id, by, checked)]));
  const written = by.map(nameOf);
  return checked.length > 0
    ? ({ eventId }) => named.get(eventId) ?? []
    : ({ eventId, provider }) => (isSysmon(provider) ? spelt(eventId, written) : written);
}

/** A field as it is written, but a fact of the record. */
function nameOf(written: string): string {
  return factNamed(written.trim()) ?? written.trim();
}

/** The names as Sysmon writes them in a type; a name that the type lacks stays as it is. */
function spelt(eventId: number, written: readonly string[]): readonly string[] {
  const own = [...(fieldsOf(eventId)?.keys() ?? [])];
  return written.map((field) => own.find((name) => foldAscii(name) === foldAscii(field)) ?? field);
}

/** What to show of a type (`typeKey`) that is grouped by these fields, perhaps by more than was asked for. */
function shownOf(
  type: string,
  grouped: readonly string[],
  by: readonly string[] | undefined,
  checked: readonly number[],
): readonly string[] {
  // The key of Sysmon's types is their id alone.
  const eventId = Number(type);
  if (by === undefined || by.length === 0) return eventType(eventId)?.groupBy ?? grouped;
  if (checked.length > 0) return groupFields(eventId, by, checked);
  const written = by.map(nameOf);
  return Number.isNaN(eventId) ? written : spelt(eventId, written);
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
function tunableFields({ eventId, provider }: EventKind, shown: readonly string[]): readonly string[] {
  const fields = isSysmon(provider) ? (eventType(eventId)?.tuneBy ?? []) : [];
  return [...fields, ...shown.filter((field) => !fields.includes(field))];
}
