/** One thing done to the machine, and exactly the events that it should give. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Programs } from './programs.ts';

/** A line that a trigger printed: pids, addresses and paths as the kernel told them to it. */
export type Facts = Readonly<Record<string, number | string>>;

export interface Run {
  /** Working folder of this run alone. */
  readonly folder: string;
  readonly programs: Programs;
  readonly command: readonly string[];
  readonly pid: number;
  /** All lines it printed; the first is its own. */
  readonly told: readonly Facts[];
  /** Milliseconds between which all of it happened. */
  readonly from: number;
  readonly to: number;
}

/** Fields that must be so: a value, or a test of it. Fields that are not named must only be there and be filled. */
export interface Expected {
  readonly eventId: number;
  readonly fields: Readonly<Record<string, string | RegExp>>;
}

export interface Trigger {
  readonly name: string;
  /** Arguments of the program; the paths among them are relative to the run's folder. */
  readonly args: (programs: Programs) => readonly string[];
  readonly program?: 'trigger' | 'lookup';
  /** What must be there before, made in the run's folder before it starts. */
  readonly prepare?: (folder: string, programs: Programs) => void;
  /** Exit code, 0 unless said. */
  readonly status?: number | null;
  readonly skip?: string | false;
  /** All events of the trigger and its children, but for the start and the end of the trigger itself. */
  readonly expected: (run: Run) => readonly Expected[];
}

export function runTrigger(trigger: Trigger, programs: Programs): Run {
  const folder = join(programs.folder, `run-${trigger.name.replaceAll(/\W+/g, '-')}`);
  mkdirSync(folder);
  trigger.prepare?.(folder, programs);
  const command = [programs[trigger.program ?? 'trigger'], ...trigger.args(programs)];
  const from = Date.now();
  const child = spawnSync(command[0]!, command.slice(1), { cwd: folder, encoding: 'utf8' });
  const to = Date.now();
  if (child.status !== (trigger.status === undefined ? 0 : trigger.status))
    throw new Error(`${trigger.name}: exit code ${child.status}, ${child.signal}: ${child.stderr}`);
  const told = child.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Facts);
  told.sort((one, other) => Number(other['pid'] === child.pid) - Number(one['pid'] === child.pid));
  return { folder, programs, command, pid: child.pid, told, from, to };
}

/** The first of the lines that tells it. */
export function fact(run: Run, name: string): string {
  const line = run.told.find((facts) => name in facts);
  if (!line) throw new Error(`no ${name} in ${JSON.stringify(run.told)}`);
  return String(line[name]);
}

const hashes = new Map<string, string>();

/** As HashAlgorithms of the tests asks. */
export function sha256(path: string): RegExp {
  const known = hashes.get(path) ?? createHash('sha256').update(readFileSync(path)).digest('hex');
  hashes.set(path, known);
  return new RegExp(`^SHA256=${known}$`, 'i');
}

/** Event 1 of a program that is run by root in the run's folder. */
export function created(
  run: Run,
  pid: string,
  command: readonly string[],
  more: Expected['fields'] = {},
): Expected {
  const image = more['Image'] ?? realpathSync(command[0]!);
  return {
    eventId: 1,
    fields: {
      ProcessId: pid,
      Image: image,
      CommandLine: command.join(' '),
      CurrentDirectory: run.folder,
      User: 'root',
      ...(typeof image === 'string' && !image.includes('(deleted)') ? { Hashes: sha256(image) } : {}),
      ParentProcessId: String(run.pid),
      ParentImage: run.programs.trigger,
      ParentCommandLine: run.command.join(' '),
      ParentUser: 'root',
      ...more,
    },
  };
}

/** Event 5. */
export function terminated(pid: string, image: string, more: Expected['fields'] = {}): Expected {
  return { eventId: 5, fields: { ProcessId: pid, Image: image, User: 'root', ...more } };
}

/** Start and end of the trigger itself. */
export function itself(run: Run): readonly Expected[] {
  const image = run.command[0]!;
  return [
    created(run, String(run.pid), run.command, {
      ParentProcessId: String(process.pid),
      ParentImage: realpathSync(process.execPath),
      ParentCommandLine: readFileSync('/proc/self/cmdline', 'utf8').replace(/\0$/, '').replaceAll('\0', ' '),
    }),
    terminated(String(run.pid), image),
  ];
}
