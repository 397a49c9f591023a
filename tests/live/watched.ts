/** `noisefloor watch CONFIG --json` as a child, and the events it has printed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../builders/shared.ts';

/** A line of `watch --json`. */
export interface SeenEvent {
  readonly record: number | null;
  readonly time: string;
  readonly host: string;
  readonly eventId: number;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Watched {
  readonly process: ChildProcess;
  /** All events so far. */
  events(): readonly SeenEvent[];
  /** Waits until an event passes, else fails with what stderr says. */
  until(what: string, passes: (event: SeenEvent) => boolean, seconds?: number): Promise<SeenEvent>;
  /** Waits until all that was done before this call has been printed. Needs a configuration that logs event 5. */
  settled(): Promise<void>;
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** Attaching a hundred probes takes seconds, and far longer where all processors are busy. */
export const START_SECONDS = 240;

const MAIN = join(ROOT, 'dist/src/cli/main.js');

/** A Sysmon configuration that logs all events of these types. */
export function logsAll(...tags: readonly string[]): string {
  const filters = tags.map((tag) => `<${tag} onmatch="exclude"/>`).join('');
  return (
    '<Sysmon schemaversion="4.91"><HashAlgorithms>sha256</HashAlgorithms><CheckRevocation>False</CheckRevocation>' +
    `<EventFiltering>${filters}</EventFiltering></Sysmon>\n`
  );
}

/** Starts watching and waits for event 4 `Started`. Output goes to a file in the folder: a full pipe would hold it up. */
export async function startWatching(
  folder: string,
  config: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Watched> {
  const [configPath, outPath, errPath] = ['config.xml', 'events.jsonl', 'stderr.txt'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(configPath, config);
  const [out, err] = [openSync(outPath, 'w'), openSync(errPath, 'w')];
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', MAIN, 'watch', configPath, '--json', ...args],
    {
      stdio: ['ignore', out, err],
      env: { ...process.env, ...env },
    },
  );
  closeSync(out);
  closeSync(err);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // A test that fails half-way must not leave it running.
  const killNow = (): void => void child.kill('SIGTERM');
  process.once('exit', killNow);
  void ended.then(() => process.removeListener('exit', killNow));

  let read = 0;
  const seen: SeenEvent[] = [];
  const events = (): readonly SeenEvent[] => {
    const bytes = readFileSync(outPath);
    const end = bytes.lastIndexOf(0x0a) + 1;
    // A line at a time: an hour of events is too long for one string.
    for (let from = read, to: number; from < end; from = to) {
      to = bytes.indexOf(0x0a, from) + 1;
      seen.push(JSON.parse(bytes.toString('utf8', from, to)) as SeenEvent);
    }
    read = Math.max(read, end);
    return seen;
  };
  const until = async (
    what: string,
    passes: (event: SeenEvent) => boolean,
    seconds = 60,
  ): Promise<SeenEvent> => {
    for (let from = 0, tries = 0; tries < seconds * 20; tries++) {
      const all = events();
      for (; from < all.length; from++) if (passes(all[from]!)) return all[from]!;
      if (child.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`${what} was not seen (exit code ${child.exitCode}): ${readFileSync(errPath, 'utf8')}`);
  };
  const settled = async (): Promise<void> => {
    // The log is in the order of time: when the end of this process is there, so is all before it.
    const { pid } = spawnSync('/bin/true', ['noisefloor-live-settled']);
    await until(
      'the end of a process',
      ({ eventId, fields }) => eventId === 5 && fields['ProcessId'] === String(pid),
    );
  };
  const stop = async (): Promise<number | null> => {
    child.kill('SIGINT');
    return ended;
  };
  await until(
    'event 4 Started',
    ({ eventId, fields }) => eventId === 4 && fields['State'] === 'Started',
    START_SECONDS,
  );
  return { process: child, events, until, settled, stop };
}
