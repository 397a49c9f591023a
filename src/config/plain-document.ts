/**
 * Reads the plain XML in which configurations are written, several times faster than a parser that knows all of XML. What
 * is not plain, or not well-formed, is left to that parser: here it is null.
 */
import type { ConfigComment, ConfigDocument, ConfigElement } from './document.ts';

type Building = { -readonly [K in keyof ConfigElement]: ConfigElement[K] } & { children: ConfigElement[] };

/** What XML forbids, and the halves of characters past U+FFFF. */
// eslint-disable-next-line no-control-regex
const ODD = /[\0-\x08\x0B\x0C\x0E-\x1F\uD800-\uDFFF\uFFFE\uFFFF]|\]\]>/;
const DECLARATION =
  /^<\?xml version=(?:"1\.0"|'1\.0')(?: encoding=(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?: standalone=(?:"yes"|"no"))? ?\?>/;
const TAG = /<([A-Za-z_][\w.-]*)/y;
const ATTRIBUTE = /[ \t\r\n]+([A-Za-z_][\w.-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<\t\r\n]*)"|'([^'<\t\r\n]*)')/y;
const TAG_END = /[ \t\r\n]*(\/?)>/y;
const NOT_BLANK = /[^\t\n\r ]/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

/** The value of an attribute as Sysmon sees it: of those whose values its grammar lists, blanks around it are dropped. */
export function attributeValue(element: string, name: string, value: string): string {
  const isListed =
    name === 'onmatch' || name === 'default' || (name === 'groupRelation' && element === 'RuleGroup');
  return isListed ? value.replace(/^ +| +$/g, '') : value;
}

/** Reads a text into a tree; null for what is not plain, or has more elements, attributes and comments, or is deeper. */
export function readPlainDocument(text: string, maxNodes: number, maxDepth: number): ConfigDocument | null {
  if (ODD.test(text)) return null;
  const comments: ConfigComment[] = [];
  const open: Building[] = [];
  let root: Building | null = null;
  let parent: Building | null = null;
  let nodes = 0;
  let at = DECLARATION.exec(text)?.[0].length ?? 0;
  for (;;) {
    const start = text.indexOf('<', at);
    if (start < 0) break;
    if (start > at) {
      const content = contentOf(text.slice(at, start));
      if (content === null) return null;
      const blank = !NOT_BLANK.test(content);
      if (parent) {
        parent.text += content;
        parent.empty = false;
        if (!blank) parent.hasText = true;
      } else if (!blank) return null;
    }
    const next = text[start + 1];
    if (next === '!') {
      if (!text.startsWith('<!--', start)) return null;
      const dashes = text.indexOf('--', start + '<!--'.length);
      if (dashes < 0 || text[dashes + 2] !== '>') return null;
      at = dashes + '-->'.length;
      comments.push({ text: withLineFeeds(text.slice(start + '<!--'.length, dashes)), start, end: at });
      nodes += 1;
      if (parent) parent.empty = false;
    } else if (next === '/') {
      if (!parent || !text.startsWith(parent.name, start + 2)) return null;
      TAG_END.lastIndex = start + 2 + parent.name.length;
      const end = TAG_END.exec(text);
      if (!end || end[1] !== '') return null;
      parent.end = at = TAG_END.lastIndex;
      open.pop();
      parent = open.at(-1) ?? null;
    } else {
      if (root && !parent) return null;
      TAG.lastIndex = start;
      const name = TAG.exec(text)?.[1];
      if (name === undefined || open.length >= maxDepth) return null;
      at = TAG.lastIndex;
      const attributes = new Map<string, string>();
      for (;;) {
        ATTRIBUTE.lastIndex = at;
        const found = ATTRIBUTE.exec(text);
        if (!found) break;
        const value = contentOf(found[2] ?? found[3]!);
        if (value === null || attributes.has(found[1]!)) return null;
        attributes.set(found[1]!, attributeValue(name, found[1]!, value));
        at = ATTRIBUTE.lastIndex;
      }
      TAG_END.lastIndex = at;
      const end = TAG_END.exec(text);
      if (!end) return null;
      at = TAG_END.lastIndex;
      nodes += 1 + attributes.size;
      const element: Building = {
        name,
        attributes,
        children: [],
        text: '',
        hasText: false,
        empty: true,
        start,
        contentStart: at,
        end: at,
        parent,
      };
      if (parent) {
        parent.children.push(element);
        parent.empty = false;
      } else root = element;
      if (end[1] === '') {
        open.push(element);
        parent = element;
      }
    }
    if (nodes > maxNodes) return null;
  }
  if (!root || parent || NOT_BLANK.test(text.slice(at))) return null;
  return { root, comments, doctype: -1 };
}

/** Text as it is meant; null if it has other entities than those that XML itself has names for. */
function contentOf(written: string): string | null {
  const text = withLineFeeds(written);
  if (!text.includes('&')) return text;
  let plain = true;
  const content = text.replace(/&(?:[a-z]*;)?/g, (entity) => {
    const meant = ENTITIES[entity];
    plain &&= meant !== undefined;
    return meant ?? '';
  });
  return plain ? content : null;
}

function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
