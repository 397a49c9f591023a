/** One chunk is 64 KiB, and so is all that may come out of it bounded: values that a crafted record uses over and over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinXmlError } from '../../src/evtx/diagnostic.ts';
import { ChunkText } from '../../src/evtx/binxml.ts';

test('nodes and text of a chunk are counted, and refused past their bounds', () => {
  const chunk = new ChunkText(Buffer.alloc(65_536));
  chunk.visit(500_000);
  chunk.visit(500_000);
  assert.throws(() => chunk.visit(1), BinXmlError);
  chunk.spend(16 * 1024 * 1024);
  assert.throws(() => chunk.spend(1), BinXmlError);
});

test('BinXML that nests without end is refused', () => {
  // An element that never ends, a thousand times: 01 dependency size name, with its name "a" at 8.
  const bytes = Buffer.alloc(65_536);
  bytes.writeUInt16LE(1, 8 + 6);
  bytes.write('a', 8 + 8, 'utf16le');
  let at = 512;
  for (let n = 0; n < 1000; n++, at += 12) {
    bytes[at] = 0x01;
    bytes.writeUInt16LE(0xffff, at + 1);
    bytes.writeUInt32LE(8, at + 7);
    bytes[at + 11] = 0x02;
  }
  assert.throws(() => new ChunkText(bytes).fragment(512, at, true), /nested deeper than 64/);
});
