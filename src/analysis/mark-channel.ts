import { foldAscii } from '../events/index.ts';
import type { Mark } from '../tally/index.ts';

/** The channel that a mark was found in, folded: `System/6005` -> `system`. Channels have slashes of their own. */
export function markChannel(mark: Mark): string {
  return foldAscii(mark.source.slice(0, Math.max(0, mark.source.lastIndexOf('/'))));
}
