/** Each exclude entry of a configuration: who can meet it, what that opens, and an event that shows it. */
import {
  type Config,
  decideFor,
  entryFormula,
  type ExcludeEntry,
  loggedFormula,
  withoutEntry,
} from '../../config/index.ts';
import { satisfy } from '../../decide/index.ts';
import { type Acl, BREADTHS, gainOf, gradeEntry, weakest } from '../../room/index.ts';
import { fleshedOut } from '../attacker.ts';
import type { BlindSpot } from './blindspots.ts';

/** What logs say of an entry. */
export interface Seen {
  readonly suppresses: BlindSpot['suppresses'];
  readonly hidesAttacks: BlindSpot['hidesAttacks'];
}

/** Ways of one entry that are graded; of lists of thousands the rest is like them. */
const WAYS = 2000;

/** In the order of the entries. */
export function blindSpotsOf(
  config: Config,
  entries: readonly ExcludeEntry[],
  seen: (index: number) => Seen,
  acl: Acl | undefined,
): BlindSpot[] {
  return entries.map((entry, index): BlindSpot => {
    const [eventId] = entry.eventIds as readonly [number];
    const ways = entry.ways.slice(0, WAYS);
    const grade = weakest(ways.map((clauses) => gradeEntry(eventId, clauses, acl)));
    const gain = ways
      .map((clauses) => gainOf(eventId, clauses))
      .reduce((most, one) => (BREADTHS.indexOf(one.breadth) > BREADTHS.indexOf(most.breadth) ? one : most));
    return {
      ...config.positionOf(entry.element.start),
      text: textOf(entry),
      eventIds: entry.eventIds,
      conditions: entry.filters.map(({ field, condition, text }) => ({ field, condition, value: text })),
      ...grade,
      gain: gain.gain,
      breadth: gain.breadth,
      witness: witnessOf(config, entry),
      ...seen(index),
    };
  });
}

const LONGEST = 1000;

function textOf({ element, filters, tag }: ExcludeEntry): string {
  const said = filters.map(({ field, condition, text }) => `${field} ${condition} "${text}"`);
  const whole =
    element.name === 'Rule' || element.name === tag
      ? `${element.name}: ${said.join(' and ')}`
      : (said[0] ?? '');
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
}

/** An event that is hidden, and logged without this entry: found by decision, and evaluated. */
function witnessOf(config: Config, entry: ExcludeEntry): Record<string, string> | null {
  const without = withoutEntry(config, entry);
  for (const eventId of entry.eventIds) {
    const event = config.events.find(({ id }) => id === eventId)!;
    const verdict = satisfy({
      kind: 'and',
      of: [entryFormula(entry, event, config), loggedFormula(without, event)],
    });
    if (verdict.kind !== 'witness') continue;
    const shows = (fields: Readonly<Record<string, string>>): boolean => {
      const read = (field: string): string | undefined => fields[field];
      return !decideFor(config, eventId)(read).logged && decideFor(without, eventId)(read).logged;
    };
    const fields = Object.fromEntries(verdict.values);
    if (!shows(fields)) continue;
    return { EventID: String(eventId), ...fleshedOut(fields, event.fields, shows) };
  }
  return null;
}
