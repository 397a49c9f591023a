import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Diagnostic, type Event, isSysmon } from '../../src/events/index.ts';
import { readJson } from '../../src/sources/json.ts';
import { SHARED } from '../builders/shared.ts';

interface Expected {
  readonly entries: readonly {
    readonly archive: string;
    readonly member: string;
    readonly lines: number;
    readonly nonSysmonLines: number;
    readonly computers: Readonly<Record<string, number>>;
    readonly sysmonEventIds: Readonly<Record<string, number>>;
    readonly event8Pairs: Readonly<Record<string, number>>;
  }[];
}

interface Chunk {
  readonly text: string;
  readonly bytes: number;
}

async function* chunksOf(pieces: readonly string[]): AsyncGenerator<Chunk> {
  for (const text of pieces) yield { text, bytes: Buffer.byteLength(text) };
}

async function read(
  pieces: readonly string[],
): Promise<{ events: Event[]; diagnostics: Diagnostic[]; bytes: number }> {
  const all = { events: [] as Event[], diagnostics: [] as Diagnostic[], bytes: 0 };
  for await (const batch of readJson('a.json', chunksOf(pieces))) {
    assert.equal(batch.source, 'a.json');
    all.events.push(...batch.events);
    all.diagnostics.push(...batch.diagnostics);
    all.bytes += batch.bytes;
  }
  return all;
}

const flat = (id: number): string =>
  JSON.stringify({ EventID: id, SourceName: 'S', Channel: 'C', Hostname: 'H', Param: 'é' });
const beat = (id: number): string =>
  JSON.stringify({ winlog: { event_id: id, provider_name: 'S', channel: 'C', computer_name: 'H' } });

test('shapes may change from object to object; wrappers of search engines are taken off', async () => {
  const hit = `{"_index":"i","_source":${beat(3)}}`;
  const raw = JSON.stringify({ preview: false, result: { _raw: flat(4) } });
  const text = [flat(1), beat(2), hit, raw, `{"hits":{"hits":[{"_source":${flat(5)}}]}}`].join('\n');
  const { events, diagnostics, bytes } = await read([text]);
  assert.deepEqual(
    events.map((event) => event.eventId),
    [1, 2, 3, 4, 5],
  );
  assert.deepEqual(diagnostics, []);
  assert.equal(bytes, Buffer.byteLength(text));
});

test('event XML in _raw; where it is cut, what stands beside it', async () => {
  const xml =
    "<Event xmlns='x'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>8</EventID><TimeCreated SystemTime='2024-03-01T13:40:18.160Z'/><EventRecordID>7</EventRecordID><Channel>C</Channel><Computer>H</Computer></System><EventData><Data Name='SourceImage'>a &amp; b</Data></EventData></Event>";
  const beside = JSON.parse(flat(3)) as object;
  const text = [
    { result: { _raw: `\n${xml}\n`, host: 'other' } },
    { ...beside, _raw: xml },
    { ...beside, _raw: xml.slice(0, 100) },
    { _raw: xml.slice(0, 100) },
  ]
    .map((object) => JSON.stringify(object))
    .join('\n');
  const { events, diagnostics } = await read([text]);
  assert.deepEqual(
    events.map(({ eventId, record, host }) => [eventId, record, host]),
    [
      [8, 7, 'H'],
      [8, 7, 'H'],
      [3, null, 'H'],
    ],
  );
  assert.deepEqual([...events[0]!.fields], [['SourceImage', 'a & b']]);
  assert.deepEqual(
    diagnostics.map(({ code, where, lost }) => [code, where.line, lost]),
    [['xml-broken-event', 4, 1]],
  );
});

test('an object that is no event is said and counted', async () => {
  const { events, diagnostics } = await read([`${flat(1)}\n{"a\\u001b":1,"b":2}\n{}\n${flat(2)}\n`]);
  assert.equal(events.length, 2);
  assert.deepEqual(
    diagnostics.map(({ code, where, lost }) => [code, where.line, lost]),
    [
      ['json-no-event', 2, 1],
      ['json-no-event', 3, 1],
    ],
  );
  assert.match(diagnostics[0]?.message ?? '', /found the keys "a\\u001b", "b"$/);
});

test('a piece without events still tells its bytes', async () => {
  const sizes: number[] = [];
  for await (const batch of readJson('a', chunksOf(['{"EventID":', '1,"a":2', '}']))) sizes.push(batch.bytes);
  assert.deepEqual(sizes, [11, 7, 1]);
});

test('any cut of the text gives the same events and diagnostics', async () => {
  const text = `[${flat(1)},\n${beat(2)}]\n${flat(3).slice(0, 30)}\n${flat(4)}\r\nRecord 5\n{\n "x": 1\n}\n${beat(6)}`;
  const whole = await read([text]);
  assert.deepEqual(
    whole.events.map((event) => event.eventId),
    [1, 2, 4, 6],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 20 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      assert.deepEqual(await read(at.slice(1).map((end, index) => text.slice(at[index], end))), whole);
    }),
  );
});

const unescaped = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counts).map(([pair, count]) => [
      pair.replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
      count,
    ]),
  );

test('real logs: every count', { skip: SHARED ? false : 'no ../shared' }, async (t) => {
  const data = join(SHARED ?? '', 'data');
  const expected = JSON.parse(readFileSync(join(data, 'expected-json-dev.json'), 'utf8')) as Expected;
  for (const entry of expected.entries) {
    await t.test(entry.member, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'noisefloor-json-'));
      try {
        const archive = join(data, 'json', basename(entry.archive));
        if (archive.endsWith('.zip')) execFileSync('unzip', ['-q', archive, '-d', folder]);
        else execFileSync('tar', ['-xzf', archive, '-C', folder]);
        const tally = { lines: 0, nonSysmonLines: 0, lost: 0 };
        const counts = { computers: {}, sysmonEventIds: {}, event8Pairs: {} } as Record<
          string,
          Record<string, number>
        >;
        const count = (of: string, key: string): void => {
          const into = (counts[of] ??= {});
          into[key] = (into[key] ?? 0) + 1;
        };
        const file = createReadStream(join(folder, entry.member), 'utf8');
        const chunks = (async function* (): AsyncGenerator<Chunk> {
          for await (const text of file) yield { text: String(text), bytes: 0 };
        })();
        for await (const batch of readJson(entry.member, chunks)) {
          for (const diagnostic of batch.diagnostics) tally.lost += diagnostic.lost;
          for (const event of batch.events) {
            tally.lines++;
            if (!isSysmon(event.provider)) {
              tally.nonSysmonLines++;
              continue;
            }
            count('computers', event.host);
            count('sysmonEventIds', String(event.eventId));
            assert.match(event.fields.get('UtcTime') ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
            if (event.eventId === 8) {
              count(
                'event8Pairs',
                `${event.fields.get('SourceImage') ?? ''} -> ${event.fields.get('TargetImage') ?? ''}`,
              );
            }
          }
        }
        assert.deepEqual(tally, { lines: entry.lines, nonSysmonLines: entry.nonSysmonLines, lost: 0 });
        assert.deepEqual(counts['computers'], entry.computers);
        assert.deepEqual(counts['sysmonEventIds'], entry.sysmonEventIds);
        assert.deepEqual(counts['event8Pairs'], unescaped(entry.event8Pairs));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
