/** YAML with places: documents of a text, and their nodes read one by one, each problem with its line. */
import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { Code } from '../events/index.ts';
import type { SigmaDiagnostic, SigmaPlace } from './rule.ts';

/** A document of this many characters is no rule. */
const MAX_DOCUMENT = 1 << 20;
/** Aliases can make a small document large: so many of them, and so many nodes, are looked at. */
const MAX_ALIASES = 1000;
const MAX_NODES = 200_000;
/** Told of each document. */
const MAX_PROBLEMS = 100;

export type Found = Node | null | undefined;

/** A value as a rule needs it: with its text as written. */
export interface Written {
  readonly kind: 'null' | 'text' | 'number' | 'boolean';
  readonly text: string;
}

/** A key of a map with its value. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Found;
  readonly value: Found;
  /** The map that holds it. */
  readonly from: SigmaDocument;
}

/** Documents of a text, in their order; empty ones are left out. Never throws on content. */
export function readDocuments(
  text: string,
  file: string,
): { readonly documents: SigmaDocument[]; readonly diagnostics: SigmaDiagnostic[] } {
  const documents: SigmaDocument[] = [];
  const diagnostics: SigmaDiagnostic[] = [];
  // Nothing but the end of a document may stand where `---` does: it can be found without reading YAML.
  const starts = [0, ...[...text.matchAll(/^---(?=\s|$)/gm)].map(({ index }) => index), text.length];
  let line = 0;
  for (const [index, start] of starts.slice(0, -1).entries()) {
    const part = text.slice(start, starts[index + 1]);
    const document = readDocument(part, file, line);
    if ('code' in document) diagnostics.push(document);
    else if (document.root !== null || document.problems.length > 0) documents.push(document);
    line += part.split('\n').length - 1;
  }
  return { documents, diagnostics };
}

function readDocument(text: string, file: string, firstLine: number): SigmaDocument | SigmaDiagnostic {
  const fail = (code: Code, message: string): SigmaDiagnostic => {
    return { code, file, line: firstLine + 1, column: 1, message };
  };
  if (text.length > MAX_DOCUMENT) {
    const found = text.length.toLocaleString('en');
    return fail('sigma-too-large', `expected a document of at most 1 MiB, found ${found} characters`);
  }
  const lines = new LineCounter();
  try {
    const parsed = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
      // Looks at each pair of keys; `entries` does it faster.
      uniqueKeys: false,
    });
    return new SigmaDocument(parsed, lines, file, firstLine);
  } catch (error) {
    // Nesting without end is the one thing that the parser dies of.
    if (!(error instanceof RangeError)) throw error;
    return fail('sigma-syntax', 'expected a rule, found YAML that is nested too deeply');
  }
}

/** One document: it lasts until all of its nodes are seen. */
export class SigmaDocument {
  readonly file: string;
  readonly problems: SigmaDiagnostic[] = [];
  private readonly parsed: Document.Parsed;
  private readonly lines: LineCounter;
  private readonly firstLine: number;
  private targets: Map<Node, Node | null> | null = null;
  private seen = 0;

  constructor(parsed: Document.Parsed, lines: LineCounter, file: string, firstLine: number) {
    this.parsed = parsed;
    this.lines = lines;
    this.file = file;
    this.firstLine = firstLine;
    for (const { pos, message } of [...parsed.errors, ...parsed.warnings]) {
      this.say('sigma-syntax', { range: [pos[0], pos[1], pos[1]] }, `expected YAML: ${message}`);
    }
  }

  /** Its contents; null for a document without any. */
  get root(): Found {
    const { contents } = this.parsed;
    return isScalar(contents) && contents.value === null ? null : contents;
  }

