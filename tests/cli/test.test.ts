/** `noisefloor test` as a CI job runs it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SaxesParser } from 'saxes';
import { ROOT } from '../builders/shared.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');
const WEEK = join(ROOT, 'examples/modelled-week/Sysmon.evtx');
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-suite-'));
after(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'test', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  assert.doesNotMatch(stderr, /^\s+at .+:\d+:\d+\)?$/m, 'no stack trace');
  return { code: status, out: stdout, err: stderr };
}

writeFileSync(
  join(folder, 'ours.xml'),
  `<Sysmon schemaversion="4.90">
<EventFiltering>
<RuleGroup groupRelation="or">
<CreateRemoteThread onmatch="exclude">
<SourceImage condition="image">csrss.exe</SourceImage>
</CreateRemoteThread>
<ProcessCreate onmatch="include">
<Image name="shell" condition="image">cmd.exe</Image>
<Image condition="image">bash.exe</Image>
</ProcessCreate>
</RuleGroup>
</EventFiltering>
</Sysmon>
`,
);

let suites = 0;

/** Writes a suite of these tests beside ours.xml and runs it. */
function suite(tests: string, head = 'config: ours.xml'): Result {
  const name = `suite-${(suites += 1)}.yml`;
  writeFileSync(join(folder, name), `${head}\n${tests}`);
  return run(name);
}

test('the example suites hold', () => {
  const examples = join(ROOT, 'examples/suite');
  const { code, out, err } = run(join(examples, 'threads.yml'), join(examples, 'processes.yml'));
  assert.equal(code, 0, out + err);
  assert.match(out, /^9 tests: 9 ok, 0 not ok$/m);
  assert.equal(err, '');
});

test('the suite in the documentation is one that holds', () => {
  const text = readFileSync(join(ROOT, 'docs/test.md'), 'utf8');
  const [, written] = /```yaml\n(config: [^]*?)```/.exec(text)!;
  mkdirSync(join(folder, 'docs'));
  writeFileSync(join(folder, 'docs/sysmon.xml'), readFileSync(join(ROOT, 'examples/suite/sysmon.xml')));
  writeFileSync(join(folder, 'docs/Sysmon.evtx'), readFileSync(WEEK));
  writeFileSync(join(folder, 'docs/suite.yml'), written!);
  const { code, out, err } = run('docs/suite.yml');
  assert.equal(code, 0, out + err);
});

test('a failure says what was expected, what was found, and which line decided', () => {
  const { code, out } = suite(`tests:
  - name: wrong
    event: { EventID: 8, SourceImage: 'C:\\Windows\\System32\\csrss.exe' }
    logged: true
  - name: right
    event: { EventID: 8, SourceImage: 'C:\\a.exe' }
    logged: true
`);
  assert.equal(code, 1);
  const lines = out.split('\n');
  assert.equal(lines[1], 'not ok 1 - wrong');
  assert.equal(lines[2], '    expected  logged');
  assert.equal(lines[3], '    found     not logged');
  assert.equal(lines[4], '    because   ours.xml:5:1: SourceImage image "csrss.exe"');
  assert.equal(lines[5], '      5 | <SourceImage condition="image">csrss.exe</SourceImage>');
  assert.match(lines[6]!, /^ {8}\| \^~+$/);
  assert.equal(lines[7], 'ok 2 - right');
  assert.equal(lines[8], '2 tests: 1 ok, 1 not ok');
});

test('rule: the RuleName; an empty one and - are none', () => {
  const { code, out } = suite(`tests:
  - { name: a, event: { EventID: 1, Image: cmd.exe }, logged: true, rule: shell }
  - { name: b, event: { EventID: 1, Image: bash.exe }, logged: true, rule: '-' }
  - { name: c, event: { EventID: 1, Image: bash.exe }, logged: true, rule: '' }
  - { name: d, event: { EventID: 1, Image: bash.exe }, logged: true, rule: shell }
  - { name: e, event: { EventID: 1, Image: cmd.exe }, logged: true }
`);
  assert.equal(code, 1);
  assert.deepEqual(out.match(/^(?:not )?ok \d/gm), ['ok 1', 'ok 2', 'ok 3', 'not ok 4', 'ok 5']);
  assert.match(out, /expected {2}logged, RuleName "shell"\n +found {5}logged without a RuleName/);
});

