/** Events that are watched as they come: what is shown, and the answer so far. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Event } from '../../src/events/index.ts';
import { QuestionError } from '../../src/predicate/index.ts';
import { dumpLine } from '../../src/lines/index.ts';
import { standingText } from '../../src/report/index.ts';
import { ask, watch, watchArgument } from '../../src/run/index.ts';
import { followLog, headerLine, sealLine, segmentName } from '../../src/sources/index.ts';
import { event } from '../builders/events.ts';
import { ROOT } from '../builders/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-watch-'));
after(() => rmSync(folder, { recursive: true }));
const LOG = join(ROOT, 'examples/modelled-week/Sysmon.evtx');
const CONFIG = join(ROOT, 'spec/create-remote-thread.xml');

/** Batches of events in memory. */
function batch(
  events: readonly Event[],
  source = 'there',
): Parameters<Awaited<ReturnType<typeof watch>>['take']>[0] {
  return { source, events, diagnostics: [], bytes: 0 };
}

function thread(record: number, minutes: number, source: string, some: Partial<Event> = {}): Event {
  const time = Date.UTC(2026, 0, 5, 9) + minutes * 60_000;
  return { ...event({ record, time, fields: { SourceImage: source, TargetImage: 'C:\\t.exe' } }), ...some };
}

/** A log of `dump` lines. */
function logOf(name: string, events: readonly Event[]): string {
  const path = join(folder, name);
  writeFileSync(path, events.map((one) => `${dumpLine('x', one)}\n`).join(''));
  return path;
}

test('the answer so far is what ask says of the same events, however often it was asked before', async () => {
  for (const question of ['8', CONFIG, '1']) {
    for (const not of [[], ['Image|endswith=\\csrss.exe']]) {
      const options = question === '1' ? { not } : {};
      const watching = await watch(question, options);
      const stop = new AbortController();
      for await (const one of followLog(LOG, { signal: stop.signal, everyMs: 1 })) {
        watching.take(one);
        // Every answer on the way leaves the tally as it was.
        watching.standing();
        if (one.live) stop.abort();
      }
      const wanted = await ask(question, [LOG], { ...options, budget: '1/host-day' });
      assert.deepEqual(watching.standing().answer, wanted);
    }
  }
});

test('of a folder of segments it is what ask says of the folder, losses and boots among it', async () => {
  const log = join(folder, 'events');
  mkdirSync(log);
  const own = { provider: 'Linux-Sysmon', channel: 'Linux-Sysmon/Operational' };
  const started = { State: 'Started', BootId: 'b', BootTime: '2026-01-05 08:59:00.000' };
  const lost = { ID: 'LOST', Description: '5 records', Lost: '5' };
  const fields = (some: Readonly<Record<string, string>>): Partial<Event> => ({
    ...own,
    fields: new Map(Object.entries(some)),
  });
  const events = [
    thread(1, 0, '', { ...fields(started), eventId: 4 }),
    ...Array.from({ length: 300 }, (_, id) => thread(id + 2, id, `/bin/${id % 7}`, own)),
    thread(302, 301, '', { ...fields(lost), eventId: 255 }),
    thread(303, 302, '/bin/gdb', own),
  ];
  for (const first of [1, 101, 201, 301]) {
    const rows = events
      .filter(({ record }) => record! >= first && record! < first + 100)
      .map((one) => sealLine(dumpLine('live', one)));
    const header = headerLine({ host: 'HOST', bootId: 'b', first });
    writeFileSync(join(log, segmentName(first)), Buffer.concat([header, ...rows]));
  }
  const watching = await watch('8');
  const stop = new AbortController();
  for await (const one of followLog(log, { signal: stop.signal, everyMs: 1 })) {
    watching.take(one);
    if (one.live) stop.abort();
  }
  const wanted = await ask('8', [log], { budget: '1/host-day' });
  assert.deepEqual(watching.standing().answer, wanted);
  assert.deepEqual(
    [wanted.matches.events, wanted.exposure.boots, wanted.read.unreadable > 0],
    [301, 1, true],
  );
});

test('each answer on the way is that of the events up to there', async () => {
  const events = [
    thread(1, 0, 'C:\\a.exe'),
    thread(2, 1, 'C:\\A.exe'),
    thread(3, 200, 'C:\\b.exe'),
    thread(7, 201, 'C:\\c.exe'),
    thread(8, 40, 'C:\\a.exe', { host: 'OTHER' }),
  ];
  const watching = await watch('8');
  for (const upTo of events.keys()) {
    watching.take(batch([events[upTo]!]));
    const path = logOf(`upto-${upTo}.jsonl`, events.slice(0, upTo + 1));
    const { read, ...wanted } = await ask('8', [path], { budget: '1/host-day' });
    const { read: own, ...found } = watching.standing().answer;
    assert.deepEqual(found, wanted);
    assert.deepEqual([own.records, own.gaps], [read.records, read.gaps]);
  }
});

test('what the question does not ask for is not shown, but what Sysmon says of itself is told', async () => {
  const watching = await watch('8', { not: ['SourceImage|endswith=\\csrss.exe'] });
  const lost = event({ eventId: 255, record: 9, fields: { ID: 'LOST', Description: 'x' } });
  const events = watching.take(
    batch([
      thread(1, 0, 'C:\\a.exe'),
      thread(2, 0, 'C:\\Windows\\csrss.exe'),
      thread(3, 0, 'C:\\a.exe', { eventId: 10 }),
      lost,
    ]),
  );
  assert.deepEqual(
    events.map(({ event: { record }, first, rule, ofItself }) => [record, first, rule, ofItself]),
    [
      [1, true, '', false],
      [9, false, '', true],
    ],
  );
  assert.equal(watching.standing().answer.excluded?.events, 1);
});

