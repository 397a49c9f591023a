/**
 * A machine in a folder: the kernel's files, and commands that stand in for systemctl, journalctl and bpftrace. They
 * write down how they are called, fail when they are told to, and run a stand-in for the sensor.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './shared.ts';

export const MAIN: string = join(ROOT, 'dist/src/cli/main.js');

export interface FakeMachine {
  readonly root: string;
  /** Folder of the commands, which is all that is on PATH. */
  readonly bin: string;
  /** For a process that is to live on this machine. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs noisefloor on it. */
  readonly run: (...args: readonly string[]) => {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  };
  /** Has a call of systemctl with this verb fail, so often. */
  readonly fail: (verb: string, times?: number) => void;
  /** How the sensor is: `good`, `dies` at its start, `slow` (never watches), `refuses` whatever it reloads. */
  readonly sensor: (behaviour: 'good' | 'dies' | 'slow' | 'refuses') => void;
  /** Calls of systemctl but `show`, since the last time asked. */
  readonly calls: () => string[];
  /** Every path below the root, with the content of files. */
  readonly tree: () => Record<string, string>;
  /** Process of the running sensor, or null. */
  readonly pid: () => number | null;
  /** Kills the sensor, and returns when it is gone. */
  readonly kill: () => void;
  readonly remove: () => void;
}

/** A machine with all that install needs. */
export function fakeMachine(): FakeMachine {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'noisefloor-machine-')));
  const [root, bin, state] = ['root', 'bin', 'state'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [
    'etc/systemd/system',
    'run/systemd/system',
    'sys/kernel/btf',
    'sys/kernel/tracing/events',
    'var/lib',
  ])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, 'sys/kernel/btf/vmlinux'), '');
  for (const path of [bin, state]) mkdirSync(path);
  const command = (name: string, script: string): void => {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  };
  command('bpftrace', '#!/bin/sh\necho "bpftrace v0.17.0"\n');
  command(
    'journalctl',
    String.raw`#!/bin/sh
case "$*" in *--unit=noisefloor.service*) ;; *) exit 1 ;; esac
printf 'sensor: no such probe\nsensor: \033[31mred\n'
printf 'noisefloor.service: Scheduled restart job.\nStarted noisefloor.service - noisefloor.\n'
`,
  );
  command('systemctl', SYSTEMCTL);
  writeFileSync(join(state, 'sensor.cjs'), SENSOR);
  writeFileSync(join(state, 'behaviour'), 'good');
  const env = {
    PATH: bin,
    HOME: folder,
    NO_COLOR: '1',
    NOISEFLOOR_ROOT: root,
    FAKE_STATE: state,
    FAKE_NODE: process.execPath,
  };
  const pid = (): number | null => {
    const file = join(state, 'pid');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
  };
  return {
    root,
    bin,
    env,
    run: (...args) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
        cwd: folder,
        encoding: 'utf8',
        env,
      });
      return { code: status, out: stdout, err: stderr };
    },
    fail: (verb, times = 1) => writeFileSync(join(state, `fail-${verb}`), String(times)),
    sensor: (behaviour) => writeFileSync(join(state, 'behaviour'), behaviour),
    calls: () => {
      const file = join(state, 'calls');
      const calls = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      rmSync(file, { force: true });
      return calls;
    },
    tree: () => treeOf(root),
    pid,
    kill: () => {
      const running = pid()!;
      process.kill(running, 'SIGKILL');
      while (existsSync(`/proc/${running}`)) spawnSync('/bin/sleep', ['0.02']);
    },
    remove: () => {
      const running = pid();
      try {
        if (running !== null) process.kill(running, 'SIGKILL');
      } catch {
        // Ended by itself.
      }
      rmSync(folder, { recursive: true });
    },
  };
}

function treeOf(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    const stat = lstatSync(join(folder, name));
    tree[name] = stat.isFile()
      ? readFileSync(join(folder, name), 'latin1')
      : stat.isSymbolicLink()
        ? 'link'
        : 'folder';
  }
  return tree;
}

