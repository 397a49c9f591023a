/** `check` as a stranger runs it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-check-'));
after(() => rmSync(folder, { recursive: true }));

function noisefloor(
  args: readonly string[],
  input: string | Buffer = '',
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

function config(name: string, filter: string, version = '4.90'): string {
  const text = `<Sysmon schemaversion="${version}">\r\n<EventFiltering>\r\n\t<DnsQuery onmatch="include">${filter}</DnsQuery>\r\n</EventFiltering>\r\n</Sysmon>\r\n`;
  writeFileSync(join(folder, name), text);
  return text;
}

const GOOD = '<QueryName condition="end with">.example.org</QueryName>';
const WARN = '<Image condition="is">agent.exe</Image>';
const BAD = '<QueryName condition="ends with">.example.org</QueryName>';

test('exit codes: 0 nothing wrong, 1 an error or with --strict a warning, 2 unreadable', () => {
  config('good.xml', GOOD);
  config('warn.xml', WARN);
  config('bad.xml', BAD);
  assert.equal(noisefloor(['check', 'good.xml']).code, 0);
  assert.equal(noisefloor(['check', 'warn.xml']).code, 0);
  assert.equal(noisefloor(['check', 'warn.xml', '--strict']).code, 1);
  assert.equal(noisefloor(['check', 'bad.xml']).code, 1);
  const missing = noisefloor(['check', 'good.xml', 'none.xml']);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /config-unreadable: none\.xml/);
  assert.match(missing.out, /good\.xml: accepted/);
  assert.equal(noisefloor(['check', 'good.xml', '--schema', '9']).code, 2);
  assert.equal(noisefloor(['check', '--fix', '-']).code, 2);
});

test('text: a line for programs, the line with a caret, what becomes of the file', () => {
  config('bad.xml', BAD);
  const { out } = noisefloor(['check', 'bad.xml']);
  const lines = out.split('\n');
  assert.match(
    lines[0]!,
    /^bad\.xml:3:52: error condition-unknown: there is no condition "ends with": did you mean "end with"\?$/,
  );
  assert.equal(lines[1]!.indexOf('ends with'), lines[2]!.indexOf('^'));
  assert.match(out, /rejected by a Sysmon of schema 4\.91 \(declares schema 4\.90\)/);
  assert.match(out, /1 error; needs schemaversion 4\.21 and Sysmon 10\.0/);
});

test('standard input, folders, and other XML in them', () => {
  const text = config('good.xml', GOOD);
  assert.match(noisefloor(['check', '-'], text).out, /^-: accepted/);
  mkdirSync(join(folder, 'tree/deep'), { recursive: true });
  config('tree/deep/b.xml', BAD);
  config('tree/a.xml', GOOD);
  writeFileSync(join(folder, 'tree/other.xml'), '<project/>');
  const { code, out } = noisefloor(['check', 'tree']);
  assert.equal(code, 1);
  assert.match(out, /2 files, 1 accepted: 1 error\n$/);
  mkdirSync(join(folder, 'empty'), { recursive: true });
  assert.equal(noisefloor(['check', 'empty']).code, 2);
});

test('what is hostile does not reach the terminal', () => {
  config(
    'esc.xml',
    `<QueryName condition="\u009b31m&#x202e;">\u202e\u009bx</QueryName><Image condition="is">a\u202e.exe</Image>`,
  );
  for (const format of ['text', 'json', 'sarif'])
    assert.doesNotMatch(noisefloor(['check', 'esc.xml', '--format', format]).out, /[\u009b\u202e]/, format);
});

test('--fix splices, keeps encoding, BOM and every other byte, and checks again', () => {
  const text = config('fix.xml', `${BAD}<!-- kept\t -->`);
  writeFileSync(join(folder, 'fix.xml'), Buffer.from(`\uFEFF${text}`, 'utf16le'));
  const { code, out } = noisefloor(['check', 'fix.xml', '--fix']);
  assert.equal(code, 0);
  assert.match(out, /fix\.xml:3:52: fixed condition-unknown: write condition="end with"/);
  assert.equal(
    readFileSync(join(folder, 'fix.xml')).toString('utf16le'),
    `\uFEFF${text.replace('ends with', 'end with')}`,
  );
  assert.match(noisefloor(['check', 'fix.xml', '--fix']).out, /^fix\.xml: accepted/);
});

test('--fix leaves a file alone whose bytes it could not write back', () => {
  const text = config('bytes.xml', `${BAD}<!-- ? -->`);
  const bytes = Buffer.from(text, 'latin1');
  bytes[bytes.indexOf('?', bytes.indexOf('<!--'))] = 0xe9;
  writeFileSync(join(folder, 'bytes.xml'), bytes);
  assert.equal(noisefloor(['check', 'bytes.xml', '--fix']).code, 1);
  assert.deepEqual(readFileSync(join(folder, 'bytes.xml')), bytes);
});

test('JSON and SARIF hold the same findings', () => {
  config('both.xml', `${BAD}${WARN}`);
  const json = JSON.parse(noisefloor(['check', 'both.xml', '--format', 'json']).out);
  assert.equal(json.schema, 'noisefloor.check/1');
  const [file] = json.files;
  assert.deepEqual(
    [file.path, file.accepted, file.schemaversion, file.counts.error],
    ['both.xml', false, '4.90', 1],
  );
  const sarif = JSON.parse(noisefloor(['check', 'both.xml', '--format', 'sarif']).out);
  assert.equal(sarif.version, '2.1.0');
  const [run] = sarif.runs;
  const rules = run.tool.driver.rules as { id: string; help: { text: string } }[];
  assert.ok(rules.every(({ help }) => help.text !== ''));
  assert.equal(run.results.length, file.findings.length);
  for (const [index, result] of run.results.entries()) {
    const finding = file.findings[index];
    const { physicalLocation } = result.locations[0];
    assert.equal(rules[result.ruleIndex]!.id, finding.code);
    assert.deepEqual(
      [physicalLocation.region.startLine, physicalLocation.region.startColumn],
      [finding.line, finding.column],
    );
    assert.equal(result.fixes?.length ?? 0, finding.fix ? 1 : 0);
  }
});
