/** `Get-WinEvent | ConvertTo-Json`: the record's properties are a list without names. */
import { eventType, isSysmon } from '../../events/index.ts';
import { isObject } from '../json-value.ts';
import { eventIdOf } from '../rendering.ts';
import { type JsonObject, type Shape, textOf, timeIn } from './shape.ts';

export const getWinEvent: Shape = {
  name: 'Get-WinEvent',
  recognise: (object) =>
    'Id' in object && 'ProviderName' in object && 'LogName' in object && !('EventID' in object),
  written: (object) => timeIn(object['TimeCreated']),
  head: (object) => ({
    record: object['RecordId'],
    host: textOf(object, 'MachineName'),
    provider: textOf(object, 'ProviderName'),
    channel: textOf(object, 'LogName'),
    eventId: object['Id'],
    version: object['Version'],
  }),
  fields: (object, { provider }) => propertiesOf(object, provider),
  // Which of its values is UtcTime, their number tells.
  line: null,
};

/** Values in the order of the record, named by the layout of Sysmon's event with that many fields, if there is one. */
function* propertiesOf(object: JsonObject, provider: string): Generator<[name: string, value: unknown]> {
  const list: unknown = object['Properties'];
  if (!Array.isArray(list)) return;
  // Too small a -Depth leaves the type's name in place of the value.
  const values = list.filter((item) => typeof item !== 'string' || !item.startsWith('System.Diagnostics.'));
  const names = isSysmon(provider) ? layoutOf(object, values.length) : [];
  for (const [index, item] of values.entries()) {
    const value: unknown = isObject(item) && 'Value' in item ? item['Value'] : item;
    yield [names[index] ?? '', value];
  }
}

function layoutOf(object: JsonObject, count: number): readonly string[] {
  const id = eventIdOf(object['Id']);
  const layouts = (id === null ? undefined : eventType(id))?.layouts ?? [];
  const fitting = layouts.filter((layout) => layout.fields.length === count);
  const version = typeof object['Version'] === 'number' ? object['Version'] : null;
  const layout =
    fitting.findLast((it) => it.manifestVersion === version) ??
    (version === null ? fitting.at(-1) : undefined);
  return layout?.fields.map(([name]) => name) ?? [];
}