/** Only what the commands of the service use, as systemctl(1) describes it. A shell starts sooner than Node. */
const SYSTEMCTL = String.raw`#!/bin/sh
PATH=/usr/bin:/bin
verb=$1
unit=$NOISEFLOOR_ROOT/etc/systemd/system/noisefloor.service
link=$NOISEFLOOR_ROOT/etc/systemd/system/sysinit.target.wants/noisefloor.service
cd "$FAKE_STATE" || exit 1
pid=$(cat pid 2>/dev/null || echo 0)
alive() { [ "$pid" != 0 ] && kill -0 "$pid" 2>/dev/null; }
[ "$verb" = show ] || echo "$*" >> calls
if [ "$(cat "fail-$verb" 2>/dev/null || echo 0)" -gt 0 ]; then
  echo $(($(cat "fail-$verb") - 1)) > "fail-$verb"
  printf 'Failed to %s: \033[31mno\n' "$verb" >&2
  exit 1
fi
known() { [ -e "$unit" ] || { echo 'Unit noisefloor.service not found.' >&2; exit 5; }; }
start() {
  "$FAKE_NODE" sensor.cjs </dev/null >/dev/null 2>&1 &
  pid=$!
  echo $pid > pid
}
stop() {
  alive && kill "$pid"
  while alive; do sleep 0.02; done
  rm -f pid
}
case $verb in
  daemon-reload | reset-failed) ;;
  enable) known; mkdir -p "$(dirname "$link")"; ln -s "$unit" "$link" ;;
  disable) [ ! -e "$link" ] || { rm "$link"; rmdir "$(dirname "$link")"; } ;;
  start) known; start ;;
  stop) known; stop ;;
  restart) known; stop; start ;;
  reload) known; kill -HUP "$pid" ;;
  show)
    active=inactive result=success main=0
    if alive; then active=active main=$pid; elif [ -e pid ]; then active=failed result=exit-code; fi
    printf '%s\n' "MainPID=$main" NRestarts=0 "ActiveState=$active" SubState=x UnitFileState=enabled \
      "Result=$result" 'StateChangeTimestamp=Thu 2026-11-26 03:44:11 UTC'
    ;;
  *) echo "Unknown command verb $verb" >&2; exit 1 ;;
esac
`;

/** Writes its status ten times a second, as the real one does once; ends by itself in the end. */
const SENSOR = `
const fs = require('node:fs'), path = require('node:path'), { createHash } = require('node:crypto');
const root = process.env.NOISEFLOOR_ROOT, below = (name) => path.join(root, name);
const behaviour = () => fs.readFileSync(path.join(process.env.FAKE_STATE, 'behaviour'), 'utf8');
if (behaviour() === 'dies') process.exit(2);
const config = below('etc/noisefloor/config.xml'), log = below('var/lib/noisefloor/events'), runtime = below('run/noisefloor');
for (const folder of [log, runtime]) fs.mkdirSync(folder, { recursive: true });
const segment = path.join(log, 'events-000000000001.jsonl');
if (!fs.existsSync(segment)) fs.writeFileSync(segment,
  '{"schema":"noisefloor.events/1","host":"h","bootId":"b","first":1,"crc":"00000000"}\\n' +
  '{"source":"live","record":1,"time":"2026-11-20T10:00:00.000Z","crc":"00000000"}\\n' +
  '{"source":"live","record":2,"time":"2026-11-26T11:30:00.000Z","crc":"00000000"}\\n{"source":"li');
const inForce = () => {
  const bytes = fs.readFileSync(config);
  return { path: config, sha256: createHash('sha256').update(bytes).digest('hex'), eventIds: [8], loaded: new Date().toISOString() };
};
const started = new Date().toISOString();
let force = inForce(), lastReload = null, probes = 5;
const say = () => {
  const status = {
    schema: 'noisefloor.status/1', pid: process.pid, version: '9.9.9', started, bootId: 'boot', bootTime: started,
    state: behaviour() === 'slow' ? 'starting' : 'watching', config: force,
    tracer: { name: 'bpftrace', version: '0.17.0', pid: 4000 + probes, restarts: 0, probes },
    counters: { received: 12345, logged: 67, lost: 3, late: 0, shed: 2, truncated: 0, unlogged: 0, gaps: 1 },
    lagMs: 104, memoryMb: 93,
    log: { folder: log, segments: 1, bytes: 231, firstRecord: 1, lastRecord: 2, state: { logging: true } }, lastReload,
  };
  fs.writeFileSync(path.join(runtime, 'status.json.new'), JSON.stringify(status));
  fs.renameSync(path.join(runtime, 'status.json.new'), path.join(runtime, 'status.json'));
};
process.on('SIGHUP', () => {
  const accepted = behaviour() !== 'refuses';
  if (accepted) { if (inForce().sha256 !== force.sha256) probes = 7; force = inForce(); }
  lastReload = { time: new Date().toISOString(), config, accepted, message: accepted ? '' : 'the kernel takes no such probe' };
  say();
});
process.on('SIGTERM', () => { fs.rmSync(runtime, { recursive: true }); process.exit(0); });
say();
setInterval(say, 100);
setTimeout(() => process.exit(0), 600000);
`;
