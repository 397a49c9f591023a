/** Texts as keys of maps. */
import { createHash } from 'node:crypto';

/** A key longer than this is cut: an engine may tell long strings in a map apart by comparing them all. */
const MAX_KEY = 1024;
const KEPT = 1000;

/** The last text that was cut: one name may stand before thousands of values. */
let recent = { text: '', key: '' };

/** The text itself, or of one that is too long its beginning and a digest of the whole: equal texts give equal keys. */
export function boundedKey(text: string): string {
  if (text.length <= MAX_KEY) return text;
  if (recent.text !== text) {
    const digest = createHash('sha1').update(text).digest('hex');
    recent = { text, key: `${text.slice(0, KEPT)}…#${digest}` };
  }
  return recent.key;
}
