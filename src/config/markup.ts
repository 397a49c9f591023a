/** XML that noisefloor writes into configurations: escaped, and set in the style of what stands around it. */
import { EditError } from './edit-error.ts';
import { replaceLacking } from './encoding.ts';

export interface NewElement {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** Text, or elements; no elements at all make it self-closed. */
  readonly content: string | readonly NewNode[];
}

/** A comment; its text is ours, or has been made fit for one. */
export interface NewComment {
  readonly comment: string;
}

export type NewNode = NewElement | NewComment;

/** How elements are set: each on a line of its own, or all on one line. */
export interface Layout {
  /** `\n` or `\r\n`; empty sets everything on one line. */
  readonly lineEnd: string;
  readonly indent: string;
  readonly step: string;
}

/** What a text must do to stand in a configuration. */
export interface Escaping {
  /** What it does not have becomes a reference. */
  readonly encoding: string;
  /** Where the text is to stand, for errors. */
  readonly offset: number;
}

/** Characters that XML 1.0 cannot hold, not even as references. */
// eslint-disable-next-line no-control-regex
const NO_XML = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]|\p{Surrogate}/u;

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as the content of an element. Line ends become references: a CR would be read as LF, and CR LF as well. */
export function escapeText(text: string, escaping: Escaping): string {
  return escaped(text, /[&<>\r\n]/g, escaping);
}

/** Text as the value of an attribute, in quotes of either kind. Line ends and tabs would be read as blanks. */
export function escapeAttribute(text: string, escaping: Escaping): string {
  return escaped(text, /[&<>"'\r\n\t]/g, escaping);
}

function escaped(text: string, special: RegExp, { encoding, offset }: Escaping): string {
  const bad = NO_XML.exec(text);
  if (bad) {
    const point = bad[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw new EditError(
      'config-edit-text',
      offset,
      `expected text that XML can hold, found U+${point}: no configuration can filter on it`,
    );
  }
  const plain = text.replace(special, (char) => NAMED[char] ?? `&#${char.charCodeAt(0)};`);
  return replaceLacking(plain, encoding, (char) => `&#${char.codePointAt(0)};`);
}

/** An element as text, without what stands before its first line or behind its last. */
export function renderElement(element: NewNode, layout: Layout, escaping: Escaping): string {
  if ('comment' in element) return `<!-- ${element.comment} -->`;
  const { name, attributes, content } = element;
  const written = attributes.map(([key, value]) => ` ${key}="${escapeAttribute(value, escaping)}"`).join('');
  if (typeof content === 'string') return `<${name}${written}>${escapeText(content, escaping)}</${name}>`;
  if (content.length === 0) return `<${name}${written}/>`;
  const { lineEnd, indent, step } = layout;
  const inner: Layout = { lineEnd, indent: indent + step, step };
  return `<${name}${written}>${renderElements(content, inner, escaping)}${lineEnd}${lineEnd && indent}</${name}>`;
}

/** Elements as text, each behind its line end and indentation. */
export function renderElements(elements: readonly NewNode[], layout: Layout, escaping: Escaping): string {
  const before = layout.lineEnd && layout.lineEnd + layout.indent;
  return elements.map((element) => before + renderElement(element, layout, escaping)).join('');
}

/** The blanks between the start of the line and this place, or null if anything else stands there. */
export function indentBefore(text: string, offset: number): string | null {
  let start = offset;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start -= 1;
  return start === 0 || text[start - 1] === '\n' || text[start - 1] === '\r'
    ? text.slice(start, offset)
    : null;
}

/** The line end that is in use around this place. */
export function lineEndNear(text: string, offset: number): string {
  const before = text.lastIndexOf('\n', offset - 1);
  const at = before < 0 || offset === 0 ? text.indexOf('\n') : before;
  if (at < 0) return text.includes('\r') ? '\r' : '\n';
  return text[at - 1] === '\r' ? '\r\n' : '\n';
}
