/** Sets of small numbers. Lists are found by looking at millions of them, and loops take less than callbacks. */

export type Bits = Uint32Array;

export function emptyBits(size: number): Bits {
  return new Uint32Array((size + 31) >>> 5);
}

export function bitsOf(size: number, members: Iterable<number>): Bits {
  const bits = emptyBits(size);
  for (const member of members) bits[member >>> 5]! |= 1 << (member & 31);
  return bits;
}

export function hasBit(bits: Bits, member: number): boolean {
  return ((bits[member >>> 5]! >>> (member & 31)) & 1) === 1;
}

export function* membersOf(bits: Bits): Generator<number> {
  for (const [word, value] of bits.entries()) {
    for (let left = value; left !== 0; left &= left - 1) yield word * 32 + (31 - Math.clz32(left & -left));
  }
}

export function countOf(bits: Bits): number {
  let count = 0;
  for (const word of bits) {
    let v = word - ((word >>> 1) & 0x55555555);
    v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
    count += (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return count;
}

export function isEmpty(bits: Bits): boolean {
  for (const word of bits) if (word !== 0) return false;
  return true;
}

export function and(a: Bits, b: Bits): Bits {
  const both = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) both[i] = a[i]! & b[i]!;
  return both;
}

export function or(a: Bits, b: Bits): Bits {
  const any = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) any[i] = a[i]! | b[i]!;
  return any;
}

/** What is in `a` and not in `b`. */
export function without(a: Bits, b: Bits): Bits {
  const rest = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i++) rest[i] = a[i]! & ~b[i]!;
  return rest;
}

export function isWithin(a: Bits, b: Bits): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i]! & ~b[i]!) !== 0) return false;
  return true;
}

/** Equal for equal sets of one size. */
export function keyOf(bits: Bits): string {
  return bits.length === 0 ? '' : bits.join(',');
}
