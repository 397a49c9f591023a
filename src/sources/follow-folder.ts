/** Our own event log, a folder of segments: the newest one grows, new ones come, the oldest are deleted. */
import { readdir } from 'node:fs/promises';
import type { Batch } from './batch.ts';
import { systemCode } from './blocks.ts';
import { type Follower, overwritten, say } from './followed.ts';
import { FollowedFile } from './followed-file.ts';
import { FollowedText } from './follow-text.ts';
import { SEGMENT } from './follow-segment.ts';

const NAME = /^events-\d+\.jsonl$/;

/** The names of the segments in a folder, in their order. Throws what the system says. */
export async function segmentNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => NAME.test(name)).sort();
}

export class FollowedFolder implements Follower {
  readonly #folder: string;
  #name = '';
  #segment: FollowedText | null = null;
  /** The highest record id that was read; -1 before the first. */
  #last = -1;
  /** What was there when it was first looked at has been read: ids that are missing from now on were missed. */
  #caughtUp = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async *poll(): AsyncGenerator<Batch> {
    for (;;) {
      yield* this.#read();
      // A later one tells that this one is complete: it is looked for first, and this one is then read to its end.
      const name = (await segmentNames(this.#folder)).find((one) => one > this.#name);
      if (name === undefined) break;
      yield* this.#read();
      for (const batch of this.end()) yield batch;
      await this.close();
      this.#name = name;
      try {
        const prefix = this.#folder.endsWith('/') ? this.#folder : `${this.#folder}/`;
        this.#segment = new FollowedText(await FollowedFile.open(prefix + name), SEGMENT);
      } catch (error) {
        // Deleted meanwhile: what was in it is missed by its ids.
        if (systemCode(error) !== 'ENOENT') throw error;
      }
    }
    this.#caughtUp = true;
  }

  end(): readonly Batch[] {
    return this.#segment?.end() ?? [];
  }

  async close(): Promise<void> {
    await this.#segment?.close();
    this.#segment = null;
  }

  /** What has come in the segment; each record once, whatever becomes of the file. */
  async *#read(): AsyncGenerator<Batch> {
    if (this.#segment === null) return;
    for await (const batch of this.#segment.poll()) {
      const events = batch.events.filter(({ record }) => record === null || record > this.#last);
      const ids = events.flatMap(({ record }) => record ?? []);
      const first = ids[0];
      if (first !== undefined) {
        const lost = first - this.#last - 1;
        if (this.#caughtUp && this.#last >= 0 && lost > 0)
          yield say(batch.source, overwritten(this.#last + 1, lost), lost);
        this.#last = ids.reduce((most, id) => Math.max(most, id), this.#last);
      }
      yield events.length === batch.events.length ? batch : { ...batch, events };
    }
  }
}
