/** Splices that put elements, text and attributes where they belong, in the style of what stands around them. */
import type { ConfigElement } from './document.ts';
import type { Config } from './load.ts';
import {
  type Escaping,
  escapeAttribute,
  indentBefore,
  lineEndNear,
  type NewNode,
  renderElements,
} from './markup.ts';
import type { Splice } from './splice.ts';

/** How text is escaped that is put into an element. */
export function escapingAt({ source }: Config, { start }: ConfigElement): Escaping {
  return { encoding: source.encoding, offset: start };
}

/** Removes an element, and its line where it stands there alone. */
export function removeElement(config: Config, { start, end }: ConfigElement): Splice[] {
  const { text } = config.source;
  const indent = indentBefore(text, start);
  const rest = /[\t ]*(?:\r\n|\n|\r)/y;
  rest.lastIndex = end;
  const behind = rest.exec(text)?.[0];
  if (indent === null || behind === undefined) return [{ start, end, text: '' }];
  return [{ start: start - indent.length, end: end + behind.length, text: '' }];
}

const BLANK = /[\t\n\r ]/;

/** Elements at the end of another, in lines and with the indentation of those that stand there. */
export function insertInto(config: Config, parent: ConfigElement, added: readonly NewNode[]): Splice {
  const { text } = config.source;
  const own = indentBefore(text, parent.start);
  const beside = parent.children
    .map((child) => indentBefore(text, child.start))
    .findLast((indent) => indent !== null);
  const inLines = beside !== undefined || (own !== null && parent.children.length === 0);
  const step = stepOf(text, parent, own, beside);
  const layout = {
    lineEnd: inLines ? lineEndNear(text, parent.start) : '',
    indent: beside ?? (own ?? '') + step,
    step,
  };
  const inserted = renderElements(added, layout, escapingAt(config, parent));
  const closing = inLines ? layout.lineEnd + (own ?? '') : '';
  if (isSelfClosed(parent)) return setContent(config, parent, inserted + closing);
  const close = closeOf(text, parent);
  let at = close;
  while (at > parent.contentStart && BLANK.test(text[at - 1]!)) at -= 1;
  const closed = parent.children.length > 0 || /[\n\r]/.test(text.slice(at, close));
  return { start: at, end: at, text: closed ? inserted : inserted + closing };
}

/** What one level more indents by. */
function stepOf(text: string, parent: ConfigElement, own: string | null, beside: string | undefined): string {
  const outer = parent.parent && indentBefore(text, parent.parent.start);
  for (const [from, to] of [
    [own, beside],
    [outer, own],
  ]) {
    if (
      typeof from === 'string' &&
      typeof to === 'string' &&
      to.length > from.length &&
      to.startsWith(from)
    ) {
      return to.slice(from.length);
    }
  }
  return (beside ?? own ?? '').includes('\t') ? '\t' : '  ';
}

function isSelfClosed({ contentStart, end }: ConfigElement): boolean {
  return contentStart === end;
}

/** Where the end tag of an element begins that is not self-closed. */
function closeOf(text: string, { end }: ConfigElement): number {
  return text.lastIndexOf('</', end - 1);
}

/** Replaces all that stands between an element's tags; a self-closed one is opened. */
export function setContent({ source }: Config, element: ConfigElement, content: string): Splice {
  const { name, contentStart, end } = element;
  if (!isSelfClosed(element))
    return { start: contentStart, end: closeOf(source.text, element), text: content };
  let start = end - '/>'.length;
  while (BLANK.test(source.text[start - 1]!)) start -= 1;
  return { start, end, text: `>${content}</${name}>` };
}

/** Sets the value of an attribute, adding it behind the element's name where it has none; null removes it. */
export function setAttribute(
  config: Config,
  element: ConfigElement,
  name: string,
  value: string | null,
): Splice[] {
  const { text } = config.source;
  const from = element.start + 1 + element.name.length;
  const attribute = /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
  attribute.lastIndex = from;
  for (let match; (match = attribute.exec(text)) !== null;) {
    if (match[1] !== name) continue;
    if (value === null) return [{ start: match.index, end: attribute.lastIndex, text: '' }];
    const end = attribute.lastIndex - 1;
    const { length } = match[2] ?? match[3]!;
    return [{ start: end - length, end, text: escapeAttribute(value, escapingAt(config, element)) }];
  }
  if (value === null) return [];
  return [
    { start: from, end: from, text: ` ${name}="${escapeAttribute(value, escapingAt(config, element))}"` },
  ];
}
