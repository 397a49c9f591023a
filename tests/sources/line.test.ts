/** Events read off their lines: the same in all as those whose objects are made first. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Diagnostic, EVENT_TYPES } from '../../src/events/index.ts';
import type { Reading } from '../../src/sources/blocks.ts';
import { readJson } from '../../src/sources/json.ts';
import { textParts } from '../../src/sources/mixed.ts';
import { LineReader } from '../../src/sources/shapes/index.ts';
import { LineFields, OBJECTS, RECOGNISED } from '../../src/sources/shapes/line.ts';
import { SHAPES } from '../../src/sources/shapes/recognition.ts';
import { decodeText, findEncoding, type TextChunk } from '../../src/sources/text.ts';
import { SHARED } from '../builders/shared.ts';

type Json = Readonly<Record<string, unknown>>;

const SYSMON = 'Microsoft-Windows-Sysmon';
const CHANNEL = 'Microsoft-Windows-Sysmon/Operational';
const TIME = '2024-03-01 13:40:18.159';

/** One object of each shape that is read off its line; of fields `data`. */
const MADE: Readonly<Record<string, (data: Json, id: number | string, provider: string) => Json>> = {
  NXLog: (data, id, SourceName) => ({
    EventTime: '2024-03-01 06:00:01',
    EventReceivedTime: '2024-03-01 06:00:03',
    '@timestamp': '2024-03-01T11:00:03.250Z',
    Hostname: 'WS1.example.org',
    host: 'forwarder.example',
    Keywords: -922337203685,
    SourceName,
    Channel: CHANNEL,
    SourceModuleName: 'eventlog',
    ExecutionProcessID: 3000,
    Version: 5,
    RecordNumber: 77,
    EventID: id,
    Message: 'Line one\r\n\t"quoted": \\path\\ é',
    EventType: 'INFO',
    ...data,
  }),
  flat: (data, id, SourceName) => ({
    SourceName,
    Channel: CHANNEL,
    Hostname: 'WS1',
    TimeCreated: '2024-03-01T01:40:18.160Z',
    '@timestamp': '2024-03-01T01:40:18.160Z',
    EventID: id,
    Message: 'text',
    ...data,
  }),
  'Winlogbeat 7': (data, id, provider_name) => ({
    '@timestamp': '2024-03-01T14:00:00.000Z',
    host: { name: 'x' },
    event: { code: id, provider: provider_name, module: 'sysmon' },
    process: { pid: 51, executable: 'C:\\a.exe', entity_id: 'g' },
    message: 'long "text"\n',
    winlog: {
      provider_name,
      channel: CHANNEL,
      computer_name: 'WS1',
      record_id: '10',
      version: 5,
      event_id: id,
      user_data: null,
      event_data: data,
    },
  }),
  'Winlogbeat 6': (data, id, source_name) => ({
    '@timestamp': '2024-03-01T13:40:18.200Z',
    event_id: id,
    source_name,
    log_name: CHANNEL,
    computer_name: 'WS1.example.org',
    record_number: '2273005',
    version: 2,
    host: { name: 'collector' },
    event_data: data,
    message: 'a\\b',
  }),
  evtx_dump: (data, id, Name) => ({
    Event: {
      '#attributes': { xmlns: 'x' },
      System: {
        Provider: { '#attributes': { Name, Guid: 'g' } },
        EventID: typeof id === 'number' ? id : { '#attributes': { Qualifiers: 16384 }, '#text': Number(id) },
        EventRecordID: 5,
        Channel: CHANNEL,
        Computer: 'WS1',
        Version: 2,
        TimeCreated: { '#attributes': { SystemTime: '2024-03-01T13:40:18.160000Z' } },
      },
      EventData: data,
    },
  }),
  dump: (data, id, provider) => ({
    source: 'a.evtx',
    record: 12,
    time: '2024-03-01T13:40:18.160Z',
    host: 'WS1',
    provider,
    channel: CHANNEL,
    eventId: id,
    version: 2,
    fields: data,
  }),
};

