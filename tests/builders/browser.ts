/** Debian's chromium, for tests that need a real browser; they are skipped by name where there is none. */
import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** Its path; null where there is none. */
const CHROMIUM: string | null =
  spawnSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).stdout.trim() || null;

/** Why a test is skipped, or false. */
export const noBrowser: string | false = CHROMIUM === null ? 'needs chromium, which is not here' : false;

/** A browser to be closed by who asked for it. It is told to reach nothing by itself. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}
