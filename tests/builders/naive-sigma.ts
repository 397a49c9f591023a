/**
 * A second evaluator of Sigma rules, written from the specification alone and with no thought of speed: it reads the
 * YAML as it is and walks it anew for every event. Tests hold the product's own equal to it. Which events are of a rule's
 * logsource, and what its field names mean in them, is not its business: `NaiveEvent` says.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import { naiveRegex } from './naive-regex.ts';
import { compared, inNetwork, sextets, TIME_PARTS, timePart } from './naive-values.ts';

/** What a rule sees of an event. */
export interface NaiveEvent {
  /** undefined where the event lacks the field. */
  field(name: string): string | undefined;
  /** All that a keyword is looked for in. */
  readonly values: readonly string[];
}

/** A scalar as it is written, except that null is null. */
export type Plain = string | null | readonly Plain[] | { readonly [key: string]: Plain };

export interface NaiveRule {
  readonly [key: string]: Plain;
}

/** The rules of a file. */
export function naiveRules(text: string): NaiveRule[] {
  return [...parseAllDocuments(text)].map(
    (document) => plain(document.contents, document as Document) as NaiveRule,
  );
}

function plain(node: unknown, document: Document): Plain {
  if (isAlias(node)) return plain(node.resolve(document), document);
  if (isSeq(node)) return node.items.map((one) => plain(one, document));
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [String(plain(key, document)), plain(value, document)]),
    );
  }
  if (!isScalar(node) || node.value === null) return null;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** Whether a rule matches. `placeholders` are for `expand`. */
export function naiveMatches(rule: NaiveRule, event: NaiveEvent, placeholders: Placeholders = {}): boolean {
  const { condition, ...searches } = rule['detection'] as { [key: string]: Plain };
  const holds = (name: string): boolean => search(searches[name]!, event, placeholders);
  return listed(condition!).some((text) => naiveCondition(text as string, Object.keys(searches), holds));
}

export type Placeholders = Readonly<Record<string, readonly string[]>>;

const listed = (value: Plain): readonly Plain[] =>
  Array.isArray(value) ? (value as readonly Plain[]) : [value];
const isTable = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** or < and < not < x of < brackets. */
export function naiveCondition(
  text: string,
  names: readonly string[],
  holds: (name: string) => boolean,
): boolean {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  const next = (word: string): boolean => words[0]?.toLowerCase() === word && words.shift() !== undefined;
  // Every operand is read, whatever the others come to.
  const or = (): boolean => {
    let result = and();
    while (next('or')) result = and() || result;
    return result;
  };
  const and = (): boolean => {
    let result = not();
    while (next('and')) result = not() && result;
    return result;
  };
  const not = (): boolean => {
    if (next('not')) return !not();
    if (next('(')) {
      const result = or();
      if (!next(')')) throw new Error(`no bracket: ${text}`);
      return result;
    }
    const word = words.shift();
    if (word === undefined) throw new Error(`ends early: ${text}`);
    if (!next('of')) {
      if (!names.includes(word)) throw new Error(`no search ${word}: ${text}`);
      return holds(word);
    }
    const pattern = words.shift()!;
    const regex = new RegExp(`^${pattern === 'them' ? '.*' : pattern.split('*').map(escaped).join('.*')}$`);
    const found = names.filter(
      (name) => regex.test(name) && (pattern.startsWith('_') || !name.startsWith('_')),
    );
    if (found.length === 0) throw new Error(`no search ${pattern}: ${text}`);
    return word.toLowerCase() === 'all' ? found.every(holds) : found.some(holds);
  };
  const result = or();
  if (words.length > 0) throw new Error(`${words.join(' ')} is left: ${text}`);
  return result;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function search(value: Plain, event: NaiveEvent, placeholders: Placeholders): boolean {
  if (isTable(value)) {
    return Object.entries(value).every(([key, values]) => {
      const [field = '', ...modifiers] = key.split('|');
      return item(field, modifiers, listed(values), event, placeholders);
    });
  }
  if (Array.isArray(value))
    return (value as readonly Plain[]).some((one) => search(one, event, placeholders));
  return item('', [], [value], event, placeholders);
}

function item(
  field: string,
  modifiers: readonly string[],
  values: readonly Plain[],
  event: NaiveEvent,
  placeholders: Placeholders,
): boolean {
  const texts = field === '' ? event.values : [event.field(field)];
  // A keyword is looked for within what is there, a field's value is the whole of it.
  const added = field === '' && !modifiers.includes('re') ? ['contains'] : [];
  const all = [...modifiers.filter((name) => name !== 'all' && name !== 'neq'), ...added];
  const one = (value: Plain): boolean =>
    texts.some((text) => naiveTest(value as string | null, all, text, event, placeholders));
  const met = modifiers.includes('all') ? values.every(one) : values.some(one);
  return modifiers.includes('neq') ? texts.some((text) => text !== undefined) && !met : met;
}

/** A character, or a wildcard. */
type Token = { readonly plain: string } | '*' | '?';

/** Whether one value, with these modifiers, is met by a text. */
export function naiveTest(
  value: string | null,
  modifiers: readonly string[],
  text: string | undefined,
  event: Pick<NaiveEvent, 'field'>,
  placeholders: Placeholders = {},
): boolean {
  const has = (name: string): boolean => modifiers.includes(name);
  if (has('exists')) return (text !== undefined) === (value!.toLowerCase() === 'true');
  if (value === null) return text === undefined;
  if (text === undefined) return false;
  if (has('expand')) {
    const name = /%(\w+)%/.exec(value)?.[1];
    if (name !== undefined) {
      return placeholders[name]!.some((found) =>
        naiveTest(
          value.replace(`%${name}%`, () => found),
          modifiers,
          text,
          event,
          placeholders,
        ),
      );
    }
  }
  if (has('re'))
    return naiveRegex(value, modifiers.filter((name) => 'ims'.includes(name)).join('')).test(text);
  if (has('cidr')) return inNetwork(text, value);
  const order = modifiers.find((name) => /^[lg]te?$/.test(name));
  if (order !== undefined) return compared(text, order, value);
  const part = modifiers.find((name) => Object.hasOwn(TIME_PARTS, name));
  if (part !== undefined) return timePart(text, part) === Number(value);
  if (has('fieldref')) {
    const other = event.field(value);
    if (other === undefined) return false;
    return wholly(
      around(
        [...other].map((character) => ({ plain: character })),
        modifiers,
      ),
      has('cased'),
      text,
    );
  }
  let spellings: (readonly Token[])[] = [tokens(value)];
  let bytes = (spelling: readonly Token[]): Buffer => Buffer.from(plainly(spelling));
  for (const name of modifiers) {
    if (name === 'windash') spellings = spellings.flatMap(dashed);
    else if (name === 'wide' || name === 'utf16le') bytes = utf16;
    else if (name === 'utf16') bytes = (it) => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(it)]);
    else if (name === 'utf16be') bytes = (it) => utf16(it).swap16();
    else if (name === 'base64') spellings = spellings.map((it) => tokens(bytes(it).toString('base64')));
    else if (name === 'base64offset') {
      spellings = spellings.flatMap((it) => [0, 1, 2].map((offset) => tokens(sextets(bytes(it), offset))));
    } else spellings = spellings.map((it) => around(it, [name]));
  }
  return spellings.some((spelling) => wholly(spelling, has('cased'), text));
}

