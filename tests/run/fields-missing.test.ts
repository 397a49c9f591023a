/** Fields that a question tests, asked of logs whose events have them, lack them, or partly do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ask } from '../../src/run/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-fields-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Events 10 as Sysmon wrote them before and after schema 4.80, and one of another provider with their id. */
const event = (minute: number, fields: object, provider = 'Microsoft-Windows-Sysmon'): object => ({
  EventID: 10,
  SourceName: provider,
  Channel: provider === 'Microsoft-Windows-Sysmon' ? `${provider}/Operational` : 'System',
  Hostname: 'PC',
  EventTime: `2026-01-05 09:${String(minute).padStart(2, '0')}:00`,
  SourceImage: 'C:\\a.exe',
  TargetImage: 'C:\\b.exe',
  ...fields,
});
const OLD = [event(1, {}), event(2, {})];
const NEW = [event(3, { SourceUser: 'x', TargetUser: '' }), event(4, { SourceUser: 'y', TargetUser: 'z' })];
const OTHER = [event(5, {}, 'Other')];
const log = (name: string, events: readonly object[]): string =>
  file(name, events.map((one) => `${JSON.stringify(one)}\n`).join(''));
const [old, recent, other] = [log('old.json', OLD), log('new.json', NEW), log('other.json', OTHER)];

const config = file(
  'config.xml',
  '<Sysmon schemaversion="4.90"><EventFiltering><ProcessAccess onmatch="exclude"><SourceUser condition="is">x</SourceUser><TargetImage condition="is">x</TargetImage></ProcessAccess></EventFiltering></Sysmon>',
);
const rule = file(
  'rule.yml',
  'title: a\nlogsource: {category: process_access, product: windows}\ndetection:\n  a: {SourceUser: x}\n  condition: a\n',
);

async function missing(
  question: string,
  logs: readonly string[],
  not: readonly string[] = [],
): Promise<string[]> {
  const { diagnostics } = await ask(question, logs, { not });
  return diagnostics.flatMap(({ code, severity, message }) =>
    code === 'fields-missing' ? [`${severity}: ${message.split(':')[0]}`] : [],
  );
}

const NONE = ['warning: no event 10 (ProcessAccess) that was read has SourceUser (schema 4.80)'];
const SOME = ['info: some events 10 (ProcessAccess) lack SourceUser (schema 4.80)'];

for (const [name, question, not] of [
  ['a configuration', config, []],
  ['--not', '10', ['sourceuser=x']],
  ['a Sigma rule', rule, []],
  ['a Sigma rule beside a test', rule, ['TargetImage=x']],
] as const) {
  test(`${name}: a field that no event has, that some have, that all have`, async () => {
    assert.deepEqual(await missing(question, [old, other], not), NONE);
    assert.deepEqual(await missing(question, [old, recent], not), SOME);
    assert.deepEqual(await missing(question, [recent, old], not), SOME);
    assert.deepEqual(await missing(question, [recent, other], not), []);
    assert.deepEqual(await missing(question, [other], not), []);
  });
}

test('keywords are looked for in every value, and name no field', async () => {
  const words = file(
    'words.yml',
    'title: a\nlogsource: {product: windows}\ndetection:\n  a: [mimikatz]\n  condition: a\n',
  );
  assert.deepEqual(await missing(words, [old]), []);
});

test('a question that tests nothing lacks nothing', async () => {
  assert.deepEqual(await missing('10', [old]), []);
});

test('a field of all versions that some events lack may have been left out for being empty', async () => {
  const bare = log('bare.json', [event(6, { TargetImage: undefined })]);
  assert.deepEqual(await missing('10', [bare], ['TargetImage=x']), [
    'warning: no event 10 (ProcessAccess) that was read has TargetImage',
  ]);
  assert.deepEqual(await missing('10', [bare, old], ['TargetImage=x']), []);
});
