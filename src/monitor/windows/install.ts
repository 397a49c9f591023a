/** Sysmon gets a configuration, and is asked whether it has it. Nothing is ever downloaded. */
import { basename, resolve } from 'node:path';
import type { Code } from '../../events/index.ts';
import { loadConfig, type LoadedConfig, readConfig } from '../../run/index.ts';
import { MonitorError } from '../error.ts';
import { type ActiveConfig, differences, readActiveConfig } from './active.ts';
import { ACCESS_DENIED, type Machine, type Ran, thisMachine } from './machine.ts';
import { linesOf } from './output.ts';
import { driverParameters, findSysmon, isElevated, registryValue, sysmonService } from './service.ts';

export interface SysmonOptions {
  /** Path of Sysmon's program. Default: that of the installed service, or the first on PATH. */
  readonly sysmon?: string | undefined;
  /** Told of each step, a line at a time; what comes from a program is not yet safe for a terminal. */
  readonly say: (line: string) => void;
  /** Default: the one that this runs on. */
  readonly machine?: Machine;
}

export interface InstallOptions extends SysmonOptions {
  /** Path of the configuration. */
  readonly config: string;
}

/** Starting a driver and a service takes its time. */
const INSTALL_MS = 180_000;
/** Sysmon's own code for a call that only an administrator may make. */
const NOT_ELEVATED = new Set([ACCESS_DENIED, 740, 1314]);

/**
 * Installs Sysmon with a configuration, or gives it to the Sysmon that is installed already, and compares what is then
 * in force. Throws ConfigError for a configuration that Sysmon would not take, before anything is touched, and
 * MonitorError for what Windows or Sysmon refuses.
 */
export async function installSysmon(options: InstallOptions): Promise<void> {
  const { say, machine = thisMachine() } = options;
  const { program, service } = await findSysmon(machine, options.sysmon);
  say(`Sysmon: ${program}${service ? `, installed as the service ${service.name}` : ', not installed yet'}`);
  await give(machine, program, service ? '-c' : '-i', options);
}

/** Gives the installed Sysmon a configuration; else as `installSysmon`, which would install where nothing is. */
export async function reloadSysmon(options: InstallOptions): Promise<void> {
  const { say, machine = thisMachine() } = options;
  const { program } = await installed(machine, options.sysmon);
  say(`Sysmon: ${program}`);
  await give(machine, program, '-c', options);
}

/** Checks, applies, reads back. */
async function give(
  machine: Machine,
  program: string,
  option: '-i' | '-c',
  options: InstallOptions,
): Promise<void> {
  const loaded = await validated(machine, program, options);
  await expectElevated(machine);
  await apply(machine, program, option, options);
  await compare(machine, program, loaded, options);
  const service = await sysmonService(machine, program);
  if (service?.state === 'RUNNING') options.say(`The service ${service.name} is running.`);
  else if (service === null || service.state !== null) {
    const state =
      service === null ? 'there is no service' : `the service ${service.name} is ${service.state}`;
    throw new MonitorError('sysmon-failed', `Sysmon has the configuration, but ${state}: it logs nothing`);
  }
}

/** Removes Sysmon's service and driver, by Sysmon itself. Its event log stays. */
export async function uninstallSysmon({
  sysmon,
  say,
  machine = thisMachine(),
}: SysmonOptions): Promise<void> {
  const { program, name } = await installed(machine, sysmon);
  await expectElevated(machine);
  const ran = await machine.run(program, ['-accepteula', '-u'], { timeoutMs: INSTALL_MS });
  expectSuccess(ran, program, '-u');
  sayOutput(ran, say);
  const left = await sysmonService(machine, program);
  if (left?.name === name) {
    throw new MonitorError(
      'sysmon-failed',
      `${program} -u ended well, but the service ${name} is still there: Windows may need a restart`,
    );
  }
  say(`The service ${name} is gone. Its event log stays, and can be read as before.`);
}

/** The program of the installed Sysmon. */
async function installed(
  machine: Machine,
  sysmon: string | undefined,
): Promise<{ readonly program: string; readonly name: string }> {
  const { program, service } = await findSysmon(machine, sysmon);
  if (service !== null) return { program, name: service.name };
  throw new MonitorError(
    'sysmon-not-installed',
    `Sysmon is not installed as a service: noisefloor install CONFIG does that, with ${program}`,
  );
}

