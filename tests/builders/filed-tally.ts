/** Tallies as files hold them: random ones out of events, and one in which no member is empty. */
import fc from 'fast-check';
import type { Diagnostic, Event } from '../../src/events/index.ts';
import {
  addCounted,
  Counter,
  type FiledTally,
  runsOf,
  type Tally,
  type TallyFacts,
} from '../../src/tally/index.ts';
import { event, question, SYSMON_CHANNEL } from './events.ts';

export const FACTS: TallyFacts = {
  name: 'CreateRemoteThread',
  kind: 'event-type',
  eventIds: [8],
  sources: [{ channel: null, eventIds: [8] }],
  rules: [
    {
      name: 'a "rule"',
      id: 'id',
      file: 'a.yml',
      line: 3,
      level: 'high',
      tags: ['attack.t1055'],
      sources: [{ channel: 'system', eventIds: null }],
    },
  ],
  correlations: [
    { rule: 0, type: 'value_count', timespan: 60_000, bounds: [{ op: 'gte', count: 3 }], by: ['User'] },
  ],
  from: Date.UTC(2026, 0, 5),
  to: Date.UTC(2026, 0, 7),
  hides: true,
  shows: new Map([['8', ['SourceImage']]]),
};

const BASE = Date.UTC(2026, 0, 5, 9);

/** Values that a file must carry as they are: what JSON escapes, what prototypes are made of, no characters at all. */
const VALUES = ['C:\\A.EXE', 'c:\\a.exe', '__proto__', 'constructor', '"\n\u2028\0', '\ud800', '', '…#é😀'];

const anyEvent = fc
  .record({
    record: fc.option(fc.integer({ min: 0, max: 60 })),
    time: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -1e9, max: 300 * 60_000 })),
    host: fc.constantFrom('A', 'a', 'B.example', '', '__proto__'),
    channel: fc.constantFrom(SYSMON_CHANNEL, 'System', 'toString'),
    eventId: fc.constantFrom(1, 4, 8, 8, 8, 6005, 1074),
    values: fc.array(fc.constantFrom(...VALUES), { minLength: 0, maxLength: 2 }),
    delay: fc.constantFrom(0, 0, 61_000, 3e9),
  })
  .map(({ record, time, host, channel, eventId, values, delay }): Event => {
    const [SourceImage, TargetImage] = values;
    return event({
      record,
      time: BASE + time,
      delay,
      host,
      channel,
      eventId,
      provider:
        channel === SYSMON_CHANNEL ? 'Microsoft-Windows-Sysmon' : eventId === 1074 ? 'User32' : 'EventLog',
      fields: {
        ...(SourceImage === undefined ? {} : { SourceImage }),
        ...(TargetImage === undefined ? {} : { TargetImage }),
        State: 'Started',
      },
    });
  });

const anyDiagnostic = fc
  .record({ source: fc.string(), offset: fc.nat(), line: fc.nat(), lost: fc.nat(9), message: fc.string() })
  .map(({ source, offset, line, lost, message }): Diagnostic => ({
    code: line % 2 ? 'log-missing' : 'json-syntax',
    severity: 'warning',
    message,
    where: line % 3 ? { source, offset } : line % 5 ? { line, record: offset } : {},
    lost,
  }));

/** A tally of random events, some hidden, some in groups past the limit. */
export const anyTally: fc.Arbitrary<Tally> = fc
  .tuple(
    fc.array(anyEvent, { maxLength: 60 }),
    fc.array(anyDiagnostic, { maxLength: 5 }),
    fc.array(fc.string(), { maxLength: 3 }),
  )
  .map(([events, diagnostics, skipped]) => {
    const asked = question({
      hides: ({ fields }) => fields.get('TargetImage') === '__proto__',
      tested: () => ['SourceImage', 'TargetImage', 'SourceUser'],
    });
    const counter = new Counter(asked, new Map(), 6);
    counter.addFile();
    counter.addBytes(1000);
    for (const one of events) counter.addEvent(one);
    for (const one of diagnostics) counter.addDiagnostic(one);
    for (const path of skipped) counter.addSkipped(path, 'no log');
    return counter.finish().tally;
  });

/** A tally of which no member is empty, zero or absent. */
export function fullTally(): FiledTally {
  const asked = question({
    kind: 'sysmon-config',
    hides: ({ fields }) => fields.get('SourceImage') === 'hidden',
    tested: () => ['SourceImage', 'TargetImage', 'SourceUser'],
  });
  const counter = new Counter(asked, new Map([['host\0' + SYSMON_CHANNEL.toLowerCase(), runsOf([RUN])]]));
  counter.addFile();
  counter.addBytes(7);
  counter.addSkipped('a', 'no log');
  counter.addDiagnostic({
    code: 'json-syntax',
    severity: 'error',
    message: 'broken',
    where: { source: 'a', offset: 1, line: 2, column: 5, record: 3 },
    lost: 4,
  });
  for (const record of [10, 11, 11, null]) counter.addEvent(event({ record, time: BASE, delay: 61_000 }));
  counter.addEvent(event({ record: 20, fields: { SourceImage: 'hidden' } }));
  counter.addEvent(event({ channel: 'System', provider: 'EventLog', eventId: 6005, record: 5 }));
  counter.addEvent(event({ eventId: 4, fields: { State: 'Started' }, record: 21 }));
  const ids = { ProcessGuid: '{1A2B3C4D-0000-0000-0000-000000000000}', BootId: 'f00d' };
  counter.addEvent(event({ provider: 'Linux-Sysmon', eventId: 1, record: 64, fields: ids }));
  const { tally } = counter.finish();
  addCounted(tally, { rule: 1, key: ['bob'], value: 'x' }, BASE, 'host');
  addCounted(tally, { rule: 1, key: ['bob'], value: 'x' }, Number.NaN, 'host');
  tally.halvings = 1;
  tally.skippedMore = 2;
  tally.others.set('host', new Map([[BASE / 10_000, 3]]));
  return { facts: FACTS, tally };
}

const RUN = { first: 11, last: 11, from: BASE, to: BASE, records: 0 };

/** Plain data of a tally in which nothing depends on the order of maps. */
export function canonical(value: unknown): unknown {
  if (value instanceof Map) {
    return [...value]
      .map(([key, held]): [unknown, unknown] => [key, canonical(held)])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  }
  if (Array.isArray(value)) return value.map(canonical);
  if (value !== null && typeof value === 'object') {
    return Object.entries(value)
      .map(([key, held]): [string, unknown] => [key, canonical(held)])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
  return value;
}