const FIELDS: Json = {
  UtcTime: TIME,
  ProcessGuid: '{9f32b55f-d9de-5f98-f006-000000000600}',
  ProcessId: '4711',
  Image: 'C:\\Windows\\é.exe',
  CommandLine: 'a.exe "x" &lt;y&gt;',
  LogonId: 12345678901234567890n.toString(),
};

const madeLines = (): string[] =>
  Object.values(MADE).flatMap((make) =>
    [SYSMON, 'Other'].flatMap((provider) =>
      [1, '8', 25].map((id) => JSON.stringify(make(FIELDS, id, provider))),
    ),
  );

async function* blocksOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function* asText(chunks: AsyncIterable<TextChunk>): AsyncGenerator<TextChunk> {
  for await (const { text, bytes } of chunks) yield { text, bytes };
}

interface Read {
  readonly events: unknown[];
  readonly diagnostics: Diagnostic[];
  bytes: number;
  /** Events whose fields are still to be read. */
  lazy: number;
}

/** All that bytes bring, read off their lines or each object made first. */
async function read(pieces: readonly Uint8Array[], lazily: boolean): Promise<Read> {
  const reading: Reading = { trouble: [], bytesRead: 0 };
  const all: Read = { events: [], diagnostics: [], bytes: 0, lazy: 0 };
  const options = { ...findEncoding(pieces[0] ?? new Uint8Array(0)), invalid: 'replace' } as const;
  const chunks = decodeText('a', blocksOf(pieces), options, reading);
  for await (const part of textParts(lazily ? chunks : asText(chunks), 'json')) {
    if (part.kind !== 'json') {
      let text = '';
      for await (const chunk of part.chunks) text += chunk.text;
      all.events.push({ kind: part.kind, line: part.line, text });
      continue;
    }
    for await (const batch of readJson('a', part.chunks)) {
      for (const [at, event] of batch.events.entries()) {
        if (event.fields instanceof LineFields) all.lazy++;
        const utcTime = [event.fields.has('UtcTime'), event.fields.get('UtcTime')];
        all.events.push({ ...event, utcTime, fields: [...event.fields], written: batch.written![at]! });
      }
      all.diagnostics.push(...batch.diagnostics);
      all.bytes += batch.bytes;
    }
  }
  all.diagnostics.push(...reading.trouble);
  return all;
}

async function same(pieces: readonly Uint8Array[], context?: string): Promise<Read> {
  const lazy = await read(pieces, true);
  const eager = await read(pieces, false);
  assert.equal(eager.lazy, 0);
  // Most are the same, and that is found out faster so.
  const found = { ...lazy, lazy: 0 };
  if (JSON.stringify(found) !== JSON.stringify(eager)) assert.deepEqual(found, eager, context);
  return lazy;
}

test('each shape that is read off its lines is, and reads the same', async () => {
  for (const [name, make] of Object.entries(MADE)) {
    const shape = SHAPES.find((each) => each.name === name);
    assert.ok(shape?.line, name);
    for (const id of [1, 8, 25]) {
      const line = JSON.stringify(make(FIELDS, id, SYSMON));
      const { events, lazy } = await same([Buffer.from(`${line}\n${line},\r\n`)]);
      assert.equal(events.length, 2, name);
      assert.equal(lazy, 2, name);
    }
  }
  assert.deepEqual(
    SHAPES.filter(({ line, name }) => (line !== null) !== (MADE[name] !== undefined)),
    [],
  );
});

test('shapes look at no other key than they say', () => {
  for (const shape of SHAPES) {
    if (shape.line === null) continue;
    const { head } = shape.line;
    const looked = new Set<string>();
    const watch = (path: string): Json =>
      new Proxy(
        {},
        {
          get(_, key) {
            const inner = path === '' ? String(key) : `${path}/${String(key)}`;
            looked.add(inner);
            return head.some((other) => other.startsWith(`${inner}/`)) ? watch(inner) : undefined;
          },
        },
      );
    shape.head(watch(''));
    shape.written(watch(''));
    for (const path of looked)
      assert.ok(
        head.some((other) => other === path || other.startsWith(`${path}/`)),
        `${shape.name}: ${path}`,
      );
  }
});

