/** Events for tests, in memory. */
import type { Event } from '../../src/events/index.ts';
import type { Question } from '../../src/predicate/index.ts';

export const SYSMON = 'Microsoft-Windows-Sysmon';
export const SYSMON_CHANNEL = 'Microsoft-Windows-Sysmon/Operational';

/** An event 8 of Sysmon, with whatever differs from the plainest one. */
export function event(
  some: Partial<Omit<Event, 'fields'>> & { fields?: Readonly<Record<string, string>> } = {},
): Event {
  return {
    record: null,
    time: Date.UTC(2026, 0, 5, 9),
    host: 'HOST',
    provider: SYSMON,
    channel: SYSMON_CHANNEL,
    eventId: 8,
    version: 2,
    ...some,
    fields: new Map(Object.entries(some.fields ?? { SourceImage: 'C:\\a.exe', TargetImage: 'C:\\b.exe' })),
  };
}

/** The question for event 8, which sees no narrower than that. */
export function question(some: Partial<Question> = {}): Question {
  return {
    name: 'CreateRemoteThread',
    kind: 'event-type',
    eventIds: [8],
    sources: [{ channel: null, eventIds: [8] }],
    rules: [{ name: 'CreateRemoteThread', id: '', file: '', line: 0, level: '', tags: [], sources: [] }],
    decide: ({ eventId, provider }) => (eventId === 8 && provider === SYSMON ? [0] : []),
    problems: [],
    correlations: [],
    counts: null,
    hides: null,
    concerns: null,
    from: -Infinity,
    to: Infinity,
    by: () => ['SourceImage', 'TargetImage'],
    reads: null,
    filtered: null,
    tested: ({ eventId }) => (eventId === 8 ? ['SourceImage', 'TargetImage'] : []),
    shows: (_, by) => by,
    text: 'event 8',
    ...some,
  };
}
