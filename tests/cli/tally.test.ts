/** Tallies, budgets and JUnit as a stranger runs them: whole processes, their files, their exit codes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Answer } from '../../src/run/index.ts';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const WEEK = join(ROOT, 'examples/modelled-week');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-cli-tally-'));
after(() => rmSync(folder, { recursive: true }));

function noisefloor(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

test('ask writes a tally that ask and merge answer, to the byte', () => {
  const logs = noisefloor('ask', '8', WEEK, '--json');
  assert.deepEqual(noisefloor('ask', '8', WEEK, '--json', '--tally', 'week.tally'), logs);
  assert.deepEqual(noisefloor('ask', '8', 'week.tally', '--json'), logs);
  assert.deepEqual(noisefloor('merge', 'week.tally', '--json'), logs);
  const written = noisefloor('merge', 'week.tally', '--out', 'sum.tally');
  assert.deepEqual(written, { code: 0, out: '', err: '' });
  assert.deepEqual(readFileSync(join(folder, 'sum.tally')), readFileSync(join(folder, 'week.tally')));
  const text = noisefloor('merge', 'week.tally');
  assert.match(text.out, /^CreateRemoteThread fired in \d+ of \d+ watched host-hours/);
});

test('merge refuses what would count twice, unless told', () => {
  const twice = noisefloor('merge', 'week.tally', 'sum.tally', '--out', 'twice.tally');
  assert.equal(twice.code, 2);
  assert.match(twice.err, /tally-overlap: .*records 1 to 1061/);
  assert.ok(!existsSync(join(folder, 'twice.tally')));
  const told = noisefloor('merge', 'week.tally', 'sum.tally', '--allow-overlap', '--json');
  assert.equal((JSON.parse(told.out) as Answer).matches.events, 2 * 179);
});

test('commands that need events exit with 2 and say why', () => {
  writeFileSync(
    join(folder, 'suite.yml'),
    `config: ${join(ROOT, 'spec/create-remote-thread.xml')}\ntests:\n  - { name: x, log: week.tally, event: 8, logged: all }\n`,
  );
  const config = join(ROOT, 'spec/create-remote-thread.xml');
  for (const args of [
    ['dump', 'week.tally'],
    ['explain', config, 'week.tally'],
    ['diff', config, config, 'week.tally'],
    ['test', 'suite.yml'],
  ]) {
    const { code, err } = noisefloor(...args);
    assert.equal(code, 2, args[0]);
    assert.match(err, /a tally holds counts, not events: give the logs/, args[0]);
  }
});

test('a tally that can not be written, or is broken, is exit 2', () => {
  assert.match(
    noisefloor('ask', '8', WEEK, '--tally', 'no/such/x').err,
    /out-unwritable: --tally no\/such\/x/,
  );
  writeFileSync(join(folder, 'broken'), '{"schema":"noisefloor.tally/1"}\n');
  const { code, err } = noisefloor('ask', '8', 'broken');
  assert.equal(code, 2);
  assert.match(err, /tally-broken: broken: line 1: facts: expected an object, found nothing/);
});

test('a budget that is kept is exit 0, one that is not 1, and nothing watched stays 3', () => {
  const kept = noisefloor('ask', '8', WEEK, '--budget', '24/host-day', '--junit', 'kept.xml');
  assert.equal(kept.code, 0);
  assert.match(kept.out, /^ {2}Within budget: 24 per host-day/m);
  assert.match(readFileSync(join(folder, 'kept.xml'), 'utf8'), /<testsuites [^>]*failures="0" errors="0">/);
  const over = noisefloor('ask', '8', WEEK, '--budget', '1/host-day', '--junit', 'over.xml');
  assert.equal(over.code, 1);
  assert.match(over.out, /^ {2}Over budget: 1 per host-day/m);
  assert.match(readFileSync(join(folder, 'over.xml'), 'utf8'), /<testsuites [^>]*failures="1" errors="0">/);
  const json = noisefloor('ask', '8', WEEK, '--budget', '1/host-day', '--json');
  assert.equal(json.code, 1);
  assert.match(json.err, /^noisefloor: Over budget: /);
  const { budget } = JSON.parse(json.out) as Answer;
  assert.deepEqual([budget!.text, budget!.limit, budget!.met], ['1/host-day', 1, false]);
  assert.deepEqual(Object.keys(JSON.parse(json.out) as Answer).slice(5, 8), ['rate', 'budget', 'groups']);
  assert.equal(noisefloor('merge', 'week.tally', '--budget', '1/host-day').code, 1);
  const unwatched = noisefloor(
    'ask',
    '8',
    join(WEEK, 'System.evtx'),
    '--budget',
    '1/host-day',
    '--junit',
    'none.xml',
  );
  assert.equal(unwatched.code, 3);
  assert.match(readFileSync(join(folder, 'none.xml'), 'utf8'), /<error message="no exposure/);
  assert.match(
    noisefloor('ask', '8', WEEK, '--budget', '1/day').err,
    /budget-syntax: --budget 1\/day: expected/,
  );
});
