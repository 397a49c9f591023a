/** `noisefloor diff` as a stranger runs it, on logs whose content is known by construction (examples/README.md). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const WEEK = join(ROOT, 'examples/modelled-week');
const POST = join(ROOT, 'spec/create-remote-thread.xml');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-diff-'));
after(() => rmSync(folder, { recursive: true }));

function noisefloor(args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

function config(name: string, sections: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `<Sysmon schemaversion="4.90"><EventFiltering>\n<RuleGroup groupRelation="or">\n${sections}\n</RuleGroup></EventFiltering></Sysmon>`,
  );
  return path;
}

const ALL = config('all.xml', '<CreateRemoteThread onmatch="exclude"></CreateRemoteThread>');
const TUNED = config(
  'tuned.xml',
  '<CreateRemoteThread onmatch="exclude">\n<SourceImage condition="end with">\\csrss.exe</SourceImage></CreateRemoteThread>',
);
const REWRITTEN = config(
  'rewritten.xml',
  '<!-- noise --><CreateRemoteThread default="include"><Rule><SourceImage condition="end with" name="x">\\CSRSS.exe</SourceImage></Rule></CreateRemoteThread>',
);

test('the same meaning is no difference', () => {
  for (const other of [TUNED, REWRITTEN]) {
    const { code, out } = noisefloor(['diff', TUNED, other, '--exit-code']);
    assert.equal(code, 0, out);
    assert.match(out, /Nothing changes in meaning/);
  }
});

test('a filter that was added is told with its place and an event', () => {
  const { code, out } = noisefloor(['diff', ALL, TUNED, '--exit-code']);
  assert.equal(code, 1);
  assert.match(out, /CreateRemoteThread \(8\)/);
  assert.match(out, /\+ exclude SourceImage end with "\\csrss\.exe" \(4:1\)/);
  assert.match(out, /Only the old one logs this CreateRemoteThread \(8\):\n\s+SourceImage: .*\\csrss\.exe/);
  for (const line of out.split('\n')) assert.ok([...line].length <= 80, line);
  assert.equal(noisefloor(['diff', ALL, TUNED]).code, 0, 'without --exit-code');
});

test('another RuleName is a difference that logs show, and --exit-code tells', () => {
  const filters = ['<Image condition="contains" name="stale">a</Image>', '<CommandLine>zzz</CommandLine>'];
  const named = (name: string, ...own: readonly string[]): string => {
    const groups = `<RuleGroup groupRelation="and"><ProcessCreate onmatch="exclude">${own.join('')}</ProcessCreate></RuleGroup><RuleGroup groupRelation="or"><ProcessCreate onmatch="include"><Image condition="contains">a</Image></ProcessCreate></RuleGroup>`;
    const path = join(folder, name);
    writeFileSync(path, `<Sysmon schemaversion="4.90"><EventFiltering>${groups}</EventFiltering></Sysmon>`);
    return path;
  };
  const old = named('stale.xml', ...filters);
  const now = named('fresh.xml', ...filters.toReversed());
  assert.equal(noisefloor(['diff', old, now, '--exit-code']).code, 0);
  const { code, out } = noisefloor(['diff', old, now, WEEK, '--exit-code']);
  assert.equal(code, 1, out);
  assert.match(out, /Nothing changes in meaning but the RuleNames of events\./);
  assert.equal(noisefloor(['diff', old, old, WEEK, '--exit-code']).code, 0);
});

test('on logs: events gained and lost as the logs hold by construction', () => {
  const { code, out, err } = noisefloor(['diff', ALL, TUNED, WEEK, '--json']);
  assert.equal(code, 0, err);
  const { schema, same, log } = JSON.parse(out) as {
    schema: string;
    same: boolean;
    log: {
      types: { eventId: number; events: number; old: number; new: number }[];
      groups: {
        eventId: number;
        change: string;
        key: Record<string, string>;
        events: number;
        examples: unknown[];
      }[];
    };
  };
  assert.deepEqual([schema, same], ['noisefloor.diff/1', false]);
  const threads = log.types.find(({ eventId }) => eventId === 8)!;
  assert.deepEqual([threads.events, threads.old, threads.new], [179, 179, 20]);
  const lost = log.groups.filter(({ change }) => change === 'lost');
  assert.equal(
    lost.reduce((sum, { events }) => sum + events, 0),
    159,
  );
  for (const { key, examples, events } of lost) {
    assert.match(key['SourceImage']!, /\\csrss\.exe$/i);
    assert.equal(examples.length, Math.min(3, events));
  }
  const text = noisefloor(['diff', TUNED, ALL, WEEK]).out;
  assert.match(text, /159 gained, 0 lost/);
  assert.match(text, /A log shows only what its own configuration let through/);
  for (const line of text.split('\n')) assert.ok([...line].length <= 80, line);
});

test('the same input gives the same bytes', () => {
  const args = ['diff', POST, TUNED, WEEK];
  assert.equal(noisefloor(args).out, noisefloor(args).out);
});

test('what is hostile in a configuration is shown, not obeyed', () => {
  const hostile = config(
    'hostile.xml',
    '<CreateRemoteThread onmatch="exclude"><SourceImage>a&#x9b;31m\u202eb</SourceImage></CreateRemoteThread>',
  );
  const { out } = noisefloor(['diff', ALL, hostile]);
  assert.doesNotMatch(out, /[\u009b\u202e]/);
  assert.match(out, /a\\u\{9b\}31m\\u\{202e\}b/);
});

test('a configuration that is rejected, or no file at all, is exit code 2 with a place', () => {
  const rejected = config(
    'rejected.xml',
    '<CreateRemoteThread onmatch="exclude"><Nothing/></CreateRemoteThread>',
  );
  const one = noisefloor(['diff', ALL, rejected, '--exit-code']);
  assert.deepEqual([one.code, one.out], [2, '']);
  assert.match(one.err, /config-grammar: .*rejected\.xml:3:/);
  assert.equal(noisefloor(['diff', join(folder, 'missing.xml'), ALL]).code, 2);
  assert.equal(noisefloor(['diff', ALL, TUNED, join(folder, 'missing.evtx')]).code, 2);
});
