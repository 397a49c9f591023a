/** A folder of Sigma rules asked of a log whose content is known, because both are made here. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Answer, ask } from '../../src/run/index.ts';
import { looksLikeSigma, ruleFiles } from '../../src/run/sigma-files.ts';
import { parseRule } from '../../src/sigma/index.ts';
import { writeEvtx, type WriterEvent } from '../builders/evtx-writer.ts';
import { ROOT } from '../builders/shared.ts';

const START = Date.UTC(2026, 0, 5, 9);

const RULES: Readonly<Record<string, string>> = {
  'process.yml': `title: Shell
id: 11111111-1111-4111-8111-111111111111
name: shell
level: low
tags: [attack.t1059]
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\cmd.exe'}
  condition: selection
`,
  'filter.yml': `title: Not the administrator
logsource: {category: process_creation, product: windows}
filter:
  rules: [shell]
  selection: {User|endswith: admin}
  condition: not selection
`,
  'logon.yml': `title: Failed logon
name: failed
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4625}
  condition: selection
---
title: Guessing
level: high
correlation:
  type: event_count
  rules: [failed]
  group-by: [TargetUserName]
  timespan: 5m
  condition: {gte: 3}
`,
  'broken.yml': `title: Broken
logsource: {category: process_creation}
detection:
  selection: {Image|huh: x}
  condition: selection
`,
  'web.yml': `title: Web
logsource: {category: webserver}
detection:
  selection: {cs-method: GET}
  condition: selection
`,
};

type Line = Readonly<Record<string, string | number>>;

function line(minute: number, eventId: number, channel: string, fields: Line): Line {
  const time = new Date(START + minute * 60_000).toISOString();
  const provider =
    channel === 'Security' ? 'Microsoft-Windows-Security-Auditing' : 'Microsoft-Windows-Sysmon';
  const UtcTime = time.replace('T', ' ').replace('Z', '');
  const head = {
    SourceName: provider,
    Channel: channel,
    Hostname: 'PC',
    TimeCreated: time,
    '@timestamp': time,
  };
  return { ...head, EventID: eventId, ...(channel === 'Security' ? {} : { UtcTime }), ...fields };
}

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const LINES: readonly Line[] = [
  ...Array.from({ length: 60 }, (_, minute) => line(minute, 1, SYSMON, { Image: 'C:\\a.exe', User: 'bob' })),
  line(5, 1, SYSMON, { Image: 'C:\\Windows\\cmd.exe', User: 'bob' }),
  line(6, 1, SYSMON, { Image: 'C:\\Windows\\CMD.EXE', User: 'PC\\Admin' }),
  // The twin of Security: NewProcessName is Image, and the user is put together.
  line(7, 4688, 'Security', {
    NewProcessName: 'C:\\x\\cmd.exe',
    SubjectUserName: 'eve',
    SubjectDomainName: 'PC',
  }),
  // Four guesses in three minutes fire once, the fourth begins anew; bob's three are too far apart.
  ...[10, 11, 12, 13].map((minute) => line(minute, 4625, 'Security', { TargetUserName: 'Eve' })),
  ...[20, 26, 32].map((minute) => line(minute, 4625, 'Security', { TargetUserName: 'bob' })),
];

async function folder(t: TestContext): Promise<{ rules: string; log: string; path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'noisefloor-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(RULES)) await writeFile(join(path, name), text);
  const log = join(path, 'log.json');
  await writeFile(log, LINES.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return { rules: path, log, path };
}

const counts = ({ rules }: Answer): (string | number)[][] =>
  rules.map(({ name, events, occasions, level }) => [name, events, occasions, level]).sort();

test('a folder: rules by name, a filter applied, a correlation in place of its rule, the rest told', async (t) => {
  const { rules, log } = await folder(t);
  const answer = await ask(rules, [log]);
  assert.equal(answer.question.kind, 'sigma-rules');
  assert.deepEqual(counts(answer), [
    ['Failed logon', 0, 0, ''],
    ['Guessing', 1, 1, 'high'],
    ['Shell', 2, 1, 'low'],
    ['Web', 0, 0, ''],
  ]);
  assert.equal(answer.matches.events, 3);
  const shell = answer.rules.find(({ name }) => name === 'Shell')!;
  assert.deepEqual([shell.id.slice(0, 8), shell.line, shell.tags], ['11111111', 1, ['attack.t1059']]);
  assert.equal(answer.rules.find(({ name }) => name === 'Web')!.hours, 0);
  const told = answer.diagnostics.filter(({ code }) => code.startsWith('sigma-'));
  assert.deepEqual(
    told.map(({ code, where }) => [code, where.source?.split(/[\\/]/).at(-1), where.line]),
    [
      ['sigma-logsource', 'web.yml', 2],
      ['sigma-modifier', 'broken.yml', 4],
    ],
  );
  const guesses = answer.groups.find(({ key }) => 'TargetUserName' in key)!;
  assert.deepEqual(guesses.key, { TargetUserName: 'eve' });
});

test('a rule for one system has the hours of its hosts alone', async (t) => {
  const { path, log } = await folder(t);
  const file = join(path, 'system.yml');
  const hoursOf = async (product: string): Promise<number> => {
    const head = `title: System\nlogsource: {${product}category: process_creation}\n`;
    await writeFile(file, `${head}detection: {a: {Image: none}, condition: a}\n`);
    return (await ask(file, [log])).exposure.hours;
  };
  assert.equal(await hoursOf('product: linux, '), 0);
  assert.ok((await hoursOf('product: windows, ')) > 0);
  assert.ok((await hoursOf('')) > 0);
});

test('what a hostile record of Security has for an account, a label or a protocol is its text', async (t) => {
  const { path } = await folder(t);
  const log = join(path, 'hostile.json');
  const names = ['constructor', '__proto__', 'toString', 'valueOf'];
  const lines = names.flatMap((name, i) => [
    line(i, 4688, 'Security', { SubjectUserSid: name, SubjectUserName: 'eve', MandatoryLabel: name }),
    line(i, 5156, 'Security', { Application: 'a', Direction: name, Protocol: name }),
  ]);
  await writeFile(log, lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const events = async (category: string, tests: string): Promise<number> => {
    const file = join(path, 'hostile.yml');
    const head = `title: Hostile\nlogsource: {product: windows, category: ${category}}\n`;
    await writeFile(file, `${head}detection: {a: {${tests}}, condition: a}\n`);
    return (await ask(file, [log])).matches.events;
  };
  assert.equal(await events('process_creation', 'User: eve'), names.length);
  assert.equal(await events('process_creation', 'IntegrityLevel|contains: function'), 0);
  assert.equal(await events('network_connection', "Initiated|re: '.*', Protocol: constructor"), 1);
});

test('a field that no event of the logsource has is told, at its place', async (t) => {
  const { path, log } = await folder(t);
  const file = join(path, 'field.yml');
  const told = async (logsource: string, ...fields: readonly string[]): Promise<readonly unknown[]> => {
    const items = fields.map((field) => `    ${field}: x\n`).join('');
    await writeFile(
      file,
      `title: Field\nlogsource: {${logsource}}\ndetection:\n  a:\n${items}  condition: a\n`,
    );
    const { diagnostics } = await ask(file, [log]);
    return diagnostics
      .filter(({ code }) => code === 'sigma-field')
      .map(({ message, where }) => [/has (?:a field|fields) (.*), by/.exec(message)![1], where.line]);
  };
  const creation = 'product: windows, category: process_creation';
  assert.deepEqual(await told(creation, 'Commandlinez', 'Image', 'Grandparent|endswith'), [
    ['"Commandlinez", "Grandparent"', 5],
  ]);
  // Sysmon's own names and those of 4688, in any case, and what every record has.
  const known = [
    'commandline',
    'Parent_Image',
    'Imphash',
    'MD5',
    'NewProcessName',
    'MandatoryLabel',
    'Computer',
  ];
  assert.deepEqual(await told(creation, ...known), []);
  assert.deepEqual(await told('product: linux, category: process_creation', 'NewProcessName'), [
    ['"NewProcessName"', 5],
  ]);
  // Of these nothing is known.
  assert.deepEqual(await told('product: windows, service: security', 'Commandlinez'), []);
  assert.deepEqual(await told('product: windows', 'Commandlinez'), []);
});

test('records of Security stand for events as Sysmon would tell them', async (t) => {
  const { path } = await folder(t);
  const log = join(path, 'security.json');
  const started = { NewProcessName: 'C:\\a.exe', SubjectUserSid: 'S-1-5-18', SubjectUserName: 'PC$' };
  const written = { ObjectName: '\\REGISTRY\\MACHINE\\Run', ObjectValueName: 'x' };
  const lines = [
    line(1, 4688, 'Security', {
      ...started,
      TargetUserSid: 'S-1-0-0',
      TargetUserName: '-',
      TargetDomainName: '-',
    }),
    line(2, 4688, 'Security', {
      ...started,
      TargetUserSid: 'S-1-5-21-1',
      TargetUserName: 'eve',
      TargetDomainName: 'PC',
    }),
    line(3, 4657, 'Security', { ...written, OperationType: '%%1904' }),
    line(4, 4657, 'Security', { ...written, OperationType: '%%1905' }),
    line(5, 4657, 'Security', { ...written, OperationType: '%%1906' }),
  ];
  await writeFile(log, lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const events = async (category: string, tests: string): Promise<number> => {
    const file = join(path, 'twin.yml');
    await writeFile(
      file,
      `title: Twin\nlogsource: {product: windows, category: ${category}}\ndetection: {a: {${tests}}, condition: a}\n`,
    );
    return (await ask(file, [log])).matches.events;
  };
  assert.equal(await events('process_creation', "User: 'NT AUTHORITY\\SYSTEM'"), 1);
  assert.equal(await events('process_creation', "User: 'PC\\eve'"), 1);
  assert.equal(await events('registry_set', "TargetObject: 'HKLM\\Run\\x'"), 2);
  assert.equal(await events('registry_add', "TargetObject: 'HKLM\\Run\\x'"), 1);
  assert.equal(await events('registry_delete', "TargetObject: 'HKLM\\Run\\x'"), 1);
});

test('--where, --not and --by, and a tally in place of the log', async (t) => {
  const { rules, log, path } = await folder(t);
  const narrowed = await ask(rules, [log], { where: ['User=bob'] });
  assert.equal(narrowed.rules.find(({ name }) => name === 'Shell')!.events, 1);
  const without = await ask(rules, [log], { not: ['TargetUserName=Eve'] });
  assert.equal(without.rules.find(({ name }) => name === 'Guessing')!.events, 0);
  const by = await ask(rules, [log], { by: ['user'] });
  assert.ok(by.groups.some(({ key }) => key['User'] === 'bob'));
  const facts = await ask(rules, [log], { by: ['computer', 'CHANNEL', 'EventId', 'User'] });
  // A correlation's own group has the fields that it counts by.
  const keys = facts.groups.filter(({ key }) => !('TargetUserName' in key)).map(({ key }) => key);
  assert.deepEqual(keys.map((key) => [key['Computer'], key['EventID'], key['Channel']].join()).sort(), [
    `PC,1,${SYSMON}`,
    'PC,4688,Security',
  ]);
  const tally = join(path, 'all.tally');
  const answer = await ask(rules, [log], { tally });
  const again = await ask(rules, [tally]);
  assert.deepEqual(counts(again), counts(answer));
  assert.deepEqual(again.exposure, answer.exposure);
  // What correlations count is kept by what they group by alone.
  await assert.rejects(ask(rules, [tally], { where: ['User=bob'] }), /correlations.*give the logs/);
  const early = await ask(rules, [tally], { to: '2026-01-05T09:09:59.999Z' });
  assert.equal(early.rules.find(({ name }) => name === 'Guessing')!.events, 0);
});

test('one rule: its own name, and an error with its place where it can not be asked', async (t) => {
  const { rules, log } = await folder(t);
  const answer = await ask(join(rules, 'process.yml'), [log]);
  assert.deepEqual([answer.question.kind, answer.question.name], ['sigma-rule', 'Shell']);
  // Without its filter, the administrator counts.
  assert.equal(answer.matches.events, 3);
  await assert.rejects(ask(join(rules, 'broken.yml'), [log]), /broken\.yml:4:15: "Image\|huh"/);
});

test('a condition is placed where its word stands, however the text is written', () => {
  const rule = (condition: string): string =>
    `title: T\nlogsource: {product: windows}\ndetection:\n  a: {X: y}\n  condition: ${condition}\n`;
  for (const [condition, at, column] of [
    ['a and zzz', 5, 20],
    ["'a and zzz'", 5, 21],
    ['>-\n    a and zzz', 6, 11],
    ['|\n    a\n    and zzz', 7, 9],
    ['a\n    and zzz', 6, 9],
    ['"a\n    and zzz"', 6, 9],
    ['a and a and not (a or zzz)', 5, 36],
  ] as const) {
    const [found] = parseRule(rule(condition)).diagnostics;
    assert.deepEqual([found?.line, found?.column], [at, column], condition);
  }
});

test('directives behind a comment are of the document below; what is nested too deeply is said so', () => {
  const rule = 'title: T\nlogsource: {product: windows}\ndetection:\n  a: {X: y}\n  condition: a\n';
  const read = parseRule(`# c\n%YAML 1.2\n---\n${rule}---\n${rule}`);
  assert.deepEqual([read.rules.length, read.diagnostics], [2, []]);
  const deep = parseRule(`title: T\nx: ${'['.repeat(20_000)}\n`).diagnostics;
  assert.match(deep[0]!.message, /nested too deeply/);
});

test('product windows alone: events of every channel, one that is in no table and one without a name, too', async (t) => {
  const { rules, path } = await folder(t);
  const rule = join(rules, 'all.yml');
  await writeFile(
    rule,
    'title: All\nlogsource: {product: windows}\ndetection:\n  a: {Text|contains: x}\n  condition: a\n',
  );
  const event = (recordId: number, channel: string, provider: string): WriterEvent => ({
    recordId,
    time: START + recordId * 1000,
    version: 1,
    provider,
    channel,
    eventId: 5,
    computer: 'PC',
    data: { kind: 'EventData', fields: [['Text', { type: 'string', value: 'x' }]] },
  });
  const log = join(path, 'log.evtx');
  await writeFile(
    log,
    writeEvtx([
      event(1, 'Own-Program/Operational', 'Own-Program'),
      event(2, '', 'Own-Program'),
      event(3, SYSMON, 'Microsoft-Windows-Sysmon'),
    ]),
  );
  const answer = await ask(rule, [log]);
  assert.equal(answer.matches.events, 3);
  assert.ok(answer.exposure.cells > 0);
  assert.equal((await ask(rule, [log], { where: ['Computer=PC'] })).matches.events, 3);
});

test('hours of a rule are those that are said of its hosts', async (t) => {
  const { rules, log } = await folder(t);
  const one = await ask(join(rules, 'process.yml'), [log], { exposure: ['120h'] });
  assert.deepEqual([one.exposure.hours, one.rules[0]!.hours], [120, 120]);
  const all = await ask(rules, [log], { exposure: ['120h'] });
  assert.deepEqual(all.rules.map(({ name, hours }) => [name, hours]).sort(), [
    ['Failed logon', 120],
    ['Guessing', 120],
    ['Shell', 120],
    ['Web', 0],
  ]);
});

test('the bound of a rule is that of the answer, where it is the only one, and takes clumps as that does', async () => {
  const week = join(ROOT, 'examples/modelled-week');
  const rule = join(ROOT, 'examples/rules');
  const [whole, ...others] = await Promise.all(
    [rule, ...ruleFiles(rule)].map((path) => ask(path, [week], { budget: '1/host-day' })),
  );
  let bounded = 0;
  for (const one of others) {
    if (one.rules.length > 1) continue;
    assert.deepEqual(
      one.budget!.rules.map(({ upper }) => upper),
      [one.budget!.upper],
    );
    const { name } = one.rules[0]!;
    const index = whole!.rules.findIndex((other) => other.name === name);
    if (one.exposure.cells !== whole!.exposure.cells || one.budget!.upper === null) continue;
    bounded += 1;
    assert.equal(whole!.budget!.rules[index]!.upper, one.budget!.upper);
  }
  assert.ok(bounded > 0);
});

test('a file that is no UTF-8 is left out and told; asked alone it is an error', async (t) => {
  const { rules, log } = await folder(t);
  const rule =
    'title: Café\nlogsource: {category: process_creation}\ndetection:\n  a: {Image: é}\n  condition: a\n';
  await writeFile(join(rules, 'latin.yml'), Buffer.from(rule, 'latin1'));
  await writeFile(join(rules, 'wide.yml'), Buffer.from(`\ufeff${rule}`, 'utf16le'));
  const { diagnostics, matches } = await ask(rules, [log]);
  assert.equal(matches.events, 3);
  const told = diagnostics.filter(({ code }) => code === 'sigma-unreadable');
  assert.deepEqual(
    told.map(({ where }) => where.source?.split(/[\\/]/).at(-1)),
    ['latin.yml', 'wide.yml'],
  );
  await assert.rejects(ask(join(rules, 'latin.yml'), [log]), /latin\.yml:1:1: expected text as UTF-8/);
});

test('what can not be read is left to whoever says why', () => {
  assert.equal(looksLikeSigma(join(tmpdir(), 'noisefloor-none', 'a.yml')), true);
  assert.equal(looksLikeSigma(join(tmpdir(), 'noisefloor-none', 'a.xml')), false);
  assert.throws(
    () => ruleFiles(join(tmpdir(), 'noisefloor-none')),
    /sigma-unreadable|expected a folder that can be read/,
  );
});
