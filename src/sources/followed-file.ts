/** A file that others write while it is read: kept open, and told from another that took its name. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemCode } from './blocks.ts';

export class FollowedFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #identity: string;

  private constructor(path: string, handle: FileHandle, identity: string) {
    this.path = path;
    this.#handle = handle;
    this.#identity = identity;
  }

  /** Opens a file; the system's error where it does not let us. */
  static async open(path: string): Promise<FollowedFile> {
    const handle = await open(path, 'r');
    const { dev, ino } = await handle.stat({ bigint: true });
    return new FollowedFile(path, handle, `${dev}:${ino}`);
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  /** The bytes from `start` on: `length` of them, or fewer where the file ends. */
  async read(start: number, length: number): Promise<Buffer> {
    // Not from a pool: events are decoded later, out of these very bytes.
    const buffer = Buffer.allocUnsafeSlow(length);
    let at = 0;
    while (at < length) {
      const { bytesRead } = await this.#handle.read(buffer, at, length - at, start + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return buffer.subarray(0, at);
  }

  /** Whether another file stands under its name now. Where none does, one is about to: then not yet. */
  async isReplaced(): Promise<boolean> {
    try {
      const { dev, ino } = await stat(this.path, { bigint: true });
      return `${dev}:${ino}` !== this.#identity;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }
}
