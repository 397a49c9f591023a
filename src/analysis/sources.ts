/** Which channels of a host can hold events of a question. */
import { type EventSource, isOfChannel } from '../predicate/index.ts';
import type { ChannelTally } from '../tally/index.ts';
import type { QuestionFacts } from './question-facts.ts';

/**
 * The ids of the sources' events that the channel can hold; null where it holds none of them. Of Sysmon's channels those
 * that its configuration logs, where that is known. Another channel with ids of its own shows by at least one of them
 * that it is written at all: a Security log without any 4688 is of a machine that does not audit process creation. A
 * source without ids is every record.
 */
export function heldIds(
  name: string,
  channel: ChannelTally,
  sources: readonly EventSource[],
  logged: QuestionFacts['logged'],
): ReadonlySet<number> | null {
  const ids = new Set<number>();
  let holds = false;
  for (const source of sources) {
    const { eventIds } = source;
    if (source.channel === null) {
      if (channel.sysmon === 0 || !isOfSystem(source, name)) continue;
      const able = eventIds?.filter((id) => logged?.get(id) !== 'none');
      if (able?.length === 0) continue;
      holds = true;
      for (const id of able ?? []) ids.add(id);
    } else if (isOfChannel(source, name) && channel.records > channel.sysmon) {
      if (eventIds && !eventIds.some((id) => channel.otherEventIds.has(id))) continue;
      holds = true;
      for (const id of eventIds ?? []) ids.add(id);
    }
  }
  return holds ? ids : null;
}

/** Sysmon for Linux has a channel of its own. */
function isOfSystem({ system }: EventSource, channel: string): boolean {
  return system === undefined || (system === 'linux') === channel.startsWith('linux-sysmon/');
}
