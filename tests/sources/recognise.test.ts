import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { HEAD_BYTES, recognise } from '../../src/sources/recognise.ts';
import { SHARED } from '../builders/shared.ts';

const kind = (head: string | Uint8Array): string => recognise(Buffer.from(head as string)).kind;

test('event logs, with a damaged header and without one', () => {
  assert.equal(kind('ElfFile\0\0\0'), 'evtx');
  assert.equal(kind('ElfChnk\0\x01'), 'evtx');
  assert.equal(kind(Buffer.concat([Buffer.alloc(4096, 7), Buffer.from('ElfChnk\0')])), 'evtx');
});

test('archives', () => {
  assert.equal(kind('PK\x03\x04...'), 'zip');
  assert.equal(kind(gzipSync('x')), 'gzip');
  const tally = gzipSync(`{"schema":"noisefloor.tally/1"}\n${'x,y'.repeat(1e6)}`);
  assert.equal(kind(tally), 'tally');
  assert.equal(kind(tally.subarray(0, 60)), 'tally');
  assert.equal(kind(tally.subarray(0, 12)), 'gzip');
  assert.equal(kind(Buffer.alloc(1024)), 'unknown');
});

test('JSON in every encoding, behind white space and evtx_dump’s lines', () => {
  const json = ' \r\n{"EventID":8}';
  for (const head of [json, `\ufeff${json}`, '[{}]', 'Record 1\n{\n', '\nRecord 12\r\n{}']) {
    assert.equal(kind(head), 'json', head);
  }
  assert.equal(kind(Buffer.from(`\ufeff{"a":1}`, 'utf16le')), 'json');
  assert.equal(kind(Buffer.from('{"a":1}', 'utf16le')), 'json');
  assert.equal(kind(Buffer.from('{"a":1}', 'utf16le').swap16()), 'json');
  assert.equal(kind('{"schema":"noisefloor.tally/1"}'), 'tally');
});

test('event XML, and XML that is none', () => {
  for (const head of [
    '<Event xmlns=',
    '<Events>',
    '<?xml version="1.0"?>\n<Events>',
    '<?xml version="1.0"?><!-- <a> --> <e:Event>',
    'Record 1\n<?xml version="1.0"?>\n<Event>',
  ]) {
    assert.equal(kind(head), 'xml', head);
  }
  assert.deepEqual(recognise(Buffer.from('<!-- x --><Sysmon schemaversion="4.90">')), {
    kind: 'unknown',
    found: 'a Sysmon configuration, which is a QUESTION and no log',
  });
  assert.equal(recognise(Buffer.from('<html>')).found, 'XML that begins with <html>');
  assert.equal(kind('<EventLog>'), 'unknown');
});

test('syslog, also where it begins with other programs', () => {
  for (const head of [
    'Nov  5 08:00:01 host cron[12]: x\n',
    '<14>1 2022-11-05T08:00:01Z host sysmon - - - <Event>',
    '<30>Nov 15 08:00:01 host a: b',
    '2022-11-05T08:00:01.5+01:00 host sysmon: <Event>',
    'a line cut at its beginning\nNov  5 08:00:01 host cron: x\nNov  5 08:00:01 host cr',
  ]) {
    assert.equal(kind(head), 'syslog', head);
  }
});

test('all else is unknown, and told with its first bytes escaped', () => {
  assert.equal(kind(''), 'unknown');
  assert.equal(
    recognise(Buffer.from('\x1b[31m"hi"\n')).found,
    'bytes that begin with "\\x1b[31m\\x22hi\\x22\\x0a"',
  );
  assert.equal(kind('name,value\n1,2\n'), 'unknown');
  assert.equal(kind(Buffer.from('MZ\x90\0\x03', 'latin1')), 'unknown');
});

test('any bytes are recognised as something', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
      assert.equal(typeof recognise(bytes).kind, 'string');
    }),
  );
  assert.equal(kind('<!-- -->'.repeat(1000)), 'unknown');
  assert.equal(kind(`{${' '.repeat(8000)}`), 'json');
  assert.equal(kind(' '.repeat(8192)), 'unknown');
});

test('all real event logs and archives', { skip: SHARED ? false : 'no ../shared' }, () => {
  for (const folder of ['evtx', 'json']) {
    for (const name of readdirSync(join(SHARED!, 'data', folder), { recursive: true, encoding: 'utf8' })) {
      const expected = name.endsWith('.evtx')
        ? 'evtx'
        : name.endsWith('.zip')
          ? 'zip'
          : name.endsWith('.gz')
            ? 'gzip'
            : '';
      if (expected === '') continue;
      const head = readFileSync(join(SHARED!, 'data', folder, name)).subarray(0, HEAD_BYTES);
      assert.equal(kind(head), expected, name);
    }
  }
});
