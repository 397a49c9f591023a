/** Bytes of values, looked at sixteen at a time: in a log the same ones stand again and again. */

const MULTIPLIER = 0x5bd1e995;

/** A number that says little of the bytes from `at` to `end`, and of `hash`, which came before. */
export function hashOf(view: DataView, at: number, end: number, hash: number): number {
  // Four in turn: each waits for its own last product alone.
  let a = hash;
  let b = end - at;
  let c = 0;
  let d = 0;
  let p = at;
  for (; p + 16 <= end; p += 16) {
    a = Math.imul(a, MULTIPLIER) ^ view.getInt32(p, true);
    b = Math.imul(b, MULTIPLIER) ^ view.getInt32(p + 4, true);
    c = Math.imul(c, MULTIPLIER) ^ view.getInt32(p + 8, true);
    d = Math.imul(d, MULTIPLIER) ^ view.getInt32(p + 12, true);
  }
  for (; p + 4 <= end; p += 4) a = Math.imul(a ^ (a >>> 15), MULTIPLIER) ^ view.getInt32(p, true);
  for (; p < end; p++) b = Math.imul(b, MULTIPLIER) ^ view.getUint8(p);
  const both =
    Math.imul(a ^ (a >>> 15), MULTIPLIER) ^ Math.imul(c ^ (c >>> 13), MULTIPLIER) ^ (b ^ (b >>> 15));
  const all = Math.imul(both, MULTIPLIER) ^ d;
  return all ^ (all >>> 15);
}

/** Whether `size` bytes are the same in two places. */
export function isSame(view: DataView, at: number, size: number, other: DataView, otherAt: number): boolean {
  let i = 0;
  for (; i + 16 <= size; i += 16) {
    const p = at + i;
    const q = otherAt + i;
    const differs =
      (view.getInt32(p, true) ^ other.getInt32(q, true)) |
      (view.getInt32(p + 4, true) ^ other.getInt32(q + 4, true)) |
      (view.getInt32(p + 8, true) ^ other.getInt32(q + 8, true)) |
      (view.getInt32(p + 12, true) ^ other.getInt32(q + 12, true));
    if (differs !== 0) return false;
  }
  for (; i + 4 <= size; i += 4)
    if (view.getInt32(at + i, true) !== other.getInt32(otherAt + i, true)) return false;
  for (; i < size; i++) if (view.getUint8(at + i) !== other.getUint8(otherAt + i)) return false;
  return true;
}
