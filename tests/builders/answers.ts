/** Answers made by hand for the tests of the report. Intervals are Clopper-Pearson and Garwood, worked out apart. */
import type { Answer } from '../../src/analysis/index.ts';
import { BUSY, byPhase, group, rate, SYSTEM32, WEEK } from './answer-busy.ts';

export { BUSY, byPhase, rate } from './answer-busy.ts';

const NO_RATES: Answer['rate'] = {
  occasionsPerHostHour: null,
  steadyOccasionsPerHostHour: null,
  eventsPerHostHour: null,
  occasionsPerBoot: null,
  alertsPer1000HostsPerDay: null,
  meanOfHosts: null,
  clustering: null,
  forecast: null,
};

/** Watched, and nothing seen. */
export const ZERO: Answer = {
  ...BUSY,
  matches: { events: 0, occasions: 0, hosts: 0, byPhase: byPhase() },
  rate: {
    ...NO_RATES,
    occasionsPerHostHour: rate(0, 0, 0.047924, 'clopper-pearson, one-sided'),
    steadyOccasionsPerHostHour: rate(0, 0, 0.055, 'clopper-pearson, one-sided'),
    eventsPerHostHour: rate(0, 0, 0.0573, 'garwood, one-sided'),
    alertsPer1000HostsPerDay: rate(0, 0, 1150.2, 'clopper-pearson, one-sided'),
  },
  groups: [],
  timeline: WEEK.map((bin) => ({ ...bin, events: 0 })),
  rules: [
    {
      name: 'CreateRemoteThread',
      id: '',
      file: '',
      line: 0,
      level: '',
      tags: [],
      hours: 47.1,
      events: 0,
      occasions: 0,
      hosts: 0,
    },
  ],
  perType: [{ eventId: 8, events: 0, occasions: 0 }],
};

/** Nothing seen, in a log that may not log it at all. */
export const BLIND: Answer = {
  ...ZERO,
  blind: [
    {
      eventId: 8,
      reason: 'no event 8 is in any of these logs, and no event 16 tells what the configuration was',
    },
  ],
};

/** A log without any sign of how long it was watched. */
export const UNEXPOSED: Answer = {
  ...ZERO,
  exposure: {
    ...ZERO.exposure,
    hosts: 0,
    hours: 0,
    hoursAtMost: 0,
    cells: 0,
    cellsAtMost: 0,
    boots: 0,
    perHost: [],
  },
  rate: NO_RATES,
  timeline: [],
};

/** The post's configuration, which logs nothing else: the exposure is a range. */
export const BOUNDED: Answer = {
  ...BUSY,
  exposure: {
    ...BUSY.exposure,
    hours: 12,
    hoursAtMost: 31.5,
    cells: 20,
    cellsAtMost: 40,
    method: 'bounded',
    sample: true,
    perHost: BUSY.exposure.perHost.map((host) => ({
      ...host,
      hours: 12,
      hoursAtMost: 31.5,
      cells: 20,
      cellsAtMost: 40,
      method: 'bounded',
    })),
  },
  rate: {
    ...BUSY.rate,
    occasionsPerHostHour: rate(0.35, 0.20628, 0.88107),
    eventsPerHostHour: rate(3.0476, 2.4686, 9.7694),
  },
};

