/** The service's status as people read it. */
import {
  byteCount,
  count,
  counted,
  duration,
  type Line,
  minute,
  pad,
  pageWidth,
  type PageOptions,
  printPage,
  safeText,
  wrap,
} from '../../report/index.ts';
import { TOTAL_BYTES } from '../event-log/index.ts';
import type { SensorStatus } from '../status.ts';
import { typeName } from '../accepted-config.ts';
import type { ServiceStatus } from './service-status.ts';

/** Of the column of names. */
const NAME_WIDTH = 16;

export interface StatusTextOptions extends PageOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A line or two for each thing that people ask of a monitor, then what is wrong. */
export function renderServiceStatus(status: ServiceStatus, options: StatusTextOptions): string {
  const width = pageWidth(options);
  const lines: Line[] = [];
  const row = (name: string, ...texts: readonly string[]): void => {
    const parts = texts.flatMap((text) => wrap(safeText(text), width - NAME_WIDTH));
    for (const [index, text] of parts.entries())
      lines.push([{ text: pad(index === 0 ? name : '', NAME_WIDTH), style: 'dim' }, { text }]);
  };
  row('noisefloor', stateText(status, options.now));
  if (status.sensor !== null && status.running)
    sensorRows(status.sensor, status.configSha256, options.now, row);
  else if (status.installed) row('configuration', status.paths.config);
  logRows(status, row);
  for (const problem of status.problems)
    for (const [index, text] of wrap(safeText(problem), width - NAME_WIDTH).entries())
      lines.push([{ text: pad(index === 0 ? 'problem' : '', NAME_WIDTH), style: 'red' }, { text }]);
  if (status.journal.length > 0) {
    lines.push('', [{ text: 'The last lines of its journal', style: 'bold' }]);
    for (const line of status.journal)
      lines.push(...wrap(safeText(line), width - 2).map((text) => `  ${text}`));
  }
  return printPage(lines, options);
}

type Row = (name: string, ...texts: readonly string[]) => void;

function stateText({ installed, running, unit, sensor }: ServiceStatus, now: number): string {
  if (!installed) return 'not installed: noisefloor install CONFIG does it';
  if (running && sensor !== null)
    return `${sensor.state}, ${sinceText(sensor.started, now)}, process ${sensor.pid}, version ${sensor.version}`;
  if (running) return 'starting: the sensor has said nothing yet';
  const since = unit?.since ? `, ${sinceText(unit.since, now)}` : '';
  const active = unit?.active === 'active';
  return `installed, but ${active ? 'its sensor is silent' : 'not running'} (${unit?.active ?? 'unknown'}${since})`;
}

/** `since 2026-11-26 03:44 UTC (2.1 hours)`. */
function sinceText(time: string, now: number): string {
  const length = now - Date.parse(time);
  return `since ${minute(time)} UTC${length > 0 ? ` (${duration(length)})` : ''}`;
}

function sensorRows(sensor: SensorStatus, configSha256: string | null, now: number, row: Row): void {
  const { tracer, config, counters, lastReload } = sensor;
  row(
    'tracer',
    `${tracer.name} ${tracer.version}, ${tracer.pid === null ? 'not running' : `process ${tracer.pid}`},` +
      ` ${counted(tracer.probes, 'probe')}, ${counted(tracer.restarts, 'restart')}`,
  );
  row(
    'configuration',
    config.path,
    config.eventIds.map(typeName).join(', '),
    `SHA256 ${config.sha256.slice(0, 16)}…, ${sameText(config.sha256, configSha256)}`,
    `in force ${sinceText(config.loaded, now)}`,
  );
  if (lastReload !== null) {
    const outcome = lastReload.accepted ? 'taken' : 'refused';
    row('last reload', `${minute(lastReload.time)} UTC, ${outcome}: ${lastReload.message}`);
  }
  row('events', `${count(counters.received)} received, ${count(counters.logged)} logged`);
  row('losses', lossText(counters));
  row('lag, memory', `${count(sensor.lagMs)} ms, ${count(sensor.memoryMb)} MB`);
}

function sameText(inForce: string, onDisk: string | null): string {
  if (onDisk === null) return 'the copy on disk can not be read';
  return inForce === onDisk ? 'the same on disk' : 'ANOTHER on disk';
}

/** Every kind of loss that there was; a reader must not have to look for the ones that are not zero. */
function lossText(counters: SensorStatus['counters']): string {
  const losses = [
    [counters.lost, 'lost in the kernel'],
    [counters.shed, 'shed'],
    [counters.unlogged, 'not logged'],
    [counters.late, 'late'],
    [counters.truncated, 'truncated'],
  ] as const;
  const parts = losses.filter(([value]) => value > 0).map(([value, name]) => `${count(value)} ${name}`);
  if (counters.gaps > 0) parts.push(counted(counters.gaps, 'gap'));
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function logRows({ log, sensor, running, paths }: ServiceStatus, row: Row): void {
  // What the sensor says is there for everybody; the folder itself is root's.
  const said = running ? sensor?.log : null;
  if (!log && !said) return;
  const [segments, bytes] = [log?.segments ?? said!.segments, log?.bytes ?? said!.bytes];
  row(
    'event log',
    log?.folder ?? said?.folder ?? paths.log,
    `${byteCount(bytes)} of at most ${byteCount(TOTAL_BYTES)}, ${counted(segments, 'segment')}` +
      (said ? `, records ${count(said.firstRecord)} to ${count(said.lastRecord)}` : ''),
  );
  if (log?.oldest && log.newest)
    row('', `oldest ${minute(log.oldest)} UTC, newest ${minute(log.newest)} UTC`);
}
