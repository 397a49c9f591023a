/** Winlogbeat 5 and 6: the record's values at the top, its fields in `event_data` or `user_data`. */
import { objectIn, type Shape, textOf, utcIn, words } from './shape.ts';
import { dataFields } from './winlogbeat.ts';

export const winlogbeat6: Shape = {
  name: 'Winlogbeat 6',
  recognise: (object) =>
    'event_id' in object && ('source_name' in object || 'log_name' in object) && !('winlog' in object),
  written: (object) => utcIn(object['@timestamp']),
  head: (object) => ({
    record: object['record_number'],
    host: textOf(object, 'computer_name'),
    provider: textOf(object, 'source_name'),
    channel: textOf(object, 'log_name'),
    eventId: object['event_id'],
    version: object['version'],
  }),
  fields: (object) => dataFields(objectIn(object, 'event_data'), objectIn(object, 'user_data')),
  line: {
    head: words('record_number computer_name source_name log_name event_id version @timestamp'),
    utcTime: 'event_data/UtcTime',
    others: 'user_data',
    drops: (name) => !name.endsWith('_data'),
  },
};
