/** The filters that say one allow-list entry, in the words of one configuration's schema. */
import { type AllowEntry, allowEntryText } from '../predicate/index.ts';
import { ALWAYS_LOGGED, EVENT_TYPE_TEXTS, eventType, firstLayoutWith, foldAscii } from '../events/index.ts';
import type { BoundEvent } from './blocks.ts';
import { EditError } from './edit-error.ts';
import type { Config } from './load.ts';

export interface AllowFilters {
  readonly entry: AllowEntry;
  readonly event: BoundEvent;
  /** All of them must match; fields and conditions are those of the schema. */
  readonly filters: readonly { readonly field: string; readonly condition: string; readonly text: string }[];
}

export function refusal(entry: AllowEntry, why: string, offset = 0): EditError {
  return new EditError('config-edit-allow', offset, `${allowEntryText(entry)}: ${why}`);
}

/** Throws EditError for what a Sysmon of this schema can't ask. */
export function allowFilters(config: Config, entry: AllowEntry): AllowFilters {
  const event = config.events.find(({ id }) => id === entry.eventId);
  if (ALWAYS_LOGGED.has(entry.eventId))
    throw refusal(entry, 'Sysmon always logs this type: no section can hide it');
  const fields = event && config.grammar?.tags.get(event.tag);
  if (!event || !fields) {
    const since = eventType(entry.eventId)?.layouts.find(({ tag }) => tag !== null)?.since;
    throw refusal(
      entry,
      since === undefined
        ? 'Sysmon has no such event type'
        : `schema ${config.grammar?.version} has no such type: expected schemaversion="${since}" or newer`,
    );
  }
  const filters: { field: string; condition: string; text: string }[] = [];
  for (const { field, condition, value } of entry.conditions) {
    checkText(entry, field, value);
    filters.push({ field, condition, text: value });
  }
  for (const one of ownEvent(config, event)) {
    const said = filters.some(
      ({ field, condition, text }) =>
        field === one.field && condition === one.condition && foldAscii(text) === foldAscii(one.text),
    );
    if (!said) filters.push(one);
  }
  for (const { field } of filters) {
    if (fields.includes(field) && event.fields.includes(field)) continue;
    const since = firstLayoutWith(eventType(event.id)!, field)?.since;
    throw refusal(
      entry,
      since === undefined || fields.includes(field)
        ? `event ${event.id} has no field ${field}: expected one of ${event.fields.join(', ')}`
        : `schema ${config.grammar!.version} has no ${field} in ${event.tag}: expected schemaversion="${since}" or newer`,
    );
  }
  return { entry, event, filters };
}

/** Tells the event from those that share its tag: an entry for event 13 must not hide 12. */
function ownEvent(config: Config, { id, tag }: BoundEvent): AllowFilters['filters'] {
  const others = config.events.filter((event) => event.tag === tag && event.id !== id);
  if (others.length === 0) return [];
  const field = 'EventType';
  const own = EVENT_TYPE_TEXTS[id];
  // Event 12 is what the others leave over: its own texts are many.
  if (own === undefined) {
    return others.flatMap((other) =>
      (EVENT_TYPE_TEXTS[other.id] ?? []).map((text) => ({ field, condition: 'is not', text })),
    );
  }
  const [only] = own;
  if (own.length === 1) return [{ field, condition: 'is', text: only! }];
  // All filters of a Rule must match, and "is any" came late; RenameKey and RenameValue begin alike, and nothing else does.
  return [{ field, condition: 'begin with', text: sharedStart(own) }];
}

function sharedStart([first = '', ...rest]: readonly string[]): string {
  let length = first.length;
  for (const text of rest) while (!text.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

/** Past this, Sysmon for Windows does not compare a text with a `%` in it (sysmon-semantics, 7.2). */
const EXPANDED = 259;

function checkText(entry: AllowEntry, field: string, text: string): void {
  if (field === 'RuleName') {
    throw refusal(entry, 'RuleName is known only when all filters are through: no filter can match it');
  }
  if (/%[^%]+%/.test(text) || (text.includes('%') && text.length > EXPANDED)) {
    throw refusal(
      entry,
      `Sysmon replaces %NAME% by a variable of the environment, so ${field} would be compared with another text: use a part of it that has no %`,
    );
  }
  // Readers of XML may drop text that is blank alone.
  if (text.trim() === '') throw refusal(entry, `${field} is compared with blanks alone: expected some text`);
}
