/** The programs that do what the sensor should see, built from tests/live/triggers into a folder of their own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../builders/shared.ts';

export interface Programs {
  /** Holds the programs, and what the triggers make; anyone may read it. */
  readonly folder: string;
  /** `trigger VERB ...`: does one thing, and tells what it did. */
  readonly trigger: string;
  /** The same program by another name: whom `trigger` looks into and writes to. */
  readonly target: string;
  /** `flood COUNT TAG [PROGRAM]`: short processes, one after another. */
  readonly flood: string;
  /** `lookup NAME`: getaddrinfo of the C library. */
  readonly lookup: string;
  remove(): void;
}

const SOURCES = join(ROOT, 'tests/live/triggers');
const PARTS = ['main', 'processes', 'injection', 'memory', 'network', 'files', 'times'];

export function buildPrograms(): Programs {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-live-'));
  // A trigger that gives up its rights still starts programs from here.
  chmodSync(folder, 0o755);
  const built = (name: string, sources: readonly string[], options: readonly string[]): string => {
    const program = join(folder, name);
    const files = sources.map((source) => join(SOURCES, `${source}.c`));
    execFileSync('gcc', ['-O1', '-Wall', '-Wextra', ...options, '-o', program, ...files]);
    return program;
  };
  // At fixed addresses, so that one copy knows where the other keeps its variables; static, so that it opens nothing.
  const trigger = built('trigger', PARTS, ['-static', '-no-pie', '-pthread']);
  const target = join(folder, 'target');
  copyFileSync(trigger, target);
  return {
    folder,
    trigger,
    target,
    flood: built('flood', ['flood'], []),
    lookup: built('lookup', ['lookup'], []),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
