/** noisefloor's own `dump` line. */
import { isObject } from '../json-value.ts';
import { objectIn, type Shape, textOf, utcIn, words } from './shape.ts';

export const dumpLine: Shape = {
  name: 'dump',
  recognise: (object) => 'eventId' in object && 'provider' in object && isObject(object['fields']),
  written: (object) => utcIn(object['time']),
  head: (object) => ({
    record: object['record'],
    host: textOf(object, 'host'),
    provider: textOf(object, 'provider'),
    channel: textOf(object, 'channel'),
    eventId: object['eventId'],
    version: object['version'],
  }),
  fields: (object) => Object.entries(objectIn(object, 'fields')),
  // The line's time was chosen when it was written: an EVTX record keeps its header's.
  keepsTime: true,
  line: {
    head: words('record time host provider channel eventId version'),
    utcTime: null,
    others: null,
    drops: (name) => name !== 'fields',
  },
};
