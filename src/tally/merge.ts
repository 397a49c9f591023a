/** Tallies add up: associative, commutative, and as if their events had been counted into one. */
import type { Code } from '../events/index.ts';
import { mergeFieldsMet } from './fields-met.ts';
import { addCounts, addSpellings, boundGroups, forget, keeps, MAX_GROUPS, slotsOf } from './groups.ts';
import { joinIntervals } from './intervals.ts';
import { compareMarks, compareText } from './marks.ts';
import { channelOrOthers, HOST_BOUNDS, type HostBounds, hostOrOthers, OTHERS } from './others.ts';
import { compareDiagnostics, MAX_PLACES } from './places.ts';
import { mergeSequences } from './sequences.ts';
import { concatRuns, joinRuns, NO_RUNS, RunList, type Runs } from './runs.ts';
import { addSightings } from './sightings.ts';
import type { ChannelTally, HostTally, Mark, Slots, Tally } from './tally.ts';

/** Skipped files that are kept; the rest is counted. */
export const MAX_SKIPPED = 1000;

/** Record ids of one channel that stand in more than one of the things that were added up. */
export interface Overlap {
  readonly host: string;
  readonly channel: string;
  readonly runs: Runs;
}

export function emptyTally(question: string): Tally {
  return {
    question,
    by: new Map(),
    files: 0,
    bytes: 0,
    records: 0,
    unreadable: 0,
    duplicates: 0,
    hosts: new Map(),
    groups: new Map(),
    halvings: 0,
    others: new Map(),
    sequences: new Map(),
    sightings: 0,
    sightingsMore: 0,
    diagnostics: new Map(),
    skipped: [],
    skippedMore: 0,
    fieldsMet: new Map(),
    volume: { events: 0, jsonBytes: 0, evtxBytes: 0 },
  };
}

export function emptyHost(): HostTally {
  return {
    spellings: new Map(),
    channels: new Map(),
    marks: [],
    excluded: new Map(),
    machines: new Map(),
    bootIds: new Map(),
  };
}

export function emptyChannel(): ChannelTally {
  return {
    records: 0,
    sysmon: 0,
    byEventId: new Map(),
    otherEventIds: new Map(),
    activity: [],
    runs: NO_RUNS,
    withoutId: 0,
    late: 0,
    delay: 0,
  };
}

/**
 * Adds `from` to `into`, which changes; `from` must not be used afterwards. Returns the record ids that both hold: what
 * stands there twice has been counted twice.
 */
export function mergeInto(
  into: Tally,
  from: Tally,
  limit: number = MAX_GROUPS,
  bounds: HostBounds = HOST_BOUNDS,
): Overlap[] {
  if (into.question !== from.question) throw new Error('tallies of different questions do not add up');
  for (const [type, fields] of from.by) into.by.set(type, fields);
  into.files += from.files;
  into.bytes += from.bytes;
  into.records += from.records;
  into.unreadable += from.unreadable;
  into.duplicates += from.duplicates;
  mergeFieldsMet(into.fieldsMet, from.fieldsMet);
  into.volume.events += from.volume.events;
  into.volume.jsonBytes += from.volume.jsonBytes;
  into.volume.evtxBytes += from.volume.evtxBytes;
  const overlaps: Overlap[] = [];
  for (const [own, host] of from.hosts) {
    const key = hostOrOthers(into.hosts, own, bounds);
    const known = into.hosts.get(key);
    if (!known && key === own) {
      into.hosts.set(key, host);
      continue;
    }
    const target = known ?? emptyHost();
    into.hosts.set(key, target);
    mergeHost(target, host, key, overlaps, bounds);
  }
  // What was counted for a host that has no place of its own here goes where the host went.
  for (const group of from.groups.values()) rehost(group.hosts, into);
  rehost(from.others, into);
  mergeGroups(into, from, limit);
  mergeSequences(into, from);
  for (const [code, diagnostics] of from.diagnostics) addDiagnostics(into, code, diagnostics);
  addSkipped(into, from.skipped, from.skippedMore);
  return overlaps;
}

