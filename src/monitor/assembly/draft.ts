/** An event before the configuration has decided on it: fields that cost something are worked out when they are asked for. */
import { type Event, eventType } from '../../events/index.ts';

/** Text, what makes it, or null where nothing is known. */
export type Value = string | number | null | (() => string | null);

export interface Draft {
  readonly eventId: number;
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  /** By the field's name; those that the event's layout lacks are written after it. */
  readonly values: Record<string, Value>;
}

const PROVIDER = 'Linux-Sysmon';
const CHANNEL = 'Linux-Sysmon/Operational';

/** The text of a field, worked out once; undefined for a field that the draft does not have. */
export function valueOf({ values }: Draft, name: string): string | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'function') return text(value);
  const made = text(value());
  values[name] = made;
  return made;
}

/** The event, its fields in the order of the newest layout; fields that nothing is known of are `-`. */
export function finish(draft: Draft, host: string, ruleName: string | null): Event {
  const layout = eventType(draft.eventId)!.layouts.at(-1)!;
  const fields = new Map<string, string>();
  for (const [name] of layout.fields) fields.set(name, valueOf(draft, name) ?? '-');
  for (const name of Object.keys(draft.values))
    if (!fields.has(name)) fields.set(name, valueOf(draft, name)!);
  if (ruleName !== null && fields.has('RuleName')) fields.set('RuleName', ruleName);
  if (fields.has('UtcTime')) fields.set('UtcTime', utcTime(draft.time));
  return {
    record: null,
    time: draft.time,
    host,
    provider: PROVIDER,
    channel: CHANNEL,
    eventId: draft.eventId,
    version: layout.manifestVersion,
    fields,
  };
}

/** A time as Sysmon writes it: `2021-03-14 06:39:30.227`. */
export function utcTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

function text(value: string | number | null): string {
  return value === null || value === '' ? '-' : String(value);
}
