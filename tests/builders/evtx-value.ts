/**
 * Typed values as EVTX stores them: the type in the descriptor, and the bytes. Numbers are little-endian.
 * Source: libyal's "Windows XML Event Log (EVTX) format", section Value types.
 */

/** Everything that a substitution can hold. */
export type EvtxValue =
  | { readonly type: 'null' }
  /** An optional substitution without a value: its element does not exist in the record. */
  | { readonly type: 'absent' }
  | Scalar
  | { readonly type: 'array'; readonly of: Scalar['type']; readonly values: readonly Scalar[] }
  /** Any type with any bytes, for what no honest writer does. */
  | { readonly type: 'raw'; readonly code: number; readonly bytes: Uint8Array }
  /** Text that stands in the template, with or without substitutions among it. */
  | { readonly type: 'literal'; readonly pieces: readonly LiteralPiece[] };

export type Scalar =
  | { readonly type: 'string' | 'ansi' | 'guid' | 'sid'; readonly value: string }
  | {
      readonly type: 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'hex32';
      readonly value: number;
    }
  | { readonly type: 'int64' | 'uint64' | 'hex64' | 'sizeT'; readonly value: bigint }
  | { readonly type: 'real32' | 'real64'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  /** 100 ns since 1601. */
  | { readonly type: 'filetime'; readonly value: bigint }
  /** Milliseconds since 1970 UTC. */
  | { readonly type: 'systemtime'; readonly value: number };

export type LiteralPiece =
  | { readonly kind: 'text' | 'cdata'; readonly text: string }
  | { readonly kind: 'charRef'; readonly code: number }
  | { readonly kind: 'entity'; readonly name: 'amp' | 'lt' | 'gt' | 'quot' | 'apos' }
  | { readonly kind: 'value'; readonly value: Scalar };

const CODES: Readonly<Record<Scalar['type'] | 'null', number>> = {
  null: 0x00,
  string: 0x01,
  ansi: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  real32: 0x0b,
  real64: 0x0c,
  bool: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  sizeT: 0x10,
  filetime: 0x11,
  systemtime: 0x12,
  sid: 0x13,
  hex32: 0x14,
  hex64: 0x15,
};
const ARRAY = 0x80;
export const BINXML = 0x21;

/** A value ready for a template instance. */
export interface EncodedValue {
  /** Type that the template's substitution token names. */
  readonly declared: number;
  /** Type in the value's descriptor: differs where there is no value, and for sizeT, which is stored as hex64. */
  readonly stored: number;
  readonly bytes: Uint8Array;
}

/** Encodes all but literals, which are no values. */
export function encodeValue(value: Exclude<EvtxValue, { type: 'literal' }>): EncodedValue {
  switch (value.type) {
    case 'null':
    case 'absent':
      return { declared: CODES.string, stored: CODES.null, bytes: new Uint8Array() };
    case 'raw':
      return { declared: value.code, stored: value.code, bytes: value.bytes };
    case 'array': {
      const parts = value.values.map((item) => {
        if (item.type !== value.of) throw new TypeError(`an array of ${value.of} holds no ${item.type}`);
        const terminator = item.type === 'string' ? 2 : item.type === 'ansi' ? 1 : 0;
        return Buffer.concat([scalarBytes(item), Buffer.alloc(terminator)]);
      });
      const [declared, stored] = codesOf(value.of);
      return { declared: ARRAY | declared, stored: ARRAY | stored, bytes: Buffer.concat(parts) };
    }
    default: {
      const [declared, stored] = codesOf(value.type);
      return { declared, stored, bytes: scalarBytes(value) };
    }
  }
}

function codesOf(type: Scalar['type']): [declared: number, stored: number] {
  return [CODES[type], type === 'sizeT' ? CODES.hex64 : CODES[type]];
}

function scalarBytes(scalar: Scalar): Buffer {
  switch (scalar.type) {
    case 'string':
      return Buffer.from(scalar.value, 'utf16le');
    case 'ansi':
      return Buffer.from(scalar.value, 'latin1');
    case 'int8':
    case 'uint8':
      return integer(1, BigInt(scalar.value));
    case 'int16':
    case 'uint16':
      return integer(2, BigInt(scalar.value));
    case 'int32':
    case 'uint32':
    case 'hex32':
      return integer(4, BigInt(scalar.value));
    case 'int64':
    case 'uint64':
    case 'hex64':
    case 'sizeT':
    case 'filetime':
      return integer(8, scalar.value);
    case 'real32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(scalar.value);
      return bytes;
    }
    case 'real64': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(scalar.value);
      return bytes;
    }
    case 'bool':
      return integer(4, scalar.value ? 1n : 0n);
    case 'binary':
      return Buffer.from(scalar.value);
    case 'guid':
      return guidBytes(scalar.value);
    case 'systemtime':
      return systemtimeBytes(scalar.value);
    case 'sid':
      return sidBytes(scalar.value);
  }
}

function integer(size: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes.subarray(0, size);
}

/** `{d1-d2-d3-d4-d5}`: the first three little-endian, the rest in order. */
function guidBytes(guid: string): Buffer {
  const match = /^\{?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}?$/i.exec(guid);
  if (!match) throw new TypeError(`not a GUID: ${guid}`);
  const [d1, d2, d3, d4, d5] = match.slice(1).map((part) => Buffer.from(part, 'hex'));
  return Buffer.concat([d1!.reverse(), d2!.reverse(), d3!.reverse(), d4!, d5!]);
}

/** Year, month, day of week, day, hour, minute, second, milliseconds: each u16. */
function systemtimeBytes(ms: number): Buffer {
  const date = new Date(ms);
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCMilliseconds(),
  ];
  return Buffer.concat(parts.map((part) => integer(2, BigInt(part))));
}

/** `S-revision-authority-sub…`: revision u8, count u8, authority 48 bits big-endian, sub-authorities u32. */
function sidBytes(sid: string): Buffer {
  const [, revision, authority, ...subs] = sid.split('-');
  const head = Buffer.alloc(8);
  head.writeUInt8(Number(revision), 0);
  head.writeUInt8(subs.length, 1);
  head.writeUIntBE(Number(authority), 2, 6);
  return Buffer.concat([head, ...subs.map((sub) => integer(4, BigInt(sub)))]);
}

/** FILETIME of a time in milliseconds since 1970. */
export function filetimeTicks(ms: number): bigint {
  return (BigInt(ms) + 11_644_473_600_000n) * 10_000n;
}
