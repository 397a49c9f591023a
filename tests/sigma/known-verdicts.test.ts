/** What rules said of an event is said again of one that reads the same, and of no other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Event } from '../../src/events/index.ts';
import { EVERY_RECORD, Scanner } from '../../src/evtx/index.ts';
import { dump } from '../../src/run/index.ts';
import {
  parseRule,
  type PlacedRule,
  resolveLogsource,
  type ResolvedLogsource,
  type RuleSet,
  ruleSet,
} from '../../src/sigma/index.ts';
import type { EvtxValue, WriterEvent } from '../builders/evtx-writer.ts';
import { scannedLog } from '../builders/scanned-log.ts';
import { SHARED } from '../builders/shared.ts';
import { ruleTexts } from '../builders/sigma-events.ts';

/** Rules as a set that counts how often it reads of events; nothing is read of one whose verdict is known. */
function counted(texts: Iterable<string>): { readonly matches: RuleSet; reads(): number } {
  let reads = 0;
  const logsources = new Map<string, ResolvedLogsource>();
  const counting = (logsource: ResolvedLogsource): ResolvedLogsource => ({
    ...logsource,
    reader: (field) => {
      const read = logsource.reader(field);
      return (event) => {
        reads += 1;
        return read(event);
      };
    },
    values: (event) => {
      reads += 1;
      return logsource.values(event);
    },
  });
  const rules: PlacedRule[] = [];
  for (const text of texts) {
    for (const { detection, logsource } of parseRule(text).rules) {
      const { category, product, service } = logsource;
      const key = JSON.stringify([category, product, service]);
      const resolved = logsources.get(key) ?? resolveLogsource(logsource);
      if ('unsupported' in resolved) continue;
      const own = logsources.get(key) ?? counting(resolved);
      logsources.set(key, own);
      rules.push({ detection, filters: [], logsource: own });
    }
  }
  return { matches: ruleSet(rules), reads: () => reads };
}

/** The same event, of which nothing tells where it stands in a log: it is decided anew. */
function copyOf({ record, time, host, provider, channel, eventId, version, fields }: Event): Event {
  return { record, time, host, provider, channel, eventId, version, fields: new Map(fields) };
}

const rule = (logsource: string, detection: string): string =>
  `title: t\nlogsource: {${logsource}}\ndetection:\n${detection
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('')}`;
const CREATION = 'category: process_creation, product: windows';
const RULES: readonly string[] = [
  rule(CREATION, "a: {Image|endswith: '\\cmd.exe'}\ncondition: a"),
  rule(CREATION, "a: {CommandLine|contains: 'ping'}\nb: {User: system}\ncondition: a and not b"),
  rule(CREATION, 'a: {Image|fieldref: CommandLine}\ncondition: a'),
  rule(CREATION, "a: {CommandLine|re: '[0-9]{2}'}\ncondition: a"),
  rule(CREATION, 'a: {MD5: aa}\ncondition: a'),
  rule(CREATION, 'a: {target_name: null}\ncondition: a'),
  rule(CREATION, "a: {ProcessId: '4'}\ncondition: a"),
  rule(CREATION, 'a: {Computer: pc}\ncondition: a'),
  rule('category: registry_set, product: windows', "a: {TargetObject|startswith: 'HKLM'}\ncondition: a"),
];
const KEYWORDS: readonly string[] = [
  rule('product: windows', 'a: [whoami, PING]\ncondition: a'),
  rule('product: windows', 'a: [pong]\nb: {EventID: 1}\ncondition: b and not a'),
];
/** Where these are asked, too, every value is read, whatever it holds. */
const OF_NUMBERS = rule('product: windows', "a: ['12']\ncondition: a");

const texts = (...some: readonly string[]): fc.Arbitrary<EvtxValue> =>
  fc.constantFrom(...some).map((value): EvtxValue => ({ type: 'string', value }));
