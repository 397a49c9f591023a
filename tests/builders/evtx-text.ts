/**
 * What the reader must give of an event that was written: the text of values is written down here once more, from
 * sysmon-semantics 7.1 and the docstring of `EvtxRecord.fields`.
 */
import type { EvtxRecord } from '../../src/evtx/index.ts';
import type { EvtxValue, LiteralPiece, Scalar, WriterData, WriterEvent } from './evtx-writer.ts';

/** What the reader must give of an event, as plain data. */
export function expectedRecord(event: WriterEvent): object {
  return {
    recordId: typeof event.recordId === 'bigint' ? null : event.recordId,
    time: event.time,
    delay: delayOf(event),
    provider: event.provider,
    channel: event.channel,
    computer: event.computer,
    eventId: event.eventId,
    version: event.classic === true ? 0 : event.version,
    fields: expectedFields(event.data),
  };
}

/** The same of a record that was read. */
export function plainRecord(record: EvtxRecord): object {
  const { record: recordId, time, delay, provider, channel, host: computer, eventId, version } = record;
  return { recordId, time, delay, provider, channel, computer, eventId, version, fields: [...record.fields] };
}

/** A minute is no delay. */
function delayOf({ time, created = time }: WriterEvent): number {
  const delay = Math.abs(time - created);
  return delay <= 60_000 ? 0 : delay;
}

function expectedFields(data: WriterData | null): [string, string][] {
  const fields = new Map<string, string>();
  let unnamed = 0;
  const add = (name: string | null, text: string): void => {
    const base = name ?? `param${++unnamed}`;
    let key = base;
    for (let n = 2; fields.has(key); n++) key = `${base}#${n}`;
    fields.set(key, text);
  };
  for (const [name, value] of data?.fields ?? []) for (const text of texts(value)) add(name, text);
  if (data?.kind === 'EventData' && data.binary !== undefined) {
    add('Binary', Buffer.from(data.binary).toString('hex').toUpperCase());
  }
  // An element without elements in it is a field, whatever it was meant to be.
  if (data?.kind === 'UserData' && fields.size === 0) add(data.root, '');
  return [...fields];
}

/** An array stands for as many elements as it has items; an empty one for a single empty element. */
function texts(value: EvtxValue): string[] {
  switch (value.type) {
    case 'absent':
      return [];
    case 'null':
      return [''];
    case 'array':
      return value.values.length === 0 ? [''] : value.values.map(scalarText);
    case 'raw':
      return [Buffer.from(value.bytes).toString('hex').toUpperCase()];
    case 'literal':
      return [value.pieces.map(pieceText).join('')];
    default:
      return [scalarText(value)];
  }
}

function pieceText(piece: LiteralPiece): string {
  switch (piece.kind) {
    case 'charRef':
      return String.fromCharCode(piece.code);
    case 'entity':
      return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[piece.name];
    case 'value':
      return scalarText(piece.value);
    default:
      return piece.text;
  }
}

function scalarText(scalar: Scalar): string {
  switch (scalar.type) {
    case 'string':
    case 'ansi':
      return scalar.value.replace(/\0+$/, '');
    case 'guid':
      return scalar.value.toUpperCase();
    case 'hex32':
    case 'hex64':
    case 'sizeT':
      return `0x${scalar.value.toString(16)}`;
    case 'binary':
      return Buffer.from(scalar.value).toString('hex').toUpperCase();
    case 'filetime': {
      const ms = new Date(Number(scalar.value / 10_000n) - 11_644_473_600_000).toISOString();
      return ms.replace('Z', `${String(scalar.value % 10_000n).padStart(4, '0')}Z`);
    }
    case 'systemtime':
      return new Date(scalar.value).toISOString();
    default:
      return String(scalar.value);
  }
}
