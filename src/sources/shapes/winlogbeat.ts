/** Winlogbeat 7 and later, and Elastic Agent: the record in `winlog`; their Sysmon pipelines move fields to ECS names. */
import { fieldsOf, isSysmon } from '../../events/index.ts';
import { isObject } from '../json-value.ts';
import { eventIdOf } from '../rendering.ts';
import { ecsFields } from './ecs.ts';
import { firstOf, type JsonObject, objectIn, type Shape, textOf, utcIn, words } from './shape.ts';

/** What neither an event nor the pipelines (ecs.ts) have fields in. */
const DROPPED: ReadonlySet<string> = new Set(words('@metadata @version agent ecs host input log tags type'));

export const winlogbeat: Shape = {
  name: 'Winlogbeat 7',
  recognise: (object) => isObject(object['winlog']) && !('Event' in object),
  written: (object) => utcIn(firstOf(object, '@timestamp') ?? objectIn(object, 'winlog')['time_created']),
  head: (object) => {
    const winlog = objectIn(object, 'winlog');
    const event = objectIn(object, 'event');
    return {
      record: winlog['record_id'],
      host: textOf(winlog, 'computer_name'),
      provider: textOf(winlog, 'provider_name') || textOf(event, 'provider'),
      channel: textOf(winlog, 'channel'),
      eventId: firstOf(winlog, 'event_id') ?? firstOf(event, 'code'),
      version: winlog['version'],
    };
  },
  fields: (object, { provider, eventId }) =>
    fieldsIn(object, objectIn(object, 'winlog'), isSysmon(provider) ? eventIdOf(eventId) : null),
  line: {
    head: words(
      'winlog/record_id winlog/computer_name winlog/provider_name winlog/channel winlog/event_id winlog/version ' +
        'winlog/time_created event/provider event/code @timestamp',
    ),
    // Without it the pipelines' @timestamp becomes UtcTime, which is the container's time as well.
    utcTime: 'winlog/event_data/UtcTime',
    others: 'winlog/user_data',
    // The pipelines leave the field Type in the message.
    drops: (name, eventId) => DROPPED.has(name) || (name === 'message' && !fieldsOf(eventId)?.has('Type')),
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
