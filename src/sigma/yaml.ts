/** YAML with places: documents of a text, and their nodes read one by one, each problem with its line. */
import type { Code } from '../events/index.ts';
import type { SigmaDiagnostic, SigmaPlace } from './rule.ts';
import { readAnyYaml } from './yaml-library.ts';
import type { Found, YamlAlias, YamlPair, YamlScalar, YamlTree } from './yaml-node.ts';
import { readPlainYaml } from './yaml-plain.ts';

/** A document of this many characters is no rule. */
const MAX_DOCUMENT = 1 << 20;
/** Aliases can make a small document large: so many of them, and so many nodes, are looked at. */
const MAX_ALIASES = 1000;
const MAX_NODES = 200_000;
/** Told of each document. */
const MAX_PROBLEMS = 100;

/** A value as a rule needs it: with its text as written. */
export type Written = Pick<YamlScalar, 'type' | 'text'>;

/** A key of a map with its value. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Found;
  readonly value: Found;
}

/** Documents of a text, in their order; empty ones are left out. Never throws on content. */
export function readDocuments(
  text: string,
  file: string,
): { readonly documents: SigmaDocument[]; readonly diagnostics: SigmaDiagnostic[] } {
  const documents: SigmaDocument[] = [];
  const diagnostics: SigmaDiagnostic[] = [];
  let line = 0;
  const parts = partsOf(text);
  for (const part of parts) {
    const document = readDocument(part, file, line);
    if (!(document instanceof SigmaDocument)) diagnostics.push(document);
    else if (document.root !== null || document.problems.length > 0) documents.push(document);
    if (parts.length > 1) line += part.split('\n').length - 1;
  }
  return { documents, diagnostics };
}

