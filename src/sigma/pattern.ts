/** Text with wildcards, as a rule writes it. */
import { MANY, ONE, type Pattern } from '../decide/index.ts';

/** Without these a value is plain text. */
const SPECIAL = /[*?]|\\\\/;

/**
 * Reads a value: `*` is any text, `?` one character. A backslash before `*`, `?` or a backslash makes it plain; before
 * anything else, and at the end, it stands for itself.
 */
export function parsePattern(text: string): Pattern {
  if (!SPECIAL.test(text)) return plainPattern(text);
  const parts: (string | typeof MANY | typeof ONE)[] = [];
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]!;
    const next = text[i + 1];
    if (unit === '\\' && (next === '*' || next === '?' || next === '\\')) {
      plain += next;
      i++;
    } else if (unit === '*' || unit === '?') {
      if (plain !== '') parts.push(plain);
      plain = '';
      const wildcard = unit === '*' ? MANY : ONE;
      // `**` is `*`.
      if (wildcard === ONE || parts.at(-1) !== MANY) parts.push(wildcard);
    } else {
      plain += unit;
    }
  }
  if (plain !== '') parts.push(plain);
  return parts;
}

/** A pattern of nothing but this text. */
export function plainPattern(text: string): Pattern {
  return text === '' ? [] : [text];
}
