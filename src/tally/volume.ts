/** How much an event takes where it is kept. */
import type { Event } from '../events/index.ts';
import { type PlacedFields, placedFields } from '../evtx/index.ts';
import type { VolumeTally } from './tally.ts';

/** Bytes of a record in an event log beside the text of its fields. */
const RECORD_OVERHEAD = 360;

/** Bytes of a `dump` line beside its names and texts: keys, quotes, the time. */
const LINE_OVERHEAD = 150;
/** Of a field: quotes, colon and comma. */
const FIELD_OVERHEAD = 6;

/**
 * Adds one event. JSON: the bytes of its `dump` line without the source. EVTX: two bytes a character of its fields and
 * 360 for all else, which is what 47,745 real Sysmon records took in their chunks (1,405 bytes each for 522 characters).
 */
export function addVolume(volume: VolumeTally, event: Event): void {
  const { fields, host, provider, channel } = event;
  const { characters, jsonBytes, names } = placedFields(fields)?.textSize() ?? sizeOf(fields);
  const facts = host.length + provider.length + channel.length;
  volume.events += 1;
  volume.jsonBytes += LINE_OVERHEAD + facts + names + FIELD_OVERHEAD * fields.size + jsonBytes;
  volume.evtxBytes += RECORD_OVERHEAD + 2 * characters;
}

function sizeOf(fields: ReadonlyMap<string, string>): ReturnType<PlacedFields['textSize']> {
  const size = { characters: 0, jsonBytes: 0, names: 0 };
  for (const [name, value] of fields) {
    size.names += name.length;
    size.characters += value.length;
    size.jsonBytes += Buffer.byteLength(JSON.stringify(value));
  }
  return size;
}
