/** Text from logs on a terminal: what may stand there, how wide it is, and how to make it fit. */

/**
 * What a terminal would obey, or not show: C0 and C1 controls, DEL, line and paragraph separators, all format
 * characters (bidi overrides and isolates, zero-width), whatever else Unicode lets a font ignore, private use, and
 * surrogates without a partner. A tail of combining marks past the fourth can cover the lines above it.
 */
const UNSAFE: RegExp =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{4})\p{M}/gu;

/** Plain printable ASCII: nearly everything, and quick to tell. */
const PLAIN: RegExp = /^[ -~]*$/;

/** The text with everything that is not safe on a terminal shown as `\u{..}`. It never holds a line break. */
export function safeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`);
}

/** Code points two columns wide beside `\p{Emoji_Presentation}`: East Asian Wide and Fullwidth, as `[first, last]`. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  // With the few narrow pictographs among them: a line too short does less harm than one too long.
  [0x1f200, 0x1faff],
  [0x20000, 0x3fffd],
];

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  // Those of our own sentences and charts: the first look into Unicode's tables takes longer than a small answer.
  if (
    code < 0x300 ||
    (code >= 0x2010 && code < 0x2028) ||
    (code >= 0x2190 && code < 0x2200) ||
    (code >= 0x2500 && code < 0x25a0)
  )
    return 1;
  if (/[\p{Mn}\p{Me}]/u.test(character)) return 0;
  if (WIDE.some(([first, last]) => code >= first && code <= last)) return 2;
  return /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}

/** Columns that a safe text takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The longest start of a text that takes at most `width` columns. */
function head(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, width));
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** The longest end of a text that takes at most `width` columns. */
function tail(text: string, width: number): string {
  if (PLAIN.test(text)) return width > 0 ? text.slice(-width) : '';
  const characters = [...text];
  let used = 0;
  let start = characters.length;
  while (start > 0 && (used += characterWidth(characters[start - 1]!)) <= width) start -= 1;
  return characters.slice(start).join('');
}

/** Cuts a safe text at its end, with `…` in place of what is gone. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${head(text, width - 1)}…`;
}

/** Cuts a safe text in its middle: the last part of a path stays whole where it fits, for it says most. */
export function cutMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  const name = displayWidth(text.slice(Math.max(text.lastIndexOf('\\'), text.lastIndexOf('/'), 0)));
  const half = Math.ceil((width - 1) / 2);
  const end = name > half && name <= width - 1 ? name : half;
  return `${head(text, width - 1 - end)}…${tail(text, end)}`;
}

/** Fills up with blanks behind (or, for `align` right, before) to `width` columns; never cuts. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Breaks a safe text at blanks into lines of at most `width` columns; what has no blank is broken anywhere. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(word) > width) {
      const part = head(word, width) || word.slice(0, 1);
      lines.push(part);
      word = word.slice(part.length);
    }
    line = word;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}
