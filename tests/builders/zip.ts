/** ZIP archives for tests, honest and otherwise. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly data: string | Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly checksum?: number;
}

/** A ZIP archive; without its directory the archive ends after the last member. */
export function zip(entries: readonly ZipEntry[], directory = true): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 8, flags = 0, checksum } of entries) {
    const bytes = Buffer.from(data as string);
    const packed = method === 8 ? deflateRawSync(bytes) : bytes;
    const follows = (flags & 8) !== 0;
    const crc = checksum ?? crc32(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.from(common);
    if (follows) local.fill(0, 10, 22);
    const descriptor = Buffer.concat([Buffer.from('PK\x07\x08'), common.subarray(10, 22)]);
    const member = [
      Buffer.from('PK\x03\x04'),
      local,
      Buffer.from(name),
      packed,
      ...(follows ? [descriptor] : []),
    ];
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00'), common, place, Buffer.from(name));
    parts.push(...member);
    offset += Buffer.concat(member).length;
  }
  if (!directory) return Buffer.concat(parts);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, ...central, Buffer.from('PK\x05\x06'), end]);
}