/** The same without csrss.exe, with losses in reading. */
export const EXCLUDED: Answer = {
  ...BUSY,
  read: {
    ...BUSY.read,
    unreadable: 3,
    duplicates: 12,
    recordIdGaps: 2,
    gaps: [{ host: 'a', channel: 'system', class: 'loss', gaps: 1, records: 2 }],
    skipped: [
      {
        path: 'logs/notes.docx',
        reason: 'not a log: expected EVTX, XML, JSON Lines or a tally, found a ZIP of XML parts',
      },
    ],
  },
  matches: { events: 14, occasions: 5, hosts: 1, byPhase: byPhase({ boot: 4, steady: 10 }) },
  rate: {
    occasionsPerHostHour: rate(0.081967, 0.027151, 0.18101),
    steadyOccasionsPerHostHour: rate(0.075472, 0.020946, 0.18211),
    eventsPerHostHour: rate(0.26769, 0.14635, 0.44913, 'garwood'),
    occasionsPerBoot: rate(0.5, 0.067586, 0.93241),
    alertsPer1000HostsPerDay: rate(1967.2, 651.6, 4344.2),
    meanOfHosts: null,
    clustering: null,
    forecast: null,
  },
  groups: BUSY.groups.slice(2),
  excluded: {
    events: 82,
    occasions: 4,
    byPhase: byPhase({ boot: 78, logon: 4 }),
    before: {
      events: 96,
      occasions: 14,
      occasionsPerHostHour: BUSY.rate.occasionsPerHostHour,
      steadyOccasionsPerHostHour: BUSY.rate.steadyOccasionsPerHostHour,
      eventsPerHostHour: BUSY.rate.eventsPerHostHour,
      occasionsPerBoot: BUSY.rate.occasionsPerBoot,
    },
  },
  diagnostics: [
    {
      code: 'evtx-record-body',
      severity: 'error',
      message:
        'Expected a record signature 2a 2a 00 00, found 00 00 00 00. The rest of this chunk is skipped.',
      where: { source: 'logs/Microsoft-Windows-Sysmon%4Operational.evtx', offset: 69_632, record: 812 },
      count: 3,
    },
  ],
};

/** Twelve hosts, three event types, more groups than a table shows, events without a phase. */
export const FLEET: Answer = {
  ...BUSY,
  question: { name: 'RegistryEvent', kind: 'event-type', eventIds: [12, 13, 14] },
  exposure: {
    hosts: 12,
    hours: 1180,
    hoursAtMost: 1180,
    cells: 1412,
    cellsAtMost: 1412,
    boots: 220,
    method: 'mixed',
    sample: true,
    perHost: Array.from({ length: 12 }, (_, index) => ({
      host:
        index === 0
          ? 'a-host-with-a-very-long-name.some.department.of.example.corp.local'
          : `ws-${index}.example.com`,
      hours: 40 + 10 * index,
      hoursAtMost: 40 + 10 * index,
      cells: 50 + 12 * index,
      cellsAtMost: 50 + 12 * index,
      boots: 10 + index,
      method: index % 2 ? 'marks' : 'activity',
      first: '2026-01-05T08:00:00.000Z',
      last: '2026-01-09T16:30:00.000Z',
    })),
  },
  matches: {
    events: 188,
    occasions: 37,
    hosts: 9,
    byPhase: byPhase({ unknown: 100, steady: 60, shutdown: 28 }),
  },
  rate: {
    occasionsPerHostHour: rate(0.026204, 0.018516, 0.035939),
    steadyOccasionsPerHostHour: rate(0.0085714, 0.0044366, 0.014925),
    eventsPerHostHour: rate(0.15932, 0.13736, 0.1838, 'garwood'),
    occasionsPerBoot: rate(0.027273, 0.010073, 0.058413),
    alertsPer1000HostsPerDay: rate(628.9, 444.4, 862.5),
    meanOfHosts: null,
    clustering: null,
    forecast: null,
  },
  groups: Array.from({ length: 15 }, (_, index) => ({
    ...group(
      '',
      '',
      index === 0 ? 90 : 7,
      2,
      byPhase({ unknown: index === 0 ? 90 : 3, steady: index === 0 ? 0 : 4 }),
      2,
    ),
    eventId: 12 + (index % 3),
    key: {
      Image: `${SYSTEM32}svchost.exe`,
      TargetObject: `HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\S-1-5-21-${index}\\Device\\Value`,
    },
  })),
  rules: [],
  perType: [12, 13, 14].map((eventId) => ({ eventId, events: 60, occasions: 12 })),
};

export const ANSWERS: Readonly<Record<string, Answer>> = {
  busy: BUSY,
  zero: ZERO,
  blind: BLIND,
  unexposed: UNEXPOSED,
  bounded: BOUNDED,
  excluded: EXCLUDED,
  fleet: FLEET,
};
