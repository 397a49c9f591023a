/** Sysmon on this machine: its service, and where its program is. */
import { resolve, win32 } from 'node:path';
import { MonitorError } from '../error.ts';
import { type Machine, system32 } from './machine.ts';

const SERVICES = String.raw`HKLM\SYSTEM\CurrentControlSet\Services`;

/** Names that the service has unless somebody renamed the program; the one of Windows 11 itself is `Sysmon`. */
const SERVICE_NAMES = ['Sysmon64', 'Sysmon', 'Sysmon64a'];

export interface SysmonService {
  readonly name: string;
  /** Path of its program. */
  readonly image: string;
  /** As `sc` names it: RUNNING, STOPPED, START_PENDING ...; null where it does not tell. */
  readonly state: string | null;
}

/** The installed service, or null. `program` may be named in another way than usual, and the service with it. */
export async function sysmonService(machine: Machine, program?: string): Promise<SysmonService | null> {
  const names = new Set([...(program === undefined ? [] : [serviceName(program)]), ...SERVICE_NAMES]);
  for (const name of names) {
    const image = await registryValue(machine, `${SERVICES}\\${name}`, 'ImagePath');
    if (image === null) continue;
    const { text } = await machine.run('sc', ['query', name]);
    // Windows translates the names before the colons, never the states behind them.
    const state = /:\s*\d+\s+((?:STOPPED|RUNNING|PAUSED|[A-Z]+_PENDING))\b/.exec(text)?.[1] ?? null;
    return { name, image: programOf(image, machine.env), state };
  }
  return null;
}

/** The value of a name below a key of the registry; null where there is none, or it can't be read. */
export async function registryValue(machine: Machine, key: string, name: string): Promise<string | null> {
  const { status, text } = await machine.run('reg', ['query', key, '/v', name]);
  if (status !== 0) return null;
  const escaped = name.replaceAll(/[^\w]/g, String.raw`\$&`);
  return new RegExp(String.raw`^\s+${escaped}\s+REG_[A-Z_]+\s+(.*?)\s*$`, 'im').exec(text)?.[1] ?? null;
}

/** A key of the parameters that Sysmon keeps with its driver. */
export function driverParameters(driver: string): string {
  return `${SERVICES}\\${driver}\\Parameters`;
}

/** The path in an ImagePath: quoted or not, with arguments or not, with variables or not. */
function programOf(imagePath: string, env: Machine['env']): string {
  const path =
    /^"([^"]*)"/.exec(imagePath)?.[1] ?? /^.*?\.(?:exe|cmd)(?=\s|$)/i.exec(imagePath)?.[0] ?? imagePath;
  return path
    .replace(/%SystemRoot%/i, env['SystemRoot'] ?? String.raw`C:\Windows`)
    .replace(/^\\\?\?\\/, '')
    .replace(/^\\SystemRoot/i, env['SystemRoot'] ?? String.raw`C:\Windows`);
}

/** Sysmon names its service after its program. */
function serviceName(program: string): string {
  return win32.basename(program).replace(/\.[^.]*$/, '');
}

/**
 * The program to run: the one that is given, that of the installed service, the first on PATH, or Windows 11's own.
 * Throws MonitorError where there is none, or where another Sysmon is installed than the given one.
 */
export async function findSysmon(
  machine: Machine,
  given?: string,
): Promise<{ readonly program: string; readonly service: SysmonService | null }> {
  if (given !== undefined && !machine.exists(given))
    throw new MonitorError('sysmon-not-found', `--sysmon ${given}: there is no such file`);
  const path = given === undefined ? undefined : resolve(given);
  const service = await sysmonService(machine, path);
  if (path !== undefined) {
    if (service !== null && serviceName(path).toLowerCase() !== service.name.toLowerCase()) {
      throw new MonitorError(
        'sysmon-other',
        `Sysmon is installed as the service ${service.name} (${service.image}), and ${path} would be a second one: leave --sysmon out, or uninstall the first`,
      );
    }
    return { program: path, service };
  }
  if (service !== null && machine.exists(service.image)) return { program: service.image, service };
  const program = candidates(machine.env).find((one) => machine.exists(one));
  if (program !== undefined) return { program, service };
  throw new MonitorError(
    'sysmon-not-found',
    'there is no Sysmon on this machine: get it from Sysinternals and give --sysmon PATH, or switch on that of Windows 11 (Dism /Online /Enable-Feature /FeatureName:Sysmon)',
  );
}

/** Where Sysmon may be, in the order in which it is looked for. */
function candidates(env: Machine['env']): string[] {
  // What is on PATH and not a whole path depends on the current folder, which anybody may have filled.
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(';').filter((folder) => win32.isAbsolute(folder));
  const arm = env['PROCESSOR_ARCHITECTURE'] === 'ARM64';
  const names = arm ? ['Sysmon64a', 'Sysmon64', 'Sysmon'] : ['Sysmon64', 'Sysmon64a', 'Sysmon'];
  return [...folders, system32(env)].flatMap((folder) =>
    names.flatMap((name) => ['.exe', '.cmd'].map((end) => win32.join(folder, name + end))),
  );
}

/** Whether this process may administer the machine; null where Windows does not tell. */
export async function isElevated(machine: Machine): Promise<boolean | null> {
  const { text } = await machine.run('whoami', ['/groups']);
  // Integrity levels: high and system; medium and low.
  if (/\bS-1-16-(?:12288|16384)\b/.test(text)) return true;
  return /\bS-1-16-(?:4096|8192|8448)\b/.test(text) ? false : null;
}
