/** What the sensor says of itself: events 4, 16 and 255, which no configuration filters. docs/event-log.md lists them. */
import { type Draft, utcTime } from './assembly/draft.ts';

/** Why records, or a time, are missing. */
export type LossId = 'LOST' | 'LATE' | 'SHED' | 'TRUNCATED' | 'RESTART' | 'GAP' | 'CLOCK' | 'TORN';

export interface Loss {
  readonly id: LossId;
  readonly description: string;
  /** Records that are missing, or not whole. */
  readonly lost?: number;
  /** Between which times, milliseconds since 1970 UTC. */
  readonly from?: number;
  readonly to?: number;
}

/** Counters from the sensor's start on. */
export interface Counters {
  received: number;
  logged: number;
  lost: number;
  late: number;
  shed: number;
  truncated: number;
  unlogged: number;
  gaps: number;
  restarts: number;
  /** Accesses that are not told because the same one was told within ten seconds. */
  repeated: number;
}

export function emptyCounters(): Counters {
  return {
    received: 0,
    logged: 0,
    lost: 0,
    late: 0,
    shed: 0,
    truncated: 0,
    unlogged: 0,
    gaps: 0,
    restarts: 0,
    repeated: 0,
  };
}

export interface StateFacts {
  readonly version: string;
  readonly bootId: string;
  /** Milliseconds since 1970 UTC. */
  readonly bootTime: number;
}

/** Event 4: the sensor started, stopped, or is still there. */
export function stateEvent(
  state: 'Started' | 'Stopped' | 'Running',
  time: number,
  { version, bootId, bootTime }: StateFacts,
  { received, logged, lost, late, shed, truncated, restarts, unlogged, repeated }: Counters,
  reason?: string,
): Draft {
  const values = {
    State: state,
    Version: `noisefloor ${version}`,
    SchemaVersion: '4.91',
    BootId: bootId,
    BootTime: utcTime(bootTime),
    Received: received,
    Logged: logged,
    Lost: lost,
    Late: late,
    Shed: shed,
    Truncated: truncated,
    Restarts: restarts,
    Unlogged: unlogged,
    Repeated: repeated,
  };
  return { eventId: 4, time, values: reason === undefined ? values : { ...values, Reason: reason } };
}

/** Event 16: a configuration came into force. */
export function configEvent(time: number, path: string, sha256: string): Draft {
  return {
    eventId: 16,
    time,
    values: { Configuration: path, ConfigurationFileHash: `SHA256=${sha256.toUpperCase()}` },
  };
}

/** Event 255: something is missing. */
export function lossEvent(time: number, { id, description, lost, from, to }: Loss): Draft {
  return {
    eventId: 255,
    time,
    values: {
      ID: id,
      Description: description,
      ...(lost === undefined ? {} : { Lost: lost }),
      ...(from === undefined || to === undefined ? {} : { From: utcTime(from), To: utcTime(to) }),
    },
  };
}
