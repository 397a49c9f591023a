/** Rules say the same of all events that are alike in what the rules say that they read. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EVERY_RECORD, Scanner } from '../../src/evtx/index.ts';
import {
  parseRule,
  type PlacedRule,
  resolveLogsource,
  type ResolvedLogsource,
  type RuleSet,
  ruleSet,
} from '../../src/sigma/index.ts';
import { readEvtxFile } from '../../src/sources/index.ts';
import type { EvtxValue, WriterEvent } from '../builders/evtx-writer.ts';
import { scannedLog } from '../builders/scanned-log.ts';
import { SHARED, sharedLogs } from '../builders/shared.ts';
import { ruleTexts } from '../builders/sigma-events.ts';

function setOf(texts: Iterable<string>): RuleSet {
  const logsources = new Map<string, ResolvedLogsource>();
  const rules: PlacedRule[] = [];
  for (const text of texts) {
    for (const { detection, logsource } of parseRule(text).rules) {
      const key = JSON.stringify([logsource.category, logsource.product, logsource.service]);
      const resolved = logsources.get(key) ?? resolveLogsource(logsource);
      if ('unsupported' in resolved) continue;
      logsources.set(key, resolved);
      rules.push({ detection, filters: [], logsource: resolved });
    }
  }
  return ruleSet(rules);
}

/** A reader that tells which events are alike to rules. */
function scannerFor(rules: RuleSet): Scanner {
  return new Scanner(({ provider, channel }) => ({
    eventIds: EVERY_RECORD.eventIds,
    oneIn: 0,
    reads: (eventId, field) => rules.reads({ provider, channel, eventId }, field),
  }));
}

/** Verdicts on those that are alike, by what they are like. */
class Verdicts {
  private readonly known = new Map<number, readonly number[]>();
  same = 0;
  met = 0;

  check(rules: RuleSet, { wanted }: ReturnType<Scanner['scan']>): void {
    for (let i = 0; i < wanted.count; i++) {
      const event = wanted.record(i);
      const verdict = rules(event);
      const alike = wanted.alike(i);
      const before = this.known.get(alike);
      if (verdict.length > 0) this.met += 1;
      if (alike < 0) continue;
      if (before === undefined) this.known.set(alike, verdict);
      else {
        this.same += 1;
        assert.deepEqual(verdict, before, JSON.stringify([...event.fields]));
      }
    }
  }

  get others(): number {
    return this.known.size;
  }
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
  SubjectUserName: texts('admin', 'SYSTEM'),
  TargetUserName: texts('admin', 'SYSTEM', '-'),
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
    const rules = setOf(set);
    const scanner = scannerFor(rules);
    const verdicts = new Verdicts();
    fc.assert(
      fc.property(someLog, (events) => verdicts.check(rules, scannedLog(scanner, events))),
      { numRuns: 500 },
    );
    const { same, others, met } = verdicts;
    assert.ok(same > 400 && others > 400 && met > 500, `${same} the same, ${others} others, ${met} met`);
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
  const rules = setOf([
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
  const { events, wanted } = scannedLog(scannerFor(rules), [...log, ...log]);
  assert.deepEqual(events.map(rules), [[0], [], [1], [0], [], [0], [], [1], [0], []]);
  const alike = events.map((_, i) => wanted.alike(i));
  assert.ok(alike.every((number) => number >= 0));
  assert.deepEqual(alike.slice(5), alike.slice(0, 5));
  assert.equal(new Set(alike).size, 5);
});

test('all public rules over all public event logs', { skip: SHARED === null }, async (t) => {
  const rules = setOf((await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'))).values());
  const scanner = scannerFor(rules);
  const verdicts = new Verdicts();
  for (const { path } of sharedLogs()) {
    const log = { path, kind: 'evtx' as const, size: statSync(path).size, explicit: true };
    for (const { scan } of readEvtxFile(log, scanner, { verify: false, recover: false, range: null }))
      if (scan) verdicts.check(rules, scan);
  }
  const { same, others } = verdicts;
  t.diagnostic(`${same} the same, ${others} others`);
  assert.ok(same > 400 && others > 400, `${same} the same, ${others} others`);
});
