/** Templates -> plans of our own lines, in each style (line-style.ts). */
import type { Element, Node } from '../evtx/index.ts';
import type { LineStyle, Part } from './line-style.ts';
import { NotForKernel, OP, PlanCode } from './plan-code.ts';

/** No slot: an instance has at most 2048 values. */
const NONE = -1;
const MAX_DEPTH = 32;
const MAX_FIELDS = 4096;
/** Characters of a field's name at most, as the reader has it. */
const MAX_NAME = 1024;

/** Plan of a record's own template. Throws NotForKernel. */
export function ownRecordPlan(nodes: readonly Node[], style: LineStyle): PlanCode {
  const code = new PlanCode();
  const event = onlyElement(nodes);
  present(code, event);
  let system: Element | null = null;
  let nested = NONE;
  const sections: Element[] = [];
  for (const node of event.children) {
    switch (node.kind) {
      case 'text':
        break;
      case 'substitution':
        if (nested !== NONE) throw new NotForKernel('two substitutions in the Event');
        nested = node.index;
        break;
      case 'element':
        if (node.element.name === 'System') {
          if (system !== null) throw new NotForKernel('two of System');
          system = node.element;
        } else if (node.element.name !== 'RenderingInfo') {
          sections.push(node.element);
        }
        break;
      default:
        throw new NotForKernel('an instance in a template');
    }
  }
  if (nested !== NONE && sections.length > 0) throw new NotForKernel('data in two places');
  if (system !== null) present(code, system);
  const facts = systemFacts(system);
  const write: Record<Part, () => void> = {
    source: () => code.op(OP.source),
    record: () => recordId(code, facts.get('EventRecordID')),
    time: () => code.op(OP.time),
    host: () => text(code, facts.get('Computer'), style),
    provider: () => provider(code, facts.get('Provider'), style),
    channel: () => text(code, facts.get('Channel'), style),
    eventId: () => number(code, facts.get('EventID'), 0xffff),
    version: () => number(code, facts.get('Version'), 0xff),
  };
  for (const [part, before] of style.parts) {
    code.write(before);
    write[part]();
  }
  // Cells stand where the names of the fields are known, and with them the others and the end of the line.
  const isHere = style.columns === null;
  if (isHere) style.begin(code);
  if (nested === NONE) fields(code, sections, style);
  else code.op(OP.nested, '', code.use(nested));
  if (isHere) style.end(code);
  return code;
}

/** Plan of a template that a record's data are an instance of. Throws NotForKernel. */
export function ownNestedPlan(nodes: readonly Node[], style: LineStyle): PlanCode {
  const code = new PlanCode();
  const sections = nodes.flatMap((node): Element[] => {
    if (node.kind === 'text') return [];
    if (node.kind !== 'element') throw new NotForKernel('a substitution outside of elements');
    // The reader takes the facts from every System that it meets.
    if (node.element.name === 'System') throw new NotForKernel('a nested System');
    return node.element.name === 'RenderingInfo' ? [] : [node.element];
  });
  fields(code, sections, style);
  return code;
}

/** The one element among nodes. */
export function onlyElement(nodes: readonly Node[]): Element {
  const [first, ...rest] = nodes.filter(({ kind }) => kind !== 'text');
  if (first?.kind !== 'element' || rest.length > 0) throw new NotForKernel('expected one element');
  return first.element;
}

const FACTS = ['Provider', 'EventID', 'Version', 'EventRecordID', 'Channel', 'Computer'];

function systemFacts(system: Element | null): Map<string, Element> {
  const facts = new Map<string, Element>();
  for (const node of system?.children ?? []) {
    if (node.kind === 'text') continue;
    if (node.kind !== 'element') throw new NotForKernel('a substitution in System');
    const { element } = node;
    if (!FACTS.includes(element.name)) continue;
    if (facts.has(element.name)) throw new NotForKernel('a fact that is told twice');
    facts.set(element.name, element);
  }
  return facts;
}

/** What an element or attribute holds: a text, or a slot. */
function content(nodes: readonly Node[]): string | number {
  if (nodes.length === 1 && nodes[0]!.kind === 'substitution') return nodes[0]!.index;
  let joined = '';
  for (const node of nodes) {
    if (node.kind !== 'text') throw new NotForKernel('text of several parts');
    joined += node.text;
  }
  return joined;
}

/** Leaves records without this element to the plain reader. */
export function present(code: PlanCode, { dependency }: Element): void {
  if (dependency >= 0) code.op(OP.present, code.slot(dependency));
}

function factContent(code: PlanCode, element: Element | undefined): string | number {
  if (element === undefined) return '';
  const held = content(element.children);
  // An element that depends on what it holds is empty where it is absent.
  if (element.dependency !== held) present(code, element);
  return held;
}

function recordId(code: PlanCode, element: Element | undefined): void {
  const held = factContent(code, element);
  if (typeof held === 'string' && held !== '') throw new NotForKernel('a record id as text');
  code.op(OP.recordId, typeof held === 'number' ? code.use(held) : NONE);
}

function text(code: PlanCode, element: Element | undefined, style: LineStyle): void {
  const held = factContent(code, element);
  if (typeof held === 'string') code.write(style.text(held));
  else style.writeText(code, held);
}

