import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { pack } from 'tar-stream';
import type { Diagnostic } from '../../src/events/index.ts';
import { findLogs, readLog, type Skipped } from '../../src/sources/index.ts';
import { SHARED } from '../builders/shared.ts';
import { zip } from '../builders/zip.ts';

function eventsXml(...records: number[]): string {
  return records
    .map(
      (record) =>
        `<Event><System><Provider Name="P"/><EventID>1</EventID><EventRecordID>${record}</EventRecordID></System></Event>\n`,
    )
    .join('');
}

async function tar(entries: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, data] of Object.entries(entries)) {
    if (name.endsWith('/')) archive.entry({ name, type: 'directory' });
    else archive.entry({ name }, Buffer.from(data as string));
  }
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

interface Outcome {
  /** `record@source`, the source without the archive's own path. */
  readonly records: string[];
  readonly diagnostics: Diagnostic[];
  readonly skipped: Skipped[];
  readonly bytes: number;
}

async function read(t: TestContext, bytes: Uint8Array): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'a.bin');
  writeFileSync(path, bytes);
  const { logs, problems } = findLogs([path]);
  assert.deepEqual(problems, []);
  const outcome = {
    records: [] as string[],
    diagnostics: [] as Diagnostic[],
    skipped: [] as Skipped[],
    bytes: 0,
  };
  for (const log of logs) {
    for await (const batch of readLog(log, { verify: false })) {
      const source = batch.source.slice(path.length);
      outcome.records.push(...batch.events.map(({ record }) => `${record}@${source}`));
      outcome.diagnostics.push(...batch.diagnostics);
      outcome.skipped.push(
        ...(batch.skipped ?? []).map((each) => ({ ...each, path: each.path.slice(path.length) })),
      );
      outcome.bytes += batch.bytes;
    }
  }
  return outcome;
}

const codes = ({ diagnostics }: Outcome): string[] => diagnostics.map(({ code }) => code);

test('zip: members in their order, recognised by content; all bytes of the file are counted', async (t) => {
  const bytes = zip([
    { name: 'z/../../b.txt', data: eventsXml(1, 2) },
    { name: 'dir/', data: '', method: 0 },
    { name: 'a.xml', data: eventsXml(3), method: 0 },
    { name: 'streamed.xml', data: eventsXml(4), flags: 8 },
    { name: 'readme.txt', data: 'hello' },
    { name: 'empty', data: '', method: 0 },
  ]);
  const outcome = await read(t, bytes);
  assert.deepEqual(outcome.records, ['1@!z/../../b.txt', '2@!z/../../b.txt', '3@!a.xml', '4@!streamed.xml']);
  assert.deepEqual(outcome.diagnostics, []);
  assert.deepEqual(outcome.skipped, [
    { path: '!readme.txt', reason: 'bytes that begin with "hello"' },
    { path: '!empty', reason: 'an empty file' },
  ]);
  assert.equal(outcome.bytes, bytes.length);
});

test('an archive that was asked for and holds no log is an error, as a folder is', async (t) => {
  for (const members of [[{ name: 'readme.txt', data: 'hello' }], []]) {
    const outcome = await read(t, zip(members));
    assert.deepEqual(codes(outcome), ['log-empty-folder']);
    assert.match(
      outcome.diagnostics[0]!.message,
      members.length > 0 ? /found 1 file of other/ : /found no file/,
    );
  }
  const nested = await read(
    t,
    zip([
      { name: 'in.zip', data: zip([{ name: 'a.txt', data: 'x' }]) },
      { name: 'a.xml', data: eventsXml(1) },
    ]),
  );
  assert.deepEqual([codes(nested), nested.records], [[], ['1@!a.xml']]);
});

test('zip: encrypted, unsupported and damaged members cost only themselves', async (t) => {
  const outcome = await read(
    t,
    zip([
      { name: 'secret.xml', data: eventsXml(1), flags: 1 },
      { name: 'lzma.xml', data: eventsXml(2), method: 14 },
      { name: 'damaged.xml', data: eventsXml(3), checksum: 7 },
      { name: 'good.xml', data: eventsXml(4) },
    ]),
  );
  assert.deepEqual(outcome.records, ['3@!damaged.xml', '4@!good.xml']);
  assert.deepEqual(codes(outcome).sort(), [
    'archive-checksum',
    'archive-member-encrypted',
    'archive-unsupported-method',
  ]);
  for (const { where } of outcome.diagnostics)
    assert.match(where.source!, /a\.bin!(secret|lzma|damaged)\.xml$/);
});

