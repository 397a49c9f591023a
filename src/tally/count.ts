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
import type { Question } from '../predicate/index.ts';
import {
  addSpellings,
  boundGroups,
  charactersFor,
  charactersOf,
  groupKey,
  keeps,
  MAX_GROUPS,
  slotsOf,
} from './groups.ts';
import { joinIntervals, joinRuns } from './intervals.ts';
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
import { sensorLoss } from './sensor.ts';
import { addCounted } from './sequences.ts';
import { addIds, addMachine } from './sightings.ts';
import {
  ACTIVITY_GAP_MS,
  type ChannelTally,
  type HostTally,
  type Interval,
  NO_SLOT,
  type Run,
  SLOT_MS,
  type Tally,
} from './tally.ts';
import { addVolume } from './volume.ts';

/** Records whose ids were met in more than one place: by host and channel, the ids in question. */
export type Suspects = ReadonlyMap<string, readonly Run[]>;

export function channelKey(host: string, channel: string): string {
  return `${host}\0${channel}`;
}

/** A channel while it is being counted: its latest stretch and run are still open. */
interface Open {
  readonly hostKey: string;
  readonly channel: string;
  readonly host: HostTally;
  readonly tally: ChannelTally;
  intervals: Interval[];
  runs: Run[];
  /** Ids that stood in more than one run. */
  readonly twice: Run[];
  /** Lengths at which the lists are joined next. */
  intervalsAt: number;
  runsAt: number;
  first: number;
  last: number;
  runFirst: number;
  runLast: number;
  runFrom: number;
  runTo: number;
  /** Times of the suspected ids that were met; null where none is suspected. A second time of an id goes to `others`. */
  readonly identities: { readonly times: Map<number, number>; readonly others: Set<string> } | null;
  readonly suspects: readonly Run[];
}

