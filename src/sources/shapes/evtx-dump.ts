/**
 * What evtx_dump writes: the record's XML as JSON, attributes in `#attributes` beside `#text`, or in `NAME_attributes`
 * beside NAME (--separate-json-attributes).
 */
import { boundKey, isSysmon } from '../../events/index.ts';
import { isObject } from '../json-value.ts';
import { braced, MAX_NAME } from '../rendering.ts';
import { type JsonObject, objectIn, type Shape, utcIn, words } from './shape.ts';

export const evtxDump: Shape = {
  name: 'evtx_dump',
  recognise: (object) => isObject(object['Event']) && isObject(object['Event']['System']),
  written: (object) =>
    utcIn(attributeOf(objectIn(objectIn(object, 'Event'), 'System'), 'TimeCreated', 'SystemTime')),
  head: (object) => {
    const system = objectIn(objectIn(object, 'Event'), 'System');
    return {
      record: textIn(system, 'EventRecordID'),
      host: String(textIn(system, 'Computer') ?? ''),
      provider: String(attributeOf(system, 'Provider', 'Name') ?? ''),
      channel: String(textIn(system, 'Channel') ?? ''),
      eventId: textIn(system, 'EventID'),
      version: textIn(system, 'Version'),
    };
  },
  fields: (object, { provider }) => {
    const event = objectIn(object, 'Event');
    const fields = [...dataOf(objectIn(event, 'EventData')), ...leavesOf(objectIn(event, 'UserData'))];
    // Sysmon's are known by their fields.
    return isSysmon(provider) ? fields : fields.map(([name, value]) => [name, braced(value)]);
  },
  line: {
    head: [
      ...words('EventRecordID Computer Channel EventID Version').flatMap((name) => [name, `${name}/#text`]),
      'Provider/#attributes/Name',
      'Provider_attributes/Name',
      'TimeCreated/#attributes/SystemTime',
      'TimeCreated_attributes/SystemTime',
    ].map((path) => `Event/System/${path}`),
    utcTime: 'Event/EventData/UtcTime',
    others: 'Event/UserData',
    drops: (name) => name !== 'Event',
  },
};

function attributeOf(parent: JsonObject, element: string, name: string): unknown {
  return (
    objectIn(objectIn(parent, element), '#attributes')[name] ??
    objectIn(parent, `${element}_attributes`)[name]
  );
}

/** The text of an element, which has no object of its own unless it has attributes. */
function textIn(parent: JsonObject, element: string): unknown {
  const value = parent[element];
  return isObject(value) ? value['#text'] : value;
}

/** Named data by their names, a list of unnamed data one by one. */
function* dataOf(data: JsonObject): Generator<readonly [name: string, value: unknown]> {
  for (const key of Object.keys(data)) {
    if (isAttributes(key, data)) continue;
    const value = textIn(data, key);
    if (key !== 'Data') {
      const inner = innerOf(data[key]);
      if (inner === null) yield [nameOf(key, data), value];
      else yield* leavesOf(inner);
    } else if (Array.isArray(value))
      for (const item of value) yield ['', isObject(item) ? item['#text'] : item];
    else if (value !== null && value !== undefined) yield ['', value];
  }
}

/** Elements without elements of their own, by their names. Nesting is bounded where the text was read. */
function* leavesOf(parent: JsonObject): Generator<readonly [name: string, value: unknown]> {
  for (const key of Object.keys(parent)) {
    if (isAttributes(key, parent)) continue;
    // Once for all of a list, which may be long, as the name may.
    const name = boundKey(nameOf(key, parent), MAX_NAME);
    for (const value of [parent[key]].flat() as unknown[]) {
      const inner = innerOf(value);
      if (inner !== null) yield* leavesOf(inner);
      else yield [name, isObject(value) ? (value['#text'] ?? '') : value];
    }
  }
}

/** What stands for an element that holds others; null for one that does not. */
function innerOf(value: unknown): JsonObject | null {
  const isElement = isObject(value) && !('#text' in value);
  return isElement && Object.keys(value).some((it) => it !== '#attributes') ? value : null;
}

function isAttributes(key: string, parent: JsonObject): boolean {
  return key === '#attributes' || (key.endsWith('_attributes') && isObject(parent[key]));
}

/** evtx_dump writes a repeated name as `NAME_1`, `NAME_2` …: the name again. */
function nameOf(key: string, parent: JsonObject): string {
  const base = key.length > 1024 ? undefined : /^(.+)_\d+$/.exec(key)?.[1];
  return base !== undefined && base in parent ? base : key;
}
