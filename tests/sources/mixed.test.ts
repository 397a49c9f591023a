/** Files whose shape changes on the way: every event is read, whatever comes first and wherever the text is cut. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { findLogs, readLog } from '../../src/sources/index.ts';
import { textParts } from '../../src/sources/mixed.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-mixed-'));
after(() => rmSync(folder, { recursive: true }));

const xml = (id: number): string =>
  `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Sysmon"/><EventID>8</EventID><EventRecordID>${id}</EventRecordID><Channel>c</Channel><Computer>H</Computer></System><EventData><Data Name="SourceImage">a\n{ "EventID": 9 }\n</Data></EventData></Event>`;
const json = (id: number): string =>
  JSON.stringify({
    winlog: {
      event_id: 8,
      provider_name: 'Microsoft-Windows-Sysmon',
      channel: 'c',
      computer_name: 'H',
      record_id: id,
      event_data: { SourceImage: 'a' },
    },
  });
const pretty = (id: number): string => JSON.stringify(JSON.parse(json(id)), null, 2);
const syslog = (id: number): string =>
  `Jan  5 08:00:00 box sysmon: ${xml(id).replaceAll('\n', ' ').replaceAll('Microsoft-Windows-Sysmon', 'Linux-Sysmon')}`;

async function records(text: string): Promise<(number | null)[]> {
  const path = join(folder, 'mixed.log');
  writeFileSync(path, text);
  const { logs } = findLogs([path]);
  const found: (number | null)[] = [];
  for await (const batch of readLog(logs[0]!, { verify: false })) {
    found.push(...batch.events.map(({ record }) => record));
    assert.deepEqual(
      batch.diagnostics.filter(({ lost }) => lost > 0),
      [],
    );
  }
  return found;
}

test('any order of JSON lines, pretty JSON, event XML and syslog gives every event', async () => {
  const kinds = [json, pretty, xml, syslog];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }), async (order) => {
      const text = `${order.map((kind, id) => kinds[kind]!(id + 1)).join('\n')}\n`;
      assert.deepEqual(
        await records(text),
        order.map((_, id) => id + 1),
      );
    }),
    { numRuns: 60 },
  );
});

test('a text is cut in the same places however its chunks are cut', async () => {
  const text = [json(1), json(2), xml(3), syslog(4), xml(5), json(6), ''].join('\n');
  const parts = async (cuts: readonly number[]): Promise<[string, number, string][]> => {
    async function* chunks(): AsyncGenerator<{ text: string; bytes: number }> {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      for (let i = 1; i < edges.length; i++) yield { text: text.slice(edges[i - 1], edges[i]), bytes: 0 };
    }
    const found: [string, number, string][] = [];
    for await (const part of textParts(chunks(), 'json')) {
      let all = '';
      for await (const chunk of part.chunks) all += chunk.text;
      found.push([part.kind, part.line, all]);
    }
    return found;
  };
  const whole = await parts([]);
  assert.deepEqual(
    whole.map(([kind, line]) => [kind, line]),
    [
      ['json', 1],
      ['xml', 3],
      ['syslog', 6],
      ['xml', 7],
      ['json', 10],
    ],
  );
  assert.equal(whole.map(([, , part]) => part).join(''), text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
      assert.deepEqual(await parts(cuts), whole);
    }),
  );
});
