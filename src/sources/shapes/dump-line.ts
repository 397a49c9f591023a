/** noisefloor's own `dump` line. */
import { isObject } from '../json-value.ts';
import { makeEvent } from '../rendering.ts';
import { objectIn, type Shape, textOf, utcIn } from './shape.ts';

export const dumpLine: Shape = {
  name: 'dump',
  recognise: (object) => 'eventId' in object && 'provider' in object && isObject(object['fields']),
  written: (object) => utcIn(object['time']),
  toEvent: (object, time) => {
    const event = makeEvent({
      record: object['record'],
      time,
      host: textOf(object, 'host'),
      provider: textOf(object, 'provider'),
      channel: textOf(object, 'channel'),
      eventId: object['eventId'],
      version: object['version'],
      fields: Object.entries(objectIn(object, 'fields')),
    });
    // The line's time was chosen when it was written: an EVTX record keeps its header's.
    return event === null ? null : { ...event, time };
  },
};
