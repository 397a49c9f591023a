/**
 * Plans: what is read of a template, and which substitution it stands in, so that a record is read by a few numbers and
 * not by walking a tree. A template gets a plan only if it reads like nearly all do; what is odd in any way has none, and
 * its records are read the plain way (record.ts), which says what a plan must give.
 */
import { type Element, MAX_NAME, type Node } from './binxml.ts';

/** A text of the template's own, or the index of the substitution that gives it. */
export type Given = string | number;

/** Where a record's System facts stand. */
export interface SystemPlan {
  readonly provider: Given;
  readonly channel: Given;
  readonly host: Given;
  readonly eventId: Given;
  readonly version: Given;
  /** EventRecordID; an empty text where the template has none. */
  readonly record: Given;
  /** The event's own time, TimeCreated; an empty text where the template has none. */
  readonly created: Given;
  /** The substitution without which there is no event; -1 for none. */
  readonly dependency: number;
  /** The greatest index of all. */
  readonly last: number;
  /** Where the data are: the substitution that holds them as BinXML, or the template's own elements. */
  readonly data: number | DataPlan;
}

/** A record's data: which value each field has. */
export interface DataPlan {
  readonly fields: readonly FieldPlan[];
  /** The greatest index of all; -1 for none. */
  readonly last: number;
  /** By name, index in `fields`. */
  readonly byName: ReadonlyMap<string, number>;
  /** Every value up to the last is a field that is always there, and there are no others. */
  readonly isWhole: boolean;
  /** Characters of the fields' names. */
  readonly nameCharacters: number;
}

export interface FieldPlan {
  readonly name: string;
  readonly value: Given;
  /** The substitution without which there is no such field; -1 for none. */
  readonly dependency: number;
}

/** Text of a template's own that a plan repeats with each record, at most: the work of a chunk stays bounded. */
const MAX_TEXT = 8192;
const MAX_FIELDS = 512;

/** Plan of a template that is the body of records. */
export function planSystem(nodes: readonly Node[]): SystemPlan | null {
  const [event, ...others] = nodes;
  if (event?.kind !== 'element' || others.length > 0) return null;
  const { children, dependency } = event.element;
  const systems = elementsNamed(children, 'System');
  const [system] = systems;
  if (!system || systems.length > 1 || system.dependency >= 0) return null;
  const facts = systemFacts(system);
  const rest = children.filter((node) => node.kind !== 'text' && !isElement(node, 'System'));
  const nested = rest.flatMap((node) => (node.kind === 'substitution' ? [node.index] : []));
  const data =
    nested.length === 0 ? planData(rest) : nested.length === 1 && rest.length === 1 ? nested[0]! : null;
  if (facts === null || data === null) return null;
  const indices = Object.values(facts).map((fact) => (typeof fact === 'number' ? fact : -1));
  return { ...facts, dependency, data, last: Math.max(dependency, ...indices) };
}

type Facts = Omit<SystemPlan, 'dependency' | 'data' | 'last'>;

function systemFacts(system: Element): Facts | null {
  if (system.children.some((node) => node.kind !== 'element')) return null;
  const one = (name: string): Element | null | undefined => {
    const found = elementsNamed(system.children, name);
    return found.length > 1 ? null : found[0];
  };
  const content = (name: string): Given | null => {
    const element = one(name);
    return element === undefined ? '' : element === null ? null : given(element.children, element);
  };
  const provider = one('Provider');
  // Without a Name, or one that may be empty, another attribute stands in for it.
  const name = provider?.attributes.find((attribute) => attribute.name === 'Name');
  const created = one('TimeCreated');
  const systemTime = created?.attributes.find((attribute) => attribute.name === 'SystemTime');
  const facts = {
    provider: provider && name ? given(name.value, provider) : null,
    channel: content('Channel'),
    host: content('Computer'),
    eventId: content('EventID'),
    version: content('Version'),
    record: content('EventRecordID'),
    created: created && systemTime ? given(systemTime.value, created) : created === null ? null : '',
  };
  if (facts.provider === '' || Object.values(facts).some((fact) => fact === null)) return null;
  return facts as Facts;
}

