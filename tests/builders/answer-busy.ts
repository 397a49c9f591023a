/** The answer of the post's machine, and what answers are made of. */
import type { Answer, AnswerGroup, ByPhase, Phase, Rate } from '../../src/analysis/index.ts';

export function byPhase(counts: Partial<Record<Phase, number>> = {}): ByPhase {
  return { boot: 0, logon: 0, resume: 0, shutdown: 0, steady: 0, unknown: 0, ...counts };
}

export function rate(estimate: number, low: number, high: number | null, method = 'clopper-pearson'): Rate {
  return { estimate, low, high, confidence: 0.95, method };
}

export function group(
  source: string,
  target: string,
  events: number,
  occasions: number,
  when: ByPhase,
  hosts = 1,
): AnswerGroup {
  return {
    eventId: 8,
    key: { SourceImage: source, TargetImage: target },
    events,
    occasions,
    hosts,
    byPhase: when,
    first: '2026-01-05T08:00:12.123Z',
    last: '2026-01-09T16:20:00.000Z',
  };
}

export const SYSTEM32 = 'C:\\Windows\\System32\\';

/** A week by the hour: bursts at four boots, a little in steady use. */
export const WEEK: Answer['timeline'] = Array.from({ length: 104 }, (_, hour) => ({
  time: new Date(Date.UTC(2026, 0, 5, 8 + hour)).toISOString(),
  events: hour % 26 === 0 ? 20 : hour % 17 === 5 ? 2 : 0,
  boots: hour % 26 === 0 ? 1 : 0,
}));

/** The post's machine: one host, nearly all at boot, from csrss.exe. */
export const BUSY: Answer = {
  schema: 'noisefloor.answer/1',
  question: { name: 'CreateRemoteThread', kind: 'event-type', eventIds: [8] },
  read: {
    files: 2,
    bytes: 12_345_678,
    records: 20_481,
    unreadable: 0,
    duplicates: 0,
    recordIdGaps: 0,
    gaps: [],
    skipped: [],
  },
  exposure: {
    hosts: 1,
    hours: 52.3,
    hoursAtMost: 52.3,
    cells: 61,
    cellsAtMost: 61,
    boots: 4,
    method: 'marks',
    sample: true,
    perHost: [
      {
        host: 'desktop-1',
        hours: 52.3,
        hoursAtMost: 52.3,
        cells: 61,
        cellsAtMost: 61,
        boots: 4,
        method: 'marks',
        first: '2026-01-05T08:00:00.000Z',
        last: '2026-01-09T16:30:00.000Z',
      },
    ],
  },
  matches: { events: 96, occasions: 14, hosts: 1, byPhase: byPhase({ boot: 82, logon: 4, steady: 10 }) },
  rate: {
    occasionsPerHostHour: rate(0.22951, 0.13153, 0.35498),
    steadyOccasionsPerHostHour: rate(0.15094, 0.067493, 0.27592),
    eventsPerHostHour: rate(1.8356, 1.4868, 2.2415, 'garwood'),
    occasionsPerBoot: rate(1, 0.39764, 1),
    alertsPer1000HostsPerDay: rate(5508.2, 3156.7, 8519.5),
    meanOfHosts: null,
    clustering: null,
    forecast: null,
  },
  budget: null,
  groups: [
    group(`${SYSTEM32}csrss.exe`, `${SYSTEM32}svchost.exe`, 60, 4, byPhase({ boot: 60 })),
    group(`${SYSTEM32}csrss.exe`, 'C:\\Windows\\explorer.exe', 22, 4, byPhase({ boot: 18, logon: 4 })),
    group(
      'C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe',
      `${SYSTEM32}spoolsv.exe`,
      12,
      9,
      byPhase({ boot: 4, steady: 8 }),
    ),
    group(
      '<unknown process>',
      'C:\\Users\\Zoë\\AppData\\Local\\Programs\\漢字\\setup.exe',
      2,
      2,
      byPhase({ steady: 2 }),
    ),
  ],
  unseen: null,
  timeline: WEEK,
  rules: [
    {
      name: 'CreateRemoteThread',
      id: '',
      file: '',
      line: 0,
      level: '',
      tags: [],
      hours: 47.1,
      events: 96,
      occasions: 14,
      hosts: 1,
    },
  ],
  perType: [{ eventId: 8, events: 96, occasions: 14 }],
  volume: null,
  blind: [],
  excluded: null,
  diagnostics: [],
};
