/** The recorded session holds what its labels say was done: known from the commands, not from what the sensor saw. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, tune } from '../src/run/index.ts';
import { ROOT } from './builders/shared.ts';
import { loggedEvents, type SeenEvent } from './live/logged.ts';

const SESSION = join(ROOT, 'examples/recorded-session');
const LOG = join(SESSION, 'events');
const INJECTION = join(SESSION, 'injection.jsonl');
const QUESTION = join(ROOT, 'spec/create-remote-thread.xml');

interface Label {
  readonly phase: string;
  readonly from: string;
  readonly to: string;
  readonly expects: {
    readonly attaches?: number;
    readonly starts?: Readonly<Record<string, number>>;
    readonly injections?: number;
  };
}

const labels = readFileSync(join(SESSION, 'labels.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Label);
const events = loggedEvents(LOG);

const during = ({ from, to }: Label, eventId: number): readonly SeenEvent[] =>
  events.filter(({ eventId: id, time }) => id === eventId && time >= from && time <= to);

for (const label of labels) {
  const { attaches, starts = {}, injections = 0 } = label.expects;
  const title = `${label.phase} (${label.from})`;
  for (const [program, times] of Object.entries(starts))
    test(`${title}: ${program} started ${times} times`, () => {
      const started = during(label, 1).filter(({ fields }) => fields['Image']!.endsWith(`/${program}`));
      assert.equal(started.length, times);
    });
  if (attaches !== undefined)
    test(`${title}: a debugger attached ${attaches} times`, () => {
      const seen = during(label, 10).filter(
        ({ fields }) => fields['Call'] === 'ptrace:ATTACH' && fields['SourceImage'] === '/usr/bin/gdb',
      );
      assert.equal(seen.length, attaches);
      for (const { fields } of seen) assert.equal(fields['TargetImage'], '/home/alice/project/counter');
    });
  test(`${title}: ${injections} injections by a program that is no debugger`, () => {
    const seen = during(label, 8).filter(({ fields }) => fields['SourceImage'] !== '/usr/bin/gdb');
    assert.deepEqual(
      seen.map(({ fields }) => [fields['SourceImage'], fields['TargetImage'], fields['SourceUser']]),
      Array.from({ length: injections }, () => [
        '/home/alice/.cache/update-check',
        '/home/alice/project/counter',
        'alice',
      ]),
    );
  });
}

test('nothing was lost while it was recorded, and the sensor says when it started and stopped', () => {
  assert.deepEqual(
    events.filter(({ eventId }) => eventId === 255),
    [],
  );
  assert.deepEqual(
    events.filter(({ eventId }) => eventId === 4).map(({ fields }) => fields['State']),
    ['Started', 'Stopped'],
  );
});

test('it names no machine, and no connection leaves it', () => {
  assert.deepEqual([...new Set(events.map(({ host }) => host))], ['workstation']);
  const addresses = events
    .filter(({ eventId }) => eventId === 3)
    .flatMap(({ fields }) => [fields['SourceIp'], fields['DestinationIp']]);
  assert.ok(addresses.length > 0);
  assert.deepEqual([...new Set(addresses)], ['127.0.0.1']);
});

test('it is small enough for a repository', () => {
  const sizes = readdirSync(LOG).map((name) => statSync(join(LOG, name)).size);
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 1_500_000);
});

test("the post's question finds the debugger and the injection, and no list of `tune` hides the injection", async () => {
  const answer = await ask(QUESTION, [LOG]);
  const sources = answer.groups.map(({ key }) => key['SourceImage']);
  assert.deepEqual(sources.toSorted(), ['/home/alice/.cache/update-check', '/usr/bin/gdb']);
  assert.equal(answer.read.unreadable, 0);
  const left = await ask(QUESTION, [LOG], { not: ['SourceImage|endswith=/gdb'] });
  assert.equal(left.matches.events, 1);
  const { attacks } = await tune(QUESTION, [LOG], { attacks: [INJECTION] });
  assert.deepEqual([attacks.events, attacks.hidden], [1, 0]);
});
