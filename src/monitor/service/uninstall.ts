/** Removes the service, whole or in part; what it logged stays unless it is asked for. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { MonitorError } from '../error.ts';
import { takeLock } from '../event-log/index.ts';
import { requireLinux, requireRoot } from '../requirements.ts';
import { bootId } from './boot-id.ts';
import { enablingLink, installedParts } from './installed.ts';
import { logFolder } from './log-folder.ts';
import { type ServicePaths, servicePaths, UNIT } from './paths.ts';
import { systemctl, systemdRuns } from './systemd.ts';
import { byteCount } from '../../report/index.ts';

export interface UninstallOptions {
  readonly say: (line: string) => void;
  /** Removes the event log, too. */
  readonly purge: boolean;
}

/** Stops and removes what is there. Harmless where nothing is. Throws MonitorError for what can't be removed. */
export function uninstallService({ say, purge }: UninstallOptions): void {
  const paths = servicePaths();
  requireLinux();
  if (paths.root === '') requireRoot('uninstall');
  try {
    const { unit, config, enabled } = installedParts(paths);
    if (unit || enabled) removeUnit(paths, say);
    if (config) {
      rmSync(paths.config);
      say(`${paths.config} removed.`);
    }
    removeEmpty(dirname(paths.config));
    rmSync(paths.runtime, { recursive: true, force: true });
    if (!unit && !config && !enabled) say('noisefloor is not installed: nothing to remove.');
    else say('noisefloor removed.');
    keepOrPurge(paths, purge, say);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw error instanceof MonitorError || code === undefined
      ? error
      : new MonitorError('monitor-step', message);
  }
}

function removeUnit(paths: ServicePaths, say: (line: string) => void): void {
  // Without systemd (another root, a container) only its files are there.
  const live = systemdRuns(paths);
  if (live) {
    // A service that can't be stopped must not lose its unit: it would run on, unseen.
    if (existsSync(paths.unit)) {
      systemctl('stop', UNIT);
      systemctl('disable', UNIT);
    }
    say('noisefloor stopped.');
  }
  // Left by a unit that was removed by hand.
  const link = enablingLink(paths);
  rmSync(link, { force: true });
  removeEmpty(dirname(link));
  rmSync(paths.unit, { force: true });
  if (live) {
    systemctl('daemon-reload');
    forgetFailure();
  }
  say(`${paths.unit} removed.`);
}

/** A unit that had failed would stay listed as such. */
function forgetFailure(): void {
  try {
    systemctl('reset-failed', UNIT);
  } catch {
    // It had not failed: systemd does not know it any more.
  }
}

function keepOrPurge({ log, root }: ServicePaths, purge: boolean, say: (line: string) => void): void {
  if (!existsSync(log)) return;
  const { bytes, segments } = logFolder(log);
  const size = `${byteCount(bytes)} in ${segments} ${segments === 1 ? 'segment' : 'segments'}`;
  if (purge) {
    // A watch in the foreground may write there.
    takeLock(log, bootId(root) ?? '');
    rmSync(log, { recursive: true });
    removeEmpty(dirname(log));
    say(`The event log is removed: ${log} (${size}).`);
  } else say(`The event log stays: ${log} (${size}). --purge removes it.`);
}

function removeEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
