/** Blind spots of configurations, whole: entries, their witnesses, what logs and attacks say, and dead detections. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseConfig, evaluate, excludeEntries, withoutEntry, decideFor } from '../../src/config/index.ts';
import { renderBlindspots } from '../../src/report/index.ts';
import { type Blindspots, blindspots } from '../../src/run/index.ts';
import { realConfigs } from '../builders/real-configs.ts';
import { ROOT, SHARED } from '../builders/shared.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'noisefloor-blindspots-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const CONFIG = `<Sysmon schemaversion="4.90">
  <EventFiltering>
    <RuleGroup groupRelation="or">
      <CreateRemoteThread onmatch="exclude">
        <StartModule condition="is">C:\\Windows\\system32\\kernel32.dll</StartModule>
        <SourceImage condition="is">C:\\Windows\\System32\\csrss.exe</SourceImage>
        <Rule groupRelation="and">
          <SourceImage condition="is">C:\\Windows\\System32\\svchost.exe</SourceImage>
          <SourceUser condition="is">NT AUTHORITY\\SYSTEM</SourceUser>
          <TargetImage condition="is">C:\\Windows\\System32\\dwm.exe</TargetImage>
        </Rule>
        <SourceImage condition="begin with">C:\\Windows\\System32\\csrss</SourceImage>
      </CreateRemoteThread>
    </RuleGroup>
    <RuleGroup groupRelation="or">
      <ProcessAccess onmatch="include">
        <TargetImage condition="image">lsass.exe</TargetImage>
      </ProcessAccess>
    </RuleGroup>
  </EventFiltering>
</Sysmon>
`;

const rule = (title: string, category: string, detection: string): string =>
  `title: ${title}\nid: 11111111-1111-4111-8111-${title.length.toString().padStart(12, '0')}\nlevel: high\nlogsource: {product: windows, category: ${category}}\ndetection:\n${detection}`;

const RULES = [
  rule(
    'loads',
    'create_remote_thread',
    "  s: {StartModule|endswith: '\\kernel32.dll', StartFunction: LoadLibraryA}\n  condition: s\n",
  ),
  rule(
    'from csrss',
    'create_remote_thread',
    "  s: {SourceImage: 'C:\\Windows\\System32\\csrss.exe'}\n  condition: s\n",
  ),
  rule(
    'other source',
    'create_remote_thread',
    "  s: {SourceImage|endswith: '\\rundll32.exe'}\n  condition: s\n",
  ),
  rule('opens lsass!', 'process_access', "  s: {TargetImage|endswith: '\\lsass.exe'}\n  condition: s\n"),
  rule('opens winlogon', 'process_access', "  s: {TargetImage|endswith: '\\winlogon.exe'}\n  condition: s\n"),
  rule('opens whatever!', 'process_access', "  s: {GrantedAccess: '0x1fffff'}\n  condition: s\n"),
  rule('name queries...', 'dns_query', '  s: {QueryName: evil.example}\n  condition: s\n'),
  rule(
    'look-behind-less',
    'create_remote_thread',
    "  s: {SourceImage: 'C:\\Windows\\System32\\csrss.exe', TargetImage|re: '\\\\[a-f]{3}\\.exe$'}\n  condition: s\n",
  ),
  rule('on another system', 'firewall', '  s: {x: y}\n  condition: s\n'),
].join('---\n');

const event = (minute: number, fields: Record<string, string>): string =>
  JSON.stringify({
    EventID: 8,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    SourceName: 'Microsoft-Windows-Sysmon',
    Hostname: 'h1',
    RecordNumber: minute + 1,
    UtcTime: `2026-03-02 10:${String(minute).padStart(2, '0')}:00.000`,
    EventTime: `2026-03-02 10:${String(minute).padStart(2, '0')}:00`,
    ...fields,
  });

const LOG = [
  event(0, { SourceImage: 'C:\\Windows\\System32\\csrss.exe', TargetImage: 'C:\\a.exe', StartModule: '-' }),
  event(1, { SourceImage: 'C:\\Windows\\System32\\csrss.exe', TargetImage: 'C:\\b.exe', StartModule: '-' }),
  event(2, {
    SourceImage: 'C:\\x.exe',
    TargetImage: 'C:\\b.exe',
    StartModule: 'C:\\Windows\\System32\\KERNEL32.DLL',
  }),
  event(3, { SourceImage: 'C:\\x.exe', TargetImage: 'C:\\b.exe', StartModule: '-' }),
].join('\n');

function found(result: Blindspots): Map<string, string> {
  return new Map(
    result.deadDetections.map(({ title, state, cause, line }) => [title, `${state} ${cause} ${line}`]),
  );
}

test('entries are graded with witnesses; logs and attacks say what they hide', async () => {
  const config = written('config.xml', CONFIG);
  const log = written('log.json', LOG);
  const attack = written('attack.json', LOG.split('\n').slice(2).join('\n'));
  const labels = written(
    'labels.yml',
    'attacks:\n  - {host: h1, from: 2026-03-02T10:02:00Z, to: 2026-03-02T10:02:30Z}\n',
  );
  const result = await blindspots(config, [log], { attacks: [attack, labels] });
  assert.deepEqual(
    result.entries.map(({ line, room, suppresses, hidesAttacks }) => [
      line,
      room,
      suppresses!.events,
      hidesAttacks,
    ]),
    [
      [5, 'text', 1, 2],
      // The engine looks through a section in its order: csrss.exe is decided by the first entry that names it.
      [6, 'start', 2, 0],
      [7, 'service', 0, 0],
      [12, 'start', 0, 0],
    ],
  );
  // All that line 6 hides line 12 hides as well.
  assert.deepEqual(
    result.entries.map(({ witness }) => witness !== null),
    [true, false, true, true],
  );
  assert.equal(result.attacks!.events, 3);
  assert.equal(result.attacks!.hidden, 2);
  const { config: parsed } = parseConfig(CONFIG);
  for (const { witness } of result.entries) {
    if (!witness) continue;
    const { EventID, ...fields } = witness;
    assert.equal(
      evaluate(parsed!, { ...fields, EventID: Number(EventID) } as { EventID: number }).logged,
      false,
    );
  }
});

test('detections that can not fire are dead, those that lose what they look for partly, and the others alive', async () => {
  const result = await blindspots(written('config.xml', CONFIG), [], { sigma: written('rules.yml', RULES) });
  assert.deepEqual(
    found(result),
    new Map([
      ['loads', 'partly excluded 5'],
      ['from csrss', 'dead excluded 6'],
      ['opens winlogon', 'dead not-included 16'],
      ['opens whatever!', 'partly not-included 16'],
      ['name queries...', 'dead not-logged 0'],
      ['look-behind-less', 'dead excluded 6'],
    ]),
  );
  const loads = result.deadDetections.find(({ title }) => title === 'loads')!;
  assert.equal(loads.witness['StartModule']!.toLowerCase(), 'c:\\windows\\system32\\kernel32.dll');
  assert.equal(loads.stillSeen!['StartModule']!.toLowerCase(), 'c:\\windows\\syswow64\\kernel32.dll');
  assert.match(loads.note, /64-bit/);
  assert.deepEqual(result.detections, { asked: 9, elsewhere: 1, alive: 2, undecided: [] });
});

test(
  'every witness of every entry of real configurations is hidden by that entry, and logged without it',
  { skip: SHARED === null },
  async () => {
    let checked = 0;
    for (const { path, bytes } of realConfigs()) {
      const { accepted, config } = parseConfig(bytes);
      if (!accepted || !config) continue;
      const entries = excludeEntries(config);
      if (entries.length === 0 || entries.length > 800) continue;
      const result = await blindspots(written('real.xml', readable(bytes)));
      assert.equal(result.entries.length, entries.length, path);
      for (const [index, { witness }] of result.entries.entries()) {
        if (!witness) continue;
        const read = (field: string): string | undefined => witness[field];
        const id = Number(witness['EventID']);
        assert.equal(decideFor(config, id)(read).logged, false, `${path} entry ${index}`);
        assert.equal(
          decideFor(withoutEntry(config, entries[index]!), id)(read).logged,
          true,
          `${path} entry ${index}`,
        );
        checked += 1;
      }
    }
    assert.ok(checked > 1500, `${checked} witnesses`);
  },
);

function readable(bytes: Uint8Array): Uint8Array & string {
  return bytes as Uint8Array & string;
}

test(
  'the kernel32.dll excludes are found, and they kill the rule about LoadLibrary for 64-bit targets',
  { skip: SHARED === null },
  async () => {
    const { path, bytes } = realConfigs().find((one) => one.path.endsWith('sysmonconfig-export.xml'))!;
    const config = written('real.xml', readable(bytes));
    const sigma = written(
      'load.yml',
      rule(
        'loads',
        'create_remote_thread',
        "  s: {StartModule|endswith: '\\kernel32.dll', StartFunction: LoadLibraryA}\n  condition: s\n",
      ),
    );
    const result = await blindspots(config, [], { sigma });
    const kernel = result.entries.find(({ text }) => /StartModule is .*kernel32\.dll/i.test(text));
    assert.ok(kernel && kernel.room === 'text' && kernel.witness, path);
    const [dead] = result.deadDetections;
    assert.ok(dead && dead.state === 'partly' && dead.line === kernel.line && dead.note !== '');
  },
);

test('a configuration that is none is refused, and rules that are none', async () => {
  await assert.rejects(blindspots(written('no.xml', '<Sysmon/>')), { name: 'ConfigError' });
  await assert.rejects(blindspots(written('config.xml', CONFIG), [], { sigma: written('no.yml', 'a: b') }), {
    name: 'QuestionError',
  });
  await assert.rejects(
    blindspots(written('config.xml', CONFIG), [], { attacks: [join(folder, 'missing.evtx')] }),
    /attacks-unreadable|expected logs/,
  );
  assert.ok(readFileSync(join(folder, 'config.xml')).length > 0);
});

test('the text cuts each field of an event by itself, and counts what it does not show', async () => {
  const long = `C:\\Windows\\${'a'.repeat(90)}.exe`;
  const filters = Array.from(
    { length: 14 },
    (_, i) => `<CommandLine condition="is">${long} ${i}</CommandLine>`,
  );
  const xml = `<Sysmon schemaversion="4.90"><EventFiltering><RuleGroup groupRelation="or"><ProcessCreate onmatch="exclude">${filters.join('\n')}</ProcessCreate></RuleGroup></EventFiltering></Sysmon>`;
  const spots = await blindspots(written('long.xml', xml));
  const hides = spots.entries.map((entry) => ({ ...entry, hidesAttacks: 1 }));
  const attacks = { events: 14, hidden: 14, coverage: '14 of 14.' };
  const text = renderBlindspots({ ...spots, entries: hides, attacks }, { colour: false, width: 80 });
  assert.equal(
    text.match(/ Hidden: CommandLine: C:\\Windows\\a+…a+\.exe \d+,\n +Image: C:\\Users/g)?.length,
    12,
  );
  assert.equal(text.match(/and 2 more \(--json lists all\)/g)?.length, 2);
  for (const line of text.split('\n')) assert.ok([...line].length <= 80, line);
});

test('a log that is not there: said on stderr, and nothing is called whole', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'dist/src/cli/main.js'),
      'blindspots',
      written('config.xml', CONFIG),
      join(folder, 'no.evtx'),
    ],
    { encoding: 'utf8' },
  );
  assert.equal(status, 2);
  assert.match(stderr, /error: log-missing: .*no\.evtx[^]*nothing-readable/);
  assert.doesNotMatch(stdout, /Nothing was lost/);
});
