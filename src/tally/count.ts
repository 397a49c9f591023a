/** Events -> tally. */
import {
  ALWAYS_LOGGED,
  boundKey,
  type Diagnostic,
  type Event,
  foldAscii,
  isSysmon,
  typeKey,
} from '../events/index.ts';
import {
  EVERY_RECORD,
  type Origin,
  placedFields,
  type Scan,
  type Totals,
  type Wanted,
  type WantedRecords,
} from '../evtx/index.ts';
import { type Counted, type Question, valueOf } from '../predicate/index.ts';
import { channelKey, Channels, type Suspects } from './channels.ts';
import { FieldWatch } from './fields-met.ts';
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
import { addDiagnostics, addLate, addSkipped, emptyTally, joinMarks, type Overlap } from './merge.ts';
import { HOST_BOUNDS, type HostBounds } from './others.ts';
import { addRun, addTimes, closeChannel, countIds, type OpenChannel } from './open-channel.ts';
import { sensorLoss } from './sensor.ts';
import { addCounted } from './sequences.ts';
import {
  addIds,
  addMachine,
  addMachineAt,
  addSampled,
  isSample,
  machineOf,
  tellsSampled,
} from './sightings.ts';
import { NO_SLOT, SLOT_MS, type Slots, type Tally } from './tally.ts';
import { addSizes, addVolume, frameBytes } from './volume.ts';
import { measures, wantedOf } from './wanted.ts';

/** What was found out about a record, and holds for all that are like it. */
interface Outcome {
  readonly open: OpenChannel;
  readonly machine: string | null;
  /** Whether samples of it tell their machines themselves. */
  readonly isSampled: boolean;
  readonly counted: readonly Counted[];
  /** Where it is counted, as a match or one that is hidden; null for one that does not match. */
  readonly slots: Slots | null;
  readonly isHidden: boolean;
  /** Its group, if it has one. */
  readonly met: MetGroup | null;
  /** Bytes of its line beside its values (`addSizes`); null where its size does not count. */
  readonly frame: number | null;
}

/** That many are kept; past it all are forgotten. */
const MAX_OUTCOMES = 65_536;
/** Providers and channels of which it is kept what is wanted. */
const MAX_WANTED = 1000;
const NOTHING: readonly Counted[] = [];

/** Counts events into a tally: add, add, …, finish. */
export class Counter {
  readonly #question: Question;
  readonly #tally: Tally;
  /** In a place of its own: past 2^31 a member of the tally would be another kind of number to V8, and all code that was compiled for tallies would be compiled again. */
  readonly #bytes = new Float64Array(1);
  readonly #isSuspicious: boolean;
  readonly #limit: number;
  /** Whether the question is a configuration, of which the volume is wanted. */
  readonly #measures: boolean;
  readonly #channels: Channels;
  readonly #fields: FieldWatch;
  /** Characters of the groups that are new since their bound was last looked at. */
  #characters = 0;
  readonly #met = new GroupCache();
  /** By what records are like (WantedRecords). */
  readonly #outcomes = new Map<number, Outcome>();
  readonly #wanted = new Map<string, Wanted>();

  /** `suspects`: identities to remember there, so that a record read twice is counted once. */
  constructor(
    question: Question,
    suspects: Suspects = new Map(),
    limit: number = MAX_GROUPS,
    bounds: HostBounds = HOST_BOUNDS,
  ) {
    this.#question = question;
    this.#isSuspicious = suspects.size > 0;
    this.#limit = limit;
    this.#measures = measures(question);
    this.#tally = emptyTally(question.text);
    this.#fields = new FieldWatch(question, this.#tally.fieldsMet);
    this.#channels = new Channels(this.#tally.hosts, suspects, bounds);
  }

  addFile(): void {
    this.#tally.files += 1;
  }

  addBytes(bytes: number): void {
    this.#bytes[0]! += bytes;
  }

