import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import type { Answer, Rate } from '../../src/analysis/index.ts';
import { displayWidth, renderAnswer } from '../../src/report/index.ts';
import {
  ANSWERS,
  BLIND,
  BOUNDED,
  BUSY,
  byPhase,
  EXCLUDED,
  FLEET,
  rate,
  UNEXPOSED,
  ZERO,
} from '../builders/answers.ts';

const OPTIONS = { colour: false, width: 80, logs: ['.'], questionText: '8' };

/** The text as one line, so that a test need not know where it was wrapped. */
function flat(answer: Answer, options: Partial<typeof OPTIONS> = {}): string {
  return renderAnswer(answer, { ...OPTIONS, ...options }).replaceAll(/\s+/g, ' ');
}

function assertFits(text: string, width: number): void {
  for (const line of text.split('\n')) {
    assert.ok(displayWidth(line) <= width, `${displayWidth(line)} columns: ${line}`);
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  }
}

test('the first sentence answers the question', () => {
  const text = flat(BUSY);
  assert.match(
    text,
    /^CreateRemoteThread fired in 14 of 61 watched host-hours: about once every 4\.36 host-hours/,
  );
  assert.match(text, /\(95 %: 2\.82 to 7\.6\)/);
  assert.match(text, /about 5,510 alerts a day on 1,000 hosts/);
  assert.match(text, /Nearly all at boot: 82 of 96 events\./);
});

test('no match: an upper bound, said to be one-sided, and whether the log could have held one', () => {
  const text = flat(ZERO);
  assert.match(
    text,
    /^No CreateRemoteThread in 61 watched host-hours on 1 host: at most one in 20\.9 host-hours \(95 %, one-sided\)\./,
  );
  assert.match(text, /The log could have held such events\./);
  assert.match(flat(BLIND), /But the log may not hold such events at all/);
  assert.match(flat(BLIND), /no event 16 tells what the configuration was/);
  assert.match(flat(BLIND), /noisefloor dump \. --event 16/);
});

test('no exposure: no rate, and why', () => {
  const text = flat(UNEXPOSED);
  assert.match(text, /no rate: none of these records was written by Sysmon/);
  assert.match(text, /This is not a rate of zero\./);
  assert.match(text, /noisefloor ask 8 \. --exposure 120h/);
  const nothing = flat({ ...UNEXPOSED, read: { ...UNEXPOSED.read, records: 0 } });
  assert.match(nothing, /no rate: no record was read/);
});

test('an exposure that is a range gives a rate that is a range', () => {
  const text = flat(BOUNDED);
  assert.match(
    text,
    /in 14 of 20 to 40 watched host-hours: from once every 2\.86 host-hours to once every 1\.43 host-hours/,
  );
  assert.match(text, /12 to 31\.5 hours on 1 host/);
});

test('--not: before and after side by side, and what was hidden by phase', () => {
  const text = renderAnswer(EXCLUDED, OPTIONS);
  assert.match(text, /events +96 +14\n/);
  assert.match(text, /rate +once every 4\.36 host-hours +once every 12\.2 host-hours\n/);
  assert.match(text, /--not hid 82 of 96 events: boot 78, logon 4\./);
  assert.match(text, /add:\n--not "SourceImage\|endswith=\\vmtoolsd\.exe"\n/);
});

test('losses are told, with their places, and so is that there are none', () => {
  assert.match(flat(BUSY), /Nothing was lost in reading\./);
  const text = flat(EXCLUDED);
  assert.doesNotMatch(text, /Nothing was lost/);
  assert.match(text, /3 records could not be read\. 1 file skipped\./);
  assert.match(text, /12 records stood in the logs twice/);
  assert.match(text, /2 record ids between those read are missing in 1 log/);
  assert.match(text, /logs\/notes\.docx: not a log/);
  assert.match(text, /byte 69,632, record 812: Expected a record signature/);
  const partial = { ...BUSY, diagnostics: EXCLUDED.diagnostics };
  assert.match(flat(partial), /Part of the data could not be read/);
});

test('what the text says itself is not repeated from the diagnostics', () => {
  const diagnostic = { severity: 'info', message: 'one host is not a fleet', where: {}, count: 1 };
  const text = flat({ ...BUSY, diagnostics: [{ ...diagnostic, code: 'one-host' }] });
  assert.equal(text, flat(BUSY));
  assert.match(
    flat({ ...BUSY, diagnostics: [{ ...diagnostic, code: 'evtx-chunk-magic' }] }),
    /info: one host is not a fleet/,
  );
});

test('few hosts are not a fleet; many hosts have rows', () => {
  assert.match(flat(BUSY), /One host is not a fleet/);
  assert.doesNotMatch(flat(FLEET), /not a fleet/);
  assert.match(flat(FLEET), /and 4 more hosts with 220 hours/);
  assert.match(flat(FLEET), /and 3 more groups with 21 events/);
});

test('the timeline is scaled to its tallest bar and marks boots', () => {
  const lines = renderAnswer(BUSY, OPTIONS).split('\n');
  const at = lines.findIndex((line) => line.startsWith('Timeline'));
  const [bars, boots, ends] = lines.slice(at + 1, at + 4);
  assert.equal([...bars!].filter((character) => character === '█').length, 4);
  assert.equal([...boots!].filter((character) => character === '^').length, 4);
  assert.match(ends!, /^ {2}2026-01-05 08:00 +2026-01-09 16:00$/);
});

test('modelled logs are labelled', () => {
  assert.match(flat(BUSY, { logs: ['examples/modelled/week'] }), /modelled logs, not recorded/);
  assert.doesNotMatch(flat(BUSY), /modelled/);
});

