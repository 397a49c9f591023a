/** What tells one installation, and one boot, of a host from another: ids that records carry, with first and last time. */
import { type Event, isSysmon } from '../events/index.ts';
import { placedFields } from '../evtx/index.ts';
import type { HostTally, Interval } from './tally.ts';

/** Ids of one host that are told apart; which ones, past it, depends on the order of reading. */
const MAX_IDS = 1000;
/** One record in so many is asked for its ProcessGuid: reading a field of every record would take half the time of all. */
export const ONE_IN = 64;

/** `{12345678-…`: the first part is of the machine (sysmon-semantics, ProcessGuid). */
const GUID = /^\{?([\dA-F]{8})-/i;

/** Notes the ids of a record: of its boot always, of its machine now and then. Which records are asked depends on the records alone, not on how they are read. */
export function addIds(host: HostTally, event: Event): void {
  const { record, time, provider } = event;
  if (!Number.isFinite(time) || !isSysmon(provider)) return;
  if (provider.startsWith('L') || provider.startsWith('l')) {
    const boot = event.fields.get('BootId');
    if (boot !== undefined && boot !== '') see(host.bootIds, boot.slice(0, 64), time, time);
  }
  if (isSample(record, time)) addSampled(host, event);
}

/** Fields of which the first that a record has tells its machine. */
export const MACHINE_FIELDS: readonly string[] = ['ProcessGuid', 'SourceProcessGUID'];
/** That of event 8, which only samples are asked for: read of each, few records would be like another. */
const SAMPLED_FIELD = 'SourceProcessGuid';

/** Notes the machine of a record of Sysmon's. */
export function addMachine(host: HostTally, event: Event): void {
  const machine = machineOf(event);
  if (machine !== null) addMachineAt(host, machine, event.time, event.time);
}

/** Notes the machine of a sample. */
export function addSampled(host: HostTally, event: Event): void {
  const machine = machineOf(event) ?? machineIn(event, SAMPLED_FIELD);
  if (machine !== null) addMachineAt(host, machine, event.time, event.time);
}

/** Whether only as a sample it tells its machine. */
export function tellsSampled({ fields }: Event): boolean {
  return fields.has(SAMPLED_FIELD);
}

/** Notes a machine that was seen from one time to another. */
export function addMachineAt(host: HostTally, machine: string, first: number, last: number): void {
  see(host.machines, machine, first, last);
}

/** The machine that a record tells; null for none. */
export function machineOf(event: Event): string | null {
  return machineIn(event, event.fields.has(MACHINE_FIELDS[0]!) ? MACHINE_FIELDS[0]! : MACHINE_FIELDS[1]!);
}

function machineIn({ time, provider, fields }: Event, name: string): string | null {
  if (!Number.isFinite(time) || !isSysmon(provider)) return null;
  const start = placedFields(fields)?.guidStart(name) ?? -1;
  const machine = start >= 0 ? nameOf(start) : GUID.exec(fields.get(name) ?? '')?.[1]?.toLowerCase();
  // Of `<unknown process>` Sysmon writes zeros.
  return machine === undefined || machine === '00000000' ? null : machine;
}

/** Machines by their number: there are few, and most records name the same ones. */
const names = new Map<number, string>();

function nameOf(machine: number): string {
  let name = names.get(machine);
  if (name === undefined) {
    name = machine.toString(16).padStart(8, '0');
    if (names.size >= MAX_IDS) names.clear();
    names.set(machine, name);
  }
  return name;
}

/** Whether a record is one of those that are asked for their machine. */
export function isSample(record: number | null, time: number): boolean {
  const number = record ?? Math.floor(time / 1000);
  // As `% ONE_IN`, which takes some eight times as long of numbers past 2^31.
  return Math.floor(number / ONE_IN) * ONE_IN === number;
}

export function addSightings(into: Map<string, Interval>, from: ReadonlyMap<string, Interval>): void {
  for (const [id, [first, last]] of from) see(into, id, first, last);
}

function see(ids: Map<string, Interval>, id: string, first: number, last: number): void {
  // Nobody else has it: it is made here.
  const known = ids.get(id) as [first: number, last: number] | undefined;
  if (known) {
    if (first < known[0]) known[0] = first;
    if (last > known[1]) known[1] = last;
  } else if (ids.size < MAX_IDS) ids.set(id, [first, last]);
}
