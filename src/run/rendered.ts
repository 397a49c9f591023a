/** Lines of event logs that are rendered before it is their turn to be written. */
import type { Diagnostic } from '../events/index.ts';
import { type EvtxLines, type LogEnd, PIECE } from './dump-evtx.ts';
import { PORTION_BYTES } from './portions.ts';
import type { Unit } from './unit.ts';

/** What a unit came to. */
export interface RenderedUnit {
  readonly pieces: readonly Uint8Array[];
  readonly events: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly bytes: number;
  readonly end: LogEnd | null;
  /** It is no event log of its own, and was not read. */
  readonly foreign: boolean;
}

/** Portions that a thread has rendered, and that are not written yet, at most: each takes a room. */
export const ROOMS = 4;
/** Most lines take about as many bytes as their log. */
export const ROOM_BYTES: number = 2 * PORTION_BYTES;

/** Memory for the lines of a portion, to be used again: fresh memory costs more than what is copied into it. */
export class Room {
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
  }

  /** Its memory is for other lines. */
  clear(): void {
    this.#used = 0;
  }

  /** Copies a piece behind the last of others; elsewhere where the room is full. */
  add(pieces: Uint8Array[], piece: Uint8Array): void {
    const start = this.#used;
    const end = start + piece.length;
    if (end > this.#bytes.length) {
      pieces.push(Uint8Array.from(piece));
      return;
    }
    this.#bytes.set(piece, start);
    this.#used = end;
    const last = pieces.at(-1);
    const follows = last?.buffer === this.#bytes.buffer;
    if (follows) pieces.pop();
    pieces.push(this.#bytes.subarray(follows ? last.byteOffset : start, end));
  }
}

/** Renders units one after another into a room. */
export function renderUnits(evtx: EvtxLines, units: readonly Unit[], room: Room): RenderedUnit[] {
  room.clear();
  return units.map((unit) => renderUnit(evtx, unit, room));
}

function renderUnit(evtx: EvtxLines, { log, range }: Unit, room: Room): RenderedUnit {
  const pieces: Uint8Array[] = [];
  const diagnostics: Diagnostic[] = [];
  let [events, bytes, foreign] = [0, 0, log.kind !== 'evtx'];
  let end: LogEnd | null = null;
  const take = (): void => {
    for (const piece of evtx.lines.take()) room.add(pieces, piece);
  };
  for (const step of foreign ? [] : evtx.read(log, range)) {
    foreign = step === null;
    if (step === null) break;
    events += step.events;
    bytes += step.bytes;
    diagnostics.push(...step.diagnostics);
    end = step.end ?? end;
    if (evtx.lines.waiting >= PIECE) take();
  }
  take();
  return { pieces, events, diagnostics, bytes, end, foreign };
}
