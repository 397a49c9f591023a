/** What the reading thread tells its watcher through shared memory: what it reads, so that one that hangs is known. */
import { CHUNK_SIZE } from './chunk-map.ts';
import type { Input } from './input.ts';

/** Numbers: 0 counts inputs, 1 is not 0 while one is read, 2 its size, 3 its options as bits. */
const NUMBERS = 4;
const OPTIONS = ['verify', 'recover', 'noChecksums', 'dirty'] as const;

export class Desk {
  readonly shared: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4 * NUMBERS + CHUNK_SIZE)) {
    this.shared = shared;
    this.#numbers = new Int32Array(shared, 0, NUMBERS);
    this.#bytes = new Uint8Array(shared, 4 * NUMBERS);
  }

  put(input: Input): void {
    this.#bytes.set(input.chunk);
    this.#numbers[2] = input.chunk.length;
    this.#numbers[3] = OPTIONS.reduce((bits, name, i) => bits | (input[name] ? 1 << i : 0), 0);
    Atomics.add(this.#numbers, 0, 1);
    Atomics.store(this.#numbers, 1, 1);
  }

  clear(): void {
    Atomics.store(this.#numbers, 1, 0);
  }

  /** The number of the input that is being read; -1 for none. */
  reading(): number {
    return Atomics.load(this.#numbers, 1) === 0 ? -1 : Atomics.load(this.#numbers, 0);
  }

  input(): Input {
    const bits = this.#numbers[3]!;
    const [verify, recover, noChecksums, dirty] = OPTIONS.map((_, i) => (bits & (1 << i)) !== 0);
    return {
      chunk: Buffer.from(this.#bytes.slice(0, this.#numbers[2])),
      verify: verify!,
      recover: recover!,
      noChecksums: noChecksums!,
      dirty: dirty!,
    };
  }
}