test('shapes are recognised by nothing else', () => {
  assert.ok(RECOGNISED.length + OBJECTS.length <= 32);
  const next = chance(3);
  const looked = new Set<string>();
  const watch = (before: string): Json => {
    const found = new Map<PropertyKey, unknown>();
    const look = (key: PropertyKey): unknown => {
      looked.add(before + String(key));
      if (!found.has(key)) found.set(key, next(2) === 0 ? watch(`${before}${String(key)}/`) : undefined);
      return found.get(key);
    };
    return new Proxy({}, { get: (_, key) => look(key), has: (_, key) => look(key) !== undefined });
  };
  for (let round = 0; round < 1000; round++) for (const shape of SHAPES) shape.recognise(watch(''));
  assert.deepEqual([...looked].sort(), [...RECOGNISED].sort());
});

test('keys that are dropped are none of the fields’', () => {
  const head = { record: 1, host: 'H', channel: CHANNEL, version: 1 };
  const names = [
    ...new Set([
      ...Object.values(MADE).flatMap((make) => Object.keys(make({}, 1, SYSMON))),
      ...EVENT_TYPES.flatMap(({ layouts }) => layouts.flatMap(({ fields }) => fields.map(([name]) => name))),
      ...RECOGNISED,
      ...(
        'message Message Severity ProcessID EventTypeOrignal Level UserID Domain process file dll registry network ' +
        'source destination dns user rule sysmon error Target file.path tags log agent ecs input type'
      ).split(' '),
    ]),
  ];
  const inner = {
    code: '25',
    module: 'sysmon',
    path: 'p',
    name: 'n',
    ip: 'i',
    UtcTime: TIME,
    status: 'S',
    domain: 'd',
  };
  for (const shape of SHAPES.filter(({ line }) => line !== null)) {
    for (const provider of [SYSMON, 'Other'])
      for (const eventId of [...EVENT_TYPES.map(({ id }) => id), 999]) {
        const whole: Record<string, unknown> = {};
        for (const name of names)
          whole[name] = /^[a-z]|^Event$|^Target$/.test(name) && name !== 'message' ? inner : name;
        Object.assign(whole, { EventID: eventId, Version: 3 });
        const kept = Object.fromEntries(
          Object.entries(whole).filter(([name]) => !shape.line!.drops(name, eventId)),
        );
        const fieldsOf = (object: Json): unknown => [
          ...shape.fields(object, { ...head, provider, eventId })!,
        ];
        assert.deepEqual(fieldsOf(kept), fieldsOf(whole), `${shape.name} ${provider} ${eventId}`);
      }
  }
});

