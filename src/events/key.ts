/** Texts by which things are grouped: what a log says may be of any length, what a map is asked for must not be. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * What tells one kind of event from another: the id of an event of Sysmon; folded channel and id of any other, as each
 * provider counts from 1. `channel` is empty for Sysmon's.
 */
export function typeKey(channel: string, eventId: number): string {
  return channel === '' ? String(eventId) : `${channel}/${eventId}`;
}

/** Characters that a key has at most. */
const MAX_KEY = 1024;
/** What a digest and its mark may take of them. */
const DIGEST = 96;

/**
 * The text where it is short; else its beginning, `…#` and a digest of all of it. V8 hashes a text past 16,383 characters
 * by its length alone, so that long keys all collide; and every key is kept. Depends on the text only: parts of a tally
 * that were counted apart still add up.
 */
export function boundKey(text: string, most: number = MAX_KEY): string {
  if (text.length <= most) return text;
  // A slice would keep the whole text in memory.
  const head = Buffer.from(text.slice(0, most - DIGEST), 'utf16le').toString('utf16le');
  // Loaded by the first long text: most logs have none.
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  return `${head}…#${createHash('sha1').update(text, 'utf16le').digest('hex')}`;
}

/** Whether a text is the beginning of a longer one, as `boundKey` cuts it. A text that looks so counts as one. */
export function isCutKey(text: string): boolean {
  return text.length > MAX_KEY - DIGEST && /…#[0-9a-f]{40}$/.test(text);
}