  addSkipped(path: string, reason: string): void {
    addSkipped(this.#tally, [{ path: boundKey(path), reason }], 0);
  }

  addDiagnostic(diagnostic: Diagnostic): void {
    addDiagnostics(this.#tally, diagnostic.code, { count: 1, lost: diagnostic.lost, first: [diagnostic] });
    this.#tally.unreadable += diagnostic.lost;
  }

  /** Which records of an origin `addScan` must be given themselves: a record of any other changes nothing but totals. */
  wanted(origin: Origin): Wanted {
    // Doubles are told by the records themselves, and so are the hosts that were asked for.
    if (this.#isSuspicious || this.#question.concerns) return EVERY_RECORD;
    const key = channelKey(origin.provider, origin.channel);
    let wanted = this.#wanted.get(key);
    if (!wanted) {
      wanted = wantedOf(this.#question, origin, this.#fields);
      if (this.#wanted.size < MAX_WANTED) this.#wanted.set(key, wanted);
    }
    return wanted;
  }

  /** Adds what records come to, and the wanted ones of them. */
  addScan(scan: Scan): void {
    if (this.#isSuspicious || this.#question.concerns) {
      for (const event of scan.events) this.addEvent(event);
      return;
    }
    const { totals, wanted } = scan;
    this.#addTotals(totals);
    const outcomes = this.#outcomes;
    for (let i = 0; i < wanted.count; i++) {
      const alike = wanted.alike(i);
      const known = alike < 0 ? undefined : outcomes.get(alike);
      if (known !== undefined) {
        this.#repeat(known, wanted, i, wanted.recordsOf(i));
        this.#measure(known, wanted, i);
        continue;
      }
      const event = wanted.record(i);
      const outcome = this.#examine(event, this.#channels.of(event, 0), alike >= 0);
      if (outcome !== null) {
        const others = wanted.recordsOf(i) - 1;
        if (others > 0) this.#repeat(outcome, wanted, i, others);
        this.#measure(outcome, wanted, i);
        if (outcomes.size >= MAX_OUTCOMES) outcomes.clear();
        outcomes.set(alike, outcome);
        if (isNothing(outcome)) wanted.dismiss(i);
      }
      // What was found out about others names groups that may be gone now.
      this.#bound();
    }
  }

  #isInRange(time: number): boolean {
    return time >= this.#question.from && time <= this.#question.to;
  }

  /** Adds so many records that are like one before, which a scan tells as one. */
  #repeat(outcome: Outcome, wanted: WantedRecords, index: number, records: number): void {
    const { open, machine, isSampled, counted, slots, isHidden, met } = outcome;
    const time = wanted.timeOf(index);
    const isInRange = this.#isInRange(time);
    if (machine !== null || isSampled) {
      const id = wanted.idOf(index);
      const isAsked = isSample(id < 0 ? null : id, time);
      const isMatch = isInRange && slots !== null && !isHidden;
      if (isSampled && isAsked) addSampled(open.host, wanted.record(index));
      else if (machine !== null && (isMatch || isAsked))
        addMachineAt(open.host, machine, time, wanted.lastTimeOf(index));
    }
    if (!isInRange) return;
    for (const one of counted) addCounted(this.#tally, one, time, open.hostKey);
    if (slots !== null) addToSlot(slots, Math.floor(time / SLOT_MS), records);
    if (met !== null) addSpelling(met.group.spellings, met.spelling, records);
  }

  /** Adds the sizes of all records that a scan tells as one. */
  #measure({ frame }: Outcome, wanted: WantedRecords, index: number): void {
    if (frame === null || !this.#isInRange(wanted.timeOf(index))) return;
    const records = wanted.recordsOf(index);
    addSizes(this.#tally.volume, records, frame, wanted.charactersOf(index), wanted.jsonBytesOf(index));
  }

  addEvent(event: Event): void {
    const tally = this.#tally;
    tally.records += 1;
    if (this.#question.concerns?.(event) === false) return;
    const open = this.#channels.of(event, 1);
    if (open.identities?.isKnown(event)) {
      tally.duplicates += 1;
      return;
    }
    const { eventId, record, time, provider, delay = 0 } = event;
    open.tally.records += 1;
    countIds(open.tally, isSysmon(provider), eventId, 1);
    addTimes(open, time, time);
    addRun(open, 1, record ?? -1, time, time);
    if (delay > 0) addLate(open.tally, 1, delay);
    this.#examine(event, open);
    this.#bound();
  }

  #addTotals({ records, origins, stretches, stretchCount, eventIds, eventIdCount }: Totals): void {
    this.#tally.records += records;
    for (let i = 0; i < stretchCount; i++) {
      const count = stretches.records[i]!;
      const open = this.#channels.of(origins[stretches.origin[i]!]!, count);
      const [from, to] = [stretches.from[i]!, stretches.to[i]!];
      open.tally.records += count;
      addTimes(open, from, to);
      addRun(open, count, stretches.first[i]!, from, to);
      const late = stretches.late[i]!;
      if (late > 0) addLate(open.tally, late, stretches.delay[i]!);
    }
    for (let i = 0; i < eventIdCount; i++) {
      const origin = origins[eventIds.origin[i]!]!;
      const { tally } = this.#channels.of(origin, 0);
      countIds(tally, isSysmon(origin.provider), eventIds.eventId[i]!, eventIds.records[i]!);
    }
  }

  /** What a record says beside that it was written. Returns what holds for all that are like it; null if that is not known, or not asked for. */
  #examine(event: Event, open: OpenChannel, isAsked = false): Outcome | null {
    const tally = this.#tally;
    addIds(open.host, event);
    for (const mark of marksOf(event)) open.host.marks.push(mark);
    this.#fields.note(event);

    // An event without a time can't be said to lie outside the range that was asked for.
    if (event.time < this.#question.from || event.time > this.#question.to) return null;
    const loss = sensorLoss(event);
    if (loss) this.addDiagnostic(loss);
    const rules = this.#question.decide(event);
    const { hides } = this.#question;
    const isHidden = hides !== null && (rules.length > 0 || this.#question.counts !== null) && hides(event);
    const counted = isHidden ? NOTHING : (this.#question.counts?.(event) ?? NOTHING);
    for (const one of counted) addCounted(tally, one, event.time, open.hostKey);
    // Sysmon writes some whatever the configuration says.
    const isMeasured =
      this.#measures && (rules.length > 0 || (ALWAYS_LOGGED.has(event.eventId) && isSysmon(event.provider)));
    // How long records are that may be like others is told by the scan.
    if (isMeasured && !isAsked) addVolume(tally.volume, event);
    let slots: Slots | null = null;
    let met: MetGroup | null = null;
    if (rules.length > 0) {
      if (isHidden) slots = open.host.excluded;
      else {
        addMachine(open.host, event);
        met = this.#groupOf(event, rules, open);
        slots = met === null ? slotsOf(tally.others, open.hostKey) : met.slots;
        if (met !== null) addSpelling(met.group.spellings, met.spelling, 1);
      }
      addToSlot(slots, Number.isFinite(event.time) ? Math.floor(event.time / SLOT_MS) : NO_SLOT, 1);
    }
    if (!isAsked) return null;
    const frame = isMeasured ? frameBytes(event, placedFields(event.fields)!.plan.nameCharacters) : null;
    const machine = machineOf(event);
    const isSampled = machine === null && tellsSampled(event);
    return { open, machine, isSampled, counted, slots, isHidden, met, frame };
  }

  /** The group of a matching event, with the slots of its host; null where the tally keeps none of that key. */
  #groupOf(event: Event, rules: readonly number[], open: OpenChannel): MetGroup | null {
    const tally = this.#tally;
    const channel = isSysmon(event.provider) ? '' : open.channel;
    const type = typeKey(channel, event.eventId);
    let names = tally.by.get(type);
    if (!names) tally.by.set(type, (names = this.#question.by(event)));
    const values = names.map((name) => valueOf(event, name));
    const met =
      this.#met.find(rules, type, values) ?? this.#meet(event.eventId, rules, channel, values, open);
    if (met !== null && met.host !== open.hostKey) {
      met.host = open.hostKey;
      met.slots = slotsOf(met.group.hosts, met.host);
    }
    return met;
  }

  /** Keeps the groups within their bound. */
  #bound(): void {
    const tally = this.#tally;
    if (tally.groups.size <= this.#limit && this.#characters <= charactersFor(this.#limit)) return;
    boundGroups(tally, this.#limit);
    this.#characters = 0;
    this.#met.clear();
    this.#outcomes.clear();
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
    for (const open of this.#channels.all) {
      const overlap = closeChannel(open);
      if (overlap) overlaps.push(overlap);
    }
    for (const host of this.#tally.hosts.values()) host.marks = joinMarks(host.marks);
    this.#tally.bytes = this.#bytes[0]!;
    return { tally: this.#tally, overlaps };
  }
}

/** Whether a record changes nothing, but where its machine is asked for. */
function isNothing({ counted, slots, frame }: Outcome): boolean {
  return counted.length === 0 && slots === null && frame === null;
}
