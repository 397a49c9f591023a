/** The written configuration asks exactly what was asked, of every Sysmon that would load it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ASK_SCHEMAS, askConfig, evaluate, minimumSchema, parseConfig } from '../../src/config/index.ts';
import { EVENT_TYPES } from '../../src/events/index.ts';
import { engineCases } from '../builders/engine-cases.ts';
import { ROOT } from '../builders/shared.ts';

/** An event of each type, told apart by EventType where a tag is shared (sysmon-semantics, section 9). */
const SAMPLES: readonly ({ EventID: number } & Record<string, string | number>)[] = [
  ...EVENT_TYPES.map(({ id }) => ({ EventID: id, Image: 'C:\\Windows\\System32\\cmd.exe' })).filter(
    ({ EventID }) => ![12, 13, 14, 17, 18, 19, 20, 21].includes(EventID),
  ),
  ...['CreateKey', 'DeleteKey', 'CreateValue', 'DeleteValue'].map((EventType) => ({
    EventID: 12,
    EventType,
  })),
  { EventID: 13, EventType: 'SetValue' },
  { EventID: 14, EventType: 'RenameKey' },
  { EventID: 14, EventType: 'RenameValue' },
  { EventID: 17, EventType: 'CreatePipe' },
  { EventID: 18, EventType: 'ConnectPipe' },
  { EventID: 19, EventType: 'WmiFilterEvent' },
  { EventID: 20, EventType: 'WmiConsumerEvent' },
  { EventID: 21, EventType: 'WmiBindingEvent' },
];

const ALWAYS = [4, 16, 255];

/** Ids of the samples that a configuration logs, of those that a Sysmon with this schema has. */
function logged(text: string, binarySchema: string): number[] {
  const { accepted, config, messages, diagnostics } = parseConfig(text, { binarySchema });
  assert.ok(accepted, `${binarySchema}: ${messages.join('\n')}`);
  assert.deepEqual(diagnostics, []);
  const ids = SAMPLES.filter((event) => evaluate(config!, event).logged).map(({ EventID }) => EventID);
  return [...new Set(ids)].filter((id) => !ALWAYS.includes(id)).toSorted((a, b) => a - b);
}

const filterable = EVENT_TYPES.filter(({ tag }) => tag !== null).map(({ id }) => id);

const since = (id: number): string => EVENT_TYPES.find((type) => type.id === id)!.layouts[0]!.since;

test('every type alone, for every schema that has it, on every Sysmon that takes it', () => {
  for (const id of filterable) {
    const minimum = minimumSchema([id]);
    for (const schema of ASK_SCHEMAS.filter((version) => version >= minimum)) {
      const { text } = askConfig([id], { schema });
      for (const binary of ASK_SCHEMAS.filter((version) => version >= schema)) {
        assert.deepEqual(logged(text, binary), [id], `${id}, schema ${schema}, Sysmon ${binary}`);
      }
    }
  }
});

test('pairs of types, and all types at once', () => {
  for (const a of filterable) {
    for (const b of filterable) {
      const { text, schema } = askConfig([a, b]);
      for (const binary of [schema, '4.91']) {
        assert.deepEqual(
          logged(text, binary),
          [...new Set([a, b])].toSorted((x, y) => x - y),
          `${a}, ${b}`,
        );
      }
    }
  }
  assert.deepEqual(logged(askConfig(filterable).text, '4.91'), filterable);
  assert.deepEqual(logged(askConfig([4, 16]).text, '4.91'), []);
});

test('the oldest schema that has the types is the default, so that most Sysmons load it', () => {
  assert.equal(askConfig([8]).schema, '4.00');
  assert.equal(askConfig([8, 22]).schema, '4.21');
  // The grammar has these tags before the events came.
  assert.equal(askConfig([23]).schema, '4.30');
  assert.equal(askConfig([24]).schema, '4.40');
  assert.doesNotMatch(askConfig([8]).text, /FileDelete|ClipboardChange/);
  // Pipes are told apart by EventType, which came later.
  assert.equal(askConfig([17, 18]).schema, '4.00');
  assert.equal(askConfig([17]).schema, '4.21');
  for (const id of filterable) assert.ok(minimumSchema([id]) >= since(id));
  assert.throws(() => askConfig([29], { schema: '4.83' }), RangeError);
  assert.throws(() => askConfig([8], { schema: '4.01' }), RangeError);
});

test("CreateRemoteThread evaluates like the post's own configuration on every event there is", () => {
  const post = readFileSync(join(ROOT, 'spec/create-remote-thread.xml'));
  const events = [
    ...SAMPLES,
    ...Array.from({ length: 300 }, (_, EventID) => ({ EventID })),
    ...[...engineCases().values()].flat().flatMap((one) => one.events.map(({ event }) => event)),
  ];
  assert.ok(events.length > 12_000);
  for (const binarySchema of ASK_SCHEMAS) {
    const [theirs, ours] = [post, askConfig([8]).text].map(
      (text) => parseConfig(text, { binarySchema }).config!,
    );
    for (const event of events) {
      const [a, b] = [evaluate(theirs!, event), evaluate(ours!, event)];
      assert.deepEqual(
        [a.logged, a.ruleName],
        [b.logged, b.ruleName],
        `${binarySchema}: ${JSON.stringify(event)}`,
      );
    }
  }
});

test('the heartbeat logs the end of one routine program and no other', () => {
  for (const ids of [[8], [1, 22], [29]]) {
    const { text, schema } = askConfig(ids, { heartbeat: true });
    for (const binarySchema of [schema, '4.91']) {
      assert.deepEqual(logged(text, binarySchema), ids);
      const config = parseConfig(text, { binarySchema }).config!;
      const ends = (Image: string): boolean => evaluate(config, { EventID: 5, Image }).logged;
      assert.ok(ends('C:\\Windows\\System32\\svchost.exe'));
      assert.ok(!ends('C:\\Windows\\System32\\conhost.exe'));
      assert.ok(!evaluate(config, { EventID: 7, Image: 'C:\\Windows\\System32\\svchost.exe' }).logged);
    }
  }
  assert.equal(askConfig([5], { heartbeat: true }).text, askConfig([5]).text, 'asked for anyway');
});

test('what a type does beside being logged is said', () => {
  assert.deepEqual(askConfig([8, 22]).warnings, []);
  for (const id of [23, 24, 27, 28]) assert.equal(askConfig([id]).warnings.length, 1);
  assert.match(askConfig([27]).text, /BLOCKS/);
  assert.match(askConfig([24]).text, /<CaptureClipboard\/>/);
});

test('it fits a page: lines of at most 100 characters, LF, no blanks at their ends', () => {
  for (const text of [
    askConfig([8]).text,
    askConfig(filterable).text,
    askConfig([13, 22], { heartbeat: true }).text,
  ]) {
    assert.ok(text.endsWith('</Sysmon>\n'));
    for (const line of text.split('\n')) assert.match(line, /^(.{0,99}\S)?$/);
    assert.doesNotMatch(text, /\r|\t/);
  }
});
