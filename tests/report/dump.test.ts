import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SaxesParser } from 'saxes';
import type { Event } from '../../src/events/index.ts';
import {
  csvColumns,
  csvHeader,
  csvRow,
  dumpLine,
  EVENTS_XML_END,
  EVENTS_XML_START,
  eventXml,
} from '../../src/lines/index.ts';
import { displayWidth, eventTableHeader, eventTableRow } from '../../src/report/index.ts';

const EVENT: Event = {
  record: 42,
  time: Date.UTC(2026, 0, 5, 8, 0, 0, 123),
  host: 'DESKTOP-1',
  provider: 'Microsoft-Windows-Sysmon',
  channel: 'Microsoft-Windows-Sysmon/Operational',
  eventId: 8,
  version: 2,
  fields: new Map([
    ['SourceImage', 'C:\\Windows\\System32\\csrss.exe'],
    ['TargetImage', 'C:\\Windows\\explorer.exe'],
    ['StartModule', '-'],
  ]),
};

function withFields(...fields: [string, string][]): Event {
  return { ...EVENT, fields: new Map(fields) };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      ',',
      '\r',
      '\n',
      '\t',
      '=',
      '-',
      '\u0000',
      '\ud800',
      '\udc00',
      '\uffff',
      ']]>',
      '&',
      '<',
      ' ',
    ),
    maxLength: 12,
  }),
);
const anyEvent: fc.Arbitrary<Event> = fc.record({
  record: fc.option(fc.nat()),
  time: fc.constantFrom(Number.NaN, 0, EVENT.time, 9e15),
  host: text,
  provider: fc.oneof(text, fc.constant(EVENT.provider)),
  channel: text,
  eventId: fc.nat(65_535),
  version: fc.option(fc.nat(255)),
  fields: fc
    .array(fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', '2', '1', 'SourceImage')), text), {
      maxLength: 6,
    })
    .map((all) => new Map(all)),
});

