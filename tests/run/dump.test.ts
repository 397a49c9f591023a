/** `dump` as lines: the same bytes for any number of threads, and for any container around an event log. */
import assert from 'node:assert/strict';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dump, type DumpOptions, type LineFormat } from '../../src/run/index.ts';
import { ROOT } from '../builders/shared.ts';

const HEADER = 4096;
const CHUNK = 65_536;
const APART = 3 * 512 * 1024;
const WEEK = join(ROOT, 'examples/modelled-week');
const FORMATS: readonly LineFormat[] = ['jsonl', 'evtx_dump-jsonl', 'csv', 'xml'];
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-dump-'));
after(() => rmSync(folder, { recursive: true }));

/** A log of at least 51 MiB whose chunks lie apart; one of them is damaged, and the last is cut off. */
function spread(name: string): string {
  const bytes = readFileSync(join(WEEK, name));
  const path = join(folder, name);
  const file = openSync(path, 'w');
  writeSync(file, bytes.subarray(0, HEADER));
  let at = HEADER;
  for (let from = HEADER; from < bytes.length; from += CHUNK, at += APART) {
    const chunk = Buffer.from(bytes.subarray(from, from + CHUNK));
    if (from === HEADER + CHUNK) chunk.writeUInt32LE(0xffff, 512 + 4);
    writeSync(file, chunk, 0, chunk.length, at);
  }
  ftruncateSync(file, Math.max(at, HEADER + 34 * APART) - 12_345);
  closeSync(file);
  return path;
}

async function dumped(logs: readonly string[], format: LineFormat, options: DumpOptions) {
  const pieces: Buffer[] = [];
  const diagnostics: unknown[] = [];
  let events = 0;
  let done = 0;
  const onProgress = (bytes: number): void => {
    done = bytes;
  };
  for await (const part of dump(logs, { ...options, onProgress }).lines(format)) {
    pieces.push(...part.pieces.map((piece) => Buffer.from(piece)));
    diagnostics.push(...part.diagnostics);
    events += part.events;
  }
  return { text: Buffer.concat(pieces).toString(), diagnostics, events, done };
}

test('one thread, two and three write the same', async () => {
  const json = join(folder, 'between.jsonl');
  const { text } = await dumped([join(WEEK, 'System.evtx')], 'jsonl', {});
  writeFileSync(json, text);
  const logs = [spread('Sysmon.evtx'), json, spread('System.evtx'), join(WEEK, 'Sysmon.evtx')];
  for (const format of FORMATS) {
    for (const options of [
      {},
      { event: ['8'] },
      { verify: true, recover: true, where: ['Image|contains=e'] },
    ]) {
      const [one, two, three] = [
        await dumped(logs, format, { ...options, threads: 1 }),
        await dumped(logs, format, { ...options, threads: 2 }),
        await dumped(logs, format, { ...options, threads: 3 }),
      ];
      assert.ok(one.events > 0 && one.diagnostics.length > 0);
      assert.equal(one.text.split('\n').length - 1, one.events);
      assert.deepEqual(two, one);
      assert.deepEqual(three, one);
    }
  }
});

test('an event log in an archive is written as the log itself, but for its name', async () => {
  const log = join(WEEK, 'Sysmon.evtx');
  const packed = join(folder, 'Sysmon.evtx.gz');
  writeFileSync(packed, gzipSync(readFileSync(log)));
  for (const format of FORMATS) {
    const [own, inside] = [await dumped([log], format, {}), await dumped([packed], format, {})];
    const named = (text: string): string => text.replaceAll(/"source":"[^"]*",|^[^,{]*,/gm, '');
    assert.equal(named(inside.text), named(own.text));
    assert.equal(inside.events, own.events);
  }
});

test('other logs have no such lines as evtx_dump writes, and that is said', async () => {
  const path = join(folder, 'other.jsonl');
  const { text, events } = await dumped([join(WEEK, 'Sysmon.evtx')], 'jsonl', { event: ['8'] });
  writeFileSync(path, text);
  const { diagnostics, ...rest } = await dumped([path], 'evtx_dump-jsonl', {});
  assert.deepEqual([rest.text, rest.events], ['', 0]);
  const [{ code, lost }] = diagnostics as [{ code: string; lost: number }];
  assert.deepEqual([code, lost], ['dump-not-evtx', events]);
});
