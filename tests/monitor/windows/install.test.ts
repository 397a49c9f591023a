/** `install`, `reload` and `uninstall` on a Windows machine that is not there. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../../../src/config/index.ts';
import { MonitorError } from '../../../src/monitor/error.ts';
import { installSysmon, reloadSysmon, uninstallSysmon } from '../../../src/monitor/windows/index.ts';
import { type FakeWindows, fakeWindows, machineOf } from '../../builders/fake-windows.ts';
import { ROOT } from '../../builders/shared.ts';

const POST = join(ROOT, 'spec/create-remote-thread.xml');
const SYSMON64 = String.raw`C:\tools\Sysmon64.exe`;
const INBOX = String.raw`C:\Windows\System32\Sysmon.exe`;
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-windows-'));
after(() => rmSync(folder, { recursive: true }));

function configFile(name: string, filtering: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `<Sysmon schemaversion="4.90">\n<EventFiltering>${filtering}</EventFiltering>\n</Sysmon>\n`,
  );
  return path;
}

interface Done {
  readonly said: readonly string[];
  readonly ran: readonly string[];
  readonly error: unknown;
}

async function doing(
  what: 'install' | 'reload' | 'uninstall',
  state: FakeWindows,
  { config = POST, sysmon, files = [SYSMON64] }: { config?: string; sysmon?: string; files?: string[] } = {},
): Promise<Done> {
  const { machine, ran } = machineOf(state, files);
  const said: string[] = [];
  const options = { config, sysmon, machine, say: (line: string) => said.push(line) };
  let error: unknown = null;
  try {
    if (what === 'install') await installSysmon(options);
    else if (what === 'reload') await reloadSysmon(options);
    else await uninstallSysmon(options);
  } catch (thrown) {
    error = thrown;
  }
  return { said, ran, error };
}

function refused(error: unknown, code: string, message: RegExp): void {
  assert.ok(error instanceof MonitorError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /\n/);
}

/** What changes the machine. */
const changes = (ran: readonly string[]): string[] => ran.filter((one) => / -[iu]\b| -c ./.test(one));

test('install runs Sysmon with -i, reads the configuration back, and says each step', async () => {
  const state = fakeWindows();
  const { said, ran, error } = await doing('install', state);
  assert.equal(error, null);
  assert.deepEqual(changes(ran), [`Sysmon64.exe -accepteula -i ${POST}`]);
  assert.equal(said[0], `Sysmon: ${SYSMON64}, not installed yet`);
  assert.ok(said.includes('Its schema version is 4.90.'));
  assert.ok(said.includes('  SysmonDrv started.'), said.join('\n'));
  assert.ok(!said.some((line) => line.includes('Copyright')), 'no banner');
  assert.match(said.at(-2)!, /^The configuration in force is the one .*SHA256=[0-9A-F]{64}\.$/);
  assert.equal(said.at(-1), 'The service Sysmon64 is running.');
  assert.deepEqual(Object.keys(state.services), ['Sysmon64']);
});

test('where Sysmon is installed, install gives it the configuration with -c', async () => {
  const state = fakeWindows({ services: { Sysmon64: { image: SYSMON64, state: 'RUNNING' } } });
  const { said, ran, error } = await doing('install', state);
  assert.equal(error, null);
  assert.deepEqual(changes(ran), [`Sysmon64.exe -accepteula -c ${POST}`]);
  assert.match(said[0]!, /installed as the service Sysmon64/);
});

test("Windows 11's own Sysmon is found where none other is", async () => {
  const { said, error } = await doing('install', fakeWindows(), { files: [INBOX] });
  assert.equal(error, null);
  assert.equal(said[0], `Sysmon: ${INBOX}, not installed yet`);
});

test("the installed service's program is taken before one on PATH, with quotes and arguments cut", async () => {
  const image = String.raw`C:\Program Files\Sysmon\Sysmon.exe`;
  const state = fakeWindows({ services: { Sysmon: { image: `"${image}" -service`, state: 'RUNNING' } } });
  const { said, error } = await doing('reload', state, { files: [SYSMON64, image] });
  assert.equal(error, null);
  assert.equal(said[0], `Sysmon: ${image}`);
});

test('a configuration with filters of every shape is read back and compared', async () => {
  const config = configFile(
    'filters.xml',
    `<RuleGroup name="r" groupRelation="or"><ProcessCreate onmatch="include">
       <Image condition="end with">it's'</Image><CommandLine condition="contains any">a;b
c</CommandLine>
       <Rule groupRelation="and"><Image>C:\\\u00dcml\u00e4ut.exe</Image><User condition="is not">x</User></Rule>
     </ProcessCreate></RuleGroup>
     <ProcessCreate onmatch="exclude"><Image condition="image">a.exe</Image></ProcessCreate>
     <RegistryEvent onmatch="include"><TargetObject condition="begin with">HKLM</TargetObject></RegistryEvent>
     <NetworkConnect onmatch="include"/>`,
  );
  for (const encoding of ['utf16le', 'latin1'] as const) {
    const state = fakeWindows({ sysmon: { schema: '4.90', encoding, hash: true } });
    const { said, error } = await doing('install', state, { config });
    assert.equal(error, null);
    assert.match(said.at(-2)!, /4 sections read back, SHA256=/);
  }
});

