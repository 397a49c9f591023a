import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findLogs, readLog } from '../../src/sources/index.ts';

const EVENT =
  '<Event><System><Provider Name="P"/><EventID>1</EventID><EventRecordID>1</EventRecordID></System></Event>';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'noisefloor-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a folder is walked, sorted by code units, and recognised by content', async (t) => {
  const top = folder(t);
  mkdirSync(join(top, 'b/.git'), { recursive: true });
  mkdirSync(join(top, 'node_modules'));
  writeFileSync(join(top, 'node_modules/x.xml'), EVENT);
  writeFileSync(join(top, 'b/.git/x.xml'), EVENT);
  writeFileSync(join(top, 'b/z.txt'), EVENT);
  writeFileSync(join(top, 'a.evtx'), '{"EventID":8}');
  writeFileSync(join(top, 'B.log'), 'Nov  5 08:00:01 host cron: x\n');
  writeFileSync(join(top, 'é.xml'), EVENT);
  writeFileSync(join(top, 'config.xml'), '<Sysmon schemaversion="4.90"/>');
  writeFileSync(join(top, 'empty.evtx'), '');
  writeFileSync(join(top, 'old.json'), '{"schema":"noisefloor.tally/1"}');
  symlinkSync(top, join(top, 'b/loop'));
  symlinkSync(join(top, 'gone'), join(top, 'b/broken'));
  symlinkSync(join(top, 'é.xml'), join(top, 'b/link.xml'));
  const { logs, skipped, problems } = findLogs([top]);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    logs.map(({ path, kind, explicit, size }) => [path.slice(top.length), kind, explicit, size]),
    [
      ['/B.log', 'syslog', false, 29],
      ['/a.evtx', 'json', false, 13],
      ['/b/link.xml', 'xml', false, EVENT.length],
      ['/b/z.txt', 'xml', false, EVENT.length],
      ['/old.json', 'tally', false, 31],
      ['/é.xml', 'xml', false, EVENT.length],
    ],
  );
  const reasons = new Map(skipped.map(({ path, reason }) => [path.slice(top.length), reason]));
  assert.deepEqual([...reasons.keys()].sort(), [
    '/b/.git',
    '/b/broken',
    '/b/loop',
    '/config.xml',
    '/empty.evtx',
    '/node_modules',
  ]);
  assert.match(reasons.get('/config.xml')!, /Sysmon configuration/);
  assert.match(reasons.get('/empty.evtx')!, /empty/);
});

test('a path is kept as given', async (t) => {
  const top = folder(t);
  mkdirSync(join(top, 'logs'));
  writeFileSync(join(top, 'logs/a.xml'), EVENT);
  const { logs } = findLogs([`${top}/./logs/`, `${top}/./logs/a.xml`]);
  assert.deepEqual(
    logs.map(({ path, explicit }) => [path, explicit]),
    [
      [`${top}/./logs/a.xml`, false],
      [`${top}/./logs/a.xml`, true],
    ],
  );
});

test('what is named but can’t be read is a problem with its name', async (t) => {
  const top = folder(t);
  mkdirSync(join(top, 'empty'));
  mkdirSync(join(top, 'others'));
  writeFileSync(join(top, 'others/readme.txt'), 'hello');
  writeFileSync(join(top, 'nothing.evtx'), '');
  writeFileSync(join(top, 'text.evtx'), '\x1b]0;hello');
  writeFileSync(join(top, 'config.xml'), '<Sysmon schemaversion="4.90"/>');
  const names = ['missing', 'empty', 'others', 'nothing.evtx', 'text.evtx', 'config.xml', 'text.evtx/x'];
  const { logs, skipped, problems } = findLogs(names.map((name) => join(top, name)));
  assert.deepEqual(logs, []);
  assert.equal(skipped.length, 1);
  assert.deepEqual(
    problems.map(({ code, severity, where }) => [code, severity, where.source?.slice(top.length + 1)]),
    [
      ['log-missing', 'error', 'missing'],
      ['log-empty-folder', 'error', 'empty'],
      ['log-empty-folder', 'error', 'others'],
      ['log-empty-file', 'error', 'nothing.evtx'],
      ['log-unknown-kind', 'error', 'text.evtx'],
      ['log-unknown-kind', 'error', 'config.xml'],
      ['log-missing', 'error', 'text.evtx/x'],
    ],
  );
  assert.match(problems[4]!.message, /expected EVTX.*found bytes that begin with "\\x1b\]0;hello"/);
});

test(
  'a file without permission',
  { skip: process.getuid?.() === 0 ? 'root may read all' : false },
  async (t) => {
    const top = folder(t);
    writeFileSync(join(top, 'a.xml'), EVENT);
    chmodSync(join(top, 'a.xml'), 0);
    const { problems } = findLogs([top]);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['log-unreadable'],
    );
  },
);

test('a FIFO in a folder is never opened', { skip: process.platform === 'win32' }, async (t) => {
  const top = folder(t);
  execFileSync('mkfifo', [join(top, 'pipe')]);
  writeFileSync(join(top, 'a.xml'), EVENT);
  const { logs, skipped } = findLogs([top]);
  assert.equal(logs.length, 1);
  assert.match(skipped[0]!.reason, /FIFO/);
});

test('a log that goes away after it was found', async (t) => {
  const top = folder(t);
  writeFileSync(join(top, 'a.xml'), EVENT);
  const { logs } = findLogs([top]);
  rmSync(join(top, 'a.xml'));
  const diagnostics = [];
  for await (const batch of readLog(logs[0]!, { verify: false })) diagnostics.push(...batch.diagnostics);
  assert.deepEqual(
    diagnostics.map(({ code, where }) => [code, where.offset]),
    [['log-read-failed', 0]],
  );
  assert.match(diagnostics[0]!.message, /ENOENT/);
});

test('a log that became a folder fails in the middle of reading, not by an exception', async (t) => {
  const top = folder(t);
  const log = { path: top, size: 10, explicit: true, kind: 'xml' } as const;
  const diagnostics = [];
  for await (const batch of readLog(log, { verify: false })) diagnostics.push(...batch.diagnostics);
  assert.ok(
    diagnostics.some(({ code, message }) => code === 'log-read-failed' && message.includes('EISDIR')),
  );
});