test('events of a log: all or none, and none at all is a failure', () => {
  const log = `log: '${WEEK}'`;
  const { code, out } = suite(`tests:
  - { name: a, ${log}, event: 8, where: ['SourceImage|endswith=\\csrss.exe'], logged: none }
  - { name: b, ${log}, event: CreateRemoteThread, where: ['SourceImage|endswith=\\vmtoolsd.exe'], logged: all }
  - { name: c, ${log}, event: 8, logged: none }
  - { name: d, ${log}, event: 10, logged: none }
  - { name: e, ${log}, event: 8, where: ['SourceImage|endswith=\\never.exe'], logged: none }
`);
  assert.equal(code, 1);
  assert.deepEqual(out.match(/^(?:not )?ok \d/gm), ['ok 1', 'ok 2', 'not ok 3', 'not ok 4', 'not ok 5']);
  // 179 events, of which csrss.exe makes 159.
  assert.match(out, /found {5}20 of 179 events: logged without a RuleName/);
  assert.match(out, /no event of type ProcessAccess in/);
  assert.match(out, /179 of type CreateRemoteThread in/);
});

test('a log that is not there ends with 2', () => {
  const { code, out, err } = suite('tests: [{ name: a, log: no.evtx, event: 8, logged: none }]');
  assert.equal(code, 2);
  assert.match(out, /^not ok 1/m);
  assert.match(err, /log-missing/);
});

test('what is wrong with a suite is said with its place, all of it, and nothing is run', () => {
  const { code, out, err } = suite(
    `schema: four
tests:
  - name: a
    event: { EventID: 8, SourceImge: x }
    logged: yes
  - event: { EventID: 77 }
    logged: true
    colour: red
  - { name: b, log: x, event: Nothing, logged: all }
  - { name: c, log: x, event: 8, where: ['Imge=x', 'Image|like=x'], logged: some }
  - { name: d, event: { EventID: 8 }, logged: false, rule: x }
  - 3
`,
    'confg: ours.xml',
  );
  assert.equal(code, 2);
  assert.doesNotMatch(out, /^(?:not )?ok/m);
  const places = [...err.matchAll(/^noisefloor: (\S+): suite-\d+\.yml:(\d+):(\d+): /gm)].map((match) =>
    match.slice(1).join(' '),
  );
  assert.deepEqual(
    places.sort(),
    [
      'suite-key 1 1',
      'suite-key 5 26',
      'suite-key 9 5',
      'suite-missing 1 1',
      'suite-missing 7 5',
      'suite-value 10 31',
      'suite-value 11 77',
      'suite-value 12 60',
      'suite-value 13 5',
      'suite-value 2 9',
      'suite-value 6 13',
      'where-field 11 42',
      'where-modifier 11 52',
    ].sort(),
  );
  assert.match(err, /5 \| event: \{ EventID: 8, SourceImge: x \}\n {8}\| {22}\^~{9}$/m);
});

test('a suite that is no YAML, nested without end, or full of aliases', () => {
  assert.match(suite('tests: [').err, /suite-syntax: .*:\d+:\d+: /);
  assert.match(suite('tests: []').err, /suite-value: .*:2:8: /);
  assert.match(suite('tests: []\n---\ntests: []').err, /suite-syntax: .*expected one document/);
  assert.match(suite('', '').err, /suite-value/);
  assert.match(suite(`tests: ${'['.repeat(50_000)}`).err, /suite-syntax|suite-value/);
  const fields = Array.from({ length: 2000 }, (_, i) => `F${i}: x`).join(', ');
  const aliases = Array.from({ length: 2000 }, () => '*a').join(', ');
  const many = suite(`tests: [ &a { name: n, logged: true, event: { ${fields} } }, ${aliases} ]`);
  assert.equal(many.code, 2);
  assert.equal(run('none.yml').code, 2);
  assert.match(run('none.yml').err, /^noisefloor: suite-unreadable: none\.yml/);
});