/** Backslashes escape wildcards and one another, and are themselves before anything else. */
function tokens(value: string): Token[] {
  const found = value.match(/\\[\\*?]|[^]/gu) ?? [];
  return found.map((one) => {
    if (one === '*' || one === '?') return one;
    return { plain: one.length === 2 && one.startsWith('\\') ? one[1]! : one };
  });
}

function around(spelling: readonly Token[], modifiers: readonly string[]): readonly Token[] {
  const before = modifiers.includes('contains') || modifiers.includes('endswith');
  const after = modifiers.includes('contains') || modifiers.includes('startswith');
  return [...(before ? (['*'] as const) : []), ...spelling, ...(after ? (['*'] as const) : [])];
}

/** Whether a text is of this spelling, from its beginning to its end. */
function wholly(spelling: readonly Token[], cased: boolean, text: string): boolean {
  const fold = (it: string): string => (cased ? it : it.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  const source = spelling.map((token) => {
    if (token === '*') return '[^]*?';
    return token === '?' ? '[^]' : escaped(fold(token.plain));
  });
  return regexOf(source.join('')).test(fold(text));
}

const regexes = new Map<string, RegExp>();

function regexOf(source: string): RegExp {
  const known = regexes.get(source) ?? new RegExp(`^${source.replace(/(?:\[\^\]\*\?)+/g, '[^]*?')}$`, 'u');
  regexes.set(source, known);
  return known;
}

const plainly = (spelling: readonly Token[]): string =>
  spelling.map((token) => (typeof token === 'string' ? token : token.plain)).join('');
const utf16 = (spelling: readonly Token[]): Buffer => Buffer.from(plainly(spelling), 'utf16le');

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'];

/** A dash that begins a word, in each of its forms; each dash for itself. */
function dashed(spelling: readonly Token[]): (readonly Token[])[] {
  const at = (index: number): string => {
    const token = spelling[index];
    return token === undefined || typeof token === 'string' ? '' : token.plain;
  };
  return spelling.reduce<(readonly Token[])[]>(
    (begun, token, index) => {
      const begins = DASHES.includes(at(index)) && /\w/.test(at(index + 1)) && !/\w/.test(at(index - 1));
      const forms: readonly Token[] = begins ? DASHES.map((dash) => ({ plain: dash })) : [token];
      return begun.flatMap((one) => forms.map((form) => [...one, form]));
    },
    [[]],
  );
}