const VALUES: Readonly<Record<string, fc.Arbitrary<EvtxValue>>> = {
  UtcTime: texts('2026-01-01 10:00:12.000', '2026-01-01 10:00:13.000', 'whoami', ''),
  ProcessId: fc.constantFrom(4, 12, 99).map((value): EvtxValue => ({ type: 'uint32', value })),
  Image: texts('C:\\cmd.exe', 'C:\\cmd.exf', 'ping', ''),
  CommandLine: fc.oneof(
    texts('ping 12', 'ping 1x', 'Ping\0', 'C:\\cmd.exe', `${'x'.repeat(40)}a`, `${'x'.repeat(40)}b`),
    fc.constantFrom<EvtxValue>({ type: 'absent' }, { type: 'null' }, { type: 'ansi', value: 'ping' }),
  ),
  User: texts('SYSTEM', 'admin', 'whoami'),
  Account: texts('SYSTEM', 'admin', 'whoami'),
  Hashes: texts('MD5=AA', 'MD5=AB', 'SHA1=AA,MD5=AA'),
  'Target Name': fc.constantFrom<EvtxValue>({ type: 'absent' }, { type: 'string', value: 'pong' }),
  OperationType: texts('%%1904', '%%1905'),
  ObjectName: texts('\\REGISTRY\\MACHINE\\a', '\\REGISTRY\\USER\\a'),
  NewProcessName: texts('C:\\cmd.exe', 'C:\\ping.exe'),
};
type Fields = Readonly<Record<string, EvtxValue>>;
const someEvent = fc.record({
  computer: fc.constantFrom('PC', 'whoami'),
  kind: fc.constantFrom(
    ...[1, 13].map((eventId) => ({ provider: 'Microsoft-Windows-Sysmon', channel: 'Sysmon', eventId })),
    ...[4688, 4657].map((eventId) => ({ provider: 'Auditing', channel: 'Security', eventId })),
  ),
  fields: fc.record(VALUES, { requiredKeys: ['UtcTime', 'Image', 'CommandLine'] }) as fc.Arbitrary<Fields>,
});
/** One value in place of what the event has of that name; of a name that it lacks, nothing changes. */
const change = fc
  .constantFrom(...Object.keys(VALUES))
  .chain((name) => VALUES[name]!.map((value) => ({ name, value })));
/** Two events and what differs little from them: most verdicts of a log are known, or nearly. */
const someLog = fc
  .tuple(
    fc.integer({ min: 1, max: 2 ** 40 }),
    fc.tuple(someEvent, someEvent),
    fc.array(
      fc.tuple(
        fc.boolean(),
        fc.option(fc.constantFrom('PC', 'whoami'), { freq: 3 }),
        fc.option(change, { freq: 3 }),
      ),
      {
        minLength: 1,
        maxLength: 40,
      },
    ),
  )
  .map(([first, [one, other], all]) =>
    all.map(([isOther, computer, changed], i): WriterEvent => {
      const base = isOther ? other : one;
      const fields = Object.entries(base.fields).map(([name, value]): [string, EvtxValue] =>
        name === changed?.name ? [name, changed.value] : [name, value],
      );
      return {
        recordId: first + i,
        time: Date.UTC(2020, 0) + 1000 * i,
        version: 5,
        ...base.kind,
        computer: computer ?? base.computer,
        data: { kind: 'EventData', fields },
      };
    }),
  );

for (const [name, set] of [
  ['none', RULES],
  ['of words', [...RULES, ...KEYWORDS]],
  ['of numbers, too', [...RULES, ...KEYWORDS, OF_NUMBERS]],
] as const) {
  test(`events of few words, again and again: keywords ${name}`, () => {
    const scanner = new Scanner(() => EVERY_RECORD);
    const { matches, reads } = counted(set);
    let [known, decided, met] = [0, 0, 0];
    fc.assert(
      fc.property(someLog, (events) => {
        for (const event of scannedLog(scanner, events).events) {
          const before = reads();
          const verdict = matches(event);
          if (reads() === before) known += 1;
          else decided += 1;
          if (verdict.length > 0) met += 1;
          assert.deepEqual(verdict, matches(copyOf(event)), JSON.stringify([...event.fields]));
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(known > 400 && decided > 400 && met > 500, `${known} known, ${decided} decided, ${met} met`);
  });
}

test('the same text under another name, in another type of event or cut elsewhere is decided anew', () => {
  const event = (eventId: number, ...fields: [string, string][]): WriterEvent => ({
    recordId: 1,
    time: Date.UTC(2020, 0),
    version: 5,
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Sysmon',
    eventId,
    computer: 'PC',
    data: { kind: 'EventData', fields: fields.map(([name, value]) => [name, { type: 'string', value }]) },
  });
  const { matches } = counted([
    rule(CREATION, 'a: {User: ping}\nb: {Account: pong}\ncondition: a or b'),
    rule('category: registry_set, product: windows', 'a: {User: ping}\ncondition: a'),
  ]);
  const log = [
    event(1, ['User', 'ping']),
    event(1, ['Account', 'ping']),
    event(13, ['User', 'ping']),
    // The same text, cut elsewhere.
    event(1, ['User', 'ping'], ['Account', 'a']),
    event(1, ['User', 'pin'], ['Account', 'ga']),
  ];
  const { events } = scannedLog(new Scanner(() => EVERY_RECORD), log);
  assert.deepEqual(events.map(matches), [[0], [], [1], [0], []]);
});

test('all public rules over all public event logs', { skip: SHARED === null }, async (t) => {
  const { matches, reads } = counted((await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'))).values());
  let [known, decided] = [0, 0];
  for await (const { events, source } of dump([join(SHARED!, 'data/evtx')]).batches()) {
    for (const event of events) {
      const before = reads();
      const verdict = matches(event);
      if (reads() === before) known += 1;
      else decided += 1;
      assert.deepEqual(verdict, matches(copyOf(event)), `${source}: ${event.record}`);
    }
  }
  t.diagnostic(`${known} known, ${decided} decided`);
  assert.ok(known > 400 && decided > 400, `${known} known, ${decided} decided`);
});
