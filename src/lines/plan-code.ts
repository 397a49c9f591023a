/**
 * A plan: how the kernel renders an instance of one template, as words (u32). Four of them tell what it comes to, then
 * ops follow. Bytes that a plan writes stand in the same memory, and are named by address and size. A slot is told by
 * four times its number.
 *
 *     room                                    bytes that it writes at most, beside those of values
 *     work                                    what a chunk is charged for it, beside the bytes of values
 *     slots                                   an instance has as many, or is for the plain reader
 *     uses                                    of one value, at most
 *
 *     0 end                                   1 bytes, size
 *     2 bytes, size, slot, else, size         as 3, and nothing at all where no value is there, or the tool's has no text
 *     3 bytes, size, slot, else, size         bytes and a value; `else`: what stands for an empty one
 *     4 bytes, size                           bytes, then the tool's element with attributes begins: each of them follows,
 *                                             with a comma before its name
 *     15 slot, bytes, size                    it ends, with its text; slot -1: none, -2: the bytes are it
 *     5 bytes, size, slot                     nested data after bytes; neither, where there are none
 *     6 slot, bytes of ops                    these ops only where a value is there
 *     7 slot                                  our record id, else (also slot -1) the header's
 *     8                                       our time, from the record's header
 *     9 slot, mask                            our number
 *     10 slot, slot, bytes, size              our text, or where it is empty another slot's, or the bytes
 *     11                                      our fields begin
 *     12                                      our fields and the line end; of CSV without any the cell is empty
 *     13                                      the log's name, as JSON
 *     14 slot                                 only for records that have this value
 *     16 slot                                 a value as a cell of CSV
 */
export const OP = {
  end: 0,
  bytes: 1,
  valueWhereThere: 2,
  value: 3,
  attributes: 4,
  nested: 5,
  whereThere: 6,
  recordId: 7,
  time: 8,
  number: 9,
  textOr: 10,
  fields: 11,
  close: 12,
  source: 13,
  present: 14,
  attributesEnd: 15,
  cell: 16,
} as const;

/**
 * Bytes that an op writes at most beside its own and three times those of its value: text takes at most
 * six bytes for a unit of two, and a time, which takes the most else, 30 for 8. Stores of 32 bytes may reach past an end.
 */
const ROOM_EACH = 64;
/** More uses of one value than an honest template has. */
const MAX_USES = 64;
/** Words before the ops; words of an op with a value. */
const HEAD = 4;
const VALUE_WORDS = 6;

/** Stops the compilation of a template that the kernel can't render; never leaves this folder. */
export class NotForKernel extends Error {
  override readonly name: string = 'NotForKernel';
}

/** More than an honest template comes to: 64 KiB of chunk hold it and more. */
const MAX_SIZE = 256 * 1024;

/** Collects a plan. Addresses are relative to its start until it is placed. */
export class PlanCode {
  readonly #words: number[] = [];
  readonly #addresses: number[] = [];
  readonly #bytes: Buffer[] = [];
  #size = 0;
  /** Text that the next op will write first. */
  #pending = '';
  /** How many ops there are, the end included. */
  #ops = 1;
  #slots = 0;
  /** By slot. */
  readonly #uses = new Map<number, number>();

  /** Text as it is to be written, JSON already. */
  write(text: string): void {
    this.#pending += text;
  }

  /** An op whose first operands are the bytes before it. */
  after(op: number, ...operands: (number | string)[]): void {
    this.#words.push(op);
    this.#ops += 1;
    this.#address(this.#pending);
    this.#pending = '';
    this.operands(...operands);
  }

  /** An op; bytes before it get their own. */
  op(op: number, ...operands: (number | string)[]): void {
    if (this.#pending !== '') this.after(OP.bytes);
    this.#words.push(op);
    this.#ops += 1;
    this.operands(...operands);
  }

  /** The operand of a slot that is asked about, and not written. */
  slot(slot: number): number {
    this.#slots = Math.max(this.#slots, slot + 1);
    return 4 * slot;
  }

  /** The operand of a slot that is written. */
  use(slot: number): number {
    const uses = (this.#uses.get(slot) ?? 0) + 1;
    if (uses > MAX_USES) throw new NotForKernel(`a value that is written more than ${MAX_USES} times`);
    this.#uses.set(slot, uses);
    return this.slot(slot);
  }

  /** Operands of the op before; a text is its address and size. */
  operands(...operands: (number | string)[]): void {
    for (const operand of operands) {
      if (typeof operand === 'number') this.#words.push(operand);
      else this.#address(operand);
    }
  }

  /** What `ops` adds, only where the slot has a value. */
  whereThere(slot: number, ops: () => void): void {
    this.op(OP.whereThere, this.slot(slot), 0);
    const at = this.#words.length;
    ops();
    if (this.#pending !== '') this.after(OP.bytes);
    const words = this.#words;
    words[at - 1] = 4 * (words.length - at);
    // A field that is there where its value is, as most are, is one op.
    if (words.length - at !== VALUE_WORDS || words[at] !== OP.value || words[at + 3] !== words[at - 2])
      return;
    words.splice(at - 3, 4, OP.valueWhereThere);
    for (let i = this.#addresses.length - 2; i < this.#addresses.length; i++) this.#addresses[i]! -= 3;
  }

  /** Bytes that the plan takes at most. */
  get size(): number {
    return 4 * (HEAD + this.#words.length + 4) + this.#size + 3 * this.#pending.length;
  }

  /** The plan's bytes, for it to be put at an address: its words, then what they point to. */
  place(address: number): Buffer {
    this.op(OP.end);
    const room = this.#size + ROOM_EACH * this.#ops;
    const uses = Math.max(0, ...this.#uses.values());
    const words = Buffer.alloc(4 * (HEAD + this.#words.length));
    const all = [room, this.#ops + (this.#size >> 4), this.#slots, uses, ...this.#words];
    for (const [i, word] of all.entries()) words.writeInt32LE(word, 4 * i);
    for (const i of this.#addresses)
      words.writeInt32LE(address + words.length + this.#words[i]!, 4 * (HEAD + i));
    return Buffer.concat([words, ...this.#bytes]);
  }

  #address(text: string): void {
    const bytes = Buffer.from(text);
    this.#addresses.push(this.#words.length);
    this.#words.push(this.#size, bytes.length);
    this.#bytes.push(bytes);
    this.#size += bytes.length;
    if (this.size > MAX_SIZE) throw new NotForKernel(`a plan of more than ${MAX_SIZE} bytes`);
  }
}
