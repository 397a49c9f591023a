/** Debian's chromium, for tests that need a real browser; they are skipped by name where there is none. */
import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of the browser; null where there is none. */
export const CHROMIUM: string | null =
  NAMES.map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()).find(
    (path) => path !== '',
  ) ?? null;

/** Why a test is skipped, or false. */
export const noBrowser: string | false = CHROMIUM === null ? 'needs chromium, which is not here' : false;

/** A browser to be closed by who asked for it. It is told to reach nothing by itself. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}
