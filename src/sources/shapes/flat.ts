/** The fields of an event whose container puts its own keys and the event's beside each other. */
import { EVENT_TYPES, fieldsOf, isSysmon } from '../../events/index.ts';
import { eventIdOf } from '../rendering.ts';
import type { JsonObject } from './shape.ts';

const sysmonFields: ReadonlySet<string> = new Set(
  EVENT_TYPES.flatMap(({ id }) => [...(fieldsOf(id)?.keys() ?? [])]),
);

/** Whether a name is that of a field of some Sysmon event. */
export function isSysmonField(name: string): boolean {
  return sysmonFields.has(name);
}

/**
 * The keys of a flat object that are the event's own fields. Of a Sysmon event, a name that its type has is the
 * event's; otherwise a key is, unless the container is known to use it.
 */
export function ownFields(
  object: JsonObject,
  provider: string,
  container: ReadonlySet<string>,
): [name: string, value: unknown][] {
  const fields: [name: string, value: unknown][] = [];
  const id = eventIdOf(object['EventID']);
  const sysmon = isSysmon(provider);
  const own = sysmon && id !== null ? fieldsOf(id) : undefined;
  for (const name of Object.keys(object)) {
    const value = object[name];
    if (own?.has(name)) {
      // Event 4 has a Version of its own, such as `13.02`; the container's is a small whole number.
      if (name === 'Version' && /^\d{1,3}$/.test(String(value))) continue;
    } else if (container.has(name) || (sysmon && name === 'ProcessId')) continue;
    fields.push([name, value]);
  }
  return fields;
}