/** What the active configuration is read by. */
export async function activeConfig(machine: Machine, program: string): Promise<ActiveConfig> {
  const ran = await machine.run(program, ['-accepteula', '-c']);
  const active = readActiveConfig(ran.text);
  if (active.sections !== null && active.hash !== null) return active;
  // A print that can't be read, or one of a release that does not show the hash: the registry may have it.
  const key = driverParameters(active.driver ?? 'SysmonDrv');
  const hash = active.hash ?? (await registryValue(machine, key, 'ConfigHash'));
  const file = active.file ?? (await registryValue(machine, key, 'ConfigFile'));
  return { ...active, hash: hash === '' ? null : hash, file };
}

async function validated(
  machine: Machine,
  program: string,
  { config, say }: InstallOptions,
): Promise<LoadedConfig & { readonly bytes: Uint8Array }> {
  const schema = await schemaOf(machine, program);
  if (schema === null) say('It does not tell its schema version: the newest one is assumed.');
  else say(`Its schema version is ${schema}.`);
  const loaded = loadConfig(config, schema ?? undefined);
  for (const { line, column, message } of loaded.warnings)
    say(`${config}:${line}:${column}: warning: ${message}`);
  const { filterCount } = loaded.config;
  say(
    `Configuration validated: ${count(loaded.config.active.length, 'section')}, ${count(filterCount, 'filter')}.`,
  );
  return { ...loaded, bytes: readConfig(config) };
}

/** Schema version of the program; null where it does not print one that can be read. */
async function schemaOf(machine: Machine, program: string): Promise<string | null> {
  const { text } = await machine.run(program, ['-accepteula', '-s']);
  return /<manifest\s[^>]*\bschemaversion="(\d{1,2}\.\d{1,2})"/.exec(text)?.[1] ?? null;
}

async function expectElevated(machine: Machine): Promise<void> {
  if ((await isElevated(machine)) === false) throw notElevated();
}

function notElevated(): MonitorError {
  return new MonitorError(
    'sysmon-not-elevated',
    'only an administrator may change Sysmon: start the terminal with "Run as administrator" and try again',
  );
}

async function apply(
  machine: Machine,
  program: string,
  option: '-i' | '-c',
  { config, say }: InstallOptions,
): Promise<void> {
  const path = resolve(config);
  say(`${basename(program)} -accepteula ${option} ${path}`);
  const ran = await machine.run(program, ['-accepteula', option, path], { timeoutMs: INSTALL_MS });
  sayOutput(ran, say);
  expectSuccess(ran, program, option);
}

function expectSuccess({ status, failure, text, errorText }: Ran, program: string, option: string): void {
  if (status === 0) return;
  if (status !== null && NOT_ELEVATED.has(status)) throw notElevated();
  const why = failure ?? `it ended with ${status}`;
  const said = linesOf(`${errorText}\n${text}`).filter(isNews).at(-1);
  throw new MonitorError(
    'sysmon-failed',
    `${program} ${option}: ${why}${said === undefined ? '' : `, and says: ${said.trim()}`}`,
  );
}

async function compare(
  machine: Machine,
  program: string,
  loaded: { readonly bytes: Uint8Array; readonly config: LoadedConfig['config'] },
  { say }: InstallOptions,
): Promise<void> {
  const active = await activeConfig(machine, program);
  const code: Code = 'sysmon-differs';
  if (active.hash === null && active.sections === null)
    throw new MonitorError(code, 'Sysmon took the configuration, but does not tell which one is in force');
  const found = differences(active, { bytes: loaded.bytes, blocks: loaded.config.active });
  if (found.length > 0) {
    const told = found.slice(0, 3).join('; ');
    const more = found.length > 3 ? `; and ${found.length - 3} more` : '';
    throw new MonitorError(
      code,
      `the configuration in force is not the one that was asked for: ${told}${more}`,
    );
  }
  const by = [
    ...(active.sections === null ? [] : [`${count(active.sections.length, 'section')} read back`]),
    ...(active.hash === null ? [] : [active.hash]),
  ];
  say(`The configuration in force is the one that was asked for: ${by.join(', ')}.`);
}

/** What a program printed, without the banner that Sysmon always begins with. */
function sayOutput({ text, errorText }: Ran, say: (line: string) => void): void {
  for (const line of linesOf(`${text}\n${errorText}`).filter(isNews)) say(`  ${line.trim()}`);
}

function isNews(line: string): boolean {
  return !/^(?:System Monitor v|By Mark Russinovich|Copyright|Using libxml2|libxml2 is|Sysinternals -)/.test(
    line,
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
