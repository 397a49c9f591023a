/**
 * What the kernels do alike with one EVTX chunk, in AssemblyScript: the walk from record to record, and the way from a
 * record to the plan of its template. The other side, and the layout of memory, is src/evtx/chunk-kernel.ts.
 *
 * Nothing is trusted: every offset and size that a chunk tells is checked against the record that it stands in. Where
 * something is not as a plan expects it, a kernel stops at that record, which is then read the plain way. Loads of 16
 * bytes may reach past a value's end, never past memory: the host leaves room behind each region.
 */

/** Why a kernel stopped before the last record. */
export const DONE: i32 = 0;
/** A template has no plan yet, as a record's own or as that of nested data: `missing` is where it is known. */
const NO_RECORD_PLAN: i32 = 1;
const NO_NESTED_PLAN: i32 = 2;
/** This record is not for the kernel. */
export const PLAIN: i32 = 3;
/** The chunk asks for more work than an honest one can. */
export const TOO_MUCH: i32 = 4;
/** A template is met that is not known yet: `missing` is the offset of its definition in the chunk. */
const NO_TEMPLATE: i32 = 5;

export let stopped: i32 = DONE;
export let missing: usize = 0;

export const CHUNK: u32 = 65536;
const RECORDS_AT: u32 = 512;
/** The type of a value that is text in UTF-16. */
export const TEXT: u32 = 0x01;
/** Values of one template instance. */
export const MAX_VALUES: u32 = 2048;
/** EventRecordID is a number of JavaScript. */
export const MAX_SAFE: u64 = 9007199254740991;
/** Entry of the table of a chunk's templates, by the offset of their definition: stamp u32, where it is known u32. */
const ENTRY: usize = 8;
/**
 * A known template, of all chunks so far: next u32, GUID's first four bytes u32, size of the body u32, plan as a record's
 * own u32, plan as that of nested data u32, address of what it looks like from its GUID to its end u32, and holes.
 * A plan of 0: not for the kernel, 1: not asked for yet.
 * A hole: offset u32, kind u32 (0 the end, 1 the next name of its bucket, which means nothing, 2 a name that follows at
 * once, else the address of a name), size of that name u32.
 */
const HOLES: usize = 24;
const HOLE: usize = 12;
const BUCKETS: u32 = 256;

let table: usize = 0;
let records: usize = 0;
/** Of table entries that hold for the chunk. */
export let stamp: u32 = 0;
export let chunk: usize = 0;
/** What is left of the work that a chunk may ask for: ops, values and bytes. */
export let work: i32 = 0;
/** First known template of each bucket. */
let buckets: usize = 0;
/** CRC-32 of each byte, and of each byte with one to seven zeros behind it. */
let crcs: usize = 0;

/** Tells where the regions lie. `workspace`: 10 KiB for tables. */
export function init(tableAt: usize, recordsAt: usize, workspace: usize): void {
  table = tableAt;
  records = recordsAt;
  buckets = workspace;
  crcs = workspace + 2048;
  for (let i: u32 = 0; i < 256; i++) {
    let x = i;
    for (let bit = 0; bit < 8; bit++) x = (x & 1) != 0 ? (x >> 1) ^ 0xedb88320 : x >> 1;
    store<u32>(crcs + ((<usize>i) << 2), x);
  }
  for (let i: usize = 256; i < 2048; i++) {
    const x = load<u32>(crcs + ((i - 256) << 2));
    store<u32>(crcs + (i << 2), (x >> 8) ^ load<u32>(crcs + ((<usize>(x & 0xff)) << 2)));
  }
}

/** CRC-32 of some bytes, a multiple of eight, behind others. */
function crc32(at: usize, size: usize, before: u32): u32 {
  const t = crcs;
  let x = ~before;
  for (let i: usize = 0; i < size; i += 8) {
    x ^= load<u32>(at + i);
    const y = load<u32>(at + i, 4);
    x =
      load<u32>(t + ((<usize>(x & 0xff)) << 2), 7168) ^
      load<u32>(t + ((<usize>((x >> 8) & 0xff)) << 2), 6144) ^
      load<u32>(t + ((<usize>((x >> 16) & 0xff)) << 2), 5120) ^
      load<u32>(t + ((<usize>(x >> 24)) << 2), 4096) ^
      load<u32>(t + ((<usize>(y & 0xff)) << 2), 3072) ^
      load<u32>(t + ((<usize>((y >> 8) & 0xff)) << 2), 2048) ^
      load<u32>(t + ((<usize>((y >> 16) & 0xff)) << 2), 1024) ^
      load<u32>(t + ((<usize>(y >> 24)) << 2));
  }
  return ~x;
}

