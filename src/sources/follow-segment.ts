/** Lines of a segment of our own event log, as they come: `dump` lines with a checksum, behind a header. */
import { jsonReader } from './json.ts';
import type { TextKind } from './follow-text.ts';

const HEADER = /^\{"schema":"noisefloor\.events\/[^\n]*/gm;

export const SEGMENT: TextKind = {
  wholeLines: true,
  reader: (source) => {
    const reader = jsonReader(source);
    return {
      // An empty line keeps the count of lines.
      push: (text, bytes) => reader.push(text.replaceAll(HEADER, ''), bytes),
      end: () => reader.end(),
    };
  },
};