test('what else a line may be', async () => {
  const base = { SourceName: SYSMON, Channel: CHANNEL, Hostname: 'H', EventID: 1, UtcTime: TIME };
  const text = JSON.stringify(base);
  const lines = [
    text.replace('UtcTime', 'utctime'),
    text.replace('}', `,"utctime":"${TIME}"}`),
    text.replace('}', `,"UtcTime":"2025-01-01 00:00:00.000"}`),
    text.replace('EventID', '\\u0045ventID'),
    text.replace('}', ',"EventID":8}'),
    text.replace('}', ',"\\u0045ventID":8}'),
    text.replace('1,', '1e0,'),
    text.replace('1,', '1.0,'),
    text.replace('1,', '01,'),
    text.replace('1,', '-0,'),
    text.replace('1,', '99999999999999999999,'),
    text.replace('1,', '"1 ",'),
    text.replace('1,', '[1],'),
    text.replace('1,', '{"a":1},'),
    text.replace('"H"', 'null'),
    text.replace('"H"', '{"name":"H"}'),
    text.replace('"H"', '17'),
    text.replace('"H"', '"\\ud800\\u00e9\\/"'),
    text.replace('"H"', '"é\u{1f600}\u2028"'),
    text.replace('"H"', '"a\tb"'),
    text.replace('"H"', '"a\u0000b"'),
    text.replace('"H"', '"\\x"'),
    text.replace('"H"', '"\\u12g4"'),
    text.replace(TIME, '2024-02-31 24:00:00.000'),
    text.replace(TIME, '2024-02-31 23:59:60.999'),
    text.replace(TIME, '9999-12-31 23:59:60.000'),
    text.replace(TIME, '2024-02-31T23:59:60+01:00'),
    text.replace(TIME, '0024-03-01 00:00:00.000'),
    text.replace(TIME, '2024-03-01T13:40:18.1590000Z'),
    text.replace(TIME, ''),
    text.replace('}', ',"__proto__":{"a":1}}'),
    text.replace('}', ',"value":[{}]}'),
    text.replace('}', ',"hits":1}'),
    text.replace('}', `,"result":${text}}`),
    text.replace('}', ',"winlog":{"event_id":8}}'),
    text.replace('}', ',"Event":1}'),
    text.replace('}', `,"deep":${'['.repeat(200)}${']'.repeat(200)}}`),
    text.replace('}', `,"deep":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`),
    text.replace('}', `,"brackets":"${'{['.repeat(100)}"}`),
    text.replace('}', `,"long":"${'x'.repeat(200_000)}"}`),
    text.replace('}', ','),
    `${text}}`,
    `${text} x`,
    `${text}${text}`,
    `${text} , `,
    `${text},,`,
    ` ${text}`,
    `[${text}`,
    `]`,
    '',
    '{}',
    '{',
    `\t${text.replaceAll(':', ' :\t').replaceAll(',', ' , ')}`,
    text.replaceAll(':', ' :\t').replaceAll(',', ' , ').replace('{', '{ '),
    JSON.stringify(base, null, 2),
    'Record 7',
    `<Event xmlns="x"><System/></Event>`,
    JSON.stringify({ ...base, UtcTime: undefined, EventData: '{"a":1}' }),
    JSON.stringify({ __REALTIME_TIMESTAMP: '1', MESSAGE: 'x', ...base }),
    JSON.stringify({
      winlog: { event_id: 1, provider_name: SYSMON, user_data: { UtcTime: TIME }, event_data: {} },
    }),
    JSON.stringify({ winlog: 'x', event_id: 1, source_name: SYSMON, event_data: { utcTime: TIME } }),
    JSON.stringify({
      winlog: { event_id: 1, provider_name: SYSMON },
      '@timestamp': '2024-03-01T01:02:03Z',
      process: {},
    }),
    JSON.stringify({
      Event: {
        System: { EventID: 1, Provider_attributes: { Name: SYSMON } },
        EventData: { UtcTime_1: TIME, UtcTime: 'x' },
      },
    }),
    JSON.stringify({ Event: { System: { EventID: [1] } } }),
  ];
  for (const line of lines)
    await same([Buffer.from(`${text}\n${line}\n${text}\n${text}\n`)], line.slice(0, 300));
  await same([Buffer.from(lines.join('\n'))]);
});

test('any cut of the bytes gives the same', async () => {
  const lines = madeLines();
  const bytes = Buffer.from(
    [...lines, lines[0]!.slice(0, 50), '{', ...lines, '[', ...lines.map((line) => `${line},`), ']'].join(
      '\n',
    ),
  );
  const whole = await same([bytes]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      const { lazy: _, ...others } = await read(pieces, true);
      assert.deepEqual({ ...others, lazy: whole.lazy }, whole);
    }),
    { numRuns: 60 },
  );
});

