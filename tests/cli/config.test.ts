/** noisefloor config, as a stranger runs it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../src/config/index.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-config-'));
after(() => rmSync(folder, { recursive: true }));

function config(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'config', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

test('the configuration is on stdout, and Sysmon would load it', () => {
  const { code, out, err } = config('8');
  assert.deepEqual([code, err], [0, '']);
  const { accepted, blocks } = parseConfig(out);
  assert.ok(accepted);
  assert.deepEqual(
    blocks.filter(({ onmatch }) => onmatch === 'exclude').map(({ tag }) => tag),
    ['CreateRemoteThread'],
  );
  assert.equal(config('createremotethread').out, out, 'names in any case');
});

test('several types, a schema, a heartbeat, a file', () => {
  const file = join(folder, 'out.xml');
  const { code, out, err } = config(
    'CreateRemoteThread',
    'DnsQuery',
    '--schema',
    '4.9',
    '--heartbeat',
    '--out',
    file,
  );
  assert.deepEqual([code, out, err], [0, '', '']);
  const { accepted, config: written, blocks } = parseConfig(readFileSync(file));
  assert.ok(accepted);
  assert.deepEqual(written!.schemaVersion, { major: 4, minor: 90 });
  assert.deepEqual(
    blocks.filter(({ onmatch, filters }) => onmatch === 'exclude' || filters > 0).map(({ tag }) => tag),
    ['ProcessTerminate', 'CreateRemoteThread', 'DnsQuery'],
  );
});

test('what can not be asked is a usage error that says what can', () => {
  const cases: [args: string[], said: RegExp][] = [
    [['DnsQuer'], /question-unknown: .*did you mean DnsQuery\?/],
    [['30'], /question-unknown: .*found "30"/],
    [['8', '--schema', '3.40'], /schema-syntax: .*expected one of 4\.00/],
    [['8', '--schema', 'new'], /schema-syntax/],
    [['29', '--schema', '4.50'], /schema-too-old: .*at least 4\.90/],
    [['8', '--out', join(folder, 'missing', 'x.xml')], /out-unwritable: .*ENOENT/],
    [[], /missing required argument/],
  ];
  for (const [args, said] of cases) {
    const { code, out, err } = config(...args);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err, said);
  }
  assert.ok(!existsSync(join(folder, 'missing')));
});

test('a type that does more than being logged is warned of on stderr', () => {
  const { code, out, err } = config('FileBlockExecutable');
  assert.equal(code, 0);
  assert.ok(parseConfig(out).accepted);
  assert.match(err, /warning: FileBlockExecutable \(event 27\): Sysmon BLOCKS/);
});
