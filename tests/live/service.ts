/** `noisefloor watch CONFIG --service` as a child: what the service's unit runs, with all its folders below one of ours. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SensorStatus, readStatus, servicePaths, type ServicePaths } from '../../src/monitor/index.ts';
import { ROOT } from '../builders/shared.ts';
import { logReader, type SeenEvent } from './logged.ts';

export interface Service {
  readonly process: ChildProcess;
  readonly paths: ServicePaths;
  /** All that it has logged so far; the array grows. */
  events(): readonly SeenEvent[];
  /** Waits until all that was done before this call is logged. Needs a configuration that logs event 5. */
  settled(): Promise<void>;
  status(): SensorStatus | null;
  /** Waits for a status that passes; fails with what stderr says. */
  until(what: string, passes: (status: SensorStatus) => boolean, seconds?: number): Promise<SensorStatus>;
  /** Resolves when it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Attaching a hundred probes takes seconds, and far longer where all processors are busy. */
const START_SECONDS = 120;

/** A Sysmon configuration that logs all events of these types. */
export function logsAll(...tags: readonly string[]): string {
  const filters = tags.map((tag) => `<${tag} onmatch="exclude"/>`).join('');
  return (
    '<Sysmon schemaversion="4.91"><HashAlgorithms>sha256</HashAlgorithms><CheckRevocation>False</CheckRevocation>' +
    `<EventFiltering>${filters}</EventFiltering></Sysmon>\n`
  );
}

const MAIN = join(ROOT, 'dist/src/cli/main.js');

/** Starts it and waits until it watches. Started again with the same root, it goes on with the same log. */
export async function startService(root: string, config: string): Promise<Service> {
  const paths = servicePaths(root);
  for (const folder of [dirname(paths.config), paths.log, paths.runtime])
    mkdirSync(folder, { recursive: true });
  writeFileSync(paths.config, config);
  const errPath = join(root, 'stderr.txt');
  const err = openSync(errPath, 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, 'watch', paths.config, '--service'], {
    stdio: ['ignore', 'ignore', err],
    env: { ...process.env, NOISEFLOOR_ROOT: root },
  });
  closeSync(err);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const killNow = (): void => void child.kill('SIGTERM');
  process.once('exit', killNow);
  void ended.then(() => process.removeListener('exit', killNow));

  /** null until this process has written one. */
  const status = (): SensorStatus | null => {
    const found = readStatus(paths.status);
    return found?.pid === child.pid ? found : null;
  };
  const until: Service['until'] = async (what, passes, seconds = 60) => {
    for (let tries = 0; tries < seconds * 20 && child.exitCode === null; tries++) {
      const found = status();
      if (found && passes(found)) return found;
      await sleep(50);
    }
    throw new Error(
      `${what}: not so (exit code ${child.exitCode}): ${readFileSync(errPath, 'utf8').slice(-4000)}`,
    );
  };
  await until('watching', ({ state }) => state === 'watching', START_SECONDS);
  const events = logReader(paths.log);
  const settled = async (): Promise<void> => {
    // The log is in the order of time: when the end of this process is there, so is all before it.
    let from = events().length;
    const pids = new Set<string>();
    for (let tries = 0; tries < 600; tries++) {
      // Where the kernel drops records, that of one process may be among them.
      if (tries % 20 === 0) pids.add(String(spawnSync('/bin/true', ['noisefloor-live-settled']).pid));
      const all = events();
      for (; from < all.length; from++)
        if (all[from]!.eventId === 5 && pids.has(all[from]!.fields['ProcessId']!)) return;
      await sleep(100);
    }
    throw new Error(
      `the end of none of ${pids.size} processes was logged: ${readFileSync(errPath, 'utf8').slice(-4000)}`,
    );
  };
  return {
    process: child,
    events,
    settled,
    paths,
    status,
    until,
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}
