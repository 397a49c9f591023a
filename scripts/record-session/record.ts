/**
 * `npm run record:session [FOLDER]`: uses this machine as phases.ts says while the sensor watches, and writes what it
 * logged, and labels of what ran when. Needs root on a Linux with bpftrace and apt, and a machine that may be used so:
 * it adds and removes a user `alice` and a package. FOLDER is `examples/recorded-session` unless given.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decideFor, parseConfig } from '../../src/config/index.ts';
import type { Event } from '../../src/events/index.ts';
import { openEventLog } from '../../src/monitor/event-log/index.ts';
import { dumpLine } from '../../src/lines/index.ts';
import { dump } from '../../src/run/index.ts';
import { ROOT } from '../../tests/builders/shared.ts';
import { SKIP_LIVE } from '../../tests/live/live-part.ts';
import { logsAll, startService } from '../../tests/live/service.ts';
import { PACKAGE, PACKAGES, PHASES } from './phases.ts';
import { sessionEvents } from './session-events.ts';
import { openShell } from './shell.ts';

const HOST = 'workstation';
const OUT = process.argv[2] ?? join(ROOT, 'examples/recorded-session');
const HERE = join(ROOT, 'scripts/record-session');
const ALICE = '/home/alice';

/** One line of labels.jsonl. Times are ISO 8601 in UTC; `codes` are exit codes. */
interface Label {
  readonly phase: string;
  readonly from: string;
  readonly to: string;
  readonly commands: readonly string[];
  readonly codes: readonly number[];
  readonly expects: (typeof PHASES)[number]['expects'];
}

function prepare(): void {
  const apt = (...args: readonly string[]): void => {
    execFileSync('apt-get', ['-qq', '-y', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  const missing = Object.entries(PACKAGES).filter(([command]) => spawnSync('which', [command]).status !== 0);
  if (missing.length > 0) apt('install', ...missing.map(([, name]) => name));
  apt('install', '--download-only', PACKAGE);
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', 'alice']);
  cpSync(join(HERE, 'home'), ALICE, { recursive: true });
  const program = join(ALICE, '.cache/update-check');
  execFileSync('gcc', ['-O1', '-o', program, `${program}.c`]);
  rmSync(`${program}.c`);
  execFileSync('chown', ['-R', 'alice:', ALICE]);
}

/** All that the sensor logged while the phases ran, by all processes of the machine. */
async function record(root: string): Promise<{ log: string; shell: number; labels: readonly Label[] }> {
  // All that the kept configuration may log, and every start: they tell what descends from the shell.
  const types = [
    'ProcessCreate',
    'NetworkConnect',
    'DriverLoad',
    'CreateRemoteThread',
    'RawAccessRead',
    'ProcessAccess',
  ];
  const service = await startService(root, logsAll(...types));
  const shell = openShell();
  const labels: Label[] = [];
  for (const { name, commands, expects } of PHASES) {
    console.error(name);
    const from = new Date().toISOString();
    const codes = await shell.run(commands);
    labels.push({ phase: name, from, to: new Date().toISOString(), commands, codes, expects });
    await sleep(1000);
  }
  await shell.close();
  await sleep(1000);
  const { lost, late, shed } = service.status()!.counters;
  await service.end();
  if (lost + shed > 0)
    console.error(`${lost} records were lost, ${late} late, ${shed} shed: the log says so`);
  return { log: service.paths.log, shell: shell.pid, labels };
}

async function read(log: string): Promise<readonly Event[]> {
  const events: Event[] = [];
  for await (const batch of dump([log], {}).batches())
    for (const event of batch.events) events.push({ ...event, fields: new Map(event.fields) });
  return events;
}

/** The recording stood in a folder of its own, which is nothing to tell of. */
function withoutFolder(event: Event, root: string): Event {
  return {
    ...event,
    fields: new Map([...event.fields].map(([name, text]) => [name, text.replace(root, '')])),
  };
}

/** Writes the events that the configuration logs as a log of their own, with record ids of their own. */
async function write(folder: string, events: readonly Event[], config: string): Promise<void> {
  const { config: rules } = parseConfig(readFileSync(config));
  const deciders = new Map<number, ReturnType<typeof decideFor>>();
  const isLogged = ({ eventId, fields }: Event): boolean => {
    const decide = deciders.get(eventId) ?? decideFor(rules!, eventId);
    deciders.set(eventId, decide);
    return decide((name) => fields.get(name)).logged;
  };
  rmSync(folder, { recursive: true, force: true });
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const log = openEventLog({ folder, host: HOST, bootId });
  for (const event of events) if (isLogged(event)) log.append(event);
  await log.sync();
  await log.close();
  for (const name of readdirSync(folder)) if (!name.endsWith('.jsonl')) rmSync(join(folder, name));
}

async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'noisefloor-session-'));
  prepare();
  try {
    const { log, shell, labels } = await record(root);
    const events = sessionEvents(await read(log), shell).map((event) => withoutFolder(event, root));
    mkdirSync(OUT, { recursive: true });
    await write(join(OUT, 'events'), events, join(OUT, 'config.xml'));
    const lines = (of: readonly string[]): string => of.map((line) => `${line}\n`).join('');
    writeFileSync(join(OUT, 'labels.jsonl'), lines(labels.map((label) => JSON.stringify(label))));
    const injection = (await read(join(OUT, 'events'))).filter(
      ({ eventId, fields }) => eventId === 8 && fields.get('SourceImage') === `${ALICE}/.cache/update-check`,
    );
    writeFileSync(join(OUT, 'injection.jsonl'), lines(injection.map((event) => dumpLine('events', event))));
  } finally {
    spawnSync('userdel', ['--remove', '--force', 'alice']);
    if (!process.env['NOISEFLOOR_KEEP']) rmSync(root, { recursive: true, force: true });
    else console.error(root);
  }
}

if (SKIP_LIVE) {
  console.error(`record:session cannot run here: ${SKIP_LIVE}`);
  process.exitCode = 2;
} else if (existsSync(ALICE)) {
  console.error(`record:session needs a user alice of its own, and ${ALICE} is there already`);
  process.exitCode = 2;
} else if (hostname() !== HOST) {
  // Again, with a host name of its own that nothing but the session sees.
  const { status } = spawnSync(
    'unshare',
    ['--uts', 'sh', '-c', `hostname ${HOST} && exec "$@"`, 'sh', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} else {
  await main();
}
