/** Winlogbeat 7 and later, and Elastic Agent: the record in `winlog`; their Sysmon pipelines move fields to ECS names. */
import { isSysmon } from '../../events/index.ts';
import { isObject } from '../json-value.ts';
import { eventIdOf, makeEvent } from '../rendering.ts';
import { ecsFields } from './ecs.ts';
import { firstOf, type JsonObject, objectIn, type Shape, textOf, utcIn } from './shape.ts';

export const winlogbeat: Shape = {
  name: 'Winlogbeat 7',
  recognise: (object) => isObject(object['winlog']) && !('Event' in object),
  written: (object) => utcIn(firstOf(object, '@timestamp') ?? objectIn(object, 'winlog')['time_created']),
  toEvent: (object, time) => {
    const winlog = objectIn(object, 'winlog');
    const event = objectIn(object, 'event');
    const provider = textOf(winlog, 'provider_name') || textOf(event, 'provider');
    const eventId = firstOf(winlog, 'event_id') ?? firstOf(event, 'code');
    return makeEvent({
      record: winlog['record_id'],
      time,
      host: textOf(winlog, 'computer_name'),
      provider,
      channel: textOf(winlog, 'channel'),
      eventId,
      version: winlog['version'],
      fields: fieldsIn(object, winlog, isSysmon(provider) ? eventIdOf(eventId) : null),
    });
  },
};

function* fieldsIn(
  object: JsonObject,
  winlog: JsonObject,
  sysmonId: number | null,
): Generator<readonly [name: string, value: unknown]> {
  const data = objectIn(winlog, 'event_data');
  yield* dataFields(data, objectIn(winlog, 'user_data'));
  if (sysmonId !== null) yield* ecsFields(object, sysmonId, data);
}

/** Fields of `event_data` and `user_data`; `xml_name` is the element around the latter. */
export function* dataFields(
  eventData: JsonObject,
  userData: JsonObject,
): Generator<readonly [string, unknown]> {
  yield* Object.entries(eventData);
  for (const entry of Object.entries(userData)) if (entry[0] !== 'xml_name') yield entry;
}
