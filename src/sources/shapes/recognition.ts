/** The shapes of JSON logs. An object has at most one of them, so that their order decides nothing. */
import type { Event } from '../../events/index.ts';
import { makeEvent } from '../rendering.ts';
import type { Written } from '../written.ts';
import { azure } from './azure.ts';
import { dumpLine } from './dump-line.ts';
import { evtxDump } from './evtx-dump.ts';
import { getWinEvent } from './get-winevent.ts';
import { nxlog } from './nxlog.ts';
import { powershell } from './powershell.ts';
import type { JsonObject, Shape } from './shape.ts';
import { winlogbeat } from './winlogbeat.ts';
import { winlogbeat6 } from './winlogbeat6.ts';

export const SHAPES: readonly Shape[] = [
  powershell,
  nxlog,
  winlogbeat,
  winlogbeat6,
  azure,
  evtxDump,
  getWinEvent,
  dumpLine,
];

/** The event that an object is, and its time as written; null if it has none of the known shapes or no event id. */
export function recordOf(object: JsonObject): { event: Event; written: Written } | null {
  const shape = SHAPES.find((each) => each.recognise(object));
  if (shape === undefined) return null;
  const written = shape.written(object);
  const head = shape.head(object);
  const fields = shape.fields(object, head);
  const event = fields === null ? null : makeEvent({ ...head, time: written.time, fields });
  if (event === null) return null;
  return { event: shape.keepsTime ? { ...event, time: written.time } : event, written };
}

/** The event that an object is, or null if it has none of the known shapes or no event id. */
export function eventOf(object: JsonObject): Event | null {
  return recordOf(object)?.event ?? null;
}
