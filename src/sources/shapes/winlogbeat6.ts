/** Winlogbeat 5 and 6: the record's values at the top, its fields in `event_data` or `user_data`. */
import { makeEvent } from '../rendering.ts';
import { objectIn, type Shape, textOf, utcIn } from './shape.ts';
import { dataFields } from './winlogbeat.ts';

export const winlogbeat6: Shape = {
  name: 'Winlogbeat 6',
  recognise: (object) =>
    'event_id' in object && ('source_name' in object || 'log_name' in object) && !('winlog' in object),
  written: (object) => utcIn(object['@timestamp']),
  toEvent: (object, time) =>
    makeEvent({
      record: object['record_number'],
      time,
      host: textOf(object, 'computer_name'),
      provider: textOf(object, 'source_name'),
      channel: textOf(object, 'log_name'),
      eventId: object['event_id'],
      version: object['version'],
      fields: dataFields(objectIn(object, 'event_data'), objectIn(object, 'user_data')),
    }),
};
