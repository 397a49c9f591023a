/** A page of text: lines of spans, made to fit a terminal's width and painted last, so that colours take no room. */
import { styleText } from 'node:util';
import { cut, displayWidth, wrap } from './terminal.ts';

type Style = 'bold' | 'dim' | 'cyan' | 'yellow' | 'red' | 'green';

interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** One line; its text is already safe for a terminal. */
export type Line = string | readonly Span[];

export interface PageOptions {
  readonly colour: boolean;
  /** Columns; less than 60 counts as 60. */
  readonly width: number;
}

/** Columns that a page may use. */
export function pageWidth(options: PageOptions): number {
  return Math.max(60, Math.floor(options.width) || 0);
}

/** Lines to text with a line break behind each. No line is wider than the page. */
export function printPage(lines: readonly Line[], options: PageOptions): string {
  const width = pageWidth(options);
  return lines.map((line) => `${printLine(line, width, options.colour)}\n`).join('');
}

function printLine(line: Line, width: number, colour: boolean): string {
  const spans: Span[] = typeof line === 'string' ? [{ text: line }] : [...line];
  // Blanks at the end would be coloured, and copied.
  while (spans.at(-1)?.text.trimEnd() === '') spans.pop();
  let room = width;
  let text = '';
  for (const [index, span] of spans.entries()) {
    const whole = index === spans.length - 1 ? span.text.trimEnd() : span.text;
    const fitting = cut(whole, room);
    room -= displayWidth(fitting);
    text += colour ? paint(fitting, span.style) : fitting;
    if (fitting !== whole) break;
  }
  return text;
}

function paint(text: string, style: Style | undefined): string {
  // The caller has decided on colours; styleText is not to look at the environment again.
  return style && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

/** A section: its title, its lines below it; nothing where there are no lines. */
export function section(title: string, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : ['', [{ text: title, style: 'bold' }], ...lines];
}

/** A paragraph, wrapped and indented. */
export function paragraph(text: string, width: number, indent = 2): string[] {
  return wrap(text, width - indent).map((line) => ' '.repeat(indent) + line);
}
