/** The sensor at work: its events into the event log, its status into a file, SIGHUP into a reload. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../events/index.ts';
import { finish } from './assembly/draft.ts';
import { ownIdentity } from './assembly/identity.ts';
import { type EventLog, openEventLog } from './event-log/index.ts';
import { emptyCounters, lossEvent, stateEvent } from './own-events.ts';
import { type Sensor, startSensor } from './sensor.ts';
import { machineStops } from './service/systemd.ts';
import { type SensorStatus, writeStatus } from './status.ts';

export interface MonitorOptions {
  /** Path of the configuration; read again at SIGHUP. */
  readonly config: string;
  /** Of noisefloor. */
  readonly version: string;
  /** Folder of the event log; null: events are only shown. */
  readonly log: string | null;
  /** Folder for the status file; null: none is written. */
  readonly runtime: string | null;
  /** Events with their record ids in the log; null where they are not logged. */
  readonly onEvent?: (event: Event) => void;
  /** One sentence for a person. */
  readonly onNotice?: (text: string) => void;
  /** Told when every probe delivers. */
  readonly onReady?: () => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const STATUS_MS = 1000;

/** Runs until it is aborted. Throws MonitorError, QuestionError or ConfigError for what it can't start without. */
export async function runMonitor(options: MonitorOptions): Promise<void> {
  const { config, version, log: folder, runtime, onEvent, onNotice, onReady, signal } = options;
  const { bootId } = ownIdentity();
  const log = folder === null ? null : openLog(folder, bootId, onNotice);
  let sensor: Sensor;
  let lastReload: SensorStatus['lastReload'] = null;
  const take = (event: Event): void => {
    const record = log?.append(event) ?? null;
    onEvent?.({ ...event, record });
  };
  try {
    sensor = startSensor({ config, version, onEvent: take, ...(onNotice ? { onNotice } : {}) });
  } catch (error) {
    await log?.close();
    throw error;
  }
  const report = (): void => {
    if (log && !log.state.logging) sensor.counters.unlogged = log.state.unlogged;
    if (runtime === null) return;
    const status: SensorStatus = {
      ...sensor.status(),
      memoryMb: memoryMb(process.pid) + memoryMb(sensor.status().tracer.pid ?? 0),
      log: log === null ? null : { ...log.facts(), state: log.state },
      lastReload,
    };
    try {
      mkdirSync(runtime, { recursive: true });
      writeStatus(join(runtime, 'status.json'), status);
    } catch (error) {
      onNotice?.(`the status can't be written: ${(error as Error).message}`);
    }
  };
  const reload = async (): Promise<void> => {
    let accepted = true;
    let message = 'the same probes';
    try {
      if (await sensor.reload(config)) message = 'other probes, taken over without a gap';
    } catch (error) {
      accepted = false;
      message = (error as Error).message;
    }
    lastReload = { time: new Date().toISOString(), config, accepted, message };
    onNotice?.(accepted ? `configuration reloaded: ${message}` : `configuration not reloaded: ${message}`);
    report();
  };
  // One after the other: a second signal must not meet a change of tracers.
  let reloading = Promise.resolve();
  const onHangUp = (): void => void (reloading = reloading.then(reload));
  process.on('SIGHUP', onHangUp);
  report();
  const timer = setInterval(report, STATUS_MS);
  try {
    await Promise.race([sensor.ready, aborted(signal)]);
    if (!signal.aborted) {
      report();
      onReady?.();
      await aborted(signal);
    }
    await reloading;
  } finally {
    clearInterval(timer);
    process.off('SIGHUP', onHangUp);
    await sensor.stop(machineStops() ? 'shutdown' : undefined);
    await log?.close();
    if (runtime !== null) rmSync(join(runtime, 'status.json'), { force: true });
  }
}

/** Opens the event log, and says in it how the one before ended. */
function openLog(folder: string, bootId: string, onNotice: MonitorOptions['onNotice']): EventLog {
  const host = hostname();
  const log = openEventLog({
    folder,
    host,
    bootId,
    onState: (state) =>
      onNotice?.(
        state.logging ? `logging to ${folder} again` : `nothing can be logged to ${folder}: ${state.reason}`,
      ),
  });
  const { lastRecord, lastTime, cleanStop, tornBytes, bootId: before } = log.found;
  if (lastRecord > 0 && !cleanStop && Number.isFinite(lastTime)) {
    const facts = { version: '-', bootId: before ?? '-', bootTime: lastTime };
    const { BootTime: _, ...values } = stateEvent(
      'Stopped',
      lastTime,
      facts,
      emptyCounters(),
      'not stopped cleanly',
    ).values;
    log.append(finish({ eventId: 4, time: lastTime, values }, host, null));
  }
  if (tornBytes > 0) {
    const description = `${tornBytes} bytes that were not wholly written were cut from the end of the log`;
    log.append(finish(lossEvent(Date.now(), { id: 'TORN', description }), host, null));
  }
  return log;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resident memory of a process, in millions of bytes; 0 where it is gone. */
function memoryMb(pid: number): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1000);
  } catch {
    return 0;
  }
}
