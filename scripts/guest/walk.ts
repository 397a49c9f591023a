/** The whole walk: build the disks, boot three times, take out what the monitor wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDisks, takeOut } from './disks.ts';
import { needHost } from './host.ts';
import { boot } from './machine.ts';
import { baseDisk, cacheFolder } from './tree.ts';

const BOOTS = 3;
/** Attaching alone takes minutes under emulation, and a busy machine makes it many. */
const BOOT_LIMIT_MS = 3_600_000;

/** A line of the walk's own record: what was done in which boot, when by the guest's clock. */
export interface Mark {
  readonly boot: number;
  readonly what: string;
  /** ISO 8601, milliseconds. */
  readonly time: string;
  /** Seconds since the kernel's start. */
  readonly uptime: number;
  readonly bootId?: string;
  /** The process id of the process older than the sensor. */
  readonly target?: number;
}

export interface Walk {
  /** What stood on the data disk: the event log, the configuration in force, the unit, journals. */
  readonly folder: string;
  readonly marks: readonly Mark[];
}

/**
 * Walks in the guest: `project` is a built checkout, `question` the configuration that boot 1 installs, `wider` the one
 * that it reloads. Everything stays in the cache's folder `walk` until the next walk. Throws an Error that ends with the
 * console's last lines when a boot fails.
 */
export async function walk(
  project: string,
  question: string,
  wider: string,
  say: (text: string) => void,
): Promise<Walk> {
  needHost();
  const base = baseDisk(say);
  const work = join(cacheFolder(), 'walk');
  const disks = freshDisks(base, work, project, { '/etc/question.xml': question, '/etc/wider.xml': wider });
  const folder = join(work, 'data');
  for (let number = 1; number <= BOOTS; number++) {
    const started = Date.now();
    await boot(base, disks, join(work, `console-${number}.log`), BOOT_LIMIT_MS);
    say(`boot ${number}: ${Math.round((Date.now() - started) / 1000)} s`);
    takeOut(disks.data, folder);
    const reached = marksOf(folder).filter((mark) => mark.boot === number);
    if (!reached.some(({ what }) => what === 'leaving')) {
      throw new Error(
        `boot ${number} ended at ${reached.at(-1)?.what ?? 'its start'}, before its walk was over:\n${logOf(folder)}`,
      );
    }
  }
  return { folder, marks: marksOf(folder) };
}

function marksOf(folder: string): Mark[] {
  const file = join(folder, 'marks.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Mark);
}

function logOf(folder: string): string {
  const file = join(folder, 'walk.log');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-40).join('\n') : '(no walk.log)';
}
