/** Events -> tally. */
import {
  ALWAYS_LOGGED,
  boundKey,
  type Diagnostic,
  type Event,
  foldAscii,
  hostKey,
  isSysmon,
  parseTime,
  typeKey,
} from '../events/index.ts';
import { EVERY_RECORD, type Origin, type Rows, type Wanted } from '../evtx/index.ts';
import type { Question } from '../predicate/index.ts';
import { GroupCache, type MetGroup } from './group-cache.ts';
import {
  addSpelling,
  addToSlot,
  boundGroups,
  charactersFor,
  charactersOf,
  groupKey,
  keeps,
  MAX_GROUPS,
  slotsOf,
} from './groups.ts';
import { marksOf } from './marks.ts';
import {
  addDiagnostics,
  addSkipped,
  emptyChannel,
  emptyHost,
  emptyTally,
  joinMarks,
  type Overlap,
} from './merge.ts';
import { channelOrOthers, HOST_BOUNDS, type HostBounds, hostOrOthers, OTHERS } from './others.ts';
import { addId, addTime, closeChannel, countIds, openChannel, type OpenChannel } from './open-channel.ts';
import { sensorLoss } from './sensor.ts';
import { addCounted } from './sequences.ts';
import { addIds, addMachine } from './sightings.ts';
import { NO_SLOT, type Run, SLOT_MS, type Tally } from './tally.ts';
import { addVolume } from './volume.ts';
import { wantedOf } from './wanted.ts';

/** Records whose ids were met in more than one place: by host and channel, the ids in question. */
export type Suspects = ReadonlyMap<string, readonly Run[]>;

export function channelKey(host: string, channel: string): string {
  return `${host}\0${channel}`;
}

/** Counts events into a tally: add, add, …, finish. */
export class Counter {
  readonly #question: Question;
  readonly #tally: Tally;
  readonly #suspects: Suspects;
  readonly #limit: number;
  /** Whether the question is a configuration, of which the volume is wanted. */
  readonly #measures: boolean;
  readonly #bounds: HostBounds;
  /** Characters of the groups that are new since their bound was last looked at. */
  #characters = 0;
  readonly #open = new Map<string, OpenChannel>();
  readonly #met = new GroupCache();
  /** By event id: zeros but while a run of records is added. */
  readonly #counts = new Uint32Array(65_536);
  #recent: { host: string; channel: string; spelling: string; open: OpenChannel } | undefined;

  /** `suspects`: identities to remember there, so that a record read twice is counted once. */
  constructor(
    question: Question,
    suspects: Suspects = new Map(),
    limit: number = MAX_GROUPS,
    bounds: HostBounds = HOST_BOUNDS,
  ) {
    this.#question = question;
    this.#suspects = suspects;
    this.#limit = limit;
    this.#measures = question.kind === 'sysmon-config';
    this.#bounds = bounds;
    this.#tally = emptyTally(question.text);
  }

  addFile(): void {
    this.#tally.files += 1;
  }

  addBytes(bytes: number): void {
    this.#tally.bytes += bytes;
  }