test('an anchor shares an event', () => {
  const { code, out } = suite(`tests:
  - { name: a, event: &cmd { EventID: 1, Image: cmd.exe }, logged: true }
  - { name: b, event: *cmd, logged: true, rule: shell }
`);
  assert.equal(code, 0, out);
});

test('values are the text that is written: no other number, no date', () => {
  writeFileSync(
    join(folder, 'access.xml'),
    '<Sysmon schemaversion="4.90"><EventFiltering><ProcessAccess onmatch="include">' +
      '<GrantedAccess>0x1410</GrantedAccess><SourceProcessId>007</SourceProcessId>' +
      '<CallTrace>-</CallTrace></ProcessAccess></EventFiltering></Sysmon>',
  );
  const { code, out } = suite(
    'tests: [{ name: a, event: { EventID: 10, GrantedAccess: 0x1410, SourceProcessId: 007, CallTrace: }, logged: true }]',
    'config: access.xml\nschema: 4.90',
  );
  assert.equal(code, 0, out);
});

test('a field that the Sysmon of the suite does not know fails the test', () => {
  const { code, out } = suite(
    'tests: [{ name: a, event: { EventID: 8, SourceUser: anna }, logged: true }]',
    'config: ours.xml\nschema: 4.50',
  );
  assert.equal(code, 1);
  assert.match(out, /this Sysmon does not know SourceUser in event 8/);
});

test('a configuration that is rejected or missing ends with 2; the other suites are run', () => {
  writeFileSync(join(folder, 'bad.xml'), '<Sysmon schemaversion="4.90">\n<Nothing/>\n</Sysmon>');
  writeFileSync(
    join(folder, 'bad.yml'),
    'config: bad.xml\ntests: [{ name: a, event: { EventID: 1 }, logged: true }]\n',
  );
  writeFileSync(
    join(folder, 'good.yml'),
    'config: ours.xml\ntests: [{ name: a, event: { EventID: 1 }, logged: false }]\n',
  );
  const { code, out, err } = run('bad.yml', 'good.yml', '--junit', 'out.xml');
  assert.equal(code, 2);
  assert.match(err, /^noisefloor: config-grammar: bad\.xml:2:1: /m);
  assert.match(out, /^ok 1 - a$/m);
  assert.match(out, /^1 test: 1 ok, 0 not ok; 1 suite could not be run$/m);
  const xml = readFileSync(join(folder, 'out.xml'), 'utf8');
  assert.match(xml, /<testsuites name="noisefloor test" tests="2" failures="0" errors="1">/);
  assert.match(
    suite('tests: [{ name: a, event: { EventID: 1 }, logged: true }]', 'config: no.xml').err,
    /config-unreadable/,
  );
});

test('--junit: well-formed whatever a name holds, and the same bytes each time', () => {
  writeFileSync(
    join(folder, 'hostile.yml'),
    'config: ours.xml\ntests:\n' +
      '  - { name: "<&\\"\\x01\\e[31m\\u202e]]>\\n", event: { EventID: 8, SourceImage: csrss.exe }, logged: true }\n',
  );
  const { code, out } = run('hostile.yml', '--junit', 'hostile.xml');
  assert.equal(code, 1);
  for (const control of ['\u0001', '\u001b', '\u202e']) assert.ok(!out.includes(control));
  const xml = readFileSync(join(folder, 'hostile.xml'), 'utf8');
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => assert.fail(error));
  parser.on(
    'opentag',
    ({ name, attributes }) => void (name === 'testcase' && names.push(attributes['name']!)),
  );
  parser.write(xml).close();
  assert.deepEqual(names, ['<&"\\u{1}\\u{1b}[31m\u202e]]>\n']);
  assert.match(xml, /<failure message="expected logged, found not logged" type="expectation">/);
  run('hostile.yml', '--junit', 'again.xml');
  assert.equal(readFileSync(join(folder, 'again.xml'), 'utf8'), xml);
});

test('a --junit file that can not be written ends with 2', () => {
  const { code, err } = run('hostile.yml', '--junit', 'no/such/folder/out.xml');
  assert.equal(code, 2);
  assert.match(err, /suite-junit/);
});
