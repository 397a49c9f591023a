/** How much an event takes where it is kept. */
import type { Event } from '../events/index.ts';
import type { VolumeTally } from './tally.ts';

/** Bytes of a record in an event log beside the text of its fields. */
const RECORD_OVERHEAD = 360;

/** Bytes of a `dump` line beside its names and texts: keys, quotes, the time. */
const LINE_OVERHEAD = 150;

/**
 * Adds one event. JSON: the bytes of its `dump` line without the source. EVTX: two bytes a character of its fields and
 * 360 for all else, which is what 47,745 real Sysmon records took in their chunks (1,405 bytes each for 522 characters).
 */
export function addVolume(volume: VolumeTally, event: Event): void {
  let characters = 0;
  let json = LINE_OVERHEAD + event.host.length + event.provider.length + event.channel.length;
  for (const [name, value] of event.fields) {
    characters += value.length;
    json += name.length + 6 + Buffer.byteLength(JSON.stringify(value));
  }
  volume.events += 1;
  volume.jsonBytes += json;
  volume.evtxBytes += RECORD_OVERHEAD + 2 * characters;
}
