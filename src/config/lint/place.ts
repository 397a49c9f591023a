/** Where the parts of an element stand in the text: offsets in UTF-16 units, for findings and splices. */
import type { ConfigElement } from '../document.ts';
import type { Splice } from '../splice.ts';
import { nearest } from './nearest.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface AttributeSpan {
  readonly name: Span;
  /** Inside the quotes. */
  readonly value: Span;
  readonly quote: string;
}

/** The start tag. */
export function startTagSpan({ start, contentStart }: ConfigElement): Span {
  return { start, end: contentStart };
}

/** The name in the start tag. */
export function nameSpan({ start, name }: ConfigElement): Span {
  return { start: start + 1, end: start + 1 + name.length };
}

/** Whether the element has no end tag of its own. */
export function isSelfClosed(text: string, { contentStart, end }: ConfigElement): boolean {
  return contentStart === end && text.slice(contentStart - 2, contentStart) === '/>';
}

/** What stands between the tags, as written; empty for a self-closed element. */
export function contentSpan(text: string, element: ConfigElement): Span {
  if (isSelfClosed(text, element)) return { start: element.contentStart, end: element.contentStart };
  const end = text.lastIndexOf('</', element.end - 1);
  return { start: element.contentStart, end: Math.max(end, element.contentStart) };
}

const attributes = new WeakMap<ConfigElement, ReadonlyMap<string, AttributeSpan>>();

/** An attribute of the start tag; null where it is not written there. */
export function attributeSpan(text: string, element: ConfigElement, wanted: string): AttributeSpan | null {
  let spans = attributes.get(element);
  if (!spans) attributes.set(element, (spans = attributeSpans(text, element)));
  return spans.get(wanted) ?? null;
}

function attributeSpans(text: string, element: ConfigElement): Map<string, AttributeSpan> {
  const spans = new Map<string, AttributeSpan>();
  const from = nameSpan(element).end;
  const tag = text.slice(from, element.contentStart);
  for (const match of tag.matchAll(/([^\s=>"']+)(\s*=\s*)(["'])([^]*?)\3/g)) {
    const [, name, equals, quote, written] = match as unknown as [string, string, string, string, string];
    const start = from + match.index;
    const value = start + name.length + equals.length + 1;
    spans.set(name, {
      name: { start, end: start + name.length },
      value: { start: value, end: value + written.length },
      quote,
    });
  }
  return spans;
}

/** Splices that rename an element: both of its tags. */
export function renameElement(text: string, element: ConfigElement, to: string): Splice[] {
  const splices: Splice[] = [{ ...nameSpan(element), text: to }];
  if (!isSelfClosed(text, element)) {
    const close = contentSpan(text, element).end + 2;
    splices.push({ start: close, end: close + element.name.length, text: to });
  }
  return splices;
}

/**
 * The name under which an element has an attribute: this one, or one that was plainly meant for it, which is a finding
 * of its own. Two repairs of one attribute must not end in two attributes.
 */
export function writtenAs({ attributes: written }: ConfigElement, name: string): string | null {
  if (written.has(name)) return name;
  return [...written.keys()].find((other) => nearest(other, [name])) ?? null;
}

/** A splice that gives an attribute this value, or adds it behind the element's name. */
export function setAttribute(text: string, element: ConfigElement, name: string, value: string): Splice {
  const span = attributeSpan(text, element, writtenAs(element, name) ?? name);
  const escaped = escapeXml(value);
  if (span) return { ...span.value, text: escaped };
  const { end } = nameSpan(element);
  return { start: end, end, text: ` ${name}="${escaped}"` };
}

/** A splice that removes an attribute with the blanks before it. */
export function removeAttribute(text: string, element: ConfigElement, name: string): Splice | null {
  const span = attributeSpan(text, element, name);
  if (!span) return null;
  let { start } = span.name;
  while (/\s/.test(text[start - 1] ?? '')) start -= 1;
  return { start, end: span.value.end + 1, text: '' };
}

/** A splice that removes an element, and its whole line where nothing else stands on it. */
export function removeElement(text: string, { start, end }: ConfigElement): Splice {
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
  const rest = /^[ \t]*(?:\r\n|\n|\r)/.exec(text.slice(end, end + 1024));
  if (rest && text.slice(lineStart, start).trim() === '')
    return { start: lineStart, end: end + rest[0].length, text: '' };
  return { start, end, text: '' };
}

/**
 * A splice that gives an element this text; null where comments, CDATA or references that a rewrite would lose stand
 * between its tags.
 */
export function setText(text: string, element: ConfigElement, to: string): Splice | null {
  const span = contentSpan(text, element);
  const written = text.slice(span.start, span.end);
  if (isSelfClosed(text, element) || /<|&#/.test(written)) return null;
  return { ...span, text: escapeXml(to) };
}

/** Text as the content of an element or of an attribute in double quotes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The text itself where it is written plainly inside an element, else the whole content or start tag. */
export function valueSpan(text: string, element: ConfigElement): Span {
  const span = contentSpan(text, element);
  if (span.start === span.end) return startTagSpan(element);
  return span;
}
