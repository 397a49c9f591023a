/** Gives the running service another configuration. A bad one leaves the old one in force. */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../config/index.ts';
import { MonitorError } from '../error.ts';
import { requireLinux, requireRoot } from '../requirements.ts';
import type { SensorStatus } from '../status.ts';
import { type AcceptedConfig, acceptConfig } from '../accepted-config.ts';
import { untilSensor, type Waiting } from './await-sensor.ts';
import { writeDurably } from './durable-file.ts';
import { requireInstalled } from './installed.ts';
import { type ServicePaths, servicePaths, UNIT } from './paths.ts';
import { systemctl, unitState } from './systemd.ts';

export interface ReloadOptions extends Waiting {
  /** Path of the Sysmon configuration; without it the installed copy is read again. */
  readonly config?: string | undefined;
}

/**
 * Checks the configuration, puts it in place of the installed copy and has the service take it. True when it is in
 * force; false when it is not, and then why was said. Throws MonitorError where nothing is installed or systemd does
 * not answer, QuestionError for a file that can't be read.
 */
export async function reloadService(options: ReloadOptions): Promise<boolean> {
  const { say } = options;
  const paths = servicePaths();
  requireLinux();
  if (paths.root === '') requireRoot('reload');
  requireInstalled(paths);
  const path = options.config ?? paths.config;
  const accepted = acceptedOrNull(path, say);
  if (accepted === null) {
    say('The configuration in force stays as it was.');
    return false;
  }
  const { active } = unitState();
  if (active !== 'active' && active !== 'reloading') return startedWith(accepted, active, paths, options);
  // A sensor that has just been started does not listen for reloads yet.
  const before = await untilSensor(paths, 'watching', options, watching);
  const old = readFileSync(paths.config);
  copy(accepted, paths, options);
  const after = await taken(paths, before, options).catch((error: unknown) => {
    putBack(paths, old, options);
    throw error;
  });
  const { lastReload } = after;
  if (lastReload?.accepted) {
    if (lastReload.message !== '') say(lastReload.message);
    say(probesSentence(before, after));
    if (after.config.sha256 !== accepted.sha256)
      say(`warning: in force is SHA256=${after.config.sha256}: the file was changed by somebody else, too.`);
    say('Configuration updated.');
    return true;
  }
  say(`The running sensor refused it: ${lastReload?.message ?? 'it did not say why'}`);
  putBack(paths, old, options);
  say('The configuration in force stays as it was.');
  return false;
}

/** The checked configuration; null, after the reason was said, for one that would not be taken. */
function acceptedOrNull(path: string, say: (line: string) => void): AcceptedConfig | null {
  try {
    return acceptConfig(path, say);
  } catch (error) {
    const refused =
      error instanceof ConfigError || (error instanceof MonitorError && error.code === 'monitor-config');
    if (!refused) throw error;
    say(error.message);
    return null;
  }
}

function watching(status: SensorStatus): SensorStatus | null {
  return status.state === 'watching' ? status : null;
}

function copy({ bytes }: AcceptedConfig, { config }: ServicePaths, options: ReloadOptions): void {
  if (options.config === undefined) return;
  writeDurably(config, bytes);
  options.say(`Configuration copied to ${config}.`);
}

/** Where no sensor runs that could go on with the old one. */
async function startedWith(
  accepted: AcceptedConfig,
  active: string,
  paths: ServicePaths,
  options: ReloadOptions,
): Promise<boolean> {
  copy(accepted, paths, options);
  if (active !== 'activating') {
    // Whoever stopped it will have had a reason.
    options.say('noisefloor is not running: systemctl start noisefloor starts it with this configuration.');
    return false;
  }
  options.say('noisefloor fails and is started again and again: restarting it with this configuration ...');
  systemctl('restart', UNIT);
  await untilSensor(paths, 'watching', options, watching);
  options.say('Configuration updated.');
  return true;
}

/** Sends the signal, and waits until the sensor says what became of it. */
async function taken(
  paths: ServicePaths,
  before: SensorStatus,
  options: ReloadOptions,
): Promise<SensorStatus> {
  systemctl('reload', UNIT);
  const time = before.lastReload?.time;
  return untilSensor(paths, 'reloaded', options, (status) =>
    // A sensor that was started anew in between has read the new copy, too.
    status.lastReload?.time !== time ? status : null,
  );
}

function probesSentence(before: SensorStatus, after: SensorStatus): string {
  if (before.tracer.pid === after.tracer.pid) return `The probes stay as they are (${after.tracer.probes}).`;
  return `The probes changed: ${before.tracer.probes} before, ${after.tracer.probes} now.`;
}

/** The copy is what the next start reads: it must not be one that was refused. */
function putBack({ config }: ServicePaths, old: Uint8Array, { config: given, say }: ReloadOptions): void {
  if (given === undefined) return;
  writeDurably(config, old);
  say(`The former configuration is back at ${config}.`);
}
