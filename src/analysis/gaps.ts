/** Gaps in record ids: what they say of the log they are in. */
import { compareText, type ChannelTally, type HostTally, type Runs } from '../tally/index.ts';
import type { Answer } from './answer.ts';

/** What the answer tells of one channel at most. */
const MAX_ROWS = 1000;
/** A log of which so many of its ids are missing, over so many gaps or in so short runs, was picked from. */
const PICKED_SHARE = 0.2;
const PICKED_GAPS = 5;
const PICKED_RUN = 20;

/** Gaps between ids that were read, of all channels. */
export function recordIdGaps(hosts: ReadonlyMap<string, HostTally>): number {
  let gaps = 0;
  for (const { channels } of hosts.values()) {
    for (const { runs } of channels.values()) gaps += missing(runs);
  }
  return gaps;
}

/** Ids that lie between runs, but where they began again. */
function missing(runs: Runs): number {
  let ids = 0;
  for (let i = 1; i < runs.first.length; i++) if (!beganAgain(runs, i)) ids += lackingBefore(runs, i);
  return ids;
}

function lackingBefore({ first, last }: Runs, index: number): number {
  return first[index]! - last[index - 1]! - 1;
}

/** Whether the ids of the run before are of a later time: nobody knows how far those of this one went. */
function beganAgain({ from, to }: Runs, index: number): boolean {
  const hasTimes = from[index]! <= to[index]! && from[index - 1]! <= to[index - 1]!;
  return hasTimes && to[index]! < from[index - 1]!;
}

/**
 * Whether records were picked out of the channel: by a filtered export, or by hand as a sample. Such a log does not tell
 * how long anyone watched. A lost archive leaves one gap between long runs.
 */
export function isPicked({ runs, records, withoutId }: ChannelTally): boolean {
  const { length } = runs.first;
  const gaps = length - 1;
  if (gaps < 1) return false;
  const lacks = missing(runs) / (runs.last[gaps]! - runs.first[0]! + 1);
  return lacks > PICKED_SHARE && (gaps >= PICKED_GAPS || (records - withoutId) / length < PICKED_RUN);
}

/** By host and channel: what is missing, and why. The first thousand. */
export function gapsOf(hosts: ReadonlyMap<string, HostTally>): Answer['read']['gaps'] {
  const rows: Answer['read']['gaps'][number][] = [];
  for (const host of [...hosts.keys()].sort()) {
    const { channels, marks } = hosts.get(host)!;
    for (const [name, channel] of [...channels].sort(([a], [b]) => compareText(a, b))) {
      const cleared = marks.filter((mark) => mark.cleared === name).map(({ time }) => time);
      for (const [kind, { gaps, records }] of classed(channel, cleared)) {
        if (rows.length < MAX_ROWS) rows.push({ host, channel: name, class: kind, gaps, records });
      }
    }
  }
  return rows;
}

type Class = Answer['read']['gaps'][number]['class'];

function classed(
  channel: ChannelTally,
  cleared: readonly number[],
): ReadonlyMap<Class, { gaps: number; records: number }> {
  const rows = new Map<Class, { gaps: number; records: number }>();
  const add = (kind: Class, records: number): void => {
    let row = rows.get(kind);
    if (!row) rows.set(kind, (row = { gaps: 0, records: 0 }));
    row.gaps += 1;
    row.records += records;
  };
  const picked = isPicked(channel);
  const { first, last, from, to, records } = channel.runs;
  first.forEach((id, index) => {
    // Ids that began again: more records stand in the run than it has ids.
    if (records[index]! > last[index]! - id + 1) add('cleared', 0);
    if (index === 0) {
      // Of a picked log nothing says that it began here.
      if (id > 1 && !picked) add('wrapped', id - 1);
      return;
    }
    if (beganAgain(channel.runs, index)) return add('cleared', 0);
    const [before, now] = [to[index - 1]!, from[index]!];
    const isCleared = cleared.some((time) => time >= Math.min(before, now) && time <= Math.max(before, now));
    add(isCleared ? 'cleared' : picked ? 'filtered' : 'loss', lackingBefore(channel.runs, index));
  });
  return rows;
}
