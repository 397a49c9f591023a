/** The monitor as a service, on a machine in a folder: what is said, what is done, and that a refusal leaves nothing. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  installService,
  reloadService,
  type ServiceStatus,
  serviceStatus,
  uninstallService,
} from '../../src/monitor/index.ts';
import { takeLock } from '../../src/monitor/event-log/index.ts';
import { type FakeMachine, fakeMachine, MAIN } from '../builders/fake-machine.ts';
import { ROOT } from '../builders/shared.ts';

const CONFIG = join(ROOT, 'spec/create-remote-thread.xml');
const LINUX = process.platform !== 'linux' && 'the service is for Linux';

describe('the service', { skip: LINUX }, () => {
  let machine: FakeMachine;
  /** A configuration beside the machine's root. */
  const written = (name: string, text: string): string => {
    const path = join(machine.root, '..', name);
    writeFileSync(path, text);
    return path;
  };
  const path = (name: string): string => join(machine.root, name);
  const sysmon = (sections: string): string =>
    `<Sysmon schemaversion="4.90"><EventFiltering><ProcessCreate onmatch="include"/>` +
    `<ProcessTerminate onmatch="include"/>${sections}</EventFiltering></Sysmon>`;
  const INJECTION = '<CreateRemoteThread onmatch="exclude"/>';

  const here = { ...process.env };
  beforeEach(() => {
    machine = fakeMachine();
    // What is done in this process is done on that machine, too.
    Object.assign(process.env, machine.env);
  });
  afterEach(() => {
    machine.remove();
    for (const name of Object.keys(machine.env)) delete process.env[name];
    Object.assign(process.env, here);
  });

  interface Outcome {
    readonly out: string;
    /** `code: message` of what was thrown; empty where nothing was. */
    readonly err: string;
    readonly value?: unknown;
  }

  /** The function behind a command, in this process: it starts sooner than the command does. */
  async function attempt(run: (say: (line: string) => void) => unknown): Promise<Outcome> {
    let out = '';
    try {
      const value = await run((line) => (out += `${line}\n`));
      return { out, err: '', value };
    } catch (error) {
      const { code, message } = error as { readonly code: string; readonly message: string };
      return { out, err: `${code}: ${message}` };
    }
  }
  /** Waits long, for the machine may be busy, but for a sensor that never watches. */
  const install = (config: string, waitMs = 60_000): Promise<Outcome> =>
    attempt((say) => installService({ config, main: MAIN, say, waitMs }));
  const reload = (config?: string): Promise<Outcome> =>
    attempt((say) => reloadService({ config, say, waitMs: 60_000 }));
  const uninstall = (purge = false): Promise<Outcome> => attempt((say) => uninstallService({ say, purge }));
  const problems = (): string => serviceStatus('9.9.9').problems.join('\n');

  test('install, use, uninstall: each step is said, and only the event log stays', () => {
    const before = machine.tree();
    const { code, out, err } = machine.run('install', CONFIG);
    assert.deepEqual([code, err], [0, '']);
    const steps = out.split('\n');
    assert.equal(steps[0], 'Loading configuration file with schema version 4.00');
    assert.equal(steps[1], 'Configuration file validated.');
    for (const said of [
      /8 CreateRemoteThread/,
      /config\.xml/,
      /^noisefloor installed/,
      /^noisefloor started/,
      /watching/,
    ])
      assert.ok(
        steps.some((step) => said.test(step)),
        `${said} in ${out}`,
      );
    assert.deepEqual(machine.calls(), [
      'daemon-reload',
      'enable noisefloor.service',
      'start noisefloor.service',
    ]);
    assert.deepEqual(readFileSync(path('etc/noisefloor/config.xml')), readFileSync(CONFIG));

    const status = machine.run('status');
    assert.equal(status.code, 0, status.out);
    assert.match(status.out, /12,345 received, 67 logged/);
    assert.match(status.out, /3 lost in the kernel, 2 shed, 1 gap/);
    assert.match(status.out, /oldest 2026-11-20 10:00 UTC, newest 2026-11-26 11:30 UTC/);

    const sensor = machine.pid()!;
    const removed = machine.run('uninstall');
    assert.deepEqual([removed.code, removed.err], [0, '']);
    assert.match(
      removed.out,
      /event log stays: .*\/var\/lib\/noisefloor\/events \(2\d\d bytes in 1 segment\)/,
    );
    assert.deepEqual(machine.calls(), [
      'stop noisefloor.service',
      'disable noisefloor.service',
      'daemon-reload',
      'reset-failed noisefloor.service',
    ]);
    assert.equal(existsSync(`/proc/${sensor}`), false);
    const { 'var/lib/noisefloor': folder, ...rest } = machine.tree();
    assert.equal(folder, 'folder');
    assert.deepEqual(
      Object.keys(rest).filter((name) => !(name in before)),
      ['var/lib/noisefloor/events', 'var/lib/noisefloor/events/events-000000000001.jsonl'],
    );

    const purged = machine.run('uninstall', '--purge');
    assert.equal(purged.code, 0);
    assert.match(purged.out, /not installed: nothing to remove/);
    assert.deepEqual(machine.tree(), before);
    assert.equal(machine.run('uninstall', '--purge').code, 0);
  });

  test('install twice is harmless, and says what to do', async () => {
    await install(CONFIG);
    const [before, sensor] = [Object.keys(machine.tree()), machine.pid()];
    machine.calls();
    assert.match((await install(CONFIG)).err, /^monitor-installed: .*noisefloor reload CONFIG/);
    assert.deepEqual(machine.calls(), []);
    assert.equal(machine.pid(), sensor);
    assert.deepEqual(Object.keys(machine.tree()), before);
  });

  describe('refusals say one sentence and leave nothing behind', () => {
    const bpftrace = (script: string): void =>
      writeFileSync(join(machine.bin, 'bpftrace'), `#!/bin/sh\n${script}\n`);
    const gone = (name: string): void => rmSync(path(name), { recursive: true });
    const refusals: readonly (readonly [string, RegExp, () => string | void])[] = [
      ['no systemd', /monitor-systemd: .*noisefloor watch \S+ --log \S+/, () => gone('run/systemd')],
      [
        'a container',
        /monitor-container: .*run it outside/,
        () => {
          mkdirSync(path('proc/self/ns'), { recursive: true });
          symlinkSync('pid:[4026532181]', path('proc/self/ns/pid'));
        },
      ],
      [
        'no bpftrace',
        /monitor-bpftrace: .*found none on PATH.*apt install bpftrace/,
        () => rmSync(join(machine.bin, 'bpftrace')),
      ],
      [
        'an old bpftrace',
        /monitor-bpftrace: expected bpftrace 0\.17 or newer, found v0\.16\.0/,
        () => bpftrace('echo "bpftrace v0.16.0"'),
      ],
      [
        'a bpftrace that does not run',
        /monitor-bpftrace: .*expected the version/,
        () => bpftrace('exit 127'),
      ],
      ['no BTF', /monitor-btf: .*CONFIG_DEBUG_INFO_BTF/, () => gone('sys/kernel/btf/vmlinux')],
      ['no tracefs', /monitor-tracefs: .*mount -t tracefs/, () => gone('sys/kernel/tracing/events')],
      ['no such file', /config-unreadable: .*there is no such file/, () => '/nowhere/sysmon.xml'],
      ['a folder', /config-unreadable: .*it is a folder/, () => machine.root],
      ['no XML', /monitor-config: /, () => written('text.xml', 'hello')],
      [
        'a configuration that Sysmon refuses',
        /monitor-config: .*line 1: .*NoSuchEvent/,
        () => written('refused.xml', sysmon('<NoSuchEvent onmatch="include"/>')),
      ],
      [
        'nothing that Linux has',
        /monitor-config: .*nothing to watch/,
        () => written('windows.xml', sysmon('<ImageLoad onmatch="exclude"/>')),
      ],
    ];
    for (const [name, sentence, arrange] of refusals) {
      test(name, async () => {
        const config = arrange() ?? CONFIG;
        const before = machine.tree();
        const { err } = await install(config);
        assert.match(err, sentence);
        assert.doesNotMatch(err, /\n/);
        assert.deepEqual(machine.tree(), before);
        assert.deepEqual(machine.calls(), []);
      });
    }

    test('as a command: exit code 2, and one line on stderr', () => {
      gone('run/systemd');
      const { code, out, err } = machine.run('install', CONFIG);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /^noisefloor: monitor-systemd: [^\n]+\n$/);
    });

    const notRoot = process.getuid?.() !== 0 && 'needs root, to become somebody else';
    test('not root', { skip: notRoot }, (t) => {
      const { NOISEFLOOR_ROOT: _, ...env } = machine.env;
      const options = { uid: 65534, gid: 65534, env, cwd: '/', encoding: 'utf8' } as const;
      const readable = [process.execPath, MAIN].every(
        (file) => spawnSync('/usr/bin/test', ['-r', file], options).status === 0,
      );
      if (!readable) return t.skip('the program is in a folder that root alone may read');
      for (const args of [['install', CONFIG], ['reload'], ['uninstall']]) {
        const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
        assert.match(stderr, new RegExp(`^noisefloor: monitor-root: ${args[0]} needs root`));
        assert.equal(status, 2);
      }
      return undefined;
    });
  });

  test('the process ids that the kernel uses itself are no container', async () => {
    mkdirSync(path('proc/self/ns'), { recursive: true });
    // PROC_PID_INIT_INO, 0xEFFFFFFC.
    symlinkSync(`pid:[${0xeffffffc}]`, path('proc/self/ns/pid'));
    assert.equal((await install(CONFIG)).err, '');
  });

  test('types that Linux has not are named, one by one', async () => {
    const sections = `${INJECTION}<ImageLoad onmatch="exclude"/><DnsQuery onmatch="exclude"/>`;
    const { out, err } = await install(written('both.xml', sysmon(sections)));
    assert.equal(err, '');
    assert.match(out, /^7 ImageLoad: not on Linux, its filters do nothing$/m);
    assert.match(out, /^Logged on this machine: 8 CreateRemoteThread, 22 DnsQuery$/m);
  });

  describe('a step that fails undoes those before it', () => {
    for (const verb of ['daemon-reload', 'enable', 'start']) {
      test(verb, async () => {
        machine.fail(verb);
        const before = machine.tree();
        const { out, err } = await install(CONFIG);
        assert.match(err, new RegExp(`monitor-step: systemctl ${verb}.* failed: Failed to ${verb}`));
        assert.match(out, /Everything that was done is undone/);
        assert.deepEqual(machine.tree(), before);
      });
    }

    for (const behaviour of ['dies', 'slow'] as const) {
      test(`a sensor that ${behaviour === 'dies' ? 'dies' : 'is slow'}`, async () => {
        machine.sensor(behaviour);
        const before = machine.tree();
        const { out, err } = await install(CONFIG, behaviour === 'slow' ? 500 : 60_000);
        assert.match(err, behaviour === 'dies' ? /monitor-step: noisefloor ended/ : /monitor-step: waited/);
        assert.match(out, /last lines of its journal:\n {2}sensor: no such probe\n/);
        assert.deepEqual(machine.tree(), before);
      });
    }

    test('as a command: what systemctl and the journal say is not for the terminal to obey', () => {
      machine.sensor('dies');
      machine.fail('daemon-reload', 2);
      const first = machine.run('install', CONFIG);
      assert.equal(first.code, 2);
      assert.match(first.err, /^noisefloor: monitor-step: .*\\u\{1b\}\[31mno\n$/);
      assert.match(first.out, /Could not be undone: .*\\u\{1b\}/);
      const second = machine.run('install', CONFIG);
      assert.match(second.out, / {2}sensor: \\u\{1b\}\[31mred/);
    });

    test('a configuration and an event log of earlier are not among what is undone', async () => {
      mkdirSync(path('etc/noisefloor'));
      writeFileSync(path('etc/noisefloor/config.xml'), 'mine, too');
      const segment = path('var/lib/noisefloor/events/events-000000000001.jsonl');
      mkdirSync(path('var/lib/noisefloor/events'), { recursive: true });
      writeFileSync(segment, 'mine');
      machine.sensor('slow');
      assert.match((await install(CONFIG, 500)).err, /waited/);
      assert.equal(readFileSync(segment, 'utf8'), 'mine');
      assert.equal(readFileSync(path('etc/noisefloor/config.xml'), 'utf8'), 'mine, too');
    });

    test('Ctrl-C', async () => {
      machine.sensor('slow');
      const before = machine.tree();
      const child = spawn(process.execPath, [MAIN, 'install', CONFIG], { env: machine.env });
      const ended = once(child, 'exit');
      let out = '';
      for await (const chunk of child.stdout) {
        out += String(chunk);
        if (/^noisefloor started/m.test(String(chunk))) child.kill('SIGINT');
      }
      assert.equal((await ended)[0], 2);
      assert.match(out, /Everything that was done is undone/);
      assert.deepEqual(machine.tree(), before);
    });

    test('what can not be undone is said, and uninstall clears it away', async () => {
      machine.sensor('slow');
      machine.fail('disable');
      const before = machine.tree();
      const { out } = await install(CONFIG, 500);
      assert.match(out, /Could not be undone: systemctl disable .*\n.*noisefloor uninstall/);
      assert.notDeepEqual(machine.tree(), before);
      assert.equal(serviceStatus('9.9.9').installed, false);
      assert.match(problems(), /installed in part/);
      assert.equal((await uninstall()).err, '');
      assert.deepEqual(machine.tree(), before);
    });
  });

  test('who else could change the program that root runs is said', async () => {
    if (process.getuid?.() !== 0) return;
    const folder = join(machine.root, '..', 'theirs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'main.js'), '');
    const tries: readonly (readonly [RegExp | null, () => void])[] = [
      [/theirs belongs to user 1234: who can change it can become root/, () => chownSync(folder, 1234, 0)],
      [/everybody may write to \S+theirs:/, () => chmodSync(folder, 0o777)],
      [/group 1234 may write to \S+main\.js:/, () => chmodSync(join(folder, 'main.js'), 0o664)],
      // As in /tmp: nobody replaces what is another's.
      [null, () => chmodSync(folder, 0o1777)],
    ];
    for (const [said, arrange] of tries) {
      chownSync(folder, 0, 0);
      chmodSync(folder, 0o755);
      chownSync(join(folder, 'main.js'), 0, 1234);
      chmodSync(join(folder, 'main.js'), 0o644);
      arrange();
      const { out, err } = await attempt((say) =>
        installService({ config: CONFIG, main: join(folder, 'main.js'), say, waitMs: 60_000 }),
      );
      assert.equal(err, '');
      if (said) assert.match(out, said);
      else assert.doesNotMatch(out, /warning/);
      await uninstall();
    }
  });

  test('uninstall clears away every part of an installation', async () => {
    const before = machine.tree();
    const parts: readonly (() => void)[] = [
      () => {
        mkdirSync(path('etc/noisefloor'));
        writeFileSync(path('etc/noisefloor/config.xml'), '');
      },
      () => writeFileSync(path('etc/systemd/system/noisefloor.service'), ''),
      () => {
        mkdirSync(path('etc/systemd/system/sysinit.target.wants'));
        symlinkSync('/nowhere', path('etc/systemd/system/sysinit.target.wants/noisefloor.service'));
      },
    ];
    for (const part of parts) {
      part();
      assert.equal((await uninstall()).err, '');
      assert.deepEqual(machine.tree(), before);
    }
  });

  test('an event log that somebody writes to is not removed', async () => {
    await install(CONFIG);
    machine.kill();
    const log = path('var/lib/noisefloor/events');
    const lock = takeLock(log, '');
    assert.match((await uninstall(true)).err, new RegExp(`event-log-locked: .*process ${process.pid}`));
    assert.ok(existsSync(join(log, 'events-000000000001.jsonl')));
    lock.release();
    assert.equal((await uninstall(true)).err, '');
    assert.ok(!existsSync(log));
  });

  test('a service that can not be stopped keeps its unit', async () => {
    await install(CONFIG);
    machine.fail('stop');
    assert.match((await uninstall()).err, /monitor-step: systemctl stop/);
    assert.ok(existsSync(path('etc/systemd/system/noisefloor.service')));
    assert.equal((await uninstall(true)).err, '');
  });

  describe('reload', () => {
    const copy = (): string => readFileSync(path('etc/noisefloor/config.xml'), 'utf8');
    const BAD = sysmon('<NoSuchEvent onmatch="include"/>');

    test('without an installation', async () => {
      assert.match((await reload(CONFIG)).err, /monitor-not-installed: .*noisefloor install CONFIG/);
    });

    test('a good one is in force, and what it did to the probes is said', async () => {
      await install(CONFIG);
      machine.calls();
      const changed = await reload(written('other.xml', sysmon(INJECTION)));
      assert.deepEqual([changed.value, changed.err], [true, '']);
      assert.match(changed.out, /The probes changed: 5 before, 7 now/);
      assert.match(changed.out, /Configuration updated\.\n$/);
      assert.deepEqual(machine.calls(), ['reload noisefloor.service']);
      assert.equal(copy(), sysmon(INJECTION));
      const same = await reload();
      assert.equal(same.value, true);
      assert.match(same.out, /The probes stay as they are/);
      assert.deepEqual(serviceStatus('9.9.9').problems, []);
    });

    test('a bad one leaves the old one in force: exit code 1', () => {
      assert.equal(machine.run('install', CONFIG).code, 0);
      machine.calls();
      const { code, out } = machine.run('reload', written('bad.xml', BAD));
      assert.equal(code, 1);
      assert.match(out, /bad\.xml:1:\d+: error unknown-element: /);
      assert.match(out, /stays as it was/);
      assert.deepEqual(machine.calls(), []);
      assert.equal(copy(), readFileSync(CONFIG, 'utf8'));
      const missing = machine.run('reload', '/nowhere.xml');
      assert.equal(missing.code, 2);
      assert.match(missing.err, /config-unreadable/);
    });

    test('one that the running sensor refuses is not what the next start would read', async () => {
      await install(CONFIG);
      machine.sensor('refuses');
      const { out, value } = await reload(written('other.xml', sysmon(INJECTION)));
      assert.equal(value, false);
      assert.match(out, /refused it: the kernel takes no such probe/);
      assert.equal(copy(), readFileSync(CONFIG, 'utf8'));
    });

    test('one during which the service ends is put back', async () => {
      await install(CONFIG);
      machine.fail('reload');
      const { err } = await reload(written('other.xml', sysmon(INJECTION)));
      assert.match(err, /monitor-step: systemctl reload/);
      assert.equal(copy(), readFileSync(CONFIG, 'utf8'));
    });

    test('of a service that is stopped is for its next start', async () => {
      await install(CONFIG);
      spawnSync(join(machine.bin, 'systemctl'), ['stop', 'noisefloor.service'], { env: machine.env });
      const { out, value } = await reload(written('other.xml', sysmon(INJECTION)));
      assert.equal(value, false);
      assert.match(out, /not running: systemctl start noisefloor/);
      assert.equal(copy(), sysmon(INJECTION));
    });
  });

  describe('status', () => {
    const FILE = 'run/noisefloor/status.json';

    test('not installed', () => {
      const { code, out } = machine.run('status');
      assert.deepEqual(
        [code, out],
        [2, 'noisefloor      not installed: noisefloor install CONFIG does it\n'],
      );
      const json = JSON.parse(machine.run('status', '--json').out) as ServiceStatus;
      assert.deepEqual([json.schema, json.installed], ['noisefloor.service/1', false]);
    });

    test('stopped: why, with the last lines of the journal', async () => {
      await install(CONFIG);
      machine.kill();
      const { code, out } = machine.run('status');
      assert.equal(code, 1);
      assert.match(out, /installed, but not running \(failed/);
      // What systemd says of every start is no reason.
      assert.match(out, /sensor: no such probe\n {2}sensor: \\u\{1b\}\[31mred\n$/);
      const { running, unit } = serviceStatus('9.9.9');
      assert.deepEqual([running, unit?.result], [false, 'exit-code']);
      assert.match(problems(), /there is no such process any more\n.*has failed/);
    });

    test('a status of before the last boot, and of another process, is not believed', async () => {
      await install(CONFIG);
      const said = JSON.parse(readFileSync(path(FILE), 'utf8')) as object;
      process.kill(machine.pid()!, 'SIGSTOP');
      writeFileSync(path(FILE), JSON.stringify({ ...said, pid: process.pid }));
      assert.match(problems(), /of process \d+, is out of date: the service is process \d+ now/);
      machine.kill();
      mkdirSync(path('proc/sys/kernel/random'), { recursive: true });
      writeFileSync(path('proc/sys/kernel/random/boot_id'), 'another\n');
      assert.match(problems(), /is out of date: the machine was started anew since/);
      assert.equal(serviceStatus('9.9.9').running, false);
    });

    test('a sensor that has said nothing for long', async () => {
      await install(CONFIG);
      process.kill(machine.pid()!, 'SIGSTOP');
      const past = new Date(Date.now() - 120_000);
      utimesSync(path(FILE), past, past);
      assert.equal(serviceStatus('9.9.9').running, false);
      assert.match(problems(), /has said nothing for 1[12]\d s/);
    });

    test('another configuration on disk than in force', async () => {
      await install(CONFIG);
      assert.deepEqual(serviceStatus('9.9.9').problems, []);
      writeFileSync(path('etc/noisefloor/config.xml'), sysmon(INJECTION));
      const { code, out } = machine.run('status');
      assert.equal(code, 0);
      assert.match(out, /ANOTHER on disk/);
      assert.match(out, /problem .*not the one in force/);
    });

    test('another version than the one that asks', async () => {
      await install(CONFIG);
      assert.match(serviceStatus('10.0.0').problems.join(), /runs noisefloor 9\.9\.9, and this is 10\.0\.0/);
    });

    test('hostile words stay in 80 columns and reach no terminal as they are', async () => {
      await install(CONFIG);
      process.kill(machine.pid()!, 'SIGSTOP');
      const said = JSON.parse(readFileSync(path(FILE), 'utf8')) as Record<string, object>;
      const message = `${'\u001b[2J\u202e'.repeat(20)} ${'漢'.repeat(60)} ${'x'.repeat(200)}`;
      const log = { ...said['log'], state: { logging: false, reason: message, since: 0, unlogged: 5 } };
      const lastReload = { time: message, config: message, accepted: false, message };
      writeFileSync(path(FILE), JSON.stringify({ ...said, log, lastReload }));
      const { code, out } = machine.run('status');
      assert.equal(code, 0, out);
      assert.match(out, /nothing is logged since 1970-01-01T00:00:00\.000Z/);
      assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      for (const line of out.split('\n'))
        assert.ok([...line].reduce((sum, c) => sum + (c === '漢' ? 2 : 1), 0) <= 80, line);
    });
  });
});