/** RFC 4180, read by itself alone. */
function readCsv(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [whole, quotedCell, cell, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n|$)/g)) {
    if (whole === '') break;
    row.push(quotedCell === undefined ? cell! : quotedCell.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test('the dump line is the frozen object, in its order', () => {
  assert.equal(
    dumpLine('logs/a.evtx', EVENT),
    String.raw`{"source":"logs/a.evtx","record":42,"time":"2026-01-05T08:00:00.123Z","host":"DESKTOP-1",` +
      String.raw`"provider":"Microsoft-Windows-Sysmon","channel":"Microsoft-Windows-Sysmon/Operational","eventId":8,"version":2,` +
      String.raw`"fields":{"SourceImage":"C:\\Windows\\System32\\csrss.exe","TargetImage":"C:\\Windows\\explorer.exe","StartModule":"-"}}`,
  );
});

test('any event survives the dump line, on one line and without a control character', () => {
  fc.assert(
    fc.property(anyEvent, text, (event, source) => {
      const line = dumpLine(source, event);
      assert.doesNotMatch(line, /[\p{Cc}\u2028-\u202e\p{Cs}]/u);
      const read = JSON.parse(line) as Record<string, unknown> & { fields: object };
      assert.deepEqual(Object.entries(read.fields).sort(), [...event.fields].sort());
      const time =
        Number.isFinite(event.time) && event.time < 8.65e15 ? new Date(event.time).toISOString() : null;
      assert.deepEqual(
        [read['source'], read['record'], read['time'], read['host'], read['eventId'], read['version']],
        [source, event.record, time, event.host, event.eventId, event.version],
      );
    }),
  );
});

test('fields keep the order of the record even where their names are numbers', () => {
  assert.match(dumpLine('', withFields(['2', 'b'], ['1', 'a'])), /"fields":\{"2":"b","1":"a"\}/);
});

test('CSV: the fields of the types asked for are columns, the rest is JSON', () => {
  const columns = csvColumns([8]);
  const rows = readCsv(
    csvHeader(columns) + csvRow(columns, 'a', withFields(['SourceImage', 'x'], ['Odd', 'y'])),
  );
  const record = Object.fromEntries(rows[0]!.map((name, index) => [name, rows[1]![index]]));
  assert.equal(record['SourceImage'], 'x');
  assert.equal(record['TargetImage'], '');
  assert.equal(record['other'], '{"Odd":"y"}');
  assert.equal(record['time'], '2026-01-05T08:00:00.123Z');
  assert.match(
    csvHeader(csvColumns([])),
    /^source,record,time,host,provider,channel,eventId,version,fields\r\n$/,
  );
  assert.match(csvHeader(csvColumns([4624])), /version,fields\r\n$/);
});

test('CSV: no two columns have one name, whatever the case', () => {
  const names = readCsv(csvHeader(csvColumns([1, 4, 8, 16])))[0]!.map((name) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('fields.version'));
});

test('CSV: every cell is read back, but for the apostrophe before what a spreadsheet would run', () => {
  const columns = csvColumns([8]);
  const head = readCsv(csvHeader(columns))[0]!;
  fc.assert(
    fc.property(anyEvent, text, (event, source) => {
      const rows = readCsv(csvRow(columns, source, event));
      assert.equal(rows.length, 1);
      assert.equal(rows[0]!.length, head.length);
      const shown = (cell: string): string =>
        [...cell]
          .map((one) =>
            /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(one) && !'\t\r\n'.includes(one)
              ? `\\u{${one.codePointAt(0)!.toString(16)}}`
              : one,
          )
          .join('');
      const guarded = (raw: string): string => {
        const cell = shown(raw);
        return /^[=+\-@\t\r]/.test(cell) && cell !== '-' ? `'${cell}` : cell;
      };
      assert.equal(rows[0]![0], guarded(source));
      assert.equal(rows[0]![head.indexOf('SourceImage')], guarded(event.fields.get('SourceImage') ?? ''));
      for (const cell of rows[0]!) assert.ok(cell === '-' || !/^[=+\-@\t\r]/.test(cell));
    }),
  );
});

test('what a terminal would obey or hide stands in no format, and JSON in a cell stays JSON', () => {
  const odd = '\x1b[31m\x07\x7f\x9b1m\u061c\u200b\u200d\u202e\u2060\u2066\ufeff';
  const event = { ...withFields(['SourceImage', odd], [odd, odd]), host: odd };
  const columns = csvColumns([8]);
  const row = csvRow(columns, odd, event);
  for (const written of [row, `${dumpLine(odd, event)}\r\n`, eventXml(event)]) {
    assert.doesNotMatch(written, /[^\P{Cc}\r\n]|\p{Cf}/u);
  }
  const other = readCsv(row)[0]!.at(-1)!;
  assert.deepEqual(JSON.parse(other), { [odd]: odd });
  assert.match(row, /^\\u\{1b\}\[31m\\u\{7\}/);
});

test('CSV: a lone - stays what it is', () => {
  const columns = csvColumns([8]);
  const head = readCsv(csvHeader(columns))[0]!;
  const row = readCsv(csvRow(columns, 'a', EVENT))[0]!;
  assert.equal(row[head.indexOf('StartModule')], '-');
});

/** What a parser finds: text of elements, and of Data by name. */
function readXml(xml: string): { texts: Map<string, string>; data: [string, string][]; provider: string } {
  const texts = new Map<string, string>();
  const data: [string, string][] = [];
  let provider = '';
  let name = '';
  let inner = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => assert.fail(error));
  parser.on('opentag', (tag) => {
    inner = '';
    name = String(tag.attributes['Name'] ?? '');
    if (tag.name === 'Provider') provider = name;
  });
  parser.on('text', (part) => (inner += part));
  parser.on('closetag', (tag) => {
    if (tag.name === 'Data') data.push([name, inner]);
    else texts.set(tag.name, inner);
    inner = '';
  });
  parser.write(xml).close();
  return { texts, data, provider };
}

/** What stands for a text in XML: characters that XML 1.0 cannot hold are spelled out. */
function spelled(value: string): string {
  return value.replace(
    /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
    (bad) => `\\u{${bad.codePointAt(0)!.toString(16)}}`,
  );
}

test('XML is well-formed and read back, whatever the event holds', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const xml = eventXml(event);
      assert.doesNotMatch(xml.trimEnd(), /[\p{Cc}\u202a-\u202e\p{Cs}]/u);
      const { texts, data, provider } = readXml(EVENTS_XML_START + xml + EVENTS_XML_END);
      assert.deepEqual(
        data,
        [...event.fields].map(([name, value]) => [spelled(name), spelled(value)]),
      );
      assert.equal(provider, spelled(event.provider));
      assert.equal(texts.get('Computer'), spelled(event.host));
      assert.equal(texts.get('Channel'), spelled(event.channel));
      assert.equal(texts.get('EventID'), String(event.eventId));
      assert.equal(texts.get('EventRecordID'), event.record === null ? undefined : String(event.record));
    }),
  );
});

test('the table shows the fields to group by, and fits whatever it holds', () => {
  assert.equal(
    eventTableRow(EVENT, 80),
    '2026-01-05 08:00:00.123  DESKTOP-1         8 CreateRemoteThread\n' +
      '  SourceImage=C:\\Windows\\System32\\csrss.exe  TargetImage=C:\\Windows\\explorer.exe\n',
  );
  fc.assert(
    fc.property(anyEvent, fc.constantFrom(40, 80, 140), (event, width) => {
      for (const line of (eventTableHeader(width) + eventTableRow(event, width)).trimEnd().split('\n')) {
        assert.ok(displayWidth(line) <= width, line);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]/u);
      }
    }),
  );
});
