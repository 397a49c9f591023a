/** Decisions of configurations as the scan's kernel makes them: events are written to a log, and read from it. */
import assert from 'node:assert/strict';
import {
  type Config,
  type NamelessDecision,
  type PlainDecider,
  plainDeciderFor,
} from '../../src/config/index.ts';
import { EVERY_RECORD, placedFields, READ_NOTHING, Scanner, UNDECIDED } from '../../src/evtx/index.ts';
import type { EvtxValue, WriterEvent } from './evtx-writer.ts';
import type { Fields } from './naive-evaluate.ts';
import { scannedLog } from './scanned-log.ts';

/** What was found of an event: its decision, null where it is let out; undecided where the kernel leaves it to others. */
export type Found = NamelessDecision | null | 'undecided';

/** By host: a scanner asks once for each what is wanted. */
const deciders = new Map<string, (eventId: number) => PlainDecider | null>();
let scanner: Scanner;

/** A kernel has room for the filters of some hundred configurations. */
const CONFIGS = 100;

function newScanner(): Scanner {
  return new Scanner(({ host }) => ({
    ...EVERY_RECORD,
    // Each is told, those that are let out, too.
    oneIn: 1,
    filtered: {
      filterOf: (eventId) => deciders.get(host)!(eventId)?.filter ?? null,
      reads: () => READ_NOTHING,
    },
  }));
}

/** The decisions for events by their ids and fields; undefined for those for which there is no filter. */
export function decidedByKernel(
  config: Config,
  events: readonly (readonly [eventId: number, fields: Fields])[],
): (Found | undefined)[] {
  const known = new Map<number, PlainDecider | null>();
  const deciderOf = (eventId: number): PlainDecider | null => {
    if (!known.has(eventId)) known.set(eventId, plainDeciderFor(config, eventId));
    return known.get(eventId)!;
  };
  if (deciders.size % CONFIGS === 0) scanner = newScanner();
  const host = `PC${deciders.size}`;
  deciders.set(host, deciderOf);
  const log = events.map(([eventId, fields], i): WriterEvent => ({
    recordId: 1 + i,
    time: Date.UTC(2020, 0) + i,
    version: 5,
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    eventId,
    computer: host,
    data: {
      kind: 'EventData',
      fields: Object.entries(fields).map(([name, text], k) => [name, valueOf(text, i + k)]),
    },
  }));
  const { wanted } = scannedLog(scanner, log);
  assert.equal(wanted.count, events.length);
  return wanted.all().map(({ eventId, fields }) => {
    const decider = deciderOf(eventId);
    if (decider === null) return undefined;
    const { part } = placedFields(fields)!;
    return part === UNDECIDED ? 'undecided' : decider.decided(part);
  });
}

/** A value with this text: what may stand there in another type does, now and then. */
function valueOf(text: string, turn: number): EvtxValue {
  if (turn % 2 === 0) {
    if (text === '') return turn % 4 === 0 ? { type: 'null' } : { type: 'absent' };
    if (text === 'true' || text === 'false') return { type: 'bool', value: text === 'true' };
    if (/^(0|[1-9]\d{0,8})$/.test(text)) return numberOf(Number(text), turn);
    if (/^0x(0|[1-9a-f][\da-f]{0,6})$/.test(text))
      return turn % 4 === 0 ? { type: 'hex32', value: Number(text) } : { type: 'hex64', value: BigInt(text) };
  }
  return { type: 'string', value: turn % 3 === 0 ? `${text}\0` : text };
}

function numberOf(value: number, turn: number): EvtxValue {
  if (turn % 4 === 0) return { type: 'uint64', value: BigInt(value) };
  if (value < 256 && turn % 3 === 0) return { type: 'uint8', value };
  return { type: value < 65_536 && turn % 5 === 0 ? 'uint16' : 'uint32', value };
}
