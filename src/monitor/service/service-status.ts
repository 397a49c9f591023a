/** How the service is, from what systemd, the sensor and the disk say of it. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { MonitorError } from '../error.ts';
import { readStatus, type SensorStatus } from '../status.ts';
import { sha256 } from '../accepted-config.ts';
import { bootId } from './boot-id.ts';
import { installedParts } from './installed.ts';
import { type LogFolder, logFolder } from './log-folder.ts';
import { type ServicePaths, servicePaths } from './paths.ts';
import { journalTail, systemdRuns, type UnitState, unitState } from './systemd.ts';

/** `noisefloor.service/1`. */
export interface ServiceStatus {
  readonly schema: 'noisefloor.service/1';
  readonly installed: boolean;
  /** The service runs, and its sensor has said so lately. */
  readonly running: boolean;
  /** What is wrong, in whole sentences; empty where nothing is. */
  readonly problems: readonly string[];
  readonly paths: Pick<ServicePaths, 'unit' | 'config' | 'log'>;
  /** null where systemd can't be asked. */
  readonly unit: UnitState | null;
  /** What the sensor said last; it may be out of date where `running` is false. */
  readonly sensor: SensorStatus | null;
  /** Of the copy on disk; null where it is not there or can't be read. */
  readonly configSha256: string | null;
  readonly log: LogFolder | null;
  /** Last lines of the journal, where the service does not run. */
  readonly journal: readonly string[];
}

/** The sensor writes its status each second; it hangs when it has written none for so long. */
const SILENT_MS = 30_000;
const JOURNAL_LINES = 8;

/**
 * Asks everything that there is to ask; needs no root, but sees less without. `version` is that of the noisefloor that
 * asks; the one that runs may be older. Throws nothing.
 */
export function serviceStatus(version: string, now: number = Date.now()): ServiceStatus {
  const paths = servicePaths();
  const { unit: installed, config, enabled } = installedParts(paths);
  const problems: string[] = [];
  const unit = installed ? unitOrProblem(paths, problems) : null;
  const sensor = readStatus(paths.status);
  const stale = sensor === null ? null : staleReason(sensor, unit, paths, now);
  if (stale !== null) problems.push(stale);
  const configSha256 = digest(paths.config);
  const active = unit === null ? sensor !== null : unit.active === 'active' || unit.active === 'reloading';
  const running = installed && active && stale === null;
  if (installed) {
    if (!config) problems.push(`${paths.config} is missing: noisefloor reload CONFIG puts one there`);
    if (!enabled) problems.push('it does not start at boot: systemctl enable noisefloor');
    if (unit !== null && !active) problems.push(notActive(unit));
    if (running && sensor !== null) problems.push(...sensorProblems(sensor, configSha256, version));
  } else if (config || enabled) {
    problems.push('it is installed in part: noisefloor uninstall clears it away');
  }
  return {
    schema: 'noisefloor.service/1',
    installed,
    running,
    problems,
    paths: { unit: paths.unit, config: paths.config, log: paths.log },
    unit,
    sensor,
    configSha256,
    log: folderOrProblem(paths.log, problems),
    journal: installed && !running ? journalTail(JOURNAL_LINES) : [],
  };
}

function unitOrProblem(paths: ServicePaths, problems: string[]): UnitState | null {
  if (!systemdRuns(paths)) {
    problems.push('systemd does not run this machine');
    return null;
  }
  try {
    return unitState();
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    problems.push(error.message);
    return null;
  }
}

/** Why what the sensor said last is not of now, or null. */
function staleReason(
  sensor: SensorStatus,
  unit: UnitState | null,
  { root, status }: ServicePaths,
  now: number,
): string | null {
  const said = `the last status, of process ${sensor.pid}, is out of date`;
  if (unit !== null && unit.mainPid !== 0) {
    if (unit.mainPid !== sensor.pid) return `${said}: the service is process ${unit.mainPid} now`;
  } else {
    const boot = bootId(root);
    if (boot !== null && boot !== sensor.bootId) return `${said}: the machine was started anew since`;
    if (!existsSync(`/proc/${sensor.pid}`)) return `${said}: there is no such process any more`;
  }
  const silent = now - statSync(status).mtimeMs;
  if (silent > SILENT_MS) return `the sensor has said nothing for ${Math.round(silent / 1000)} s`;
  return null;
}

function notActive({ active, result, restarts }: UnitState): string {
  if (active === 'activating')
    return `it fails (${result}) and is started again and again: restart ${restarts + 1} comes next`;
  if (active === 'failed') return `it has failed (${result})`;
  return 'it is stopped: systemctl start noisefloor';
}

function sensorProblems(sensor: SensorStatus, configSha256: string | null, version: string): string[] {
  const problems: string[] = [];
  if (sensor.version !== version)
    problems.push(
      `it runs noisefloor ${sensor.version}, and this is ${version}: systemctl restart noisefloor runs this one`,
    );
  if (configSha256 !== null && configSha256 !== sensor.config.sha256)
    problems.push('the configuration on disk is not the one in force: noisefloor reload takes it');
  if (sensor.log !== null && !sensor.log.state.logging) {
    const { reason, since, unlogged } = sensor.log.state;
    problems.push(
      `nothing is logged since ${new Date(since).toISOString()}: ${reason}; ${unlogged} events are not logged`,
    );
  }
  return problems;
}

function folderOrProblem(folder: string, problems: string[]): LogFolder | null {
  try {
    return logFolder(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Root alone may read it; what the sensor says of it is for everybody.
    if (code !== 'ENOENT' && code !== 'EACCES') problems.push(message);
    return null;
  }
}

function digest(path: string): string | null {
  try {
    return sha256(readFileSync(path));
  } catch {
    return null;
  }
}