test('zip: without its directory the members are read all the same', async (t) => {
  const entries = [
    { name: 'a.xml', data: eventsXml(1) },
    { name: 'b.xml', data: eventsXml(2), flags: 8 },
    { name: 'c.txt', data: 'other', flags: 8 },
    { name: 'd.xml', data: eventsXml(3), method: 0 },
    { name: 'e.xml', data: eventsXml(...Array.from({ length: 500 }, (_, i) => i)), flags: 8 },
  ];
  const whole = zip(entries, false);
  const outcome = await read(t, whole);
  assert.deepEqual(outcome.records.slice(0, 4), ['1@!a.xml', '2@!b.xml', '3@!d.xml', '0@!e.xml']);
  assert.equal(outcome.records.length, 503);
  assert.deepEqual(codes(outcome), ['archive-truncated']);
  const cut = await read(t, whole.subarray(0, -800));
  assert.ok(cut.records.length > 50 && cut.records.length < 503);
  assert.deepEqual(codes(cut).sort(), ['archive-truncated', 'archive-truncated', 'xml-broken-event']);
});

test('zip: members that overlap are not read over and over', async (t) => {
  const bytes = zip([{ name: 'a.xml', data: eventsXml(1), method: 0 }]);
  const at = bytes.indexOf('PK\x01\x02');
  const entry = bytes.subarray(at, bytes.indexOf('PK\x05\x06'));
  const end = Buffer.from(bytes.subarray(at + entry.length));
  end.writeUInt16LE(1000, 8);
  end.writeUInt16LE(1000, 10);
  end.writeUInt32LE(entry.length * 1000, 12);
  const big = zip([{ name: 'a.xml', data: eventsXml(...Array.from({ length: 900 }, () => 1)), method: 0 }]);
  const body = big.subarray(0, big.indexOf('PK\x01\x02'));
  const central = big.subarray(body.length, big.indexOf('PK\x05\x06'));
  end.writeUInt32LE(body.length, 16);
  const bomb = Buffer.concat([body, ...Array.from({ length: 1000 }, () => central), end]);
  const outcome = await read(t, bomb);
  assert.equal(outcome.records.length, 900);
  assert.deepEqual(codes(outcome), ['archive-broken']);
});

test('gzip: the content has the path of the file; several members are one', async (t) => {
  const both = Buffer.concat([gzipSync(eventsXml(1)), gzipSync(eventsXml(2)), Buffer.alloc(100)]);
  const outcome = await read(t, both);
  assert.deepEqual(outcome.records, ['1@', '2@']);
  assert.deepEqual(outcome.diagnostics, []);
  assert.equal(outcome.bytes, both.length);
});

test('gzip: cut, damaged, followed by garbage, or no log', async (t) => {
  const text = eventsXml(...Array.from({ length: 3000 }, (_, i) => (i * 7919) % 65_536));
  const good = gzipSync(text);
  const cut = await read(t, good.subarray(0, good.length / 2));
  assert.ok(cut.records.length > 1000 && cut.records.length < 3000);
  assert.deepEqual(codes(cut).sort(), ['archive-truncated', 'xml-broken-event']);
  const noTrailer = await read(t, good.subarray(0, -3));
  assert.equal(noTrailer.records.length, 3000);
  assert.deepEqual(codes(noTrailer), ['archive-truncated']);
  const garbage = await read(t, Buffer.concat([good, Buffer.from('garbage')]));
  assert.equal(garbage.records.length, 3000);
  assert.deepEqual(codes(garbage), ['archive-trailing-bytes']);
  const wrong = Buffer.from(good);
  wrong.writeUInt32LE(7, wrong.length - 8);
  assert.deepEqual(codes(await read(t, wrong)), ['archive-checksum']);
  const other = await read(t, gzipSync('hello'));
  assert.deepEqual(codes(other), ['log-unknown-kind']);
});

test('an archive bomb is cut off at a multiple of the file', async (t) => {
  const inner = gzipSync(Buffer.concat([Buffer.from('[{'), Buffer.alloc(100 * 1024 * 1024, '\n')]));
  const outcome = await read(t, gzipSync(inner));
  const broken = outcome.diagnostics.filter(({ code }) => code === 'archive-broken');
  assert.equal(broken.length, 1);
  assert.match(broken[0]!.message, /archive bomb/);
});

test('names of members are bounded', async (t) => {
  const outcome = await read(t, await tar({ ['n'.repeat(100_000)]: 'no log' }));
  assert.ok(outcome.skipped[0]!.path.length <= 4097);
});

test('tar: plain and gzipped, long names, headers of other kinds', async (t) => {
  const long = `${'d/'.repeat(100)}é.xml`;
  const bytes = await tar({
    'a.xml': eventsXml(1),
    'dir/': '',
    [long]: eventsXml(2),
    '._a.xml': '\0\x05\x16\x07',
    e: '',
  });
  for (const each of [bytes, gzipSync(bytes)]) {
    const outcome = await read(t, each);
    assert.deepEqual(outcome.records, ['1@!a.xml', `2@!${long}`]);
    assert.deepEqual(outcome.diagnostics, []);
    assert.deepEqual(
      outcome.skipped.map(({ path }) => path),
      ['!._a.xml', '!e'],
    );
    assert.equal(outcome.bytes, each.length);
  }
});

