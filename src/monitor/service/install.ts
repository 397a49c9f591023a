/** Installs the monitor as a service of systemd: all of it, or nothing. */
import { existsSync, readFileSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { MonitorError } from '../error.ts';
import { requireLinux, requireRoot, requireTracer } from '../requirements.ts';
import { acceptConfig } from '../accepted-config.ts';
import { untilSensor } from './await-sensor.ts';
import { writeDurably } from './durable-file.ts';
import { installedParts } from './installed.ts';
import { type ServicePaths, servicePaths, UNIT } from './paths.ts';
import { systemctl, systemdRuns } from './systemd.ts';
import { changeableBy } from './trust.ts';
import { unitText } from './unit.ts';

export interface InstallOptions {
  /** Path of the Sysmon configuration. */
  readonly config: string;
  /** Called with each step, one line of plain text. */
  readonly say: (line: string) => void;
  /** main.js of the command line, which the service runs. */
  readonly main: string;
  /** How long the sensor may take until it watches, in milliseconds. */
  readonly waitMs: number;
  /** Stops it, and what was done is undone. */
  readonly signal?: AbortSignal;
}

/**
 * Checks the machine and the configuration, then installs, enables and starts the service, and waits until it watches.
 * Throws MonitorError, QuestionError or ConfigError, with nothing left behind: what was done is undone and said.
 */
export async function installService(options: InstallOptions): Promise<void> {
  const { say, signal } = options;
  const paths = servicePaths();
  requireLinux();
  if (paths.root === '') requireRoot('install');
  requireSystemd(paths, options.config);
  refuseSecond(paths);
  const { path: bpftrace, version } = requireTracer(paths.root);
  const { bytes } = acceptConfig(options.config, say);
  const programs = { node: realpathSync(process.execPath), main: realpathSync(options.main), bpftrace };
  for (const program of [programs.node, programs.main]) warnOfOthers(program, say);

  // What undoes each step that was done, the first one first.
  const undo: (() => void)[] = [];
  const step = (run: () => void, back: () => void, said: string): void => {
    if (signal?.aborted) throw new MonitorError('monitor-step', 'interrupted');
    // A step that fails half-way is undone, too.
    undo.push(back);
    run();
    say(said);
  };
  try {
    step(
      () => writeDurably(paths.config, bytes),
      restoring(paths.config),
      `Configuration copied to ${paths.config}.`,
    );
    step(
      () => {
        writeDurably(paths.unit, unitText(paths, programs));
        systemctl('daemon-reload');
      },
      () => {
        rmSync(paths.unit, { force: true });
        systemctl('daemon-reload');
      },
      `noisefloor installed: ${paths.unit}`,
    );
    step(
      () => systemctl('enable', UNIT),
      () => systemctl('disable', UNIT),
      'noisefloor starts at boot.',
    );
    say(`Starting noisefloor, tracing with bpftrace ${version} ...`);
    step(
      () => systemctl('start', UNIT),
      stopping(paths),
      'noisefloor started; it watches as soon as its probes are attached.',
    );
    const { tracer } = await untilSensor(paths, 'watching', options, (status) =>
      status.state === 'watching' ? status : null,
    );
    say(`noisefloor is watching with ${tracer.probes} probes. Its events go to ${paths.log}.`);
  } catch (error) {
    throw undone(error, undo, say);
  }
}

function requireSystemd(paths: ServicePaths, config: string): void {
  if (systemdRuns(paths)) return;
  throw new MonitorError(
    'monitor-systemd',
    `expected systemd to run this machine, found it does not: noisefloor watch ${config} --log ${paths.log}` +
      ' does the same in the foreground',
  );
}

function refuseSecond(paths: ServicePaths): void {
  const { unit, config } = installedParts(paths);
  if (!unit) return;
  throw new MonitorError(
    'monitor-installed',
    config
      ? 'noisefloor is installed already: noisefloor reload CONFIG gives it another configuration, and noisefloor' +
          ' uninstall removes it'
      : `noisefloor is installed in part (${paths.config} is missing): noisefloor uninstall clears it away, and then` +
          ' install again',
  );
}

/** The service runs as root: who can change its program can become root. */
function warnOfOthers(program: string, say: (line: string) => void): void {
  const why = changeableBy(program);
  if (why === null) return;
  say(`warning: the service runs ${program} as root, but ${why}: who can change it can become root.`);
}

/** Brings back what a file is now: its content, or that it and its folder are not there. */
function restoring(file: string): () => void {
  const folder = dirname(file);
  const kept = existsSync(folder);
  const old = existsSync(file) ? readFileSync(file) : null;
  return () => {
    if (old !== null) return writeDurably(file, old);
    rmSync(file, { force: true });
    if (!kept) rmdirSync(folder);
  };
}

/** Stops the service, and removes an event log that it has just made. */
function stopping({ log }: ServicePaths): () => void {
  const kept = existsSync(log);
  const keptAbove = existsSync(dirname(log));
  return () => {
    systemctl('stop', UNIT);
    if (!kept) rmSync(log, { recursive: true, force: true });
    if (!keptAbove && existsSync(dirname(log))) rmdirSync(dirname(log));
  };
}

/** Undoes the steps, the last one first, and says what could not be undone; the error that is to be thrown. */
function undone(error: unknown, undo: readonly (() => void)[], say: (line: string) => void): unknown {
  const left: string[] = [];
  for (const back of undo.toReversed()) {
    try {
      back();
    } catch (failure) {
      left.push((failure as Error).message);
    }
  }
  for (const message of left) say(`Could not be undone: ${message}`);
  if (left.length > 0) say('noisefloor uninstall clears away what is left.');
  else if (undo.length > 0) say('Everything that was done is undone.');
  if (error instanceof MonitorError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  // What the file system refuses is no fault of ours.
  return code === undefined ? error : new MonitorError('monitor-step', message);
}