/** The bucket of a template, by its GUID's first bytes and its size; its known templates begin at an address that stands there. */
export function bucketOf(guid: u32, size: u32): usize {
  const hash = (guid ^ (size * 0x9e3779b1)) * 0x85ebca6b;
  return buckets + ((<usize>(hash >> 24)) << 2);
}

/** Forgets all templates. */
export function forget(): void {
  for (let i: usize = 0; i < BUCKETS; i++) store<u32>(buckets + (i << 2), 0);
}

/**
 * Walks a chunk that is as it should be: its header is right, records stand one after another up to the free space, whole, as many as the
 * header counts, and none follows. Writes their offsets and returns their number; -1 for any other chunk.
 */
export function walk(base: usize): i32 {
  // "ElfChnk\0"
  if (load<u32>(base) != 0x43666c45 || load<u32>(base, 4) != 0x006b6e68) return -1;
  const checksum = load<u32>(base, 124);
  // Of 0 the file's header tells whether it is one.
  if (checksum == 0 || crc32(base + 128, 384, crc32(base, 120, 0)) != checksum) return -1;
  const free = load<u32>(base, 48);
  if (free <= RECORDS_AT || free > CHUNK) return -1;
  let at: u32 = RECORDS_AT;
  let n: i32 = 0;
  let last: u64 = 0;
  while (at < free) {
    if (free - at < 28) return -1;
    const p = base + at;
    if (load<u32>(p) != 0x2a2a) return -1;
    const size = load<u32>(p, 4);
    if (size < 28 || size > free - at || load<u32>(p + size - 4) != size) return -1;
    last = load<u64>(p, 8);
    store<u32>(records + ((<usize>n) << 2), at);
    n++;
    at += size;
  }
  const first = load<u64>(base, 24);
  const counted = load<u64>(base, 32);
  if (counted >= first && counted - first < <u64>CHUNK && counted - first + 1 > <u64>n) return -1;
  // A record past the counters may be one of this log's; ids past 2^53 are compared less exactly elsewhere.
  if (CHUNK - free >= 28) {
    const p = base + free;
    if (load<u32>(p) == 0x2a2a && (load<u64>(p, 8) == last + 1 || last >= MAX_SAFE)) return -1;
  }
  return n;
}

/** Makes ready for a chunk: no template of it is known. `allowance`: the work that it may ask for. */
export function begin(base: usize, allowance: i32): void {
  chunk = base;
  work = allowance;
  stamp++;
  if (stamp != 0) return;
  memory.fill(table, 0, <usize>CHUNK * ENTRY);
  stamp = 1;
}

/** Takes from the work that is left. */
export function spend(amount: i32): void {
  work -= amount;
}

/** The offset of a record in the chunk, by its index. */
export function recordAt(index: i32): u32 {
  return load<u32>(records + ((<usize>index) << 2));
}

/** Begins with records; what stopped the last ones is done with. */
export function goOn(): void {
  stopped = DONE;
}

/** Returns 0, false. */
export function stop(why: i32): usize {
  stopped = why;
  return 0;
}

/** Stops where something is missing, and says what. */
export function stopAt(why: i32, what: usize): usize {
  missing = what;
  return stop(why);
}

/** The instance that was entered last: its template's plan, where its descriptors stand, and how many. */
export let plan: usize = 0;
export let descriptors: usize = 0;
export let count: u32 = 0;

/**
 * Enters a fragment that is one template instance, between two addresses inside the chunk, and writes the address of
 * each of its values. False where it stopped.
 */