test('without a question all of Sysmon counts, and events of others are shown as well', async () => {
  const watching = await watch(null);
  const other = thread(3, 0, '', { provider: 'Service Control Manager', channel: 'System', eventId: 7036 });
  const events = watching.take(batch([thread(1, 0, 'C:\\a.exe'), thread(2, 0, 'x', { eventId: 5 }), other]));
  assert.deepEqual(
    events.map(({ event: { record } }) => record),
    [1, 2, 3],
  );
  const { answer } = watching.standing();
  assert.deepEqual(
    [
      answer.matches.events,
      answer.perType.flatMap(({ eventId, events: count }) => (count > 0 ? eventId : [])),
    ],
    [2, [5, 8]],
  );
});

test('the rule that decides is named: of a configuration its own, else the one that Sysmon wrote', async () => {
  const config = join(folder, 'rules.xml');
  writeFileSync(
    config,
    '<Sysmon schemaversion="4.90"><EventFiltering><CreateRemoteThread onmatch="include"><SourceImage name="mine" condition="end with">a.exe</SourceImage></CreateRemoteThread></EventFiltering></Sysmon>',
  );
  const written = thread(1, 0, 'C:\\a.exe');
  (written.fields as Map<string, string>).set('RuleName', 'theirs');
  for (const [question, rule] of [
    [config, 'mine'],
    ['8', 'theirs'],
  ] as const) {
    const [shown] = (await watch(question)).take(batch([written]));
    assert.equal(shown?.rule, rule);
  }
});

test('with --new only groups are shown that are in no given tally and in no given log', async () => {
  const before = logOf('before.jsonl', [thread(1, 0, 'C:\\a.exe'), thread(2, 5, 'C:\\B.exe')]);
  const other = logOf('other.jsonl', [thread(1, 0, 'C:\\c.exe')]);
  const tally = join(folder, 'before.tally');
  await ask('8', [before], { tally });
  const watching = await watch('8', { new: [tally, other] });
  const events = watching.take(
    batch([
      thread(10, 0, 'c:\\A.EXE'),
      thread(11, 0, 'C:\\b.exe'),
      thread(12, 0, 'C:\\c.exe'),
      thread(13, 1, 'C:\\d.exe'),
      thread(14, 2, 'C:\\D.exe'),
      thread(15, 3, 'C:\\a.exe', { eventId: 10 }),
    ]),
  );
  assert.deepEqual(
    events.map(({ event: { record }, first }) => [record, first]),
    [
      [13, true],
      [14, false],
    ],
  );
  const { newGroups, lastNew, answer } = watching.standing();
  assert.deepEqual([newGroups, lastNew?.values, answer.groups.length], [1, ['C:\\d.exe', 'C:\\t.exe'], 4]);
});

test('a tally that can not tell is refused', async () => {
  const log = logOf('some.jsonl', [thread(1, 0, 'C:\\a.exe')]);
  const tally = join(folder, 'some.tally');
  await ask('8', [log], { tally });
  const refused = async (question: string | null, paths: readonly string[], code: string): Promise<void> => {
    await assert.rejects(watch(question, { new: paths }), (error) => {
      assert.ok(error instanceof QuestionError);
      assert.equal(error.code, code);
      return true;
    });
  };
  await refused('1', [tally], 'tally-question');
  await refused(null, [tally], 'tally-question');
  await refused('8', [join(folder, 'nowhere')], 'log-missing');
});

test('an argument is told by what stands in the file', async () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const rule = 'title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n';
  assert.deepEqual(
    await Promise.all(
      [
        '8',
        'createremotethread',
        CONFIG,
        write('rule.log', rule),
        write('config.jsonl', '\ufeff<Sysmon/>'),
        LOG,
        write('a.xml', `${dumpLine('', thread(1, 0, 'a'))}\n`),
        write('empty.xml', ''),
        join(folder, 'nowhere'),
      ].map((text) => watchArgument(text)),
    ),
    ['question', 'question', 'config', 'question', 'config', 'log', 'log', 'log', 'log'],
  );
});

test('the answer so far is one line that says what is still to be watched', async () => {
  const watching = await watch('8');
  const quiet = (minute: number): Event => thread(100 + minute, minute, '', { eventId: 5 });
  const minutes = Array.from({ length: 60 * 30 }, (_, minute) => quiet(minute));
  watching.take(batch([...minutes, thread(5000, 1800, '/usr/bin/gdb', {})]));
  const standing = watching.standing();
  const text = standingText(standing);
  assert.match(
    text,
    /^CreateRemoteThread: 1 event, 1 occasion, 0\.03\d*\/host-hour \(0\.000\d+ to 0\.1\d*\), 1 group, last new 15:00 gdb -> t\.exe; 0 boots, 30 h; \d+ h more for < 1\/host-day$/,
  );
  const { moreHostHours } = standing.answer.budget!;
  assert.match(text, new RegExp(`; ${moreHostHours} h more`));
  assert.doesNotMatch(text, /\n/);
});