test('tar: cut in the header of a member, which is lost; without its end mark, perhaps', async (t) => {
  const bytes = await tar({ 'a.xml': eventsXml(1), 'b.xml': eventsXml(2) });
  const member = 512 + 512 * Math.ceil(eventsXml(1).length / 512);
  const told = async (length: number): Promise<readonly (readonly [string, string])[]> => {
    const { diagnostics, records } = await read(t, bytes.subarray(0, length));
    assert.equal(records.length, 1);
    return diagnostics.map(({ code, severity }) => [code, severity] as const);
  };
  for (const cut of [1, 200, 511])
    assert.deepEqual(await told(member + cut), [['archive-truncated', 'error']]);
  assert.deepEqual(await told(member), [['archive-truncated', 'warning']]);
});

test('tar: cut or damaged, what was read stands', async (t) => {
  const bytes = await tar({ 'a.xml': eventsXml(1), 'b.xml': eventsXml(2, 3, 4, 5, 6, 7, 8, 9) });
  const cut = await read(t, bytes.subarray(0, 512 * 3 + 400));
  assert.deepEqual(cut.records.slice(0, 3), ['1@!a.xml', '2@!b.xml', '3@!b.xml']);
  assert.deepEqual(codes(cut).sort(), ['archive-truncated', 'xml-broken-event']);
  const damaged = Buffer.from(bytes);
  damaged.fill(0x41, 1024, 1100);
  const outcome = await read(t, damaged);
  assert.deepEqual(outcome.records, ['1@!a.xml']);
  assert.deepEqual(codes(outcome), ['archive-broken']);
});

test('archives within archives, one level; no spool is left behind', async (t) => {
  const spools = (): string[] => readdirSync(tmpdir()).filter((name) => /^noisefloor-[^t]/.test(name));
  const before = spools();
  const inner = zip([{ name: 'b.xml', data: eventsXml(1) }]);
  const inTar = await read(t, gzipSync(await tar({ 'a.zip': inner, 'b.gz': gzipSync(eventsXml(2)) })));
  assert.deepEqual(inTar.records, ['1@!a.zip!b.xml', '2@!b.gz']);
  assert.deepEqual(inTar.diagnostics, []);
  const inZip = await read(
    t,
    zip([
      { name: 'x.tar.gz', data: gzipSync(await tar({ 'c.xml': eventsXml(3) })), method: 0 },
      { name: 'y.gz', data: gzipSync(eventsXml(4)), method: 0 },
    ]),
  );
  assert.deepEqual(inZip.records, ['3@!x.tar.gz!c.xml', '4@!y.gz']);
  const deep = await read(t, zip([{ name: 'x.zip', data: zip([{ name: 'y.zip', data: inner }]) }]));
  assert.deepEqual(deep.records, []);
  assert.match(deep.skipped[0]!.reason, /an archive inside 2 others/);
  assert.equal(deep.skipped[0]!.path, '!x.zip!y.zip');
  assert.deepEqual(
    spools().filter((name) => !before.includes(name)),
    [],
  );
});

test('an archive cut or damaged anywhere neither throws nor hangs', async () => {
  const entries = { 'a.xml': eventsXml(1, 2), 'b.txt': 'x' };
  const list = Object.entries(entries).map(([name, data]) => ({ name, data }));
  const archives = [zip(list), zip(list, false), gzipSync(await tar(entries)), await tar(entries)];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...archives),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
      async (archive, changes, cut) => {
        const bytes = Buffer.from(archive.subarray(0, 4 + (cut % archive.length)));
        for (const [at, value] of changes) bytes[4 + (at % Math.max(1, bytes.length - 4))] = value;
        const folder = mkdtempSync(join(tmpdir(), 'noisefloor-test-'));
        try {
          const path = join(folder, 'a');
          writeFileSync(path, bytes);
          const { logs } = findLogs([path]);
          for (const log of logs)
            for await (const batch of readLog(log, { verify: false })) assert.ok(batch.bytes >= 0);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('real archives: every line is a record', { skip: SHARED ? false : 'no ../shared' }, async () => {
  const folder = join(SHARED!, 'data/json');
  const expected = JSON.parse(readFileSync(join(SHARED!, 'data/expected-json-dev.json'), 'utf8')) as {
    entries: { member: string; lines: number }[];
  };
  const { logs, problems, skipped } = findLogs([folder]);
  assert.deepEqual([problems, skipped], [[], []]);
  const lines: Record<string, number> = {};
  for (const log of logs) {
    let bytes = 0;
    for await (const batch of readLog(log, { verify: true })) {
      bytes += batch.bytes;
      const member = batch.source.split('!')[1];
      if (member !== undefined) lines[member] = (lines[member] ?? 0) + batch.events.length;
    }
    assert.equal(bytes, log.size);
  }
  assert.deepEqual(lines, Object.fromEntries(expected.entries.map((entry) => [entry.member, entry.lines])));
});