  say(
    code: Code,
    node: { readonly range?: readonly number[] | null } | null | undefined,
    message: string,
  ): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ code, file: this.file, ...this.place(node), message });
  }

  /** Says that something is of the wrong kind. */
  wrong(node: Found, what: string, expected: string): void {
    this.say('sigma-value', node, `${what}: expected ${expected}, found ${this.wordFor(node)}`);
  }

  place(node: { readonly range?: readonly number[] | null } | null | undefined, add = 0): SigmaPlace {
    const { line, col } = this.lines.linePos((node?.range?.[0] ?? 0) + add);
    return { line: this.firstLine + Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** The keys and values of a map, `<<` included; null, with a problem, for anything else. */
  entries(node: Found, what: string): Entry[] | null {
    const target = this.resolve(node);
    if (!isMap(target)) {
      this.wrong(node, what, 'keys and values');
      return null;
    }
    const entries = new Map<string, Entry>();
    for (const [isOwn, { key, value }] of this.pairs(target.items as Pair<Found, Found>[], 0)) {
      const keyNode = this.resolve(key);
      if (!isScalar(keyNode)) {
        this.wrong(key ?? node, what, 'keys that are text');
        continue;
      }
      const name = keyText(keyNode);
      if (!entries.has(name)) entries.set(name, { key: name, keyNode: key, value, from: this });
      else if (isOwn) {
        this.say('sigma-value', key, `${what}: expected each key once, found ${quote(name)} again`);
      }
    }
    return this.count(entries.size, node) ? [...entries.values()] : null;
  }

  /** A list's members, or the one value that is no list. */
  list(node: Found): readonly Found[] | null {
    const target = this.resolve(node);
    if (!isSeq(target)) return [node];
    return this.count(target.items.length, node) ? (target.items as Found[]) : null;
  }

  isMap(node: Found): boolean {
    return isMap(this.resolve(node));
  }

  isList(node: Found): boolean {
    return isSeq(this.resolve(node));
  }

  /** A scalar as written: `0x1410` and `4.90` are not to become other numbers. null for anything else. */
  written(node: Found): Written | null {
    if (node === null || node === undefined) return { kind: 'null', text: '' };
    const target = this.resolve(node);
    if (!isScalar(target)) return null;
    const { value, source } = target;
    if (value === null) return { kind: 'null', text: '' };
    if (typeof value === 'string') return { kind: 'text', text: value };
    return { kind: typeof value === 'boolean' ? 'boolean' : 'number', text: source ?? String(value) };
  }

  /** Text, a number or a boolean as text; undefined, with a problem, for anything else. */
  text(node: Found, what: string, expected: string): string | undefined {
    const written = this.written(node);
    if (written !== null && written.kind !== 'null') return written.text;
    this.wrong(node, what, expected);
    return undefined;
  }

  /** How many characters stand before the text of a scalar: its quote. 0 where lines are joined or cut. */
  quoteOf(node: Found): number {
    const target = this.resolve(node);
    return isScalar(target) && (target.type === 'QUOTE_SINGLE' || target.type === 'QUOTE_DOUBLE') ? 1 : 0;
  }

  private wordFor(node: Found): string {
    const target = this.resolve(node);
    if (isMap(target)) return 'keys and values';
    if (isSeq(target)) return target.items.length === 0 ? 'an empty list' : 'a list';
    const written = this.written(node);
    return written === null || written.kind === 'null' ? 'nothing' : quote(written.text);
  }

  /** Own pairs first, then those that `<<` brings. */
  private *pairs(
    items: readonly Pair<Found, Found>[],
    depth: number,
  ): Generator<readonly [isOwn: boolean, pair: Pair<Found, Found>]> {
    const merged: Found[] = [];
    for (const pair of items) {
      if (isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN') merged.push(pair.value);
      else yield [depth === 0, pair];
    }
    if (depth > 8) return;
    for (const node of merged.flatMap((one) => this.list(one) ?? [])) {
      const target = this.resolve(node);
      if (!isMap(target)) this.wrong(node, '<<', 'keys and values');
      else if (this.count(target.items.length, node)) {
        yield* this.pairs(target.items as Pair<Found, Found>[], depth + 1);
      }
    }
  }

  private resolve(node: Found): Found {
    return isAlias(node) ? this.target(node) : node;
  }

  private target(alias: Alias): Node | null {
    if (this.targets === null) {
      const anchors = new Map<string, Node>();
      const targets = new Map<Node, Node | null>();
      // All at once: Alias.resolve goes through the document for each alias.
      visit(this.parsed, (_, node) => {
        if (isAlias(node)) targets.set(node, anchors.get(node.source) ?? null);
        else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
          anchors.set(node.anchor, node);
        }
      });
      this.targets = targets;
      if (targets.size > MAX_ALIASES) {
        this.say('sigma-too-large', alias, `expected at most ${MAX_ALIASES} aliases, found ${targets.size}`);
      }
    }
    return this.targets.size > MAX_ALIASES ? null : (this.targets.get(alias) ?? null);
  }

  /** Whether there is room for so many more. */
  private count(items: number, node: Found): boolean {
    const before = this.seen;
    this.seen += items;
    if (this.seen <= MAX_NODES) return true;
    if (before <= MAX_NODES) {
      this.say('sigma-too-large', node, `expected at most ${MAX_NODES} values in a document, found more`);
    }
    return false;
  }
}

function keyText(key: { readonly value: unknown; readonly source?: string | undefined }): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** In quotes, and cut where it is long: a message is one line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
