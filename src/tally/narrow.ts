/**
 * A tally of fewer events than it was made of: what `--where`, `--not`, `--from` and `--to` would have left of its logs.
 * Exact, or refused: values are kept folded, some cut, and events only by slots of ten seconds.
 */
import { formatTime, typeKey } from '../events/index.ts';
import { asksForHost, compileFieldTest, QuestionError } from '../predicate/index.ts';
import { answerOfGroup, answerOfHost, type TallyTest } from './group-test.ts';
import { addCounts } from './groups.ts';
import { OTHERS } from './others.ts';
import { NO_SLOT, SLOT_MS, type Slots, type Tally } from './tally.ts';

export interface Narrowing {
  readonly where: readonly string[];
  readonly not: readonly string[];
  /** Milliseconds since 1970 UTC, closed; null where the tally's own bound stays. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Narrows a tally, which changes. Throws QuestionError where the tally can't tell. `source` names it in messages. */
export function narrow(
  tally: Tally,
  eventIds: readonly number[],
  { where, not, from, to }: Narrowing,
  source: string,
): void {
  const compile = (text: string, option: string): TallyTest => ({
    text: `${option} ${text}`,
    test: compileFieldTest(text, eventIds, option),
    ofHost: asksForHost(text),
    source: text,
  });
  const wanted = where.map((text) => compile(text, '--where'));
  const hidden = not.map((text) => compile(text, '--not'));
  refuseOthers(tally, [...wanted, ...hidden], source);
  refuseSequences(tally, [...wanted, ...hidden], source);
  refuseExcluded(
    tally,
    wanted.filter(({ ofHost }) => !ofHost),
    source,
  );
  // First, while the counts of spellings and events belong together.
  const ofGroup = (tests: readonly TallyTest[]): TallyTest[] => tests.filter(({ ofHost }) => !ofHost);
  for (const [key, group] of tally.groups) {
    if (!ofGroup(wanted).every((test) => answerOfGroup(tally, group, test, source))) tally.groups.delete(key);
    else if (ofGroup(hidden).some((test) => answerOfGroup(tally, group, test, source))) {
      for (const [host, slots] of group.hosts) addCounts(tally.hosts.get(host)!.excluded, slots);
      tally.groups.delete(key);
    }
  }
  keepHosts(
    tally,
    wanted.filter(({ ofHost }) => ofHost),
    source,
  );
  hideHosts(
    tally,
    hidden.filter(({ ofHost }) => ofHost),
    source,
  );
  trim(tally, from, to, source);
  tidy(tally);
}

/** What was counted without its values, or for several hosts together, can't be asked about either. */
function refuseOthers(tally: Tally, tests: readonly TallyTest[], source: string): void {
  for (const { text, ofHost } of tests) {
    const lost = ofHost ? tally.hosts.has(OTHERS) : tally.others.size > 0;
    if (!lost) continue;
    const what = ofHost ? 'hosts' : 'groups';
    throw new QuestionError(
      'tally-where',
      `${text}: ${source} had more ${what} than it keeps apart, and can't tell which of the others pass: give the logs`,
    );
  }
}

/** Of what --not hid no values are kept. */
function refuseExcluded({ hosts }: Tally, [test]: readonly TallyTest[], source: string): void {
  if (!test || [...hosts.values()].every(({ excluded }) => excluded.size === 0)) return;
  throw new QuestionError(
    'tally-where',
    `${test.text}: ${source} keeps of the events that --not hid only when and on which host they were, and can't tell which of them pass: give the logs`,
  );
}

/** Of events that correlations count no more is kept than what they group by. */
function refuseSequences({ sequences }: Tally, [test]: readonly TallyTest[], source: string): void {
  if (!test || sequences.size === 0) return;
  throw new QuestionError(
    'tally-where',
    `${test.text}: ${source} counts events for correlations, and can't tell which of them pass: give the logs`,
  );
}

function keepHosts(tally: Tally, tests: readonly TallyTest[], source: string): void {
  for (const [key, host] of tally.hosts) {
    if (tests.every((test) => answerOfHost(host, test, source))) continue;
    tally.hosts.delete(key);
    tally.others.delete(key);
    for (const group of tally.groups.values()) group.hosts.delete(key);
  }
}

function hideHosts(tally: Tally, tests: readonly TallyTest[], source: string): void {
  if (tests.length === 0) return;
  for (const [key, host] of tally.hosts) {
    if (!tests.some((test) => answerOfHost(host, test, source))) continue;
    for (const hosts of [...[...tally.groups.values()].map((group) => group.hosts), tally.others]) {
      addCounts(host.excluded, hosts.get(key) ?? new Map());
      hosts.delete(key);
    }
  }
}

/** Leaves out the slots before and after; one that is cut must be empty, for what is in it has no finer time. */
function trim(tally: Tally, from: number | null, to: number | null, source: string): void {
  if (from === null && to === null) return;
  const [start, end] = [from ?? -Infinity, to ?? Infinity];
  const trimSlots = (slots: Slots): void => {
    for (const slot of slots.keys()) {
      const [first, last] = [slot * SLOT_MS, (slot + 1) * SLOT_MS - 1];
      if (slot === NO_SLOT || (first >= start && last <= end)) continue;
      if (last >= start && first <= end)
        throw cutSlot(source, first, last, first < start ? '--from' : '--to');
      slots.delete(slot);
    }
  };
  for (const { hosts } of tally.groups.values()) for (const slots of hosts.values()) trimSlots(slots);
  for (const slots of tally.others.values()) trimSlots(slots);
  for (const { excluded } of tally.hosts.values()) trimSlots(excluded);
  for (const [key, sequence] of tally.sequences) {
    const left = sequence.sightings.filter(({ time }) => time >= start && time <= end);
    tally.sightings -= sequence.sightings.length - left.length;
    if (left.length > 0) tally.sequences.set(key, { ...sequence, sightings: left });
    else tally.sequences.delete(key);
  }
}

function cutSlot(source: string, first: number, last: number, option: string): QuestionError {
  const better = formatTime(option === '--from' ? first : last);
  return new QuestionError(
    'tally-time',
    `${option}: ${source} holds events between ${formatTime(first)} and ${formatTime(last)} and can't tell them apart: take a bound on ten seconds, such as ${option} ${better}`,
  );
}

/** As if what is gone had never been counted. */
function tidy(tally: Tally): void {
  const drop = (hosts: Map<string, Slots>): void => {
    for (const [host, slots] of hosts) if (slots.size === 0) hosts.delete(host);
  };
  drop(tally.others);
  const types = new Set<string>();
  for (const [key, group] of tally.groups) {
    drop(group.hosts);
    if (group.hosts.size === 0) tally.groups.delete(key);
    else types.add(typeKey(group.channel, group.eventId));
  }
  if (tally.others.size > 0) return;
  for (const type of tally.by.keys()) if (!types.has(type)) tally.by.delete(type);
}