test('colours take no room and come only when asked for', () => {
  for (const answer of Object.values(ANSWERS)) {
    const coloured = renderAnswer(answer, { ...OPTIONS, colour: true });
    assert.notEqual(coloured, stripVTControlCharacters(coloured));
    assert.equal(stripVTControlCharacters(coloured), renderAnswer(answer, OPTIONS));
  }
});

test('a hand-made answer fits the width', () => {
  for (const width of [60, 80, 120])
    for (const answer of Object.values(ANSWERS))
      assertFits(renderAnswer(answer, { ...OPTIONS, width }), width);
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.string({
    unit: fc.constantFrom('\u001b', '\n', '漢', '\u0301', '\u202e', '\ud83d', '\\', '"', '`', '$', ' ', 'a'),
    maxLength: 200,
  }),
  fc.constantFrom('', '-', '__proto__', `C:\\${'x'.repeat(300)}\\a.exe`, '"; rm -rf ~ #', '$(reboot).exe'),
);
const number = fc.oneof(
  fc.nat(200),
  fc.nat({ max: 2 ** 31 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, 0, 1e-300, 1e21),
);
const time = fc.constantFrom(
  '',
  'never',
  '2026-01-05T08:00:00.000Z',
  '0001-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
);
const anyRate: fc.Arbitrary<Rate | null> = fc.oneof(
  fc.constant(null),
  fc.tuple(number, number, fc.option(number)).map(([estimate, low, high]) => rate(estimate, low, high)),
);
const phases = fc
  .tuple(number, number, number)
  .map(([boot, steady, unknown]) => byPhase({ boot, steady, unknown }));

const anyAnswer: fc.Arbitrary<Answer> = fc
  .record({
    base: fc.constantFrom(...Object.values(ANSWERS)),
    name: text,
    eventIds: fc.array(fc.nat(70_000), { minLength: 1, maxLength: 3 }),
    numbers: fc.array(number, { minLength: 6, maxLength: 6 }),
    byPhase: phases,
    rates: fc.array(anyRate, { minLength: 5, maxLength: 5 }),
    groups: fc.array(
      fc.record({ key: fc.dictionary(text, text, { maxKeys: 4 }), events: number, byPhase: phases }),
      {
        maxLength: 14,
      },
    ),
    hosts: fc.array(fc.record({ host: text, hours: number, first: time, last: time }), { maxLength: 12 }),
    timeline: fc.array(fc.record({ time, events: number, boots: fc.nat(2) }), { maxLength: 5 }),
    problems: fc.array(fc.record({ source: text, message: text, line: number }), { maxLength: 12 }),
  })
  .map(({ base, name, eventIds, numbers, byPhase: when, rates, groups, hosts, timeline, problems }) => {
    const [events, occasions, hours, hoursAtMost, cells, cellsAtMost] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return {
      ...base,
      question: { ...base.question, name, eventIds },
      exposure: {
        ...base.exposure,
        hosts: hosts.length,
        hours,
        hoursAtMost,
        cells,
        cellsAtMost,
        perHost: hosts.map((host) => ({
          ...BUSY.exposure.perHost[0]!,
          ...host,
        })),
      },
      matches: { events, occasions, hosts: hosts.length, byPhase: when },
      rate: {
        occasionsPerHostHour: rates[0]!,
        steadyOccasionsPerHostHour: rates[1]!,
        eventsPerHostHour: rates[2]!,
        occasionsPerBoot: rates[3]!,
        alertsPer1000HostsPerDay: rates[4]!,
        meanOfHosts: null,
        clustering: null,
        forecast: null,
      },
      groups: groups.map((group) => ({ ...BUSY.groups[0]!, ...group, eventId: eventIds[0]! })),
      timeline,
      blind: problems.map(({ message }) => ({ eventId: 8, reason: message })),
      rules: problems.map(({ message, source, line }) => ({
        ...BUSY.rules[0]!,
        name: message,
        file: source,
        line,
      })),
      read: {
        ...base.read,
        skipped: problems.map(({ source, message }) => ({ path: source, reason: message })),
      },
      diagnostics: problems.map(({ source, message, line }) => ({
        code: 'json-syntax',
        severity: 'error',
        message,
        where: { source, line },
        count: 2,
      })),
    };
  });

test('whatever the data, no line is wider than the terminal and none holds a control character', () => {
  fc.assert(
    fc.property(anyAnswer, fc.array(text, { maxLength: 3 }), text, (answer, logs, questionText) => {
      assertFits(renderAnswer(answer, { ...OPTIONS, logs, questionText }), 80);
    }),
    { numRuns: 300 },
  );
});

test('what an interval stands on is said where hours clump, and the mean of hosts where it differs', () => {
  const clustering = {
    by: 'host-day',
    dispersion: 3.1,
    pValue: 0.001,
    reason: '40 host-days scatter 3.1 times as much as independent cells would',
  } as const;
  const clumped = { ...FLEET, rate: { ...FLEET.rate, clustering, meanOfHosts: rate(0.05, 0.02, 0.1) } };
  const said = flat(clumped);
  assert.match(said, /Interval of hours by host-day: 40 host-days scatter 3\.1 times/);
  assert.match(said, /the mean of its hosts once every 20 host-hours 10 to 50/);
  assert.match(said, /believe the mean for other hosts/);
  for (const width of [60, 80]) assertFits(renderAnswer(clumped, { ...OPTIONS, width }), width);
  const plain = flat({
    ...FLEET,
    rate: {
      ...FLEET.rate,
      clustering: { ...clustering, by: 'none' },
      meanOfHosts: rate(0.027, 0.02, 0.04),
    },
  });
  assert.doesNotMatch(plain, /Interval of hours|mean/);
});