/** Reproducible numbers below a bound. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SPLICES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r',
  '\u0001',
  'é',
  '0',
  '-',
  'e9',
  '\\u00',
  'null',
  '"UtcTime":"',
  '"EventID":',
  '"utcTime":1,',
  ' ',
];

/** A line with something broken, moved or doubled in it. */
function mutate(line: string, next: (below: number) => number): Buffer {
  const at = next(line.length + 1);
  const to = at + next(20);
  switch (next(7)) {
    case 0: {
      const bytes = Buffer.from(line);
      bytes[next(bytes.length)] = next(256);
      return bytes;
    }
    case 1:
      return Buffer.from(line.slice(0, at));
    case 2:
      return Buffer.from(line.slice(0, at) + line.slice(to));
    case 3:
      return Buffer.from(line.slice(0, to) + line.slice(at));
    case 4:
      return Buffer.from(line.slice(0, at) + SPLICES[next(SPLICES.length)]! + line.slice(at));
    case 5: {
      const members = Object.entries(JSON.parse(line) as Json).map((entry) =>
        JSON.stringify(Object.fromEntries([entry])).slice(1, -1),
      );
      for (let left = next(4); left >= 0; left--) {
        const from = next(members.length);
        members.splice(next(members.length), next(2), members[from]!);
      }
      return Buffer.from(`{${members.join(',')}}`);
    }
    default:
      return Buffer.from(
        line.replace(/\d+/g, (digits) => (next(9) === 0 ? digits.repeat(1 + next(4)) : digits)),
      );
  }
}

async function sameMutated(lines: readonly string[], rounds: number, seed: number): Promise<void> {
  const next = chance(seed);
  for (let round = 0; round < rounds; round++) {
    const parts: Buffer[] = [];
    for (let count = 0; count < 20; count++) {
      const line = lines[next(lines.length)]!;
      parts.push(next(3) === 0 ? Buffer.from(line) : mutate(line, next), Buffer.from('\n'));
    }
    await same([Buffer.concat(parts)], `seed ${seed}, round ${round}`);
  }
}

test('mutated lines read the same', async () => {
  await sameMutated(madeLines(), 400, 1);
});

test('fields that are kept outlive their bytes', () => {
  const line = Buffer.from(JSON.stringify(MADE['flat']!(FIELDS, 1, SYSMON)));
  const { event } = new LineReader().read(line, 0, line.length)!;
  assert.ok(event.fields instanceof LineFields);
  assert.equal(event.fields.has('UtcTime'), true);
  event.fields.keep();
  line.fill(0x20);
  assert.equal(event.fields.get('Image'), FIELDS['Image']);
  assert.equal(event.fields.size, 6);
  assert.deepEqual(
    [...event.fields.keys()],
    [...event.fields].map(([name]) => name),
  );
});

test(
  'real logs: every line, and lines of theirs that are mutated',
  { skip: SHARED ? false : 'no ../shared' },
  async (t) => {
    const data = join(SHARED ?? '', 'data/json');
    for (const archive of readdirSync(data)) {
      await t.test(archive, async () => {
        const folder = mkdtempSync(join(tmpdir(), 'noisefloor-line-'));
        try {
          if (archive.endsWith('.zip')) execFileSync('unzip', ['-q', join(data, archive), '-d', folder]);
          else execFileSync('tar', ['-xzf', join(data, archive), '-C', folder]);
          for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
            const bytes = readFileSync(join(folder, name));
            const step = 512 * 1024;
            for (let at = 0; at < bytes.length; at += step) {
              // Whole lines, so that a mistake is found in little.
              const from = at === 0 ? 0 : bytes.indexOf(0x0a, at - 1) + 1;
              const next = bytes.indexOf(0x0a, at + step - 1);
              await same([bytes.subarray(from, next === -1 ? bytes.length : next + 1)], `${name} at ${from}`);
            }
            const lines = bytes
              .toString('utf8', 0, 2 ** 20)
              .split('\n')
              .slice(0, -1);
            await sameMutated(lines, 30, 2);
          }
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      });
    }
  },
);
