/** Machines behind the names: Sysmon's ProcessGuid begins with a part that an installation of Windows keeps. */
import { formatTime } from '../events/index.ts';
import { compareText, type HostTally, type Interval } from '../tally/index.ts';

export interface MachineNote {
  readonly code: 'host-renamed' | 'host-cloned' | 'host-shared';
  readonly message: string;
}

/** One machine under several names, and several machines under one name. */
export function machineNotes(hosts: ReadonlyMap<string, HostTally>): MachineNote[] {
  const names = new Map<string, [host: string, seen: Interval][]>();
  const notes: MachineNote[] = [];
  for (const [host, { machines }] of [...hosts].sort(([a], [b]) => compareText(a, b))) {
    for (const [machine, seen] of machines) names.set(machine, [...(names.get(machine) ?? []), [host, seen]]);
    if (machines.size > 1) notes.push(shared(host, machines));
  }
  for (const [machine, of] of [...names].sort(([a], [b]) => compareText(a, b))) {
    if (of.length > 1) notes.push(severalNames(machine, of));
  }
  return notes;
}

function severalNames(machine: string, of: readonly [string, Interval][]): MachineNote {
  const inTime = of.toSorted(([, a], [, b]) => a[0] - b[0]);
  const apart = inTime.every(([, [first]], index) => index === 0 || first >= inTime[index - 1]![1][1]);
  const list = inTime
    .slice(0, 5)
    .map(([host]) => host)
    .join(', ');
  const more = of.length > 5 ? ` and ${of.length - 5} more` : '';
  return apart
    ? {
        code: 'host-renamed',
        message: `${list}${more} are one machine by Sysmon's ProcessGuid (${machine}), one name after the other: it was renamed, and counts as ${of.length} hosts`,
      }
    : {
        code: 'host-cloned',
        message: `${list}${more} share the machine part of Sysmon's ProcessGuid (${machine}) at the same time: clones of one image, which are closer to one host than to ${of.length}`,
      };
}

function shared(host: string, machines: ReadonlyMap<string, Interval>): MachineNote {
  const spans = [...machines.values()].sort((a, b) => a[0] - b[0]);
  const apart = spans.every(([first], index) => index === 0 || first >= spans[index - 1]![1]);
  const since = formatTime(spans.at(-1)![0]);
  return {
    code: 'host-shared',
    message: apart
      ? `${host} has ${machines.size} machine parts in Sysmon's ProcessGuids, one after the other (the last since ${since}): it was installed anew, or another machine has its name`
      : `${host} has ${machines.size} machine parts in Sysmon's ProcessGuids at the same time: several machines have this name, and count as one`,
  };
}