/**
 * What nodes give: a text, or one substitution. A value may be missing only where that is told by its own substitution,
 * which is then of type null.
 */
function given(nodes: readonly Node[], { dependency }: Pick<Element, 'dependency'>): Given | null {
  const [only] = nodes;
  if (nodes.length === 1 && only!.kind === 'substitution') {
    return dependency < 0 || dependency === only!.index ? only!.index : null;
  }
  if (dependency >= 0) return null;
  let text = '';
  for (const node of nodes) {
    if (node.kind !== 'text') return null;
    text += node.text;
  }
  return text.length > MAX_TEXT ? null : text;
}

/** Plan of a template, or of the elements of one, that are the data of records. */
export function planData(sections: readonly Node[]): DataPlan | null {
  const fields: FieldPlan[] = [];
  for (const section of sections) {
    if (section.kind === 'text') continue;
    if (section.kind !== 'element' || section.element.dependency >= 0 || section.element.name === 'System')
      return null;
    if (section.element.name === 'RenderingInfo') continue;
    if (!addSection(section.element, fields, { unnamed: 0 }, 0)) return null;
  }
  const byName = new Map(fields.map(({ name }, index) => [name, index]));
  const text = fields.reduce(
    (sum, { name, value }) => sum + name.length + (typeof value === 'string' ? value.length : 0),
    0,
  );
  const used = fields.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  // A name that stands twice is numbered by those before it; a value that stands often makes much text of little.
  if (byName.size < fields.length || new Set(used).size < used.length) return null;
  if (text > MAX_TEXT || fields.length > MAX_FIELDS) return null;
  const last = Math.max(-1, ...used, ...fields.map(({ dependency }) => dependency));
  return {
    fields,
    byName,
    last,
    isWhole:
      used.length === last + 1 &&
      fields.every(({ value, dependency }) => typeof value === 'number' && dependency < 0),
    nameCharacters: fields.reduce((sum, { name }) => sum + name.length, 0),
  };
}

/** Adds the fields of a section; false for one that a plan can't tell. */
function addSection(
  section: Element,
  fields: FieldPlan[],
  counter: { unnamed: number },
  depth: number,
): boolean {
  if (depth > 8) return false;
  for (const node of section.children) {
    if (node.kind === 'text') continue;
    if (node.kind !== 'element') return false;
    const { element } = node;
    const inner = element.children.filter((child) => child.kind === 'element');
    if (inner.length > 0) {
      // It is no field only if one of the elements in it is sure to be there.
      if (element.dependency >= 0 || !inner.some((child) => child.element.dependency < 0)) return false;
      if (!addSection(element, fields, counter, depth + 1)) return false;
      continue;
    }
    const field = fieldOf(element, counter);
    if (field === null) return false;
    fields.push(field);
  }
  return true;
}

function fieldOf(element: Element, counter: { unnamed: number }): FieldPlan | null {
  const { children, dependency } = element;
  let { name } = element;
  if (name === 'Data') {
    const attribute = element.attributes.find((one) => one.name === 'Name');
    const named = attribute ? given(attribute.value, { dependency: -1 }) : '';
    if (typeof named !== 'string') return null;
    name = named;
  }
  if (name === '') {
    // They are counted: one that may be missing changes the names of those behind it.
    if (dependency >= 0) return null;
    counter.unnamed += 1;
    name = `param${counter.unnamed}`;
  }
  const [only] = children;
  const value =
    children.length === 1 && only!.kind === 'substitution'
      ? only!.index
      : given(children, { dependency: -1 });
  return value === null || name.length > MAX_NAME ? null : { name, value, dependency };
}

function elementsNamed(nodes: readonly Node[], name: string): Element[] {
  return nodes.flatMap((node) =>
    node.kind === 'element' && node.element.name === name ? [node.element] : [],
  );
}

function isElement(node: Node, name: string): boolean {
  return node.kind === 'element' && node.element.name === name;
}