  addSkipped(path: string, reason: string): void {
    addSkipped(this.#tally, [{ path: boundKey(path), reason }], 0);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    addDiagnostics(this.#tally, diagnostic.code, { count: 1, lost: diagnostic.lost, first: [diagnostic] });
    this.#tally.unreadable += diagnostic.lost;
  }

  /** Which records of an origin `addRows` must be given themselves: a record of any other changes nothing but its row. */
  wanted(origin: Origin): Wanted {
    // Doubles are told by the records themselves, and so are the hosts that were asked for.
    return this.#suspects.size > 0 || this.#question.concerns
      ? EVERY_RECORD
      : wantedOf(this.#question, origin);
  }

  /** Adds records by their facts, and the wanted ones of them. */
  addRows(rows: Rows, events: readonly Event[]): void {
    if (this.#suspects.size > 0 || this.#question.concerns) {
      for (const event of events) this.addEvent(event);
      return;
    }
    const { count, origin, origins } = rows;
    this.#tally.records += count;
    for (let start = 0, end = 0; start < count; start = end) {
      const number = origin[start]!;
      while (end < count && origin[end] === number) end += 1;
      const from = origins[number]!;
      this.#addRun(this.#channel(from, end - start), isSysmon(from.provider), rows, start, end);
    }
    for (const event of events) this.#examine(event, this.#channel(event, 0));
  }

  addEvent(event: Event): void {
    const tally = this.#tally;
    tally.records += 1;
    if (this.#question.concerns?.(event) === false) return;
    const open = this.#channel(event, 1);
    if (open.identities && this.#isDuplicate(event, open)) {
      tally.duplicates += 1;
      return;
    }
    const { eventId, record, time, provider } = event;
    open.tally.records += 1;
    countIds(open.tally, isSysmon(provider), eventId, 1);
    addTime(open, time);
    addId(open, record ?? -1, time);
    this.#examine(event, open);
  }

  /** Adds rows of one origin. */
  #addRun(open: OpenChannel, sysmon: boolean, rows: Rows, start: number, end: number): void {
    const { eventId, record, time } = rows;
    const counts = this.#counts;
    const met: number[] = [];
    open.tally.records += end - start;
    for (let i = start; i < end; i++) {
      const id = eventId[i]!;
      if (counts[id]!++ === 0) met.push(id);
      addTime(open, time[i]!);
      addId(open, record[i]!, time[i]!);
    }
    for (const id of met) {
      countIds(open.tally, sysmon, id, counts[id]!);
      counts[id] = 0;
    }
  }

  /** What a record says beside that it was written. */
  #examine(event: Event, open: OpenChannel): void {
    const tally = this.#tally;
    addIds(open.host, event);
    for (const mark of marksOf(event)) open.host.marks.push(mark);

    // An event without a time can't be said to lie outside the range that was asked for.
    if (event.time < this.#question.from || event.time > this.#question.to) return;
    const loss = sensorLoss(event);
    if (loss) this.addDiagnostic(loss);
    const rules = this.#question.decide(event);
    if (this.#question.counts && !this.#question.hides?.(event)) {
      for (const counted of this.#question.counts(event))
        addCounted(tally, counted, event.time, open.hostKey);
    }
    if (rules.length === 0) {
      // Sysmon writes these whatever the configuration says.
      if (this.#measures && ALWAYS_LOGGED.has(event.eventId) && isSysmon(event.provider)) {
        addVolume(tally.volume, event);
      }
      return;
    }
    if (this.#measures) addVolume(tally.volume, event);
    const slot = Number.isFinite(event.time) ? Math.floor(event.time / SLOT_MS) : NO_SLOT;
    const { hides } = this.#question;
    if (hides?.(event)) {
      addToSlot(open.host.excluded, slot);
      return;
    }
    this.#addMatch(event, rules, slot, open);
  }

  /** The channel of an origin, which that many records more are of. */
  #channel(event: Pick<Event, 'host' | 'channel'>, records: number): OpenChannel {
    const recent = this.#recent;
    if (recent && recent.host === event.host && recent.channel === event.channel) {
      if (records > 0) addSpelling(recent.open.host.spellings, recent.spelling, records);
      return recent.open;
    }
    const host = hostOrOthers(this.#tally.hosts, boundKey(hostKey(event.host)), this.#bounds);
    let hostTally = this.#tally.hosts.get(host);
    if (!hostTally) this.#tally.hosts.set(host, (hostTally = emptyHost()));
    const spelling = host === OTHERS ? OTHERS : boundKey(event.host);
    if (records > 0) addSpelling(hostTally.spellings, spelling, records);
    const channel = channelOrOthers(hostTally, host, boundKey(foldAscii(event.channel)), this.#bounds);
    const key = channelKey(host, channel);
    let open = this.#open.get(key);
    if (!open) {
      const tally = emptyChannel();
      hostTally.channels.set(channel, tally);
      open = openChannel(host, channel, hostTally, tally, this.#suspects.get(key) ?? []);
      this.#open.set(key, open);
    }
    this.#recent = { host: event.host, channel: event.channel, spelling, open };
    return open;
  }

  #isDuplicate(event: Event, open: OpenChannel): boolean {
    if (event.record === null || !contains(open.suspects, event.record)) return false;
    const { times, others } = open.identities!;
    const time = identityTime(event);
    const seen = times.get(event.record);
    if (seen === undefined) {
      times.set(event.record, time);
      return false;
    }
    const identity = `${event.record}@${time}`;
    if (Object.is(seen, time) || others.has(identity)) return true;
    others.add(identity);
    return false;
  }

  #addMatch(event: Event, rules: readonly number[], slot: number, open: OpenChannel): void {
    const tally = this.#tally;
    // Its fields are read anyway.
    addMachine(open.host, event);
    const channel = isSysmon(event.provider) ? '' : open.channel;
    const type = typeKey(channel, event.eventId);
    let names = tally.by.get(type);
    if (!names) tally.by.set(type, (names = this.#question.by(event)));
    const { fields } = event;
    const values = names.map((name) => fields.get(name) ?? null);
    const met =
      this.#met.find(rules, type, values) ?? this.#meet(event.eventId, rules, channel, values, open);
    if (met === null) {
      addToSlot(slotsOf(tally.others, open.hostKey), slot);
      return;
    }
    addSpelling(met.group.spellings, met.spelling, 1);
    if (met.host !== open.hostKey) {
      met.host = open.hostKey;
      met.slots = slotsOf(met.group.hosts, met.host);
    }
    addToSlot(met.slots, slot);
    if (tally.groups.size > this.#limit || this.#characters > charactersFor(this.#limit)) {
      boundGroups(tally, this.#limit);
      this.#characters = 0;
      this.#met.clear();
    }
  }

  /** The group of an event that was not met lately; null where the tally keeps none of that key. */
  #meet(
    eventId: number,
    rules: readonly number[],
    channel: string,
    values: readonly (string | null)[],
    { hostKey: host }: OpenChannel,
  ): MetGroup | null {
    const tally = this.#tally;
    const type = typeKey(channel, eventId);
    const folded = values.map((value) => (value === null ? null : boundKey(foldAscii(value))));
    const key = groupKey(rules, type, folded);
    if (!keeps(tally, key)) return null;
    let group = tally.groups.get(key);
    if (!group) {
      group = { rules, eventId, channel, key: folded, spellings: new Map(), hosts: new Map() };
      tally.groups.set(key, group);
      this.#characters += charactersOf(folded);
    }
    const written = values.map((value, i) =>
      value === null || foldAscii(value) === value ? folded[i] : boundKey(value),
    );
    const met = { group, spelling: JSON.stringify(written), host, slots: slotsOf(group.hosts, host) };
    this.#met.note(rules, type, values, met);
    return met;
  }

  /**
   * The tally of all that was added so far, and the record ids that were met more than once. It may go on after that, and
   * be asked again: the tally is the same object, and holds until more is added.
   */
  finish(): { tally: Tally; overlaps: Overlap[] } {
    const overlaps: Overlap[] = [];
    for (const open of this.#open.values()) {
      const overlap = closeChannel(open);
      if (overlap) overlaps.push(overlap);
    }
    for (const host of this.#tally.hosts.values()) host.marks = joinMarks(host.marks);
    return { tally: this.#tally, overlaps };
  }
}

/**
 * The time by which a record is told from another with its id. Sysmon's own time is the same in every container; the
 * header's, which an EVTX record also has, is not in an export.
 */
function identityTime(event: Event): number {
  const own = isSysmon(event.provider) ? parseTime(event.fields.get('UtcTime') ?? '') : Number.NaN;
  return Number.isNaN(own) ? event.time : own;
}

/** Whether one of the ascending runs holds an id. */
function contains(runs: readonly Run[], id: number): boolean {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle]!.last < id) low = middle + 1;
    else high = middle;
  }
  return low < runs.length && runs[low]!.first <= id;
}
