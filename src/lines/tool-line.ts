/**
 * A record of an event log as the Rust tool `evtx_dump -o jsonl` writes it (0.12): the same bytes, so that people can
 * switch. The rules were read off its output:
 *
 * - an element is its content; `null` where it has neither text nor attributes nor elements
 * - with attributes or elements in it, an element is an object: `#attributes`, `#text`, then its elements by name
 * - a second element of a name gets `_1`, the third `_2` …
 * - `Data` in EventData and UserData stands under its Name; without names, all stand in `"Data":{"#text":…}`
 * - integers and booleans that stand alone are JSON's own, everything else is a string
 * - an array stands for as many elements as it has items
 */
import type { ChunkText, Element, Node, Values } from '../evtx/index.ts';
import { evtxDumpItems, evtxDumpValue, isBareValue } from './tool-value.ts';

/** How deep elements and templates stand in each other at most. */
const MAX_DEPTH = 64;

/** What stands in an element or an attribute, substitutions resolved. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** A value that is no string: its text, and whether JSON has it without quotes. */
  | { readonly kind: 'value'; readonly text: string; readonly bare: boolean }
  | { readonly kind: 'element'; readonly element: Resolved };

interface Resolved {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly parts: readonly Part[] }[];
  readonly parts: readonly Part[];
}

/**
 * The record whose body lies between two offsets of a chunk, as one line without its break. Throws BinXmlError where
 * the body can't be read.
 */
export function evtxDumpLine(chunk: ChunkText, start: number, end: number): string {
  const { nodes, values } = chunk.fragment(start, end, true);
  const roots = new Resolver(chunk).parts(nodes, values, 0).filter((part) => part.kind === 'element');
  return `{${roots.map(({ element }) => `${key(element.name)}${elementValue(element, false)}`).join(',')}}`;
}

class Resolver {
  readonly #chunk: ChunkText;

  constructor(chunk: ChunkText) {
    this.#chunk = chunk;
  }

