/** Networks as `cidr` gives them, and whether an address is in one. */
import { isIPv4 } from 'node:net';

export interface Network {
  /** 4 or 16 bytes. */
  readonly address: readonly number[];
  /** Leading bits that tell. */
  readonly bits: number;
}

/** Reads `10.0.0.0/8` or `fe80::/10`; null for anything else. */
export function readNetwork(text: string): Network | null {
  const [, written = '', length] = /^\s*([\da-f:.]+)\s*\/\s*(\d{1,3})\s*$/i.exec(text) ?? [];
  const address = bytesOf(written);
  const bits = Number(length);
  return address === null || bits > 8 * address.length ? null : { address, bits };
}

/** Whether the first bits of an address are those of the network. No address: no. */
export function isIn(text: string, network: Network): boolean {
  const address = addressOf(text, network.address.length);
  if (!address) return false;
  for (let bit = 0; bit < network.bits; bit += 8) {
    const left = network.bits - bit;
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if (((address[bit / 8]! ^ network.address[bit / 8]!) & mask) !== 0) return false;
  }
  return true;
}

/** The address in so many bytes: one of IPv4 that is written as IPv6 (`::ffff:…`) is one of IPv4. null for any other. */
function addressOf(text: string, length: number): readonly number[] | null {
  const bytes = bytesOf(text);
  if (bytes === null || bytes.length === length) return bytes;
  const mapped = bytes.length === 16 && bytes.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return length === 4 && mapped ? bytes.slice(12) : null;
}

/** The 4 or 16 bytes of an address; null for what is none. A zone (`%eth0`) is left out. */
function bytesOf(text: string): readonly number[] | null {
  if (isIPv4(text)) return text.split('.').map(Number);
  const [, plain] = IPV6.exec(text) ?? [];
  // As a host's name, for `isIPv6` compiles an expression of a hundred alternatives: it takes longer than a hundred rules.
  return plain !== undefined && URL.canParse(`http://[${plain}]`) ? sixteenBytes(plain) : null;
}

const IPV6 = /^([\da-f:.]+)(?:%[\da-z.:-]+)?$/i;

/** The bytes of a valid IPv6 address. */
function sixteenBytes(plain: string): number[] {
  // The last 32 bits may be written as IPv4.
  const written = plain.replace(/[\d.]+$/, (tail) => {
    if (!tail.includes('.')) return tail;
    const [a = 0, b = 0, c = 0, d = 0] = tail.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = written.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), tail === undefined ? [] : groups(tail)];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array.from<number>({ length: zeros }).fill(0), ...last];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}
