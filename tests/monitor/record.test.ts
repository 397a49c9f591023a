/** Lines and records of the tracer: bytes, addresses, what can't be read; hashes of the very file. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { algorithmsOf, Hashes } from '../../src/monitor/assembly/hashes.ts';
import { Repeats } from '../../src/monitor/assembly/repeats.ts';
import { readLine } from '../../src/monitor/capture/line.ts';
import { readRecord } from '../../src/monitor/capture/record.ts';

const printed = (data: string): string => `{"type": "printf", "data": "${data}"}`;

test('bytes that bpftrace escapes wrongly are bytes again, and a backslash that stands there stays', () => {
  const text = (data: string): string => {
    const line = readLine(printed(data));
    assert.equal(line.kind, 'record');
    return line.kind === 'record' ? line.text : '';
  };
  assert.equal(text('W 1 0 \\uffffffc3\\uffffffa9'), 'W 1 0 \xc3\xa9');
  assert.equal(text('W 1 0 \\\\uffffffc3'), 'W 1 0 \\uffffffc3');
  assert.equal(text('W 1 0 a\\tb\\"c\\nd'), 'W 1 0 a\tb"c\nd');
});

test('losses are numbers; what is no line of bpftrace is one', () => {
  assert.deepEqual(readLine('{"type": "lost_events", "data": {"events": 37293}}'), {
    kind: 'lost',
    records: 37293,
  });
  assert.deepEqual(readLine('{"type": "attached_probes", "data": {"probes": 35}}'), {
    kind: 'attached',
    probes: 35,
  });
  assert.equal(readLine('{"type": "printf", "da').kind, 'unreadable');
  assert.equal(readLine('').kind, 'other');
});

test('records with too few fields, or of no known kind, are none', () => {
  for (const text of ['', 'K', 'K 1 2 3', 'X 1 2 3 4 5', 'ö 1', '? 1 2'])
    assert.equal(readRecord(text), null, text);
});

test('addresses are written as Sysmon writes them, and ports in the order of the host', () => {
  const who = '100 7 7 0 50 0';
  const ends = (record: string): readonly unknown[] => {
    const read = readRecord(record);
    assert.ok(read && 'localAddress' in read);
    return [read.localAddress, read.localPort, read.otherAddress, read.otherPort];
  };
  // 443 is 0x01bb, which a little-endian machine reads as 0xbb01.
  assert.deepEqual(ends(`N ${who} 6 40000 10.0.0.1 47873 192.0.2.7`), ['10.0.0.1', 40000, '192.0.2.7', 443]);
  assert.deepEqual(ends(`N ${who} 6 40000 ::1 47873 2001:db8::7`), [
    '0:0:0:0:0:0:0:1',
    40000,
    '2001:db8:0:0:0:0:0:7',
    443,
  ]);
  assert.deepEqual(ends(`N ${who} 6 40000 ::ffff:127.0.0.1 47873 ::ffff:192.0.2.7`), [
    '127.0.0.1',
    40000,
    '192.0.2.7',
    443,
  ]);
  // 2001:db8::1 as two numbers of a little-endian machine.
  assert.deepEqual(ends(`u ${who} 17 5353 :: 13568 b80d0120 100000000000000`), [
    '0:0:0:0:0:0:0:0',
    5353,
    '2001:db8:0:0:0:0:0:1',
    53,
  ]);
});

test('hashes are those that are asked for, of the file that was run and no other of its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-hashes-'));
  try {
    const path = join(folder, 'program');
    writeFileSync(path, 'content');
    const inode = String(statSync(path).ino);
    const sha256 = createHash('sha256').update('content').digest('hex').toUpperCase();
    const hashes = new Hashes(algorithmsOf('md5,SHA256,IMPHASH'));
    assert.match(hashes.of(inode, path)!, new RegExp(`^MD5=[0-9A-F]{32},SHA256=${sha256}$`));
    assert.equal(hashes.of('1', path), null, 'another file');
    assert.equal(hashes.of(null, join(folder, 'none')), null);
    writeFileSync(path, 'other content');
    assert.notEqual(hashes.of(inode, path), null);
    assert.ok(!hashes.of(inode, path)!.includes(sha256), 'a file that changed is read again');
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.deepEqual(algorithmsOf(undefined), ['SHA1']);
  assert.deepEqual(algorithmsOf('*'), ['SHA1', 'MD5', 'SHA256']);
});

test('an access is told again after ten seconds, and what is not told is counted', () => {
  const repeats = new Repeats();
  const at = [0, 1, 9.9, 10, 10.1, 25].map((seconds) => repeats.isRepeat('a', seconds * 1e9));
  assert.deepEqual(at, [false, true, true, false, true, false]);
  assert.equal(repeats.isRepeat('b', 25e9), false);
  assert.equal(repeats.count, 3);
});