function number(code: PlanCode, element: Element | undefined, mask: number): void {
  const held = factContent(code, element);
  if (typeof held === 'string') code.write(String(Number(held) & mask));
  else code.op(OP.number, code.use(held), mask);
}

/** Name, or where that is empty EventSourceName. */
function provider(code: PlanCode, element: Element | undefined, style: LineStyle): void {
  if (element !== undefined) present(code, element);
  const attribute = (name: string): string | number =>
    content(element?.attributes.find((one) => one.name === name)?.value ?? []);
  const name = attribute('Name');
  if (typeof name === 'string' && name !== '') {
    code.write(style.text(name));
    return;
  }
  const other = attribute('EventSourceName');
  if (typeof name === 'number') {
    const or = typeof other === 'number' ? [code.use(other), style.text('')] : [NONE, style.text(other)];
    code.op(OP.textOr, code.use(name), ...or);
  } else if (typeof other === 'number') {
    style.writeText(code, other);
  } else {
    code.write(style.text(other));
  }
}

/** What is known of the fields so far: names depend on each other, and so can't depend on which fields are there. */
interface Names {
  readonly taken: Set<string>;
  /** Takes a field, of a text or a slot. */
  readonly found: (key: string, held: string | number) => void;
  /** Slots that must be there for the elements that are read. */
  readonly conditions: number[];
  unnamed: number;
  /** Some field may be absent. */
  conditional: boolean;
  /** Some name was made from a number. */
  numbered: boolean;
}

function fields(code: PlanCode, sections: readonly Element[], style: LineStyle): void {
  const { columns } = style;
  if (columns === null) {
    readSections(code, sections, (key, held) => writeField(code, key, held, style));
    return;
  }
  const cells = new Map<string, string | number>();
  const others: (() => void)[] = [];
  readSections(new PlanCode(), sections, (key, held, conditions) => {
    if (conditions.some((slot) => slot !== held)) throw new NotForKernel('cells that depend on other values');
    const isOptional = conditions.length > 0;
    if (columns.includes(key)) cells.set(key, held);
    else others.push(() => writeField(code, key, held, style, isOptional));
  });
  for (const column of columns) {
    code.write(',');
    const held = cells.get(column) ?? '';
    if (typeof held === 'string') code.write(style.text(held));
    else style.writeText(code, held);
  }
  style.begin(code);
  for (const write of others) write();
  style.end(code);
}

function writeField(
  code: PlanCode,
  key: string,
  held: string | number,
  style: LineStyle,
  isOptional = false,
): void {
  const write = (): void => {
    code.write(style.name(key));
    if (typeof held === 'number') code.after(OP.value, code.use(held), style.value(''));
    else code.write(style.value(held));
    code.write(style.behind);
  };
  if (isOptional && typeof held === 'number') code.whereThere(held, write);
  else write();
}

function readSections(
  code: PlanCode,
  sections: readonly Element[],
  found: (key: string, held: string | number, conditions: readonly number[]) => void,
): void {
  const conditions: number[] = [];
  const names: Names = {
    taken: new Set(),
    found: (key, held) => found(key, held, conditions),
    conditions,
    unnamed: 0,
    conditional: false,
    numbered: false,
  };
  for (const section of sections) {
    names.unnamed = 0;
    conditionally(code, section, names, () => readSection(code, section, names, new Map(), 0));
  }
  if (names.conditional && names.numbered) throw new NotForKernel('names that depend on values');
}

function readSection(
  code: PlanCode,
  section: Element,
  names: Names,
  repeats: Map<string, number>,
  depth: number,
): void {
  if (depth > MAX_DEPTH) throw new NotForKernel('elements nested too deep');
  for (const node of section.children) {
    if (node.kind === 'text') continue;
    if (node.kind !== 'element') throw new NotForKernel('a substitution among the data');
    const { element } = node;
    const inner = element.children.filter(({ kind }) => kind === 'element' || kind === 'instance');
    const leaf = inner.length === 0;
    // It is a field itself where all elements in it are absent.
    if (!leaf && !inner.some((one) => one.kind === 'element' && one.element.dependency < 0)) {
      throw new NotForKernel('elements that may all be absent');
    }
    conditionally(code, element, names, () => {
      if (leaf) field(element, names, repeats);
      else readSection(code, element, names, repeats, depth + 1);
    });
  }
}

function conditionally(code: PlanCode, element: Element, names: Names, ops: () => void): void {
  if (element.dependency < 0) {
    ops();
    return;
  }
  names.conditional = true;
  names.conditions.push(element.dependency);
  code.whereThere(element.dependency, ops);
  names.conditions.pop();
}

function field(element: Element, names: Names, repeats: Map<string, number>): void {
  const own =
    element.name === 'Data'
      ? content(element.attributes.find(({ name }) => name === 'Name')?.value ?? [])
      : element.name;
  if (typeof own !== 'string') throw new NotForKernel('a name that is a value');
  if (own === '') {
    names.unnamed += 1;
    names.numbered = true;
  }
  const name = own === '' ? `param${names.unnamed}` : own;
  let key = name;
  while (names.taken.has(key)) {
    const n = (repeats.get(name) ?? 1) + 1;
    repeats.set(name, n);
    key = `${name}#${n}`;
    names.numbered = true;
  }
  names.taken.add(key);
  if (names.taken.size > MAX_FIELDS || name.length > MAX_NAME) throw new NotForKernel('too many fields');
  names.found(key, content(element.children));
}
