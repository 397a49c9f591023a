/** Sets of small numbers. */

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
  return bits.every((word) => word === 0);
}

export function and(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word & b[i]!);
}

export function or(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word | b[i]!);
}

/** What is in `a` and not in `b`. */
export function without(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word & ~b[i]!);
}

export function isWithin(a: Bits, b: Bits): boolean {
  return a.every((word, i) => (word & ~b[i]!) === 0);
}

/** Equal for equal sets of one size. */
export function keyOf(bits: Bits): string {
  return bits.length === 0 ? '' : bits.join(',');
}
