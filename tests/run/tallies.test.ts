/** Tallies in place of logs: the same answer by every way, and a refusal where a tally can't tell. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { QuestionError } from '../../src/predicate/index.ts';
import { dumpLine } from '../../src/lines/index.ts';
import { renderAnswer, renderAnswerJson, renderAnswerJunit } from '../../src/report/index.ts';
import { type Answer, ask, type AskOptions, dump, merge } from '../../src/run/index.ts';
import { event } from '../builders/events.ts';
import { ROOT, SHARED } from '../builders/shared.ts';

const WEEK = join(ROOT, 'examples/modelled-week');
const CONFIG = join(ROOT, 'spec/create-remote-thread.xml');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-tallies-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function path(): string {
  return join(folder, `${++files}.tally`);
}

async function tallyOf(question: string, logs: readonly string[], options: AskOptions = {}): Promise<string> {
  const file = path();
  await ask(question, logs, { ...options, tally: file });
  return file;
}

function refuses(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    const { code: found, message: text } = error as { code?: string; message: string };
    assert.equal(found, code, text);
    assert.match(text, message);
    return true;
  };
}

/** A log of events 8 with these sources, a minute apart, as `dump` would write it. */
function logOf(
  sources: readonly string[],
  { host = 'HOST', first = 1, time = Date.UTC(2026, 0, 5, 9) } = {},
): string {
  const file = join(folder, `${++files}.jsonl`);
  const lines = sources.map((SourceImage, index) =>
    dumpLine(
      'x',
      event({
        record: first + index,
        time: time + index * 60_000,
        host,
        fields: {
          UtcTime: new Date(time + index * 60_000).toISOString().replace('T', ' ').replace('Z', ''),
          SourceImage,
          TargetImage: 'C:\\b.exe',
        },
      }),
    ),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const NARROWED: readonly AskOptions[] = [
  {},
  { where: ['SourceImage|endswith=\\CSRSS.exe'] },
  { where: ['sourceimage|contains=vmware', 'TargetImage|startswith=c:\\windows'] },
  { not: ['SourceImage|endswith=\\csrss.exe'] },
  { not: ['SourceImage|endswith=\\csrss.exe', 'StartModule|contains=kernel32'] },
  { where: ['SourceUser=NT AUTHORITY\\SYSTEM'], not: ['TargetImage|re=explorer\\.exe$'] },
  { where: ['SourceImage|re=(?i)CSRSS'] },
  { where: ['Computer=desktop-nf01'] },
  { where: ['Computer=other'] },
  { not: ['Computer|startswith=DESKTOP'] },
  { where: ['EventID=8'] },
  { where: ['SourceImage=nothing'] },
  { by: ['SourceImage'] },
  { by: ['TargetUser', 'StartFunction'] },
  { from: '2024-06-04', to: '2024-06-05' },
  { from: '2024-06-04T10:00:00Z', not: ['SourceImage|endswith=\\csrss.exe'] },
  { exposure: ['20h'] },
];

for (const [name, question] of [
  ['an event type', '8'],
  ['a configuration', CONFIG],
] as const) {
  test(`a tally of ${name} answers as its logs do, however it is narrowed`, async () => {
    const file = await tallyOf(question, [WEEK]);
    for (const options of NARROWED) {
      const [byLogs, byTally] = [await ask(question, [WEEK], options), await ask(question, [file], options)];
      const narrowed = options.where || options.from || options.to;
      if (question === '8' || !narrowed) assert.deepEqual(byTally, byLogs, JSON.stringify(options));
      else {
        // The size of single events is not in it, and that is said.
        assert.equal(byTally.volume, null);
        const others = byTally.diagnostics.filter(({ code }) => code !== 'tally-volume');
        assert.equal(others.length, byTally.diagnostics.length - 1);
        assert.deepEqual({ ...byTally, volume: byLogs.volume, diagnostics: others }, byLogs);
      }
    }
  });
}

test('the answer beside --tally is the one without, and the file is the same each time', async () => {
  for (const options of NARROWED) {
    const [one, two] = [path(), path()];
    const plain = await ask('8', [WEEK], options);
    assert.deepEqual(await ask('8', [WEEK], { ...options, tally: one }), plain);
    assert.deepEqual(await ask('8', [WEEK], { ...options, tally: two, threads: 1 }), plain);
    assert.deepEqual(readFileSync(one), readFileSync(two));
    if (options.exposure === undefined) assert.deepEqual(await merge([one]), plain);
  }
});

test(
  'real logs answer alike as tallies, and any split of them adds up to the whole',
  {
    skip: SHARED === null,
  },
  async () => {
    const top = join(SHARED!, 'data/evtx');
    for (const question of ['8', '1', '10']) {
      const whole = await ask(question, [top]);
      assert.ok(whole.read.records > 1000);
      assert.deepEqual(await ask(question, [await tallyOf(question, [top])]), whole);
    }
  },
);

test('a split over shards adds up to the whole, in any order, file by file or at once', async () => {
  const shards = [
    logOf(['a', 'b', 'A'], { first: 1 }),
    logOf(['a', 'c'], { first: 4, time: Date.UTC(2026, 0, 5, 14) }),
    logOf(['b', 'b', 'd'], { host: 'OTHER' }),
  ];
  const whole = await ask('8', shards);
  assert.equal(whole.matches.events, 8);
  const [a, b, c] = await Promise.all(shards.map((shard) => tallyOf('8', [shard])));
  const orders = [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ] as string[][];
  const sums: Buffer[] = [];
  for (const order of orders) {
    const out = path();
    assert.deepEqual(await merge(order, { tally: out }), whole);
    assert.deepEqual(await ask('8', order), whole);
    sums.push(readFileSync(out));
    // Sums add up, too.
    const pair = path();
    await merge(order.slice(0, 2), { tally: pair });
    assert.deepEqual(await merge([order[2]!, pair]), whole);
  }
  for (const sum of sums) assert.deepEqual(sum, sums[0]);
  assert.deepEqual(await ask('8', [a!, shards[1]!, c!]), whole);
  assert.deepEqual(await ask('8', [shards[0]!, b!, shards[2]!]), whole);
});

test('record ids that stand in two tallies, or in a tally and a log, are refused with their list', async () => {
  const [one, two] = [
    logOf(['a', 'b', 'c']),
    logOf(['c', 'd'], { first: 3, time: Date.UTC(2026, 0, 5, 9, 2) }),
  ];
  const [a, b] = [await tallyOf('8', [one]), await tallyOf('8', [two])];
  const listed = refuses('tally-overlap', /host, microsoft-windows-sysmon\/operational, record 3\b/);
  await assert.rejects(merge([a, b]), listed);
  await assert.rejects(ask('8', [a, b]), listed);
  await assert.rejects(ask('8', [a, two]), listed);
  await assert.rejects(merge([a, a]), refuses('tally-overlap', /records 1 to 3/));
  assert.equal((await merge([a, b], { allowOverlap: true })).matches.events, 5);
  assert.equal((await ask('8', [a, two], { allowOverlap: true })).matches.events, 5);
});

test('ids that were given anew after a log was cleared are no overlap', async () => {
  const later = logOf(['d'], { time: Date.UTC(2026, 0, 7) });
  const [a, b] = [await tallyOf('8', [logOf(['a', 'b'])]), await tallyOf('8', [later])];
  assert.equal((await merge([a, b])).matches.events, 3);
});

test('tallies of different questions are refused, and the difference is named', async () => {
  const log = logOf(['a', 'b']);
  const plain = await tallyOf('8', [log]);
  const cases: [string, AskOptions, RegExp][] = [
    ['10', {}, /is a tally of event type 10, and asked is event type 8/],
    ['8', { where: ['SourceImage=a'] }, /--where "sourceimage\|equals=a"/],
    ['8', { not: ['SourceImage=a'] }, /--not "sourceimage\|equals=a"/],
    ['8', { from: '2026-01-05' }, /--from 2026-01-05T00:00:00.000Z/],
    ['8', { to: '2026-01-05' }, /--to 2026-01-05T23:59:59.999Z/],
  ];
  for (const [question, options, message] of cases) {
    const other = await tallyOf(question, [log], options);
    await assert.rejects(merge([plain, other]), refuses('tally-question', message));
    await assert.rejects(merge([other, plain]), refuses('tally-question', /event type|wider/));
    await assert.rejects(ask('8', [other]), refuses('tally-question', message));
  }
  const config = await tallyOf(CONFIG, [log]);
  await assert.rejects(ask('8', [config]), refuses('tally-question', /another sysmon-config than this/));
});

test('a tally of rules is one of these texts in these files, however long they are', async () => {
  const log = logOf(['a', 'b']);
  const rule = (name: string, more: string): string =>
    `title: ${name}\nlogsource: {product: windows, category: create_remote_thread}\ndetection:\n  s: {SourceImage: a}\n  condition: s\n# ${more}\n`;
  for (const length of [10, 20_000]) {
    const folders = ['', 'x'].map((end) => {
      const rules = mkdtempSync(join(folder, 'rules-'));
      writeFileSync(join(rules, 'a.yml'), rule('A', 'x'.repeat(length)) + (end ? '' : '#x\n'));
      writeFileSync(join(rules, 'b.yml'), (end ? '#x\n' : '') + rule('B', ''));
      return rules;
    });
    const [first, second] = folders as [string, string];
    const file = await tallyOf(first, [log]);
    assert.equal((await ask(first, [file])).rules[0]?.events, 1);
    // The same characters in all, but for one of them the files end elsewhere.
    await assert.rejects(ask(second, [file]), refuses('tally-question', /another sigma than this/));
  }
});

test('a test of the tally may be asked again, in another spelling, and tightened', async () => {
  const log = logOf(['C:\\a.exe', 'C:\\b.exe', 'D:\\a.exe']);
  const file = await tallyOf('8', [log], { where: ['SourceImage|endswith=a.exe'] });
  const options = { where: ['sourceimage|ENDSWITH=A.EXE', 'SourceImage|startswith=d:'] };
  assert.deepEqual(await ask('8', [file], options), await ask('8', [log], options));
});

test('a test that would narrow what --not hid is refused: of that no values are kept', async () => {
  const log = logOf(['C:\\a.exe', 'C:\\b.exe', 'D:\\a.exe']);
  const not = ['SourceImage|startswith=d:'];
  const file = await tallyOf('8', [log], { not });
  await assert.rejects(
    ask('8', [file], { not, where: ['SourceImage|endswith=a.exe'] }),
    refuses('tally-where', /--not hid/),
  );
  // Nothing was hidden, or what is asked for is the host.
  const nothing = ['SourceImage=x'];
  const whole = await tallyOf('8', [log], { not: nothing });
  const where = ['SourceImage|endswith=a.exe'];
  assert.deepEqual(
    await ask('8', [whole], { not: nothing, where }),
    await ask('8', [log], { not: nothing, where }),
  );
  const [{ host } = { host: '' }] = (await ask('8', [log])).exposure.perHost;
  const computer = [`Computer=${host}`];
  assert.deepEqual(
    await ask('8', [file], { not, where: computer }),
    await ask('8', [log], { not, where: computer }),
  );
});

test('a field that the tally is not grouped by is an error that names it and the fields there are', async () => {
  const file = await tallyOf('8', [WEEK]);
  const fields = /SourceImage, TargetImage, StartModule, StartFunction, SourceUser, TargetUser/;
  for (const options of [
    { by: ['NewThreadId'] },
    { where: ['NewThreadId=1'] },
    { not: ['newthreadid|contains=1'] },
  ]) {
    await assert.rejects(ask('8', [file], options), refuses('tally-field', /newthreadid/i));
    await assert.rejects(ask('8', [file], options), refuses('tally-field', fields));
  }
  const with1 = await tallyOf('8', [WEEK], { by: ['NewThreadId'] });
  assert.deepEqual(
    await ask('8', [with1], { by: ['NewThreadId'] }),
    await ask('8', [WEEK], { by: ['NewThreadId'] }),
  );
  assert.deepEqual(await ask('8', [with1]), await ask('8', [WEEK]));
});

test('a regular expression is answered where all spellings of a value agree, else refused', async () => {
  const log = logOf(['C:\\A.exe', 'C:\\a.exe', 'C:\\other.exe']);
  const file = await tallyOf('8', [log]);
  for (const where of [['SourceImage|re=(?i)a\\.exe'], ['SourceImage|re=^C:'], ['SourceImage|re=other']])
    assert.deepEqual(await ask('8', [file], { where }), await ask('8', [log], { where }));
  await assert.rejects(
    ask('8', [file], { where: ['SourceImage|re=A\\.exe'] }),
    refuses('tally-where', /not all spellings/),
  );
});

test('of a value that was cut, what its beginning and its digest tell is answered, the rest refused', async () => {
  const long = `C:\\start${'x'.repeat(3000)}middle${'x'.repeat(3000)}.exe`;
  const log = logOf([long, `${long}2`, 'C:\\short.exe']);
  const file = await tallyOf('8', [log]);
  for (const where of [
    `SourceImage|startswith=c:\\START`,
    `SourceImage|startswith=c:\\other`,
    `SourceImage|startswith=D${'x'.repeat(2000)}`,
    `SourceImage|contains=startx`,
    `SourceImage=${long}`,
    `SourceImage=${long}3`,
  ]) {
    const [byTally, byLog] = [
      await ask('8', [file], { where: [where] }),
      await ask('8', [log], { where: [where] }),
    ];
    assert.deepEqual(byTally, byLog, where.slice(0, 40));
  }
  for (const where of ['endswith=.exe', 'contains=middle', 're=middle', `startswith=${long.slice(0, 2000)}`])
    await assert.rejects(
      ask('8', [file], { where: [`SourceImage|${where}`] }),
      refuses('tally-where', /beginning of long values|give the logs/),
    );
});

test('a bound within ten seconds that hold events is refused, one beside them is exact', async () => {
  const log = logOf(['a', 'b', 'c'], { time: Date.UTC(2026, 0, 5, 9, 0, 3) });
  const file = await tallyOf('8', [log]);
  await assert.rejects(
    ask('8', [file], { from: '2026-01-05T09:01:02Z' }),
    refuses('tally-time', /such as --from 2026-01-05T09:01:00\.000Z/),
  );
  await assert.rejects(
    ask('8', [file], { to: '2026-01-05T09:01:00Z' }),
    refuses('tally-time', /such as --to 2026-01-05T09:01:09\.999Z/),
  );
  for (const options of [
    { from: '2026-01-05T09:01:00Z' },
    { from: '2026-01-05T09:00:33.5Z', to: '2026-01-05T09:01:40Z' },
  ]) {
    const [byTally, byLog] = [await ask('8', [file], options), await ask('8', [log], options)];
    assert.deepEqual(byTally, byLog);
    assert.ok(byLog.matches.events > 0);
  }
});

test('tallies of other fields add up by those that they share', async () => {
  const [one, two] = [logOf(['a', 'b']), logOf(['a'], { host: 'OTHER' })];
  const a = await tallyOf('8', [one], { by: ['SourceImage', 'SourceProcessId'] });
  const b = await tallyOf('8', [two]);
  const whole = await ask('8', [one, two]);
  assert.deepEqual(await ask('8', [a, b]), whole);
  assert.deepEqual(await ask('8', [b, a]), whole);
  const keys = (answer: Answer): string[] => answer.groups.map(({ key }) => Object.keys(key).join());
  assert.deepEqual(keys(await merge([b, a])), keys(whole));
});

test('a tally in a folder counts, one of another question there is skipped, a broken one is an error', async () => {
  const top = mkdtempSync(join(folder, 'mixed-'));
  const log = logOf(['a', 'b']);
  await ask('8', [log], { tally: join(top, 'a.tally') });
  await ask('10', [log], { tally: join(top, 'b.gz') });
  writeFileSync(
    join(top, 'plain'),
    gunzipSync(readFileSync(await tallyOf('8', [logOf(['c'], { host: 'B' })]))),
  );
  const { matches, read } = await ask('8', [top]);
  assert.deepEqual([matches.events, matches.hosts], [3, 2]);
  assert.deepEqual(
    read.skipped.map(({ path: file }) => file),
    [join(top, 'b.gz')],
  );
  const bytes = readFileSync(join(top, 'a.tally'));
  writeFileSync(join(top, 'a.tally'), bytes.subarray(0, bytes.length - 20));
  await assert.rejects(ask('8', [top]), refuses('tally-broken', /a\.tally: /));
});

test('commands that need events say so, and merge wants tallies', async () => {
  const log = logOf(['a']);
  const file = await tallyOf('8', [log]);
  await assert.rejects(
    async () => {
      for await (const _ of dump([file]).batches());
    },
    refuses('tally-no-events', /a tally holds counts, not events: give the logs/),
  );
  await assert.rejects(merge([file, log]), refuses('tally-no-logs', /expected a tally file, found a log/));
  await assert.rejects(merge([file, join(folder, 'none')]), refuses('log-missing', /none/));
});

test('whatever a tally file says, merge answers or refuses: no crash, no escape, soon', async () => {
  const file = await tallyOf(CONFIG, [WEEK], { not: ['SourceImage|endswith=\\csrss.exe'] });
  const lines = gunzipSync(readFileSync(file)).toString().split('\n').slice(0, -1);
  const odd = [
    '0',
    '1',
    '-1',
    '8640000000000001',
    '9007199254740991',
    '-9007199254740991',
    '"\\u001b[31m\\u202e"',
    'null',
    '[]',
  ];
  const changed = path();
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.constantFrom(...odd), fc.nat(), async (line, at, value, more) => {
      const copy = [...lines];
      for (const nth of at % 2 ? [at] : [at, more]) {
        const index = line % copy.length;
        const places = [
          ...copy[index]!.matchAll(/(?<=[[,:])(?:-?\d+|"(?:[^"\\]|\\.)*"(?!:)|null)(?=[\],}])/g),
        ];
        const place = places[nth % places.length];
        if (!place) continue;
        copy[index] =
          copy[index]!.slice(0, place.index) + value + copy[index]!.slice(place.index + place[0].length);
      }
      writeFileSync(changed, `${copy.join('\n')}\n`);
      try {
        const answer = await merge([changed], { budget: '1/host-day' });
        const text = renderAnswer(answer, { colour: false, width: 80, logs: [changed], questionText: 'x' });
        const written = text + renderAnswerJson(answer) + renderAnswerJunit(answer, { strict: false });
        assert.ok(!written.includes('\u001b') && !written.includes('\u202e'));
        answered += 1;
      } catch (error) {
        assert.ok(error instanceof QuestionError, String((error as Error).stack));
      }
    }),
    { numRuns: 1200 },
  );
  assert.ok(answered > 100, `${answered} answered`);
});