/** Adds skipped files, of which the first by path are kept, and `more` that were only counted. */
export function addSkipped(tally: Tally, skipped: Tally['skipped'], more: number): void {
  tally.skipped.push(...skipped);
  tally.skippedMore += more;
  if (tally.skipped.length <= 2 * MAX_SKIPPED) return;
  tally.skippedMore += tally.skipped.length - MAX_SKIPPED;
  tally.skipped = tally.skipped.sort((a, b) => compareText(a.path, b.path)).slice(0, MAX_SKIPPED);
}

function rehost(hosts: Map<string, Slots>, { hosts: known }: Tally): void {
  for (const [host, slots] of hosts) {
    if (known.has(host)) continue;
    hosts.delete(host);
    addCounts(slotsOf(hosts, OTHERS), slots);
  }
}

function mergeHost(
  into: HostTally,
  from: HostTally,
  host: string,
  overlaps: Overlap[],
  bounds: HostBounds,
): void {
  if (host === OTHERS) addSpellings(into.spellings, [[OTHERS, sumOf(from.spellings)]]);
  else addSpellings(into.spellings, from.spellings);
  addCounts(into.excluded, from.excluded);
  addSightings(into.machines, from.machines);
  addSightings(into.bootIds, from.bootIds);
  into.marks = joinMarks([...into.marks, ...from.marks]);
  for (const [own, added] of from.channels) {
    const channel = channelOrOthers(into, host, own, bounds);
    const known = into.channels.get(channel);
    if (channel === OTHERS) {
      // Ids of several channels say nothing of each other.
      added.runs = NO_RUNS;
      added.withoutId = added.records;
    }
    if (!known) {
      into.channels.set(channel, added);
      continue;
    }
    known.records += added.records;
    known.sysmon += added.sysmon;
    known.withoutId += added.withoutId;
    addLate(known, added.late, added.delay);
    addCounts(known.byEventId, added.byEventId);
    addCounts(known.otherEventIds, added.otherEventIds);
    known.activity = joinIntervals([...known.activity, ...added.activity]);
    const twice = new RunList();
    known.runs = joinRuns(concatRuns(known.runs, added.runs), twice);
    if (twice.length > 0) overlaps.push({ host, channel, runs: twice.all() });
  }
}

/** Adds records that are late, and the longest of their delays, milliseconds. */
export function addLate(channel: ChannelTally, late: number, delay: number): void {
  channel.late += late;
  channel.delay = Math.max(channel.delay, delay);
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/**
 * Ascending, each once. Each start of the sensor tells of its boot again, and after a step of the clock at another time: the
 * first stands.
 */
export function joinMarks(marks: readonly Mark[]): Mark[] {
  const sorted = marks.toSorted(compareMarks);
  const booted = new Set<string>();
  return sorted.filter((mark, i) => {
    if (i > 0 && compareMarks(sorted[i - 1]!, mark) === 0) return false;
    if (mark.kind !== 'start' || mark.boot === '') return true;
    const known = booted.has(mark.boot);
    booted.add(mark.boot);
    return !known;
  });
}

function mergeGroups(into: Tally, from: Tally, limit: number): void {
  if (from.halvings > into.halvings) {
    into.halvings = from.halvings;
    for (const [key, group] of into.groups) if (!keeps(into, key)) forget(into, key, group);
  }
  for (const [host, slots] of from.others) addCounts(slotsOf(into.others, host), slots);
  for (const [key, group] of from.groups) {
    if (!keeps(into, key)) {
      forget(into, key, group);
      continue;
    }
    const known = into.groups.get(key);
    if (!known) {
      into.groups.set(key, group);
      continue;
    }
    addSpellings(known.spellings, group.spellings);
    for (const [host, slots] of group.hosts) addCounts(slotsOf(known.hosts, host), slots);
  }
  boundGroups(into, limit);
}

type Diagnostics = Tally['diagnostics'] extends Map<Code, infer D> ? D : never;

/** Adds diagnostics of one code. The places that are kept are the first in order of source and place. */
export function addDiagnostics(tally: Tally, code: Code, added: Diagnostics): void {
  const known = tally.diagnostics.get(code);
  if (!known) {
    tally.diagnostics.set(code, added);
    return;
  }
  known.count += added.count;
  known.lost += added.lost;
  known.first.push(...added.first);
  if (known.first.length > 2 * MAX_PLACES)
    known.first = known.first.sort(compareDiagnostics).slice(0, MAX_PLACES);
}
