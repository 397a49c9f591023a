/**
 * Boots of a host, from its marks. Windows writes several start marks within seconds, and Sysmon its own after them;
 * where nothing but Sysmon's own log is at hand, a start of Sysmon is the best sign of a boot.
 */
import { foldAscii } from '../events/index.ts';
import type { HostTally, Interval, Mark } from '../tally/index.ts';
import { lowerBound, meets, union } from './intervals.ts';
import { beginOf } from './sessions.ts';

const MINUTE_MS = 60_000;
/** Start marks this close, with no stop between, tell of one boot. */
const ONE_BOOT_MS = 10 * MINUTE_MS;
/** Sysmon starts at most this long after the machine. */
const SYSMON_START_MS = 15 * MINUTE_MS;
/** The event log's start (System 6005) may be written so long after Sysmon's, where no mark tells the kernel's own. */
const SYSMON_FIRST_MS = 2 * MINUTE_MS;

export interface Boot {
  /** Milliseconds since 1970 UTC: the kernel's own start, where a mark tells it. */
  readonly time: number;
  /** When Sysmon's last start of this boot was written; `time` where none was. */
  readonly sysmon: number;
}

/** Ascending by time. */
export function bootsOf(host: HostTally): Boot[] {
  const { boots, ids } = machineBoots(host.marks);
  const machines = boots.length;
  const covered = machineLogs(host);
  let machine = -1;
  let previous = Number.NaN;
  for (const { time, kind, channel, boot: id } of host.marks) {
    if (kind !== 'sysmon-started' || time === previous) continue;
    previous = time;
    const own = ids.get(id);
    if (own !== undefined) {
      // It says in which boot it started: another start in that boot is only the service's.
      const { time: booted } = boots[own] as Boot;
      if (time - booted <= SYSMON_START_MS) boots[own] = { time: booted, sysmon: time };
      continue;
    }
    while (machine + 1 < machines && (boots[machine + 1] as Boot).time <= time) machine += 1;
    const boot = machine < 0 ? undefined : boots[machine];
    const next = machine + 1 < machines ? boots[machine + 1] : undefined;
    if (boot && time - boot.time <= SYSMON_START_MS) boots[machine] = { time: boot.time, sysmon: time };
    else if (next && next.time - time <= SYSMON_FIRST_MS) boots[machine + 1] = { time, sysmon: time };
    // A log that would have told of a boot at this time tells of none: only the service was restarted.
    else if (!meets(covered, time, time)) {
      const activity = host.channels.get(channel)?.activity ?? [];
      boots.push({ time: beginOf(time, activity), sysmon: time });
    }
  }
  boots.push(...linuxBoots(host, boots, ids));
  return boots.sort((a, b) => a.time - b.time);
}

/** Each boot id is a boot that no mark has told of. Where the first began is not known: the log may begin within it. */
function linuxBoots(
  { bootIds }: HostTally,
  known: readonly Boot[],
  told: ReadonlyMap<string, number>,
): Boot[] {
  const firsts = [...bootIds].map(([id, [time]]) => ({ id, time })).sort((a, b) => a.time - b.time);
  return firsts
    .slice(1)
    .filter(
      ({ id, time }) => !told.has(id) && !known.some((boot) => Math.abs(boot.time - time) <= SYSMON_START_MS),
    )
    .map(({ time }) => ({ time, sysmon: time }));
}

/** Boots by the machine's own marks, and the index of each boot whose id is told. */
function machineBoots(marks: readonly Mark[]): { boots: Boot[]; ids: Map<string, number> } {
  const boots: Boot[] = [];
  const ids = new Map<string, number>();
  let stopped = false;
  /** The id of the last boot; empty where none is told. */
  let last = '';
  for (const { time, kind, boot: id } of marks) {
    if (kind === 'stop') stopped = true;
    if (kind !== 'start') continue;
    const boot = boots.at(-1);
    const another = id !== '' && last !== '' && id !== last;
    if (!boot || stopped || another || time - boot.time > ONE_BOOT_MS) {
      boots.push({ time, sysmon: time });
      last = '';
    }
    if (id !== '') {
      last = id;
      ids.set(id, boots.length - 1);
    }
    stopped = false;
  }
  return { boots, ids };
}

/** The spans of the logs that tell of the machine's boots: System, and any other that holds a machine's start. */
function machineLogs(host: HostTally): Interval[] {
  const spans = new Map<string, Interval>();
  for (const mark of host.marks) {
    if (mark.kind === 'start') widen(spans, mark.channel, mark.time, mark.time);
  }
  for (const [name, channel] of host.channels) {
    const key = foldAscii(name);
    const [first, last] = [channel.activity[0], channel.activity.at(-1)];
    const tells = key === 'system' || spans.has(key);
    if (channel.sysmon === 0 && tells && first && last) widen(spans, key, first[0], last[1]);
  }
  return union([[...spans.values()]]);
}

function widen(spans: Map<string, Interval>, key: string, first: number, last: number): void {
  const span = spans.get(key) ?? [first, last];
  spans.set(key, [Math.min(span[0], first), Math.max(span[1], last)]);
}

/** Index of the last boot that began before `time`; -1 if none did. */
export function lastBootBefore(boots: readonly Boot[], time: number): number {
  return lowerBound(boots.length, (index) => (boots[index] as Boot).time < time) - 1;
}
