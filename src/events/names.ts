/** Finds event types by id or by name, and their fields. */
import { foldAscii } from './event.ts';
import { EVENT_TYPES } from './event-table.ts';
import type { EventType, FieldType } from './event-type.ts';

const byId: ReadonlyMap<number, EventType> = new Map(EVENT_TYPES.map((type) => [type.id, type]));

const byName = new Map<string, EventType[]>();
for (const type of EVENT_TYPES) {
  const key = foldAscii(type.name);
  byName.set(key, [...(byName.get(key) ?? []), type]);
}

/** The type with this id, or undefined for an id that no known Sysmon writes. */
export function eventType(id: number): EventType | undefined {
  return byId.get(id);
}

/** The types that a name or an id stands for (`8`, `createremotethread`, `RegistryEvent` = 12, 13, 14); empty if none. */
export function eventTypesNamed(nameOrId: string): readonly EventType[] {
  const text = nameOrId.trim();
  if (/^\d{1,5}$/.test(text)) {
    const type = byId.get(Number(text));
    return type ? [type] : [];
  }
  return byName.get(foldAscii(text)) ?? [];
}

const fieldTypes: ReadonlyMap<number, ReadonlyMap<string, FieldType>> = new Map(
  EVENT_TYPES.map((type) => [type.id, new Map(type.layouts.flatMap((layout) => layout.fields))]),
);

/** Every field that any schema gives to this type, with its value type; undefined for an unknown id. */
export function fieldsOf(id: number): ReadonlyMap<string, FieldType> | undefined {
  return fieldTypes.get(id);
}

/** The layout in which a type first has a field; undefined where none has. */
export function firstLayoutWith(
  { layouts }: EventType,
  field: string,
): EventType['layouts'][number] | undefined {
  return layouts.find(({ fields }) => fields.some(([name]) => name === field));
}

/** Events that no section filters: Sysmon writes them whatever its configuration says (4, 16, 255). */
export const ALWAYS_LOGGED: ReadonlySet<number> = new Set(
  EVENT_TYPES.filter((type) => type.tag === null).map((type) => type.id),
);

/** EventType of events that share a tag with others. Those of event 12 are all the rest of RegistryEvent. */
export const EVENT_TYPE_TEXTS: Readonly<Record<number, readonly string[]>> = {
  13: ['SetValue'],
  14: ['RenameKey', 'RenameValue'],
  17: ['CreatePipe'],
  18: ['ConnectPipe'],
  19: ['WmiFilterEvent'],
  20: ['WmiConsumerEvent'],
  21: ['WmiBindingEvent'],
};
