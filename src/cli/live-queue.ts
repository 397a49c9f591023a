/** Events that come when they like -> batches for whoever asks for them. */
import { setTimeout } from 'node:timers/promises';
import type { Event } from '../events/index.ts';
import type { FollowedBatch } from '../sources/index.ts';

/** Events that wait at most: a terminal that is held must not take the memory. */
const MAX_WAITING = 100_000;
const EVERY_MS = 100;

export interface LiveQueue {
  push(event: Event): void;
  /** What has come, until `ended` is settled; its error is thrown. */
  batches(ended: Promise<void>): AsyncGenerator<FollowedBatch>;
}

/** `source`: where `dump` lines say that the events come from. */
export function liveQueue(source: string): LiveQueue {
  let waiting: Event[] = [];
  let lost = 0;
  const take = (): FollowedBatch => {
    const message = `${lost} events came faster than they were taken: they are neither shown nor counted here`;
    const overrun = { code: 'watch-overrun', severity: 'error', message, where: { source }, lost } as const;
    const batch = { source, events: waiting, diagnostics: lost > 0 ? [overrun] : [], bytes: 0, live: true };
    [waiting, lost] = [[], 0];
    return batch;
  };
  return {
    push(event) {
      if (waiting.length < MAX_WAITING) waiting.push(event);
      else lost += 1;
    },
    async *batches(ended) {
      const state = { done: false };
      const end = ended.finally(() => {
        state.done = true;
      });
      while (!state.done) {
        await Promise.race([end, setTimeout(EVERY_MS)]);
        yield take();
      }
      await end;
    },
  };
}