export function enter(start: usize, end: usize, nested: bool, values: usize): bool {
  let p = start;
  if (p < end && load<u8>(p) == 0x0f) p += 4;
  if (p + 14 > end || load<u8>(p) != 0x0c) return <bool>stop(PLAIN);
  const definition = load<u32>(p, 6);
  if (definition > CHUNK - 24) return <bool>stop(PLAIN);
  p += 10;
  if (p == chunk + definition) {
    const size = load<u32>(chunk + definition, 20);
    if (size > CHUNK - 24 - definition) return <bool>stop(PLAIN);
    p += 24 + size;
    if (p + 4 > end) return <bool>stop(PLAIN);
  }
  const entry = table + <usize>definition * ENTRY;
  if (load<u32>(entry) != stamp) {
    const found = recognise(definition);
    if (work < 0) return <bool>stop(TOO_MUCH);
    if (found == 0) return <bool>stopAt(NO_TEMPLATE, definition);
    store<u32>(entry, stamp);
    store<u32>(entry, <u32>found, 4);
  }
  const known = <usize>load<u32>(entry, 4);
  plan = <usize>(nested ? load<u32>(known, 16) : load<u32>(known, 12));
  if (plan <= 1) {
    if (plan == 0) return <bool>stop(PLAIN);
    return <bool>stopAt(nested ? NO_NESTED_PLAN : NO_RECORD_PLAN, known);
  }
  // Of a global the compiler knows nothing from one turn to the next.
  const n = load<u32>(p);
  const d = p + 4;
  if (n > MAX_VALUES || <usize>n * 4 > end - d) return <bool>stop(PLAIN);
  let value = d + <usize>n * 4;
  let i: usize = 0;
  // Four at a time: sums of sizes up to each.
  for (const zero = i32x4.splat(0); i + 4 <= <usize>n; i += 4) {
    const sizes = v128.and(v128.load(d + (i << 2)), i32x4.splat(0xffff));
    const two = i32x4.add(sizes, v128.shuffle<i32>(zero, sizes, 0, 4, 5, 6));
    const sums = i32x4.add(two, v128.shuffle<i32>(zero, two, 0, 1, 4, 5));
    v128.store(values + (i << 2), i32x4.add(i32x4.splat(<i32>value), i32x4.sub(sums, sizes)));
    value += i32x4.extract_lane(sums, 3);
  }
  for (; i < <usize>n; i++) {
    store<u32>(values + (i << 2), <u32>value);
    value += load<u16>(d + (i << 2));
  }
  // What follows is the end of the stream, or nothing.
  if (value > end || (value < end && load<u8>(value) != 0)) return <bool>stop(PLAIN);
  work -= <i32>n;
  count = n;
  descriptors = d;
  return true;
}

/**
 * The known template that looks like the definition at an offset of the chunk; 0 for none. All bytes that mean something
 * are compared: a crafted file may give one GUID to many bodies.
 */
function recognise(definition: u32): usize {
  const at = chunk + definition;
  const guid = load<u32>(at, 4);
  const size = load<u32>(at, 20);
  if (size > CHUNK - 24 - definition) return 0;
  let known = <usize>load<u32>(bucketOf(guid, size));
  for (; known != 0; known = <usize>load<u32>(known)) {
    work -= 1;
    if (load<u32>(known, 4) != guid || load<u32>(known, 8) != size) continue;
    work -= <i32>(size >> 4);
    if (work < 0) return 0;
    if (looksLike(at + 4, known)) return known;
  }
  return 0;
}

function looksLike(start: usize, known: usize): bool {
  const look = <usize>load<u32>(known, 20);
  let at: usize = 0;
  let hole = known + HOLES;
  while (true) {
    const end = <usize>load<u32>(hole);
    if (!same(start + at, look + at, end - at)) return false;
    const kind = load<u32>(hole, 4);
    if (kind == 0) return true;
    if (kind != 1) {
      // A name that follows at once is passed over by who parses, even where the same one lies elsewhere.
      const name = load<u32>(start + end);
      if ((name == <u32>(start + end + 4 - chunk)) != (kind == 2)) return false;
      if (kind != 2) {
        const size = load<u32>(hole, 8);
        work -= 1 + <i32>(size >> 4);
        if (name > CHUNK - 6 || size > CHUNK - 6 - name) return false;
        if (!same(chunk + name + 6, kind, size)) return false;
      }
    }
    at = end + 4;
    hole += HOLE;
  }
}

/** Where UTF-16 text ends without the NULs that some writers leave at its end. */
export function textEnd(at: usize, size: u32): usize {
  let end = at + (size & ~1);
  while (end > at && load<u16>(end - 2) == 0) end -= 2;
  return end;
}

/** Whether so many bytes are the same. */
export function same(a: usize, b: usize, size: usize): bool {
  for (let i: usize = 0; i < size; i += 16) {
    let mask = <u32>i8x16.bitmask(i8x16.eq(v128.load(a + i), v128.load(b + i)));
    if (size - i < 16) mask |= (<u32>0xffff) << (<u32>(size - i));
    if ((mask & 0xffff) != 0xffff) return false;
  }
  return true;
}
