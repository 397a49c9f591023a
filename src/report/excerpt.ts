/** A line of a text with a caret below the place in question. */
import type { Line } from './page.ts';
import { cut, displayWidth, safeText } from './terminal.ts';

/** A line may be a whole file: only this much around the place is looked at. */
const BEFORE = 400;
const BEHIND = 1000;

/**
 * Two lines, at most `width` columns: the line on which `span` (UTF-16 units) begins, with its number and without its
 * indentation, and a caret below. A long line is cut on both sides. Safe for a terminal.
 */
export function excerptLines(
  text: string,
  span: { readonly start: number; readonly end: number },
  lineNumber: number,
  width: number,
): Line[] {
  const front = `  ${String(lineNumber).padStart(5)} | `;
  const room = Math.max(10, width - front.length);
  const window = text.slice(Math.max(0, span.start - BEFORE), span.start);
  const broken = Math.max(window.lastIndexOf('\n'), window.lastIndexOf('\r'));
  const whole = broken >= 0 || span.start <= BEFORE;
  let before = safeLine(window.slice(broken + 1).trimStart());
  const [behind = ''] = text.slice(span.start, span.start + BEHIND).split(/[\r\n]/, 1);
  // What stands before gives way, but for a third of the line.
  const most = Math.max(Math.floor(room / 3), room - displayWidth(safeLine(behind)));
  if (!whole || displayWidth(before) > most) before = `…${tailOf(before, most - 1)}`;
  const marked = safeLine(behind.slice(0, span.end - span.start));
  const left = room - displayWidth(before);
  const caret = '^'.padEnd(Math.max(1, Math.min(displayWidth(marked.trimEnd()), left)), '~');
  return [
    `${front}${cut(before + safeLine(behind), room)}`,
    [
      { text: `${' '.repeat(front.length - 2)}| ${' '.repeat(displayWidth(before))}` },
      { text: caret, style: 'cyan' },
    ],
  ];
}

/** A tab is as wide as the terminal likes: a blank lets the caret stand right. */
function safeLine(text: string): string {
  return safeText(text.replaceAll('\t', ' '));
}

/** The longest end of a safe text that takes at most `width` columns. */
function tailOf(text: string, width: number): string {
  const characters = [...text];
  let start = characters.length;
  let used = 0;
  while (start > 0 && (used += displayWidth(characters[start - 1]!)) <= width) start -= 1;
  return characters.slice(start).join('');
}
