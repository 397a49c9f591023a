/**
 * The YAML in which nearly all rules are written, read strictly and fast: maps and lists by indentation, text on one line,
 * and `|`. Whatever it is not certain of it gives up on, and the library reads the document.
 */
import type { YamlList, YamlMap, YamlNode, YamlPair, YamlScalar, YamlTree } from './yaml-node.ts';

/** Lists and maps within one another. */
const MAX_DEPTH = 40;
/** YAML bounds a key to 1,024 characters. */
const MAX_KEY = 1000;

const NEWLINE = 10;
const SPACE = 32;
const DOUBLE = 34;
const HASH = 35;
const SINGLE = 39;
const DASH = 45;
const DOT = 46;
const COLON = 58;
const BACKSLASH = 92;
const BAR = 124;

/** Characters with which plain text can't begin, or not always: not 0 for each. */
const INDICATORS = new Uint8Array(128);
for (const one of `?,[]{}#&*!|>'"%@\``) INDICATORS[one.charCodeAt(0)] = 1;
/** Breaks other than line feeds, marks of byte order and controls. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNUSUAL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;
/** A tab in a line that is more than a comment. */
const TAB = /^ *(?:\t|[^# \n][^\n]*\t)/m;

/** Escapes of text in double quotes; there are more, which no rule needs. */
const ESCAPE = /^\\(?:[\\"/nrt]|(x[\da-fA-F]{2}|u[\da-fA-F]{4}))/;
const ESCAPED: Readonly<Record<string, string>> = {
  '\\\\': '\\',
  '\\"': '"',
  '\\/': '/',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
};

/** Reads a document; null for one that is not certain to be read right. */
export function readPlainYaml(text: string): YamlTree | null {
  if (UNUSUAL.test(text) || (text.includes('\t') && TAB.test(text))) return null;
  const root = new PlainReading(text).whole();
  return root && { root, aliases: 0, errors: [] };
}

/** One walk over a document. Its methods return null to give up. */
class PlainReading {
  private readonly text: string;
  /** The line that is read next: where it begins, its first character that is no space, and where it ends. */
  private at = 0;
  private end = -1;
  /** Spaces before its first character; -1 after the last line. */
  private indent = -1;
  /** Where the scalar that was last read ends. */
  private next = 0;
  /** The first `:` and the first `#` from the last plain text on; -1 where there is none. */
  private colon = 0;
  private hash = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): YamlNode | null {
    if (this.text.startsWith('---')) {
      if (this.text[3] !== '\n') return null;
      this.end = 3;
    }
    this.toNextLine();
    if (this.indent !== 0) return null;
    const root = this.block(-1, 0);
    return this.isDone() && root?.kind !== 'scalar' ? root : null;
  }

  private isDone(): boolean {
    return this.indent === -1;
  }

  /** Goes to the next line that is neither empty nor a comment. */
  private toNextLine(): void {
    const { text } = this;
    let start = this.end + 1;
    while (start < text.length) {
      let at = start;
      while (text.charCodeAt(at) === SPACE) at += 1;
      const unit = text.charCodeAt(at);
      let end = unit === NEWLINE ? at : text.indexOf('\n', at);
      if (end < 0) end = text.length;
      if (at < end && unit !== HASH) {
        this.at = at;
        this.end = end;
        this.indent = at - start;
        return;
      }
      start = end + 1;
    }
    this.end = text.length;
    this.at = text.length;
    this.indent = -1;
  }

  /** What stands on lines of its own, indented deeper than `outer`. */
  private block(outer: number, depth: number): YamlNode | null {
    if (depth > MAX_DEPTH) return null;
    if (this.isItem(this.at)) return this.list(depth);
    const scalar = this.scalar(this.at);
    return scalar && this.endsKey() ? this.map(this.indent, depth) : this.rest(scalar, outer);
  }

  /** Whether a member of a list begins here. */
  private isItem(at: number): boolean {
    return this.text.charCodeAt(at) === DASH && this.isGap(at + 1);
  }

  /** Whether nothing, or a space, stands here. */
  private isGap(at: number): boolean {
    return at >= this.end || this.text.charCodeAt(at) === SPACE;
  }

  /** Reads a map whose first key stands at `at`, and the others at the same indentation. */
  private map(indent: number, depth: number): YamlMap | null {
    const start = this.at;
    const pairs: YamlPair[] = [];
    do {
      const key = this.scalar(this.at);
      if (!key || !this.endsKey() || this.next - this.at > MAX_KEY) return null;
      if (key.style === 'plain' && key.text === '<<') return null;
      const value = this.value(indent, depth);
      if (!value || this.indent > indent) return null;
      pairs.push({ key, value });
    } while (this.indent === indent);
    return { kind: 'map', at: start, pairs };
  }

  /** What stands after the colon of a key. */
  private value(indent: number, depth: number): YamlNode | null {
    const colon = this.next;
    const at = this.toText(colon + 1);
    if (at < this.end) {
      return this.text.charCodeAt(at) === BAR ? this.literal(at, indent) : this.rest(this.scalar(at), indent);
    }
    const { end } = this;
    this.toNextLine();
    if (this.indent > indent) return this.block(indent, depth + 1);
    // A list may stand below its key without being indented.
    if (this.indent === indent && this.isItem(this.at)) return this.list(depth + 1);
    let nothing = colon + 1;
    while (nothing < end && this.text.charCodeAt(nothing) === SPACE) nothing += 1;
    return { kind: 'scalar', at: nothing, type: 'null', style: 'plain', text: '' };
  }

  private list(depth: number): YamlList | null {
    const start = this.at;
    const { indent } = this;
    const items: YamlNode[] = [];
    do {
      const at = this.toText(this.at + 1);
      if (at >= this.end) return null;
      const scalar = this.scalar(at);
      const item = scalar && this.endsKey() ? this.compactMap(at, indent, depth) : this.rest(scalar, indent);
      if (!item || this.indent > indent) return null;
      items.push(item);
    } while (this.indent === indent && this.isItem(this.at));
    return { kind: 'list', at: start, items };
  }

  /** A map that begins behind the dash of a list. */
  private compactMap(at: number, indent: number, depth: number): YamlMap | null {
    if (depth >= MAX_DEPTH) return null;
    const own = indent + at - this.at;
    this.at = at;
    this.indent = own;
    return this.map(own, depth + 1);
  }

  /** The first character that is no space; the end of the line where there is none, or a comment. */
  private toText(from: number): number {
    let at = from;
    while (this.text.charCodeAt(at) === SPACE) at += 1;
    return at > from && this.text.charCodeAt(at) === HASH ? this.end : at;
  }

  /** Whether the scalar that was read is a key. */
  private endsKey(): boolean {
    return this.text.charCodeAt(this.next) === COLON && this.isGap(this.next + 1);
  }

  /**
   * The scalar, if nothing but a comment stands behind it on its line. Plain text goes on in lines that are indented deeper
   * than `outer`. Goes to the line after it.
   */
  private rest(scalar: YamlScalar | null, outer: number): YamlScalar | null {
    if (!scalar) return null;
    let { text } = scalar;
    let goesOn = scalar.style === 'plain';
    for (;;) {
      if (this.toText(this.next) < this.end) return null;
      goesOn &&= this.text.charCodeAt(this.next) !== SPACE;
      const { end } = this;
      this.toNextLine();
      if (this.indent <= outer) break;
      // A comment ends the text, and an empty line is a break in it.
      if (!goesOn || this.at - this.indent !== end + 1) return null;
      const more = this.plain(this.at, this.text.charCodeAt(this.at));
      if (!more) return null;
      text += ` ${more.text}`;
    }
    return text === scalar.text ? scalar : { ...scalar, type: 'text', text };
  }

  /** A plain or quoted text on this line, up to the colon of a key, a comment or the end. */
  private scalar(at: number): YamlScalar | null {
    const first = this.text.charCodeAt(at);
    if (first === SINGLE) return this.single(at);
    return first === DOUBLE ? this.double(at) : this.plain(at, first);
  }

  private plain(at: number, first: number): YamlScalar | null {
    const { text } = this;
    if (INDICATORS[first] === 1) return null;
    // A member of a list, or a key without a name.
    if ((first === DASH || first === COLON) && this.isGap(at + 1)) return null;
    // A line of three dots ends a document, and one of three dashes begins the next.
    if (first === DOT && text.startsWith('...', at)) return null;
    if (first === DASH && text.startsWith('---', at)) return null;
    let to = this.commentFrom(at);
    if (this.colon >= 0 && this.colon < at) this.colon = text.indexOf(':', at);
    for (let { colon } = this; colon >= 0 && colon < to; colon = text.indexOf(':', colon + 1)) {
      if (!this.isGap(colon + 1)) continue;
      if (text.charCodeAt(colon - 1) === SPACE) return null;
      to = colon;
    }
    while (text.charCodeAt(to - 1) === SPACE) to -= 1;
    this.next = to;
    const written = text.slice(at, to);
    return { kind: 'scalar', at, type: typeOf(written, first), style: 'plain', text: written };
  }

  /** Where the first comment behind plain text on this line begins; the line's end where there is none. */
  private commentFrom(at: number): number {
    const { text, end } = this;
    if (this.hash >= 0 && this.hash < at) this.hash = text.indexOf('#', at);
    let { hash } = this;
    while (hash >= 0 && hash < end && text.charCodeAt(hash - 1) !== SPACE) hash = text.indexOf('#', hash + 1);
    return hash >= 0 && hash < end ? hash : end;
  }

  private single(at: number): YamlScalar | null {
    let close = this.text.indexOf("'", at + 1);
    let escapes = false;
    while (close >= 0 && this.text.charCodeAt(close + 1) === SINGLE) {
      escapes = true;
      close = this.text.indexOf("'", close + 2);
    }
    if (close < 0 || close >= this.end) return null;
    this.next = close + 1;
    const inner = this.text.slice(at + 1, close);
    return {
      kind: 'scalar',
      at,
      type: 'text',
      style: 'quoted',
      text: escapes ? inner.replaceAll("''", "'") : inner,
    };
  }

  private double(at: number): YamlScalar | null {
    const { text } = this;
    let value = '';
    let from = at + 1;
    for (let to = from; to < this.end; to += 1) {
      const unit = text.charCodeAt(to);
      if (unit === DOUBLE) {
        this.next = to + 1;
        value = from === at + 1 ? text.slice(from, to) : value + text.slice(from, to);
        return { kind: 'scalar', at, type: 'text', style: 'quoted', text: value };
      }
      if (unit !== BACKSLASH) continue;
      const escape = ESCAPE.exec(text.slice(to, to + 6));
      if (!escape) return null;
      const [written, hex = ''] = escape;
      value += text.slice(from, to);
      value += hex === '' ? ESCAPED[written]! : String.fromCharCode(Number.parseInt(hex.slice(1), 16));
      from = to + written.length;
      to = from - 1;
    }
    return null;
  }

  /** Lines below `|`, up to one that is indented no deeper than the key. */
  private literal(at: number, outer: number): YamlScalar | null {
    const { text } = this;
    if (at + 1 !== this.end) return null;
    let start = this.end + 1;
    let indent = -1;
    let value = '';
    let breaks = '';
    while (start < text.length) {
      let from = start;
      while (text.charCodeAt(from) === SPACE) from += 1;
      let end = text.indexOf('\n', from);
      if (end < 0) end = text.length;
      const spaces = from - start;
      if (from === end) {
        // Spaces alone are text where they go past the indentation.
        if (indent < 0 ? spaces > 0 : spaces > indent) return null;
        breaks += '\n';
      } else {
        if (indent < 0) {
          if (spaces <= outer) return null;
          indent = spaces;
        } else if (spaces < indent) break;
        value += breaks + text.slice(start + indent, end);
        breaks = '\n';
      }
      this.end = end;
      start = end + 1;
    }
    if (indent < 0) return null;
    this.toNextLine();
    return { kind: 'scalar', at, type: 'text', style: 'block', text: `${value}\n` };
  }
}

const NULL = /^(?:~|[Nn]ull|NULL)$/;
const BOOLEAN = /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/;
/** YAML 1.2, "Core Schema". */
const NUMBER =
  /^(?:0o[0-7]+|[-+]?\d+|0x[\dA-Fa-f]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?)$/;

/** What a plain text stands for. `first` is its first character: most texts are told by it to be no more than text. */
function typeOf(text: string, first: number): YamlScalar['type'] {
  // + - . 0 to 9
  if (first < 58) return first >= 43 && NUMBER.test(text) ? 'number' : 'text';
  // f n t, lower case or not, and ~
  const lower = first | 0x20;
  if (lower === 102 || lower === 110 || lower === 116 || lower === 126) {
    if (NULL.test(text)) return 'null';
    if (BOOLEAN.test(text)) return 'boolean';
  }
  return 'text';
}
