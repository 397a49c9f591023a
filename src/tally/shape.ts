/**
 * How each part of a tally is written: one line for each member, and the compiler misses one that has none. A member that
 * is new since `noisefloor.tally/1` is `optional`, with what it is in files that lack it.
 */
import type { Code, Diagnostic, Place } from '../events/index.ts';
import type { Correlation, EventSource, QuestionRule } from '../predicate/index.ts';
import {
  close,
  closeOrNull,
  type Codec,
  column,
  count,
  counts,
  flag,
  integer,
  list,
  Mismatch,
  newColumn,
  nullable,
  oneOf,
  optional,
  orNull,
  ownName,
  pairs,
  record,
  table,
  text,
} from './codec.ts';
import type { TallyFacts } from './facts.ts';
import { joinIntervals } from './intervals.ts';
import { joinMarks } from './merge.ts';
import { joinRuns, type Run, type Runs, rowsOf, runsOf } from './runs.ts';
import { compareSightings } from './sequences.ts';
import type {
  ChannelTally,
  Group,
  HostTally,
  Interval,
  Mark,
  Sequence,
  Sighting,
  Tally,
  VolumeTally,
} from './tally.ts';

function absent<T>(codec: Codec<T>): Codec<T | undefined> {
  return optional(codec as Codec<T | undefined>, undefined);
}

const numbers: Codec<readonly number[]> = list(count);
const texts: Codec<readonly string[]> = list(text);

const source = record<EventSource>({
  channel: nullable(text),
  eventIds: nullable(numbers),
  system: absent(oneOf('windows', 'linux')),
});

const rule = record<QuestionRule>({
  name: text,
  id: text,
  file: text,
  line: count,
  level: text,
  tags: texts,
  sources: list(source),
});

const correlation = record<Correlation>({
  rule: count,
  type: oneOf('event_count', 'value_count'),
  timespan: count,
  bounds: list(
    record<Correlation['bounds'][number]>({ op: oneOf('gt', 'gte', 'lt', 'lte', 'eq', 'neq'), count }),
  ),
  by: texts,
});

export const facts: Codec<TallyFacts> = record<TallyFacts>({
  name: text,
  kind: oneOf('event-type', 'sysmon-config', 'sigma-rule', 'sigma-rules'),
  eventIds: numbers,
  sources: list(source),
  rules: list(rule),
  correlations: list(correlation),
  from: orNull(integer, Number.NEGATIVE_INFINITY),
  to: orNull(integer, Number.POSITIVE_INFINITY),
  hides: flag,
  shows: pairs(text, texts),
});

const place = record<Place>({
  source: absent(text),
  offset: absent(count),
  line: absent(count),
  column: absent(count),
  record: absent(count),
});

const diagnostic = record<Diagnostic>({
  code: ownName<Code>(),
  severity: oneOf('error', 'warning', 'info'),
  message: text,
  where: place,
  lost: count,
});

const volume = record<VolumeTally>({
  events: count,
  jsonBytes: count,
  evtxBytes: count,
});

const sightingRows = table<Sighting>({ time: close, host: column(text), value: column(text) });
/** In their order, whichever thread counted them: the same tally is the same bytes. */
const sightings: Codec<Sighting[]> = {
  write: (rows) => sightingRows.write(rows.toSorted(compareSightings)),
  read: (json) => sightingRows.read(json),
};

/** What is one for the whole tally. */
export const totals: Codec<Omit<Tally, 'hosts' | 'groups' | 'others'>> = record<
  Omit<Tally, 'hosts' | 'groups' | 'others'>
>({
  question: text,
  by: pairs(text, texts),
  files: count,
  bytes: count,
  records: count,
  unreadable: count,
  duplicates: count,
  halvings: count,
  sequences: pairs(
    text,
    record<Sequence>({
      rule: count,
      key: texts,
      sightings,
    }),
  ),
  sightings: count,
  sightingsMore: count,
  diagnostics: pairs(
    ownName<Code>(),
    record<Tally['diagnostics'] extends Map<Code, infer D> ? D : never>({
      count,
      lost: count,
      first: list(diagnostic),
    }),
  ),
  skipped: list(record<Tally['skipped'][number]>({ path: text, reason: text })),
  skippedMore: count,
  fieldsMet: optional(pairs(text, pairs(text, oneOf('all', 'none', 'some'))), new Map()),
  volume,
});

const mark = table<Mark>({
  time: close,
  kind: column(
    oneOf(
      'start',
      'announce',
      'stop',
      'sleep',
      'resume',
      'logon',
      'logoff',
      'clock-set',
      'log-cleared',
      'sysmon-started',
      'sysmon-stopped',
      'sysmon-configured',
      'unwatched',
    ),
  ),
  channel: column(text),
  eventId: column(count),
  since: column(nullable(integer)),
  cleared: column(text),
  boot: newColumn(text, ''),
});

/** First and last time. */
const times: Codec<Interval> = {
  write: ([first, last]) => [first, last],
  read: (json) => {
    const [first, last, ...more] = numbers.read(json);
    if (first === undefined || last === undefined || more.length > 0 || first > last)
      throw new Mismatch('a first and a last time', JSON.stringify(json));
    return [first, last];
  },
};

/** A host without its channels, which have lines of their own. */
export const host: Codec<Omit<HostTally, 'channels'>> = record<Omit<HostTally, 'channels'>>({
  spellings: pairs(text, count),
  // Put in order again: analysis relies on it.
  marks: { write: mark.write, read: (json) => joinMarks(mark.read(json)) },
  excluded: counts,
  machines: pairs(text, times),
  bootIds: pairs(text, times),
});

/** Stretches of activity: a table, as of records with two members. */
const stretch = table<{ first: number; last: number }>({ first: close, last: close });
const activity: Codec<Interval[]> = {
  write: (intervals) => stretch.write(intervals.map(([first, last]) => ({ first, last }))),
  read: (json) =>
    joinIntervals(
      stretch.read(json).map((row): Interval => {
        if (row.first > row.last) throw new Mismatch('a first time before the last', row.first);
        return [row.first, row.last];
      }),
    ),
};

const run = table<Run>({
  first: close,
  last: close,
  // Runs of records without a time.
  from: closeOrNull(Number.POSITIVE_INFINITY),
  to: closeOrNull(Number.NEGATIVE_INFINITY),
  records: column(count),
});

const runs: Codec<Runs> = {
  write: (columns) => run.write(rowsOf(columns)),
  read: (json) => {
    const rows = run.read(json);
    for (const { first, last } of rows) {
      if (first < 0 || first > last) throw new Mismatch('a first record id before the last', first);
    }
    return joinRuns(runsOf(rows));
  },
};

export const channel: Codec<ChannelTally> = record<ChannelTally>({
  records: count,
  sysmon: count,
  byEventId: counts,
  otherEventIds: counts,
  activity,
  runs,
  withoutId: count,
  late: optional(count, 0),
  delay: optional(count, 0),
});

/** A spelling is the JSON of its values: it stands as these, so that nothing is quoted twice. */
const spelling: Codec<string> = {
  write: (written) => JSON.parse(written) as unknown,
  read: (json) => JSON.stringify(list(nullable(text)).read(json)),
};

export const group: Codec<Group> = record<Group>({
  rules: numbers,
  eventId: count,
  channel: text,
  key: list(nullable(text)),
  spellings: pairs(spelling, count),
  hosts: pairs(text, counts),
});
