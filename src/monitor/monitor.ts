/** The sensor at work. */
import type { Event } from '../events/index.ts';
import { MonitorError } from './error.ts';

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

/** Runs until it is aborted. Throws MonitorError for what it can't start without. */
export async function runMonitor({ config }: MonitorOptions): Promise<void> {
  throw new MonitorError('monitor-platform', `there is no sensor in this build for ${config}`);
}
