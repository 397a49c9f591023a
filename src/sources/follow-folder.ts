/** Our own event log, a folder of segments: the newest one grows, new ones come, the oldest are deleted. */
import { readdir } from 'node:fs/promises';
import type { Batch } from './batch.ts';
import { systemCode } from './blocks.ts';
import { type Follower, overwritten, say } from './followed.ts';
import { FollowedFile } from './followed-file.ts';
import { FollowedText, SEGMENT_TEXT } from './follow-text.ts';
import { firstOfSegment, SEGMENT_LOCK } from './segment-format.ts';

/** Whether a folder holds segments, or nothing yet: then its writer is about to begin. Throws what the system says. */
export async function isEventLog(folder: string): Promise<boolean> {
  const names = (await readdir(folder)).filter((name) => name !== SEGMENT_LOCK);
  return names.length === 0 || names.some((name) => firstOfSegment(name) !== null);
}

/** The names of the segments in a folder, in their order. */
async function segmentNames(folder: string): Promise<string[]> {
  const first = (name: string): number => firstOfSegment(name) ?? -1;
  return (await readdir(folder)).filter((name) => first(name) >= 0).sort((a, b) => first(a) - first(b));
}

export class FollowedFolder implements Follower {
  readonly #folder: string;
  /** By the name of the segment that is read, its first record id. */
  #first = -1;
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
      if (this.#segment !== null) yield* this.#once(this.#segment.poll());
      // A later one tells that this one is complete: it is looked for first, and this one is then read to its end.
      const names = await segmentNames(this.#folder);
      const name = names.find((one) => firstOfSegment(one)! > this.#first);
      if (name === undefined) break;
      if (this.#segment !== null) yield* this.#once(this.#segment.finish());
      await this.close();
      this.#first = firstOfSegment(name)!;
      try {
        const prefix = this.#folder.endsWith('/') ? this.#folder : `${this.#folder}/`;
        this.#segment = new FollowedText(await FollowedFile.open(prefix + name), SEGMENT_TEXT);
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

  /** Each record once, whatever becomes of a segment's file. */
  async *#once(batches: AsyncGenerator<Batch>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
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
