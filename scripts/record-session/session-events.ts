/** Which events of a recording are those of the session, and not of all else that the machine does. */
import type { Event } from '../../src/events/index.ts';

/** Types that tell of the monitor itself. */
const OF_MONITOR: ReadonlySet<number> = new Set([4, 16, 255]);

const guidOf = ({ fields }: Event): string | undefined =>
  fields.get('ProcessGuid') ?? fields.get('SourceProcessGuid') ?? fields.get('SourceProcessGUID');

/**
 * The events of all processes that descend from the shell, and what the monitor says of itself. The shell's own start
 * is left out, for it names who started it. Events must be in order, and of event 1 there must be all.
 */
export function sessionEvents(events: readonly Event[], shell: number): readonly Event[] {
  const family = new Set<string>();
  let root: Event | undefined;
  return events.filter((event) => {
    const { eventId, fields } = event;
    if (OF_MONITOR.has(eventId)) return true;
    const guid = guidOf(event);
    if (guid === undefined) return false;
    if (eventId === 1 && root === undefined && fields.get('ProcessId') === String(shell)) {
      root = event;
      family.add(guid);
      return false;
    }
    if (eventId === 1 && family.has(fields.get('ParentProcessGuid') ?? '')) family.add(guid);
    return family.has(guid);
  });
}
