/**
 * Node for Windows under Wine: what this project does on Windows, as far as Wine is Windows. Parts that are not there
 * are named, and the tests that need them are skipped; `npm run test:wine` fetches them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { openSession, type Session } from './session.ts';
import { ROOT } from './shared.ts';

/** Where `npm run test:wine` puts Node for Windows. */
export const NODE: string =
  process.env['NOISEFLOOR_WINE_NODE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'noisefloor', 'node.exe');

const missing = [
  ...(onPath('wine') ? [] : ['wine']),
  ...(existsSync(NODE) ? [] : ['Node for Windows']),
  ...(process.platform === 'linux' ? [] : ['Linux']),
];

/** Why tests under Wine are skipped, or false. */
export const noWine: string | false =
  missing.length > 0 && `needs ${missing.join(' and ')}, not here: see npm run test:wine`;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface WineRun {
  /** Default: the drive X:. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the process. */
  readonly signal?: AbortSignal;
}

export interface Wine {
  /** Folder that is the drive X:, and `\\noisefloor\share`. */
  readonly drive: string;
  /** Folder of the prefix's drive C:. */
  readonly system: string;
  /** Runs Node for Windows with these arguments. */
  node(args: readonly string[], options?: WineRun): Promise<Ended>;
  /** Runs the built command line. */
  noisefloor(args: readonly string[], options?: WineRun): Promise<Ended>;
  /** One process that runs many, for each takes seconds to start. */
  session(): Promise<Session>;
  end(): void;
}

/** A program under Wine that has not ended by then hangs. */
const TIMEOUT_MS = 900_000;

/** A new prefix that says it is Windows 10: of an older one Node will not hear. */
export async function startWine(): Promise<Wine> {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-wine-'));
  const prefix = join(folder, 'prefix');
  const drive = join(folder, 'drive');
  mkdirSync(drive);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    DISPLAY: '',
    NO_COLOR: '1',
  };
  let runs = 0;
  const wine = async (
    args: readonly string[],
    { cwd = drive, env: more, signal }: WineRun = {},
  ): Promise<Ended> => {
    // Node under Wine takes no pipes for its own input and output.
    const [outPath, errPath] = [join(folder, `out-${++runs}`), join(folder, `err-${runs}`)];
    const files = [openSync('/dev/null', 'r'), openSync(outPath, 'w'), openSync(errPath, 'w')];
    const child = spawn('wine', args, { cwd, env: { ...env, ...more }, stdio: files, timeout: TIMEOUT_MS });
    for (const file of files) closeSync(file);
    signal?.addEventListener('abort', () => child.kill(), { once: true });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out: readFileSync(outPath, 'utf8'), err: readFileSync(errPath, 'utf8') };
  };
  const made = await wine(['winecfg', '-v', 'win10']);
  if (made.code !== 0) throw new Error(`winecfg: ${made.err}`);
  symlinkSync(drive, join(prefix, 'dosdevices', 'x:'));
  mkdirSync(join(prefix, 'dosdevices', 'unc', 'noisefloor'), { recursive: true });
  symlinkSync(drive, join(prefix, 'dosdevices', 'unc', 'noisefloor', 'share'));
  const node: Wine['node'] = (args, options) => wine([NODE, ...args], options);
  return {
    drive,
    system: join(prefix, 'drive_c'),
    node,
    noisefloor: (args, options) => node([onZ(join(ROOT, 'dist/src/cli/main.js')), ...args], options),
    session: () =>
      openSession((port) => node([onZ(join(ROOT, 'dist/tests/builders/commands.js')), `${port}`])),
    end: () => {
      // The prefix's own server, and nobody else's.
      spawnSync('wine', ['wineboot', '--end-session', '--shutdown'], {
        env,
        stdio: 'ignore',
        timeout: 30_000,
      });
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** A path of Linux as Wine names it: its drive Z: is the root. */
export function onZ(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

function onPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}