/** Lists of this length are joined on the way: memory stays flat where records come out of order. */
const JOIN_AT = 4096;

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
  readonly #open = new Map<string, Open>();
  #recent: { host: string; channel: string; spelling: string; open: Open } | undefined;

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

  addEvent(event: Event): void {
    const tally = this.#tally;
    tally.records += 1;
    if (this.#question.concerns?.(event) === false) return;
    const open = this.#channel(event);
    if (open.identities && this.#isDuplicate(event, open)) {
      tally.duplicates += 1;
      return;
    }
    this.#addRecord(event, open);
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
      open.host.excluded.set(slot, (open.host.excluded.get(slot) ?? 0) + 1);
      return;
    }
    this.#addMatch(event, rules, slot, open);
  }

  #channel(event: Event): Open {
    const recent = this.#recent;
    if (recent && recent.host === event.host && recent.channel === event.channel) {
      addSpellings(recent.open.host.spellings, [[recent.spelling, 1]]);
      return recent.open;
    }
    const host = hostOrOthers(this.#tally.hosts, boundKey(hostKey(event.host)), this.#bounds);
    let hostTally = this.#tally.hosts.get(host);
    if (!hostTally) this.#tally.hosts.set(host, (hostTally = emptyHost()));
    const spelling = host === OTHERS ? OTHERS : boundKey(event.host);
    addSpellings(hostTally.spellings, [[spelling, 1]]);
    const channel = channelOrOthers(hostTally, host, boundKey(foldAscii(event.channel)), this.#bounds);
    const key = channelKey(host, channel);
    let open = this.#open.get(key);
    if (!open) {
      const tally = emptyChannel();
      hostTally.channels.set(channel, tally);
      const suspects = this.#suspects.get(key);
      open = {
        hostKey: host,
        channel,
        host: hostTally,
        tally,
        intervals: [],
        runs: [],
        twice: [],
        intervalsAt: JOIN_AT,
        runsAt: JOIN_AT,
        first: Number.NaN,
        last: Number.NaN,
        runFirst: -1,
        runLast: -1,
        runFrom: Number.POSITIVE_INFINITY,
        runTo: Number.NEGATIVE_INFINITY,
        identities: suspects ? { times: new Map(), others: new Set() } : null,
        suspects: suspects ?? [],
      };
      this.#open.set(key, open);
    }
    this.#recent = { host: event.host, channel: event.channel, spelling, open };
    return open;
  }

  #isDuplicate(event: Event, open: Open): boolean {
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

  #addRecord(event: Event, open: Open): void {
    const { tally } = open;
    tally.records += 1;
    if (isSysmon(event.provider)) {
      tally.sysmon += 1;
      tally.byEventId.set(event.eventId, (tally.byEventId.get(event.eventId) ?? 0) + 1);
    } else {
      tally.otherEventIds.set(event.eventId, (tally.otherEventIds.get(event.eventId) ?? 0) + 1);
    }
    const { time, record } = event;
    if (time >= open.first - ACTIVITY_GAP_MS && time <= open.last + ACTIVITY_GAP_MS) {
      if (time > open.last) open.last = time;
      else if (time < open.first) open.first = time;
    } else if (Number.isFinite(time)) {
      closeInterval(open);
      open.first = time;
      open.last = time;
    }
    // Ids of several channels say nothing of each other.
    if (record === null || open.channel === OTHERS) {
      tally.withoutId += 1;
      return;
    }
    if (record !== open.runLast + 1 || open.runLast < 0) {
      closeRun(open);
      open.runFirst = record;
      open.runFrom = Number.POSITIVE_INFINITY;
      open.runTo = Number.NEGATIVE_INFINITY;
    }
    open.runLast = record;
    if (time < open.runFrom) open.runFrom = time;
    if (time > open.runTo) open.runTo = time;
  }

  #addMatch(event: Event, rules: readonly number[], slot: number, open: Open): void {
    const tally = this.#tally;
    // Its fields are read anyway.
    addMachine(open.host, event);
    const host = open.hostKey;
    const channel = isSysmon(event.provider) ? '' : open.channel;
    const type = typeKey(channel, event.eventId);
    let names = tally.by.get(type);
    if (!names) tally.by.set(type, (names = this.#question.by(event)));
    const values = names.map((name) => event.fields.get(name) ?? null);
    const folded = values.map((value) => (value === null ? null : boundKey(foldAscii(value))));
    const key = groupKey(rules, type, folded);
    if (!keeps(tally, key)) {
      const slots = slotsOf(tally.others, host);
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
      return;
    }
    let group = tally.groups.get(key);
    if (!group) {
      group = {
        rules,
        eventId: event.eventId,
        channel,
        key: folded,
        spellings: new Map(),
        hosts: new Map(),
      };
      tally.groups.set(key, group);
      this.#characters += charactersOf(folded);
    }
    const written = values.map((value, i) =>
      value === null || foldAscii(value) === value ? folded[i] : boundKey(value),
    );
    const spelling = JSON.stringify(written);
    addSpellings(group.spellings, [[spelling, 1]]);
    const slots = slotsOf(group.hosts, host);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
    if (tally.groups.size > this.#limit || this.#characters > charactersFor(this.#limit)) {
      boundGroups(tally, this.#limit);
      this.#characters = 0;
    }
  }

  /**
   * The tally of all that was added so far, and the record ids that were met more than once. It may go on after that, and
   * be asked again: the tally is the same object, and holds until more is added.
   */
  finish(): { tally: Tally; overlaps: Overlap[] } {
    const overlaps: Overlap[] = [];
    for (const open of this.#open.values()) {
      const twice = [...open.twice];
      open.tally.activity = joinIntervals([...open.intervals, ...openInterval(open)]);
      open.tally.runs = joinRuns([...open.runs, ...openRun(open)], twice);
      if (twice.length > 0) {
        overlaps.push({ host: open.hostKey, channel: open.channel, runs: joinRuns(twice) });
      }
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

/** The stretch that goes on, if there is one. */
function openInterval({ first, last }: Open): Interval[] {
  return Number.isFinite(first) ? [[first, last]] : [];
}

function closeInterval(open: Open): void {
  open.intervals.push(...openInterval(open));
  if (open.intervals.length < open.intervalsAt) return;
  open.intervals = joinIntervals(open.intervals);
  open.intervalsAt = Math.max(JOIN_AT, 2 * open.intervals.length);
}

/** The run of ids that goes on, if there is one. */
function openRun({ runFirst, runLast, runFrom, runTo }: Open): Run[] {
  if (runLast < 0) return [];
  return [{ first: runFirst, last: runLast, from: runFrom, to: runTo, records: runLast - runFirst + 1 }];
}

function closeRun(open: Open): void {
  open.runs.push(...openRun(open));
  if (open.runs.length < open.runsAt) return;
  open.runs = joinRuns(open.runs, open.twice);
  open.runsAt = Math.max(JOIN_AT, 2 * open.runs.length);
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
