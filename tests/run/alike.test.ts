/**
 * A tally is the same whether a scan's kernel counts what is not wanted and knows what is like a record before, or each
 * event is added by itself.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, Scanner, STRETCH_GAP_MS, type Wanted } from '../../src/evtx/index.ts';
import type { Question } from '../../src/predicate/index.ts';
import { type QuestionText, resolveQuestion } from '../../src/run/resolve.ts';
import { readEvtxFile } from '../../src/sources/index.ts';
import { ACTIVITY_GAP_MS, Counter, type Tally } from '../../src/tally/index.ts';
import type { EvtxValue, WriterEvent } from '../builders/evtx-writer.ts';
import { modelledWeek } from '../builders/modelled-week.ts';
import { scannedLog } from '../builders/scanned-log.ts';
import { sharedLogs } from '../builders/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-alike-'));
after(() => rmSync(folder, { recursive: true }));

const RULES = join(folder, 'rules');
mkdirSync(RULES);
const rule = (name: string, logsource: string, detection: string): void =>
  writeFileSync(
    join(RULES, `${name}.yml`),
    `title: ${name}\nname: ${name}\nlogsource: {${logsource}}\ndetection:\n  ${detection}\n  condition: a\n`,
  );
rule('shell', 'category: process_creation, product: windows', "a: {Image|endswith: '\\cmd.exe'}");
rule('thread', 'category: create_remote_thread, product: windows', "a: {TargetImage|contains: 'lsass'}");
rule('words', 'product: windows', 'a: [ping]');
writeFileSync(
  join(RULES, 'often.yml'),
  'title: often\ncorrelation:\n  type: value_count\n  rules: [shell]\n  group-by: [User]\n  timespan: 1m\n  condition: {field: ProcessId, gte: 3}\n',
);

const CONFIG = join(folder, 'config.xml');
writeFileSync(
  CONFIG,
  `<Sysmon schemaversion="4.90"><EventFiltering>
  <RuleGroup groupRelation="or"><ProcessCreate onmatch="exclude"><Image condition="image">cmd.exe</Image>
    <ParentUser condition="is">c</ParentUser>
    <Rule groupRelation="and"><User condition="is">b</User><ProcessId condition="is">4</ProcessId></Rule></ProcessCreate></RuleGroup>
  <RuleGroup groupRelation="or"><CreateRemoteThread onmatch="include"><TargetImage condition="contains">s</TargetImage>
    <SourceImage condition="begin with">C:</SourceImage></CreateRemoteThread></RuleGroup>
</EventFiltering></Sysmon>`,
);

const QUESTIONS: readonly QuestionText[] = [
  { question: '8' },
  { question: '1', where: ['Image|endswith=cmd.exe'], not: ['ProcessId=4'] },
  { question: '1', by: ['User', 'ProcessId'], from: '2020-01-01T00:00:20' },
  { question: '8', tunable: true, to: '2020-01-01T00:00:20' },
  { question: '8', about: 'reach' },
  { question: '8', about: 'all', not: ['Image|contains=ping'] },
  { question: CONFIG },
  { question: CONFIG, memo: false },
  { question: CONFIG, memo: false, where: ['Image|contains=c'] },
  { question: CONFIG, not: ['User=a'], to: '2020-01-01T00:00:20', by: ['User'] },
  { question: RULES },
  { question: RULES, by: ['computer', 'EventID', 'User'] },
  { question: join(RULES, 'words.yml') },
];

/** Whether what tests say is asked of each record. */
function isEach({ memo, where }: QuestionText): boolean {
  return memo === false && where !== undefined;
}

class Pair {
  readonly counters: readonly [Counter, Counter];
  readonly scanners: readonly [Scanner, Scanner];
  /** Records that are like one before. */
  known = 0;
  private readonly numbers = new Set<number>();

  constructor(question: Question, limit?: number) {
    const [alike, each] = [new Counter(question, undefined, limit), new Counter(question, undefined, limit)];
    this.counters = [alike, each];
    this.scanners = [
      new Scanner((origin): Wanted => alike.wanted(origin)),
      new Scanner(() => EVERY_RECORD, false),
    ];
  }

  addFile(path: string): void {
    const log = { path, kind: 'evtx' as const, size: statSync(path).size, explicit: true };
    for (const i of [0, 1] as const)
      for (const { scan } of readEvtxFile(log, this.scanners[i], {
        verify: false,
        recover: false,
        range: null,
      }))
        if (scan) this.#add(i, scan);
  }

  addEvents(events: readonly WriterEvent[]): void {
    for (const i of [0, 1] as const) this.#add(i, scannedLog(this.scanners[i], events));
  }

  check(): void {
    const [alike, each] = this.counters.map((counter) => counter.finish().tally) as [Tally, Tally];
    assert.deepEqual(alike, each);
  }

  #add(i: 0 | 1, scan: ReturnType<Scanner['scan']>): void {
    const { wanted } = scan;
    for (let n = 0; n < wanted.count; n++) {
      const number = wanted.alike(n);
      if (i === 1) assert.equal(number, -1);
      else {
        this.known += wanted.recordsOf(n) - 1;
        if (this.numbers.has(number)) this.known += 1;
        else if (number >= 0) this.numbers.add(number);
      }
    }
    if (i === 0) this.counters[i].addScan(scan);
    else for (const event of scan.events) this.counters[i].addEvent(event);
  }
}

