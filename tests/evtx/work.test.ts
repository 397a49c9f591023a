/** Templates used over and over: 64 KiB can ask for any amount of work, and get a bounded one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkText } from '../../src/evtx/binxml.ts';
import { EvtxRecord } from '../../src/evtx/record.ts';
import {
  newChunk,
  type TemplateElement,
  writeElement,
  writeFragmentHeader,
  writeInstance,
} from '../builders/evtx-binxml.ts';

const leaf = (name: string): TemplateElement => ({ name, children: [] });
const event = (children: TemplateElement['children']): TemplateElement => ({
  name: 'Event',
  children: [
    { name: 'System', children: [] },
    { name: 'EventData', children },
  ],
});

/** Reads a record with this template and these values; what it says of its fields, or throws. */
function read(template: TemplateElement, values: readonly Uint8Array[] = [], stored = 0x84): string {
  const chunk = newChunk();
  const start = chunk.at;
  writeFragmentHeader(chunk);
  writeInstance(
    chunk,
    template,
    values.map((bytes) => ({ bytes, declared: stored, stored })),
    () => {},
  );
  const said: string[] = [];
  const header = { record: 1, time: 0, offset: 0 };
  const text = new ChunkText(chunk.bytes.subarray(0, Math.max(65_536, chunk.at)));
  const record = new EvtxRecord(text, { start, end: chunk.at }, header, (_, error) => {
    said.push(String(error));
  });
  void record.fields;
  return said.join();
}

const array = { kind: 'substitution', index: 0, type: 0x84 } as const;

test('an array that many elements hold is read until the visits are spent', () => {
  const many = Array.from({ length: 1000 }, () => ({ name: 'a', children: [array] }));
  assert.match(read(event(many), [new Uint8Array(30_000)]), /visits|fields/);
  assert.equal(read(event([{ name: 'a', children: [array] }]), [new Uint8Array(30_000)]), '');
});

test('an array that one element holds many times is counted before it is put together', () => {
  const many = Array.from({ length: 2000 }, () => array);
  assert.match(read(event([{ name: 'a', children: many }]), [new Uint8Array(30_000)]), /visits/);
});

test('text is bounded over all values', () => {
  const string = { kind: 'substitution', index: 0, type: 1 } as const;
  const many = Array.from({ length: 2000 }, () => string);
  assert.match(
    read(event([{ name: 'a', children: many }]), [Buffer.from('x'.repeat(20_000), 'utf16le')], 1),
    /characters of text/,
  );
});

test('a name is bounded', () => {
  assert.equal(read(event([leaf('n'.repeat(1024))])), '');
  assert.throws(() => read(event([leaf('n'.repeat(1025))])), /at most 1024 characters/);
});

test('tokens are bounded, those of attributes too', () => {
  const chunk = newChunk();
  const attributes = Array.from({ length: 1000 }, () => ['a', []] as const);
  writeElement(chunk, { name: 'a', attributes, children: [] }, false);
  const text = new ChunkText(chunk.bytes);
  let parsed = 0;
  assert.throws(() => {
    for (; parsed < 1000; parsed++) text.fragment(512, chunk.at, false);
  }, /BinXML tokens/);
  assert.ok(parsed > 10 && parsed < 132);
});