  parts(nodes: readonly Node[], values: Values | null, depth: number): Part[] {
    if (depth > MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH}`);
    this.#chunk.visit(nodes.length + 1);
    const parts: Part[] = [];
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          this.#chunk.spend(node.text.length);
          if (node.text !== '') parts.push(node);
          break;
        case 'element':
          // The tool writes an element whose value is missing, too: as null.
          for (const element of this.#elements(node.element, values, depth))
            parts.push({ kind: 'element', element });
          break;
        case 'instance':
          parts.push(...this.parts(node.instance.nodes, node.instance.values, depth + 1));
          break;
        case 'substitution':
          if (values !== null) this.#value(values, node.index, depth, parts);
      }
    }
    return parts;
  }

  #value(values: Values, index: number, depth: number, into: Part[]): void {
    if (index >= values.count) return;
    if (this.#chunk.isNested(values, index)) {
      const nested = this.#chunk.nested(values, index, depth + 1);
      into.push(...this.parts(nested.nodes, nested.values, depth + 1));
      return;
    }
    const type = this.#chunk.typeOf(values, index);
    const at = values.at[index]!;
    const size = values.at[index + 1]! - at;
    const text = evtxDumpValue(this.#chunk.bytes, at, size, type);
    this.#chunk.spend(text.length);
    if (text === '') return;
    if (type === 0x01 || type === 0x02) into.push({ kind: 'text', text });
    else into.push({ kind: 'value', text, bare: isBareValue(type, size) });
  }

  /** The element; as often as an array in it has items. */
  #elements(element: Element, values: Values | null, depth: number): Resolved[] {
    const array = values === null ? -1 : this.#arrayIndex(element, values);
    if (array < 0) return [this.#element(element, values, depth, null)];
    const at = values!.at[array]!;
    const size = values!.at[array + 1]! - at;
    this.#chunk.visit(size);
    const items = evtxDumpItems(this.#chunk.bytes, at, size, this.#chunk.typeOf(values!, array) & 0x7f);
    if (items.length < 2) return [this.#element(element, values, depth, null)];
    return items.map((item) => this.#element(element, values, depth, { index: array, ...item }));
  }

  #element(
    { name, attributes, children }: Element,
    values: Values | null,
    depth: number,
    item: { readonly index: number; readonly text: string; readonly type: number } | null,
  ): Resolved {
    const resolve = (nodes: readonly Node[]): Part[] => {
      if (item === null) return this.parts(nodes, values, depth + 1);
      return nodes.flatMap((node): Part[] => {
        if (node.kind !== 'substitution' || node.index !== item.index)
          return this.parts([node], values, depth + 1);
        this.#chunk.spend(item.text.length);
        if (item.text === '') return [];
        return item.type === 0x01
          ? [{ kind: 'text', text: item.text }]
          : [{ kind: 'value', text: item.text, bare: isBareValue(item.type, Number.POSITIVE_INFINITY) }];
      });
    };
    return {
      name,
      attributes: attributes.map((attribute) => ({ name: attribute.name, parts: resolve(attribute.value) })),
      parts: resolve(children),
    };
  }

  #arrayIndex(element: Element, values: Values): number {
    for (const nodes of [element.children, ...element.attributes.map(({ value }) => value)]) {
      for (const node of nodes) {
        if (node.kind === 'substitution' && (this.#chunk.typeOf(values, node.index) & 0x80) !== 0)
          return node.index;
      }
    }
    return -1;
  }
}

function elementValue(element: Resolved, container: boolean): string {
  const elements = hasElements(element);
  const attributes = attributesText(element);
  if (elements || attributes !== '') return elementBody(element, attributes, container);
  return element.parts.length === 0 ? 'null' : contentValue(element.parts);
}

function elementBody(element: Resolved, attributes: string, container: boolean): string {
  const members: string[] = attributes === '' ? [] : [`"#attributes":{${attributes}}`];
  if (element.parts.some(({ kind }) => kind !== 'element')) {
    members.push(`"#text":${contentValue(element.parts.filter(({ kind }) => kind !== 'element'))}`);
  }
  const children = element.parts.flatMap((part) => (part.kind === 'element' ? [part.element] : []));
  const data = container ? children.filter(({ name }) => name === 'Data') : [];
  const named = data.some((child) => nameText(child) !== '');
  let positional = false;
  const seen = new Map<string, number>();
  for (const child of children) {
    if (container && child.name === 'Data') {
      const name = nameText(child);
      if (named) {
        if (name !== '') members.push(`${key(name)}${dataValue(child)}`);
      } else if (!positional) {
        positional = true;
        const texts = data.map((one) => dataValue(one));
        members.push(`"Data":{"#text":${texts.length === 1 ? texts[0] : `[${texts.join(',')}]`}}`);
      }
      continue;
    }
    const count = seen.get(child.name) ?? 0;
    seen.set(child.name, count + 1);
    const value = elementValue(child, child.name === 'EventData' || child.name === 'UserData');
    members.push(`${key(count === 0 ? child.name : `${child.name}_${count}`)}${value}`);
  }
  return `{${members.join(',')}}`;
}

function attributesText({ attributes }: Resolved): string {
  return attributes
    .filter(({ parts }) => parts.length > 0)
    .map(({ name, parts }) => `${key(name)}${contentValue(parts)}`)
    .join(',');
}

function dataValue(element: Resolved): string {
  if (hasElements(element)) return elementBody(element, attributesText(element), false);
  return element.parts.length === 0 ? '""' : contentValue(element.parts);
}

function contentValue(parts: readonly Part[]): string {
  const [only] = parts;
  if (parts.length === 1 && only!.kind === 'value' && only!.bare) return only!.text;
  return JSON.stringify(partsText(parts));
}

function partsText(parts: readonly Part[]): string {
  return parts.map((part) => (part.kind === 'element' ? '' : part.text)).join('');
}

function nameText({ attributes }: Resolved): string {
  return partsText(attributes.find(({ name }) => name === 'Name')?.parts ?? []);
}

function hasElements({ parts }: Resolved): boolean {
  return parts.some(({ kind }) => kind === 'element');
}

function key(name: string): string {
  return `${JSON.stringify(name)}:`;
}