const texts = (...some: readonly string[]): fc.Arbitrary<EvtxValue> =>
  fc.constantFrom(...some).map((value): EvtxValue => ({ type: 'string', value }));
const guids = fc.oneof(
  fc
    .constantFrom(
      '{11111111-0000-0000-0000-000000000001}',
      '{11111111-0000-0000-0000-000000000002}',
      '{22222222-0000-0000-0000-000000000001}',
    )
    .chain((value) => fc.constantFrom<EvtxValue>({ type: 'guid', value }, { type: 'string', value })),
  fc.constantFrom<EvtxValue>({ type: 'null' }, { type: 'string', value: '' }),
);
const PIDS = fc.constantFrom(4, 12, 99).map((value): EvtxValue => ({ type: 'uint32', value }));
const FIELDS: Readonly<Record<number, Readonly<Record<string, fc.Arbitrary<EvtxValue>>>>> = {
  1: {
    UtcTime: texts('2020-01-01 00:00:01.000', '2020-01-01 00:00:02.000'),
    ProcessGuid: guids,
    ProcessId: PIDS,
    Image: texts('C:\\cmd.exe', 'C:\\CMD.EXE', 'ping'),
    User: texts('a', 'b', ''),
  },
  8: {
    SourceProcessGuid: guids,
    SourceImage: texts('C:\\a.exe', 'C:\\A.exe', ''),
    TargetImage: fc.oneof(texts('lsass', 'ping'), fc.constant<EvtxValue>({ type: 'absent' })),
  },
  16: { Configuration: texts('a', 'b') },
};
const HOSTS = ['PC', 'pc', 'other'];
const someEvent = fc.constantFrom(1, 1, 8, 8, 16).chain((eventId) =>
  fc.record({
    eventId: fc.constant(eventId),
    computer: fc.constantFrom(...HOSTS),
    provider: fc.constantFrom('Microsoft-Windows-Sysmon', 'Microsoft-Windows-Sysmon', 'Other'),
    // Without a user, as older versions of Sysmon write them.
    fields: fc.record(FIELDS[eventId]!, {
      requiredKeys: Object.keys(FIELDS[eventId]!).filter((name) => name !== 'User'),
    }),
    // Milliseconds before it.
    pause: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 59_300, 61_000, 31 * 60_000, -40 * 60_000),
  }),
);
const someLog = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.array(someEvent, { minLength: 1, maxLength: 60, size: 'max' }))
  .map(([first, all]) => {
    let time = Date.UTC(2020, 0);
    return all.map(({ fields, pause, ...event }, i): WriterEvent => {
      time += 700 + pause;
      const recordId = first + i;
      const data = { kind: 'EventData' as const, fields: Object.entries(fields) };
      return { recordId, time, version: 5, channel: 'Sysmon', ...event, data };
    });
  });

for (const asked of QUESTIONS) {
  const name = JSON.stringify(asked).replaceAll(folder, '');
  test(`${name}: of few words, again and again`, async () => {
    const question = await resolveQuestion(asked);
    let known = 0;
    fc.assert(
      fc.property(
        fc.array(someLog, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(undefined, 2),
        (logs, limit) => {
          const pair = new Pair(question, limit);
          for (const log of [...logs, ...logs]) pair.addEvents(log);
          pair.check();
          known += pair.known;
        },
      ),
      { numRuns: 100 },
    );
    if (isEach(asked)) assert.equal(known, 0);
    else assert.ok(known > 400, `${known} records were like one before`);
  });

  test(`${name}: a week, twice`, async () => {
    const pair = new Pair(await resolveQuestion(asked));
    const { sysmon, system } = modelledWeek();
    for (const events of [sysmon, system, sysmon]) pair.addEvents(events.slice(0, 1000));
    pair.check();
  });
}

test('all logs, twice', { skip: sharedLogs().length === 0 }, async () => {
  for (const asked of QUESTIONS) {
    const pair = new Pair(await resolveQuestion(asked));
    for (let round = 0; round < 2; round++) for (const { path } of sharedLogs()) pair.addFile(path);
    pair.check();
    assert.ok(isEach(asked) || pair.known > 20, `${JSON.stringify(asked)}: ${pair.known}`);
  }
});

test('times that a scan takes together are of one stretch of activity', () => {
  assert.ok(STRETCH_GAP_MS <= ACTIVITY_GAP_MS);
});

test('without a memo no record is like another, but for which a filter was asked', async () => {
  const asked = { question: CONFIG, memo: false };
  const { reads, filtered } = await resolveQuestion(asked);
  assert.equal(reads, null);
  assert.notEqual(filtered?.reads ?? null, null);
  const tested = await resolveQuestion({ ...asked, where: ['Image|contains=a'] });
  assert.equal(tested.reads, null);
  assert.equal(tested.filtered?.reads, null);
  for (const question of ['8', RULES])
    assert.equal((await resolveQuestion({ question, memo: false })).filtered, null);
});
