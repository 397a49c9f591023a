import { createInflateRaw, crc32 } from 'node:zlib';
import type { ByteCursor } from './blocks.ts';

/** How a deflate stream ended. */
export interface Inflated {
  /** CRC-32 and count of the bytes that came out. */
  readonly checksum: number;
  readonly size: number;
  /** Why it ended too early; null where it is complete. */
  readonly failure: string | null;
}

/** Input is given in small portions: at deflate's 1:1032 a bomb then takes 16 MiB of memory and no more. */
const PORTION = 16 * 1024;
/** Output comes in blocks of this size at most: each is handed over by another thread, and smaller ones take that longer. */
const OUTPUT = 256 * 1024;

/**
 * Inflates one raw deflate stream (RFC 1951), and leaves the cursor on the byte behind it. Yields all that could be
 * inflated, returns how it ended. A listener and not a pipe, because a pipe loses what it holds when its input is cut.
 */
export async function* inflate(cursor: ByteCursor): AsyncGenerator<Uint8Array, Inflated> {
  const engine = createInflateRaw({ chunkSize: OUTPUT });
  const ready: Uint8Array[] = [];
  let checksum = 0;
  let size = 0;
  let given = 0;
  const state: { ended: boolean; failure: string | null } = { ended: false, failure: null };
  let wake = (): void => undefined;
  engine.on('data', (bytes: Uint8Array) => ready.push(bytes));
  engine.on('end', () => {
    state.ended = true;
    wake();
  });
  engine.on('error', (error) => {
    state.failure ??= error.message;
    wake();
  });
  try {
    let portion: Uint8Array | null = null;
    while (!state.ended && state.failure === null) {
      portion = await cursor.some(PORTION);
      const done = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (portion === null) {
        engine.end();
      } else {
        given += portion.length;
        engine.write(portion, () => wake());
      }
      await done;
      for (const bytes of ready.splice(0)) {
        checksum = crc32(bytes, checksum);
        size += bytes.length;
        yield bytes;
      }
    }
    if (portion !== null && state.failure === null) {
      cursor.unread(portion.subarray(portion.length - (given - engine.bytesWritten)));
    }
  } finally {
    engine.destroy();
  }
  return { checksum, size, failure: state.failure };
}