test('another configuration in force than asked for is an error that names what differs', async () => {
  const dump = (rules: string, hash = ''): FakeWindows =>
    fakeWindows({
      sysmon: { schema: '4.90', encoding: 'latin1', dump: `Current configuration:\n${hash}\n${rules}` },
    });
  const one = configFile(
    'one.xml',
    '<ProcessCreate onmatch="include"><Image condition="end with">a.exe</Image></ProcessCreate>',
  );
  const section = " - ProcessCreate                  onmatch: include   combine rules using 'And'\n";
  const filter = (value: string): string =>
    `\tImage                          filter: end with     value: '${value}'\n`;
  const version = 'Rule configuration (version 4.90):\n';
  for (const [state, expected] of [
    [dump(`${version}${section}${filter('b.exe')}`), /ProcessCreate include has other filters/],
    [dump(`${version}${section}`), /ProcessCreate include has other filters/],
    [dump(`${version}${section.replace('And', 'Or')}${filter('a.exe')}`), /has other filters/],
    [dump('No rules installed\n'), /ProcessCreate include is missing/],
    [
      dump(`${version}${section}${filter('a.exe')}${section.replace('include', 'exclude')}`),
      /ProcessCreate exclude was not asked for/,
    ],
    [
      dump(
        `${version}${section}${filter('a.exe')}`,
        ` - Config hash:                   SHA256=${'0'.repeat(64)}`,
      ),
      /another hash/,
    ],
  ] as const)
    refused((await doing('install', state, { config: one })).error, 'sysmon-differs', expected);
  const same = await doing('install', dump(`${version}${section}${filter('a.exe')}`), { config: one });
  assert.equal(same.error, null);
});

test('a print that nothing can be read from, and no hash in the registry, is not taken for success', async () => {
  const state = fakeWindows({ sysmon: { schema: '4.90', encoding: 'latin1', dump: 'something new\n' } });
  refused((await doing('install', state)).error, 'sysmon-differs', /does not tell which one is in force/);
});

test('a configuration that Sysmon would not take is refused before anything is touched', async () => {
  const bad = configFile('bad.xml', '<ProcessCreat onmatch="include"/>');
  const newer = configFile('newer.xml', '<FileExecutableDetected onmatch="include"/>');
  const missing = join(folder, 'missing.xml');
  for (const [config, schema] of [
    [bad, '4.90'],
    // It would be valid for the newest Sysmon, but not for this one.
    [newer, '4.82'],
    [missing, '4.90'],
  ] as const) {
    const state = fakeWindows({ sysmon: { schema, encoding: 'utf16le' } });
    const { error, ran } = await doing('install', state, { config });
    assert.ok(error !== null);
    if (config === missing) assert.equal((error as MonitorError).code, 'config-unreadable');
    else assert.ok(error instanceof ConfigError);
    assert.deepEqual(changes(ran), []);
  }
});

test('what is missing or refused is one sentence each', async () => {
  const none = await doing('install', fakeWindows(), { files: [] });
  refused(none.error, 'sysmon-not-found', /FeatureName:Sysmon/);
  const given = await doing('install', fakeWindows(), { sysmon: '/no/such/Sysmon64.exe' });
  refused(given.error, 'sysmon-not-found', /--sysmon \/no\/such\/Sysmon64\.exe: there is no such file/);
  const plain = await doing('install', fakeWindows({ elevated: false }));
  refused(plain.error, 'sysmon-not-elevated', /administrator/);
  assert.deepEqual(changes(plain.ran), []);
  for (const what of ['reload', 'uninstall'] as const)
    refused((await doing(what, fakeWindows())).error, 'sysmon-not-installed', /noisefloor install CONFIG/);
  const broken = fakeWindows({
    fail: { 'sysmon -accepteula -i': { status: 1, says: 'Fehler f\xfcr alle\r\n' } },
  });
  refused((await doing('install', broken)).error, 'sysmon-failed', /ended with 1, and says: Fehler/);
  const denied = fakeWindows({ elevated: null, fail: { 'sysmon -accepteula -i': { status: 5 } } });
  refused((await doing('install', denied)).error, 'sysmon-not-elevated', /administrator/);
});

test('a second Sysmon beside the installed one is refused', async () => {
  const state = fakeWindows({ services: { Sysmon: { image: INBOX, state: 'RUNNING' } } });
  const other = join(folder, 'Sysmon64.exe');
  writeFileSync(other, '');
  const { error, ran } = await doing('install', state, { sysmon: other, files: [INBOX] });
  refused(error, 'sysmon-other', /the service Sysmon \(C:\\Windows\\System32\\Sysmon\.exe\)/);
  assert.deepEqual(changes(ran), []);
});

test('uninstall removes the service by Sysmon itself, and tells when it is still there', async () => {
  const services = { Sysmon64: { image: SYSMON64, state: 'RUNNING' } };
  const { ran, said, error } = await doing('uninstall', fakeWindows({ services: { ...services } }));
  assert.equal(error, null);
  assert.deepEqual(changes(ran), ['Sysmon64.exe -accepteula -u']);
  assert.match(said.at(-1)!, /The service Sysmon64 is gone/);
  const stuck = fakeWindows({ services, fail: { 'sysmon -accepteula -u': { status: 0 } } });
  refused((await doing('uninstall', stuck)).error, 'sysmon-failed', /still there/);
});

test('a Sysmon that has the configuration and does not run is an error', async () => {
  const state = fakeWindows({ services: { Sysmon64: { image: SYSMON64, state: 'STOPPED' } } });
  refused(
    (await doing('install', state)).error,
    'sysmon-failed',
    /the service Sysmon64 is STOPPED: it logs nothing/,
  );
});