/** A directive is the first thing but comments. */
const DIRECTIVE = /^(?:[ \t]*(?:#[^\n]*)?\n)*%/;

/** Nothing but the end of a document may stand where `---` does: it can be found without reading YAML. */
function partsOf(text: string): string[] {
  if (!text.includes('---')) return [text];
  const marks = [...text.matchAll(/^---(?=\s|$)/gm)].map(({ index }) => index);
  // Directives are of the document behind the first of them.
  const starts = [0, ...marks.slice(DIRECTIVE.test(text) ? 1 : 0), text.length];
  return starts.slice(0, -1).map((start, index) => text.slice(start, starts[index + 1]));
}

function readDocument(text: string, file: string, firstLine: number): SigmaDocument | SigmaDiagnostic {
  const fail = (code: Code, message: string): SigmaDiagnostic => {
    return { code, file, line: firstLine + 1, column: 1, message };
  };
  if (text.length > MAX_DOCUMENT) {
    const found = text.length.toLocaleString('en');
    return fail('sigma-too-large', `expected a document of at most 1 MiB, found ${found} characters`);
  }
  // Lines and columns are the same, whichever way lines end.
  const unix = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
  const plain = readPlainYaml(unix);
  if (plain) return new SigmaDocument(unix, plain, file, firstLine);
  try {
    return new SigmaDocument(text, readAnyYaml(text), file, firstLine);
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
  /** Null for a document without any contents. */
  readonly root: Found;
  private readonly source: string;
  private readonly aliases: number;
  private readonly firstLine: number;
  /** Where its lines begin; made for the first place that is asked for. */
  private lines: readonly number[] | null = null;
  private toldAliases = false;
  private seen = 0;

  constructor(text: string, { root, aliases, errors }: YamlTree, file: string, firstLine: number) {
    this.source = text;
    this.root = root?.kind === 'scalar' && root.type === 'null' ? null : root;
    this.aliases = aliases;
    this.file = file;
    this.firstLine = firstLine;
    for (const { at, message } of errors) this.say('sigma-syntax', { at }, `expected YAML: ${message}`);
  }

  say(code: Code, node: { readonly at: number } | null | undefined, message: string): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ code, file: this.file, ...this.place(node), message });
  }

  /** Says that something is of the wrong kind. */
  wrong(node: Found, what: string, expected: string): void {
    this.say('sigma-value', node, `${what}: expected ${expected}, found ${this.wordFor(node)}`);
  }

  place(node: { readonly at: number } | null | undefined, add = 0): SigmaPlace {
    const at = (node?.at ?? 0) + add;
    const lines = (this.lines ??= lineStarts(this.source));
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lines[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: this.firstLine + low + 1, column: at - lines[low]! + 1 };
  }

  /** The keys and values of a map, `<<` included, in their order; null, with a problem, for anything else. */
  entries(node: Found, what: string): Entry[] | null {
    const keys = this.keys(node, what);
    return keys && [...keys.values()];
  }

  /** As `entries`, by key. */
  keys(node: Found, what: string): Map<string, Entry> | null {
    const target = this.resolve(node);
    if (target?.kind !== 'map') {
      this.wrong(node, what, 'keys and values');
      return null;
    }
    const entries = new Map<string, Entry>();
    const add = ({ key, value }: YamlPair, isOwn: boolean): void => {
      const keyNode = this.resolve(key);
      if (keyNode?.kind !== 'scalar') {
        this.wrong(key ?? node, what, 'keys that are text');
        return;
      }
      const name = keyNode.text;
      if (!entries.has(name)) entries.set(name, { key: name, keyNode: key, value });
      else if (isOwn) {
        this.say('sigma-value', key, `${what}: expected each key once, found ${quote(name)} again`);
      }
    };
    if (target.pairs.some(isMerge))
      for (const [isOwn, pair] of this.merged(target.pairs, 0)) add(pair, isOwn);
    else for (const pair of target.pairs) add(pair, true);
    return this.count(entries.size, node) ? entries : null;
  }

  /** A list's members, or the one value that is no list. */
  list(node: Found): readonly Found[] | null {
    const target = this.resolve(node);
    if (target?.kind !== 'list') return [node];
    return this.count(target.items.length, node) ? target.items : null;
  }

  isMap(node: Found): boolean {
    return this.resolve(node)?.kind === 'map';
  }

  isList(node: Found): boolean {
    return this.resolve(node)?.kind === 'list';
  }

  /** A scalar as written: `0x1410` and `4.90` are not to become other numbers. null for anything else. */
  written(node: Found): Written | null {
    if (node === null || node === undefined) return NOTHING;
    const target = this.resolve(node);
    if (target?.kind !== 'scalar') return null;
    return target.type === 'null' ? NOTHING : target;
  }

  /** Text, a number or a boolean as text; undefined, with a problem, for anything else. */
  text(node: Found, what: string, expected: string): string | undefined {
    const written = this.written(node);
    if (written !== null && written.type !== 'null') return written.text;
    this.wrong(node, what, expected);
    return undefined;
  }

  /** Where a word of a scalar's text stands that begins at `at`: lines may be joined, cut or indented before it. */
  placeIn(node: Found, text: string, at: number): SigmaPlace {
    const [word] = /^\S+/.exec(text.slice(at)) ?? [''];
    const isHere = word !== '' && node?.kind === 'scalar';
    let found = isHere ? this.source.indexOf(word, node.at) : -1;
    for (let one = text.indexOf(word); one >= 0 && one < at && found >= 0; one = text.indexOf(word, one + 1))
      found = this.source.indexOf(word, found + 1);
    return found < 0 ? this.place(node, at) : this.place({ at: found });
  }

  private wordFor(node: Found): string {
    const target = this.resolve(node);
    if (target?.kind === 'map') return 'keys and values';
    if (target?.kind === 'list') return target.items.length === 0 ? 'an empty list' : 'a list';
    const written = this.written(node);
    return written === null || written.type === 'null' ? 'nothing' : quote(written.text);
  }

  /** Own pairs first, then those that `<<` brings. */
  private *merged(
    pairs: readonly YamlPair[],
    depth: number,
  ): Generator<readonly [isOwn: boolean, pair: YamlPair]> {
    const merged: Found[] = [];
    for (const pair of pairs) {
      if (isMerge(pair)) merged.push(pair.value);
      else yield [depth === 0, pair];
    }
    if (depth > 8) return;
    for (const node of merged.flatMap((one) => this.list(one) ?? [])) {
      const target = this.resolve(node);
      if (target?.kind !== 'map') this.wrong(node, '<<', 'keys and values');
      else if (this.count(target.pairs.length, node)) yield* this.merged(target.pairs, depth + 1);
    }
  }

  private resolve(node: Found): Exclude<Found, YamlAlias> {
    return node?.kind === 'alias' ? this.target(node) : node;
  }

  private target(alias: YamlAlias): YamlAlias['target'] {
    if (this.aliases <= MAX_ALIASES) return alias.target;
    if (!this.toldAliases) {
      this.toldAliases = true;
      this.say('sigma-too-large', alias, `expected at most ${MAX_ALIASES} aliases, found ${this.aliases}`);
    }
    return null;
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

const NOTHING: Written = { type: 'null', text: '' };

function isMerge({ key }: YamlPair): boolean {
  return key?.kind === 'scalar' && key.text === '<<' && key.style === 'plain';
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** In quotes, and cut where it is long: a message is one line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
