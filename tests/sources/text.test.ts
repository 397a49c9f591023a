import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Diagnostic } from '../../src/events/index.ts';
import { decodeText, findEncoding, headText } from '../../src/sources/text.ts';

async function decode(
  parts: readonly Uint8Array[],
  invalid: 'replace' | 'latin1' = 'replace',
): Promise<{ text: string; bytes: number; trouble: Diagnostic[] }> {
  async function* blocks(): AsyncGenerator<Uint8Array> {
    yield* parts;
  }
  const reading = { trouble: [] as Diagnostic[], bytesRead: 0 };
  const encoding = findEncoding(Buffer.concat(parts));
  let [text, bytes] = ['', 0];
  for await (const chunk of decodeText('a.txt', blocks(), { ...encoding, invalid }, reading)) {
    text += chunk.text;
    bytes += chunk.bytes;
  }
  return { text, bytes, trouble: reading.trouble };
}

const BIG_ENDIAN = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const TEXT = '<?xml version="1.0"?>é€😀 end';

test('every encoding gives the same text, in any blocks, and all bytes are counted', async () => {
  const encoded = [
    Buffer.from(TEXT),
    Buffer.from(`\ufeff${TEXT}`),
    Buffer.from(TEXT, 'utf16le'),
    Buffer.from(`\ufeff${TEXT}`, 'utf16le'),
    BIG_ENDIAN(TEXT),
    BIG_ENDIAN(`\ufeff${TEXT}`),
  ];
  for (const bytes of encoded) {
    const expected = { text: TEXT, bytes: bytes.length, trouble: [] };
    assert.deepEqual(await decode([bytes]), expected);
    assert.deepEqual(await decode(Array.from(bytes, (byte) => Uint8Array.of(byte))), expected);
    assert.equal(headText(bytes), TEXT);
  }
});

test('ISO 8859-1 where the XML declaration says so', async () => {
  const text = '<?xml version="1.0" encoding="ISO-8859-1"?>caf\u00e9';
  assert.equal((await decode([Buffer.from(text, 'latin1')])).text, text);
});

test('bytes that are not UTF-8 are replaced, counted and placed', async () => {
  const bytes = Buffer.concat([
    Buffer.from('ab\ufffd€'),
    Buffer.from([0xff, 0x41, 0xe2, 0x82]),
    Buffer.from('z'),
  ]);
  const { text, trouble } = await decode([bytes]);
  assert.equal(text, 'ab\ufffd€\ufffdA\ufffd\ufffdz');
  assert.equal(trouble.length, 1);
  assert.equal(trouble[0]!.code, 'text-invalid-utf8');
  assert.equal(trouble[0]!.where.offset, 8);
  assert.match(trouble[0]!.message, /found 3 bytes/);
});

test('or are read as ISO 8859-1, as Sysmon for Linux writes them', async () => {
  const bytes = Buffer.concat([Buffer.from('caf'), Buffer.from([0xe9]), Buffer.from(' é')]);
  assert.deepEqual(await decode([bytes], 'latin1'), { text: 'café é', bytes: 7, trouble: [] });
});

test('UTF-16 keeps lone surrogates and reports half a character at the end', async () => {
  const { text, trouble } = await decode([Buffer.from('\ufeffa\ud800b', 'utf16le'), Uint8Array.of(0x41)]);
  assert.equal(text, 'a\ud800b\ufffd');
  assert.deepEqual(
    trouble.map(({ code, where }) => [code, where.offset]),
    [['text-invalid-utf16', 8]],
  );
});

test('any bytes in any blocks give the text that a standard decoder gives, but for how many U+FFFD', async () => {
  const byte = fc.oneof(
    fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xff),
    fc.nat(255),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(byte, { maxLength: 60 }), fc.nat(60), async (tail, cut) => {
      const bytes = Buffer.from([0x7b, 0x22, 0x61, 0x22, ...tail]);
      const whole = await decode([bytes]);
      assert.deepEqual(await decode([bytes.subarray(0, cut), bytes.subarray(cut)]), whole);
      const squeeze = (text: string): string => text.replace(/\ufffd+/g, '\ufffd');
      assert.equal(squeeze(whole.text), squeeze(new TextDecoder('utf-8').decode(bytes)));
    }),
  );
});
