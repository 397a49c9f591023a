/**
 * A plan: how the kernel renders an instance of one template, as words (u32) of ops. Bytes that a plan writes stand in
 * the same memory, and are named by address and size.
 *
 *     0 end                                   1 bytes, size
 *     2 bytes, size, slot, else, size         the tool's value; `else`: what stands for an empty one
 *     3 n, slot, bytes, size, n times (bytes, size, slot, bytes, size)
 *                                             the tool's element with attributes; slot -1: no text, -2: the bytes are it;
 *                                             of an attribute: its name, and slot -1: the bytes are its value
 *     4 slot                                  the tool's nested element
 *     5 bytes, size, slot                     our field: a quoted text
 *     6 slot, bytes of ops                    these ops only where a value is there
 *     7 slot                                  our record id, else the header's
 *     8 slot                                  our nested data
 *     9                                       our time, from the record's header
 *     10 slot, mask                           our number
 *     11 slot, slot, bytes, size              our text, or where it is empty another slot's, or (slot -1) the bytes
 *     12                                      our fields begin
 *     13                                      our fields and the line end
 *     14                                      the log's name, as JSON
 *     15 slot                                 only for records that have this value
 */
export const OP = {
  end: 0,
  bytes: 1,
  toolValue: 2,
  toolElement: 3,
  toolNested: 4,
  field: 5,
  whereThere: 6,
  recordId: 7,
  nested: 8,
  time: 9,
  number: 10,
  textOr: 11,
  fields: 12,
  close: 13,
  source: 14,
  present: 15,
} as const;

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

  /** Text as it is to be written, JSON already. */
  write(text: string): void {
    this.#pending += text;
  }

  /** An op whose first operands are the bytes before it. */
  after(op: number, ...operands: (number | string)[]): void {
    this.#words.push(op);
    this.#address(this.#pending);
    this.#pending = '';
    this.operands(...operands);
  }

  /** An op; bytes before it get their own. */
  op(op: number, ...operands: (number | string)[]): void {
    if (this.#pending !== '') this.after(OP.bytes);
    this.#words.push(op);
    this.operands(...operands);
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
    this.op(OP.whereThere, slot, 0);
    const at = this.#words.length;
    ops();
    if (this.#pending !== '') this.after(OP.bytes);
    this.#words[at - 1] = 4 * (this.#words.length - at);
  }

  /** Bytes that the plan takes at most. */
  get size(): number {
    return 4 * (this.#words.length + 4) + this.#size + 3 * this.#pending.length;
  }

  /** The plan's bytes, for it to be put at an address: its words, then what they point to. */
  place(address: number): Buffer {
    this.op(OP.end);
    const words = Buffer.alloc(4 * this.#words.length);
    for (const [i, word] of this.#words.entries()) words.writeInt32LE(word, 4 * i);
    for (const i of this.#addresses) words.writeInt32LE(address + words.length + this.#words[i]!, 4 * i);
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
