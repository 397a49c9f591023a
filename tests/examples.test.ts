/** The example logs are what the model writes, and the reader reads in them what was put there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type EvtxRecord, readEvtx } from '../src/evtx/index.ts';
import { ask } from '../src/run/index.ts';
import type { WriterEvent } from './builders/evtx-writer.ts';
import { expectedRecord, plainRecord } from './builders/evtx-text.ts';
import { exampleFiles, textField } from './builders/modelled-examples.ts';
import { modelledWeek } from './builders/modelled-week.ts';
import { ROOT } from './builders/shared.ts';

const week = modelledWeek();
const checkedIn = (path: string): Buffer => readFileSync(join(ROOT, path));

function records(path: string): EvtxRecord[] {
  const items = [...readEvtx(checkedIn(path), { verify: true })];
  assert.deepEqual(
    items.filter((item) => item.kind === 'diagnostic'),
    [],
  );
  return items.filter((item) => item.kind === 'record');
}

test('the files in examples/ are those that the model writes', () => {
  for (const [path, bytes] of exampleFiles()) {
    assert.ok(checkedIn(path).equals(bytes), `${path} is not what npm run generate writes`);
  }
});

test('the logs are small enough for a repository', () => {
  const sizes = [...exampleFiles().values()].map((bytes) => bytes.length);
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 2_500_000);
});

for (const [name, events] of [
  ['Sysmon', week.sysmon],
  ['System', week.system],
] as const) {
  test(`${name}.evtx holds the events of the model, each once and in order`, () => {
    const read = records(`examples/modelled-week/${name}.evtx`);
    assert.deepEqual(read.map(plainRecord), events.map(expectedRecord));
  });
}

test('the rules of the examples are all read, and find what the model put there', async () => {
  const answer = await ask(join(ROOT, 'examples/rules'), [join(ROOT, 'examples/modelled-week')]);
  const found = new Map(answer.rules?.map(({ name, events }) => [name, events]));
  assert.equal(found.size, 7);
  // Of event 8 all but those of csrss.exe: 10 and 7 of vmtoolsd.exe, and 1 of rundll32.exe.
  assert.equal(found.get('Thread created in a process of another program'), 18);
  assert.deepEqual(
    answer.diagnostics.filter(({ severity }) => severity !== 'info'),
    [],
  );
});

const ofType = (events: readonly WriterEvent[], eventId: number): readonly WriterEvent[] =>
  events.filter((event) => event.eventId === eventId);

test('the model is the week that its description promises', () => {
  const { sysmon, system } = week;
  assert.equal(ofType(system, 6005).length, 9);
  assert.equal(ofType(system, 12).length, 9);
  assert.equal(ofType(system, 41).length, 1);
  assert.equal(ofType(system, 6008).length, 1);
  assert.equal(ofType(system, 42).length, 1);
  assert.equal(ofType(system, 107).length, 1);
  // One at the install and one at each start after it.
  assert.equal(ofType(sysmon, 4).length, 9);
  assert.equal(ofType(sysmon, 16).length, 1);
  const threads = ofType(sysmon, 8);
  const by = (source: string): number =>
    threads.filter((event) => textField(event, 'SourceImage').endsWith(`\\${source}`)).length;
  assert.equal(by('msvsmon.exe'), 2);
  assert.equal(by('rundll32.exe'), 1);
  assert.equal(by('csrss.exe') + by('vmtoolsd.exe') + 3, threads.length);
  assert.ok(by('csrss.exe') > 0.8 * threads.length);
  assert.ok(by('vmtoolsd.exe') >= 10);
});

test('a process keeps its GUID, and one that ends was started, or ran before Sysmon was installed', () => {
  const images = new Map<string, string>();
  const same = (guid: string, image: string): void => {
    assert.equal(images.get(guid) ?? image, image);
    images.set(guid, image);
  };
  const started = new Set<string>();
  for (const event of week.sysmon) {
    const field = (name: string): string => textField(event, name);
    if (event.eventId === 1) started.add(field('ProcessGuid'));
    if (event.eventId === 1 || event.eventId === 5) same(field('ProcessGuid'), field('Image'));
    if (event.eventId === 5 && !started.has(field('ProcessGuid'))) {
      const [, low, high] = field('ProcessGuid').split('-');
      assert.ok(Number.parseInt(`${high}${low}`, 16) * 1000 < week.sysmon[0]!.time);
    }
    if (event.eventId !== 8) continue;
    same(field('SourceProcessGuid'), field('SourceImage'));
    same(field('TargetProcessGuid'), field('TargetImage'));
  }
});
