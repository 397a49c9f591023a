/** Answers in which every part is filled, for reports that draw them all: a large one, and one whose texts are hostile. */
import type { Answer, AnswerGroup } from '../../src/analysis/index.ts';
import { BUSY, byPhase, group, rate, SYSTEM32 } from './answer-busy.ts';
import { EXCLUDED } from './answers.ts';

const CURVE: NonNullable<Answer['unseen']>['curve'] = Array.from({ length: 21 }, (_, index) => {
  const groups = 120 * (1 - Math.exp(-index / 6));
  const further = Math.max(0, index - 10);
  return {
    cells: 100 * index,
    groups,
    low: groups - 2 - 2 * further,
    high: groups + 2 + 3 * further,
    extrapolated: index > 10,
  };
});

const LEVELS = ['low', 'medium', 'high', 'critical', 'informational'];

/** Every part of an answer; `groups` and `hosts` say how many. */
export function fullAnswer(groups: number, hosts: number): Answer {
  const list: AnswerGroup[] = Array.from({ length: groups }, (_, index) => {
    const source = `C:\\Program Files\\Vendor ${index % 37}\\Suite\\agent${index % 37}.exe`;
    const target = index % 5 ? `${SYSTEM32}service${index % 41}.exe` : `C:\\Users\\u${index}\\app.exe`;
    const events = Math.ceil((10 * groups) / (index + 1));
    return group(source, target, events, 1 + (index % 9), byPhase({ steady: events }), 1 + (index % 4));
  });
  const events = list.reduce((sum, { events: some }) => sum + some, 0);
  return {
    ...BUSY,
    question: { name: 'Rules of the house', kind: 'sigma-rules', eventIds: [1, 8] },
    read: { ...EXCLUDED.read },
    exposure: {
      ...BUSY.exposure,
      hosts,
      hours: 40 * hosts,
      hoursAtMost: 44 * hosts,
      cells: 50 * hosts,
      cellsAtMost: 55 * hosts,
      method: 'mixed',
      sample: true,
      perHost: Array.from({ length: hosts }, (_, index) => ({
        ...BUSY.exposure.perHost[0]!,
        host: `ws-${String(index).padStart(4, '0')}.example.com`,
        hours: 20 + ((index * 7) % 40),
        hoursAtMost: 20 + ((index * 7) % 40) + (index % 3 ? 0 : 11),
        method: index % 3 ? ('marks' as const) : ('bounded' as const),
      })),
    },
    matches: {
      events,
      occasions: 1234,
      hosts: Math.min(9, hosts),
      byPhase: byPhase({ steady: events - 40, boot: 30, unknown: 10 }),
    },
    rate: {
      ...BUSY.rate,
      meanOfHosts: rate(0.21, 0.11, 0.4, 'bootstrap over hosts'),
      clustering: {
        by: 'host-day',
        dispersion: 2.4,
        pValue: 0.003,
        reason: 'Occasions clump in host-days, so the intervals stand on host-days and are wider for it.',
      },
      forecast: {
        days: 7,
        hosts: 2000,
        alerts: rate(38_500, 22_100, 59_600, 'beta-binomial'),
        cannotSay: null,
      },
    },
    budget: {
      text: '1/host-day',
      limit: 1,
      upper: 5.2,
      met: false,
      moreHostHours: null,
      rules: Array.from({ length: 40 }, () => ({ upper: 0.9, met: true })),
    },
    groups: list,
    unseen: {
      groups: 97,
      nextCell: rate(0.031, 0.012, 0.061),
      nextHost: rate(0.4, 0.2, 0.62),
      groupsAtLeast: 23,
      curve: CURVE,
      sentence: 'Another hour on these hosts brings a group never seen in about 1 of 32 cases.',
    },
    rules: Array.from({ length: 40 }, (_, index) => ({
      name: `Remote Thread Creation In Uncommon Target Image, Variant ${index}`,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      file: `rules/windows/create_remote_thread/create_remote_thread_win_variant_${index}.yml`,
      line: 0,
      level: LEVELS[index % 5]!,
      tags: ['attack.privilege_escalation', 'attack.t1055.003'].slice(index % 2),
      hours: 47.1,
      events: 40 - index,
      occasions: Math.ceil((40 - index) / 3),
      hosts: 1 + (index % 3),
    })),
    perType: [
      { eventId: 1, events: 900, occasions: 80 },
      { eventId: 8, events: 90, occasions: 20 },
    ],
    volume: {
      eventsPerHostDay: rate(12_345, 11_900, 12_800, 'garwood'),
      jsonMbPerHostDay: 14.2,
      evtxMbPerHostDay: 25.1,
      method: 'Sizes are means of the events read.',
    },
    blind: [
      {
        eventId: 1,
        reason: 'no event 1 is in any of these logs, and no event 16 tells what the configuration was',
      },
    ],
    excluded: EXCLUDED.excluded,
    diagnostics: EXCLUDED.diagnostics,
  };
}

/** What a log, a rule or a path may hold to break out of text. */
export const HOSTILE: readonly string[] = [
  '<script>globalThis.hostile=1</script>',
  '"><img src=x onerror=globalThis.hostile=1>',
  "' onmouseover='globalThis.hostile=1' x='",
  '</style><style>*{background:url(http://hostile.example/x)}</style>',
  '</script><script>globalThis.hostile=1</script>',
  '</title></desc></svg><svg onload=globalThis.hostile=1>',
  '<!--',
  '-->',
  ']]>',
  '<![CDATA[',
  '&lt;script&gt;',
  '&#x3c;b&#x3e;',
  '<base href=//hostile.example>',
  '<a href="javascript:globalThis.hostile=1">x</a>',
  '<link rel=stylesheet href=//hostile.example/x>',
  '<iframe src=//hostile.example>',
  '<meta http-equiv=refresh content=0>',
  'C:\\x\\\u202Eexe.txt',
  '\u2066\u200b\ufeff',
  '\u0000\u0007\u001b[31m\u009b',
  'line\r\nbreak\u2028\u2029',
  '\ud800',
  'x\udc00y',
  '`${globalThis.hostile=1}`',
  '\\u{3c}script>',
  'W'.repeat(1024),
  '漢字'.repeat(200),
  'é\u0301\u0301\u0301\u0301\u0301\u0301',
  '',
  ' ',
  '__proto__',
  'constructor',
];

/** The answer with every text in it, keys of groups included, replaced by hostile ones in turn. */
export function hostileAnswer(): Answer {
  let next = 0;
  const text = (): string => HOSTILE[next++ % HOSTILE.length]!;
  const spoil = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') return text();
    if (Array.isArray(value)) return value.map((item) => spoil(item, path));
    if (value === null || typeof value !== 'object') return value;
    const hostileKeys = path.endsWith('.key');
    return Object.fromEntries(
      Object.entries(value).map(([name, part], index) => [
        hostileKeys ? `${HOSTILE[index]!}` : name,
        spoil(part, `${path}.${name}`),
      ]),
    );
  };
  return spoil(fullAnswer(80, 40), '') as Answer;
}
