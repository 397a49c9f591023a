/** A configuration as it is written: a tree of elements that know where they stand. */
import { SaxesParser } from 'saxes';
import { attributeValue, readPlainDocument } from './plain-document.ts';

export interface ConfigElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly ConfigElement[];
  /** Text and CDATA inside, without that of child elements; comments are cut out and join what is around them. */
  readonly text: string;
  /** Whether anything but child elements, blanks and comments stands inside; blanks in CDATA are such a thing. */
  readonly hasText: boolean;
  /** Nothing at all stands between its tags: no text, no blank, no comment, no element. */
  readonly empty: boolean;
  /** Offsets in the text, UTF-16 units: of its `<`, behind its start tag, and behind its end. */
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
  readonly parent: ConfigElement | null;
}

export interface ConfigComment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface ConfigDocument {
  readonly root: ConfigElement;
  readonly comments: readonly ConfigComment[];
  /** Offset of a document type declaration, or -1. */
  readonly doctype: number;
}

/** What keeps a text from being a document. `offset` in UTF-16 units. */
export interface DocumentFault {
  readonly code: 'config-not-xml' | 'config-nesting' | 'config-too-large';
  readonly message: string;
  readonly offset: number;
}

const MAX_LENGTH = 8 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Elements, attributes and comments; the largest configurations known have some ten thousand. */
const MAX_NODES = 300_000;

type Building = { -readonly [K in keyof ConfigElement]: ConfigElement[K] } & { children: ConfigElement[] };

class Fault extends Error {
  readonly fault: DocumentFault;

  constructor(fault: DocumentFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Reads a text into a tree; never throws. */
export function readDocument(text: string): ConfigDocument | DocumentFault {
  const plain = text.length > MAX_LENGTH ? null : readPlainDocument(text, MAX_NODES, MAX_DEPTH);
  return plain ?? readAnyDocument(text);
}

/** Reads all of XML, and says what is wrong with what is none. */
export function readAnyDocument(text: string): ConfigDocument | DocumentFault {
  const fault = (code: DocumentFault['code'], message: string, offset: number): never => {
    throw new Fault({ code, message, offset });
  };
  const parser = new SaxesParser({ position: true, xmlns: false } as const);
  const comments: ConfigComment[] = [];
  const open: Building[] = [];
  let root: Building | null = null;
  let doctype = -1;
  let start = 0;
  let nodes = 0;
  const bounded = (): void => {
    nodes += 1;
    if (nodes <= MAX_NODES) return;
    fault(
      'config-too-large',
      `expected at most ${MAX_NODES} elements, attributes and comments`,
      parser.position,
    );
  };
  parser.on('error', (error) => {
    // saxes puts its own place in front; ours is told beside.
    const reason = error.message.replace(/^(?:.*?:)?\d+:\d+: /, '');
    fault('config-not-xml', `expected well-formed XML: ${reason}`, Math.min(parser.position, text.length));
  });
  parser.on('doctype', () => {
    doctype = text.lastIndexOf('<!DOCTYPE', parser.position);
  });
  parser.on('opentagstart', ({ name }) => {
    // saxes stands behind the character that ended the name, which is two where CR LF did.
    start = text.lastIndexOf('<', parser.position - name.length - 2);
    if (open.length >= MAX_DEPTH)
      fault('config-nesting', `expected at most ${MAX_DEPTH} nested elements`, start);
  });
  parser.on('attribute', bounded);
  parser.on('opentag', (tag) => {
    bounded();
    const parent = open.at(-1) ?? null;
    const element: Building = {
      name: tag.name,
      attributes: new Map(
        Object.entries(tag.attributes).map(([name, value]) => [name, attributeValue(tag.name, name, value)]),
      ),
      children: [],
      text: '',
      hasText: false,
      empty: true,
      start,
      contentStart: parser.position,
      end: parser.position,
      parent,
    };
    if (parent) {
      parent.children.push(element);
      parent.empty = false;
    } else root ??= element;
    open.push(element);
  });
  const addText = (content: string): void => {
    const element = open.at(-1);
    if (!element || content === '') return;
    element.text += content;
    element.empty = false;
    if (/[^\t\n\r ]/.test(content)) element.hasText = true;
  };
  parser.on('text', addText);
  parser.on('cdata', (content) => {
    addText(content);
    const element = open.at(-1);
    if (element && content !== '') element.hasText = true;
  });
  const notEmpty = (): void => {
    const element = open.at(-1);
    if (element) element.empty = false;
  };
  parser.on('processinginstruction', notEmpty);
  parser.on('comment', (content) => {
    bounded();
    notEmpty();
    // saxes tells of it before it has seen the `>`.
    const end = parser.position + 1;
    comments.push({ text: content, start: text.lastIndexOf('<!--', end - '<!---->'.length), end });
  });
  parser.on('closetag', () => {
    open.pop()!.end = parser.position;
  });
  try {
    if (text.length > MAX_LENGTH) fault('config-too-large', `expected at most ${MAX_LENGTH} characters`, 0);
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
  if (!root) return { code: 'config-not-xml', message: 'expected an element, found none', offset: 0 };
  return { root, comments, doctype };
}

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Line and column of offsets in a text; lines end with LF, CR LF or CR. */
export function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}
