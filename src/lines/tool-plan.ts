/** Templates -> plans of the lines of `evtx_dump`. What they give is what `evtxDumpLine` gives for the record. */
import type { Element, Node } from '../evtx/index.ts';
import { onlyElement, present } from './own-plan.ts';
import { NotForKernel, OP, PlanCode } from './plan-code.ts';

const NO_TEXT = -1;
const WRITTEN = -2;
const MAX_DEPTH = 32;

/** Plan of a record's own template. Throws NotForKernel. */
export function toolRecordPlan(nodes: readonly Node[]): PlanCode {
  const code = new PlanCode();
  const root = onlyElement(nodes);
  // The tool writes an element that is absent; but a record without any is none.
  present(code, root);
  code.write(`{${key(root.name)}`);
  elementValue(code, root, false, true, 0);
  code.write('}\n');
  return code;
}

/** Plan of a template that the data of a record are an instance of: key and value. Throws NotForKernel. */
export function toolNestedPlan(nodes: readonly Node[]): PlanCode {
  const code = new PlanCode();
  const root = onlyElement(nodes);
  // Another name could stand in the record already, and would get a number.
  if (!isContainer(root.name)) throw new NotForKernel('nested data that are neither EventData nor UserData');
  code.write(key(root.name));
  elementValue(code, root, true, false, 0);
  return code;
}

/** `nestedAllowed`: a substitution among elements may stand for nested data. */
function elementValue(
  code: PlanCode,
  element: Element,
  container: boolean,
  nestedAllowed: boolean,
  depth: number,
): void {
  if (depth > MAX_DEPTH) throw new NotForKernel('elements nested too deep');
  if (element.children.some(({ kind }) => kind === 'element')) {
    body(code, element, container, nestedAllowed, depth);
    return;
  }
  const held = content(element.children);
  const attributes = element.attributes
    .map(({ name, value }) => ({ name, held: content(value) }))
    .filter((one) => one.held !== '');
  if (attributes.length === 0) {
    if (typeof held === 'number') code.after(OP.value, code.use(held), 'null');
    else code.write(held === '' ? 'null' : JSON.stringify(held));
    return;
  }
  if (typeof held === 'string' && attributes.every((one) => typeof one.held === 'string')) {
    const written = attributes.map((one) => `${key(one.name)}${JSON.stringify(one.held)}`).join(',');
    const text = held === '' ? '' : `,"#text":${JSON.stringify(held)}`;
    code.write(`{"#attributes":{${written}}${text}}`);
    return;
  }
  code.after(OP.attributes);
  for (const { name, held: own } of attributes) {
    if (typeof own === 'number') code.op(OP.valueWhereThere, `,${key(name)}`, code.use(own), '');
    else code.write(`,${key(name)}${JSON.stringify(own)}`);
  }
  if (typeof held === 'number') code.op(OP.attributesEnd, code.use(held), '');
  else if (held === '') code.op(OP.attributesEnd, NO_TEXT, '');
  else code.op(OP.attributesEnd, WRITTEN, JSON.stringify(held));
}

/** An element with elements in it. */
function body(
  code: PlanCode,
  element: Element,
  container: boolean,
  nestedAllowed: boolean,
  depth: number,
): void {
  let first = true;
  const separate = (): void => {
    if (!first) code.write(',');
    first = false;
  };
  code.write('{');
  const attributes = element.attributes.flatMap(({ name, value }) => {
    const held = content(value);
    if (typeof held === 'number') throw new NotForKernel('an attribute that may be absent, beside elements');
    return held === '' ? [] : [`${key(name)}${JSON.stringify(held)}`];
  });
  if (attributes.length > 0) {
    separate();
    code.write(`"#attributes":{${attributes.join(',')}}`);
  }
  const children = element.children.flatMap((node) => (node.kind === 'element' ? [node.element] : []));
  const data = container ? children.filter(({ name }) => name === 'Data') : [];
  const named = data.some((child) => dataName(child) !== '');
  let positional = false;
  let nested = false;
  const seen = new Map<string, number>();
  for (const node of element.children) {
    if (node.kind === 'text') {
      if (node.text !== '') throw new NotForKernel('text beside elements');
      continue;
    }
    if (node.kind === 'substitution') {
      // The kernel writes a comma before it; and its name must be free.
      const taken = children.some(({ name }) => isContainer(name));
      if (!nestedAllowed || nested || first || taken) throw new NotForKernel('a value beside elements');
      nested = true;
      code.op(OP.nested, ',', code.use(node.index));
      continue;
    }
    if (node.kind !== 'element') throw new NotForKernel('an instance in a template');
    const child = node.element;
    if (container && child.name === 'Data') {
      const name = dataName(child);
      if (named) {
        if (name === '') {
          // It is not written; but of a value that can't be read the record is none.
          if (typeof content(child.children) === 'number')
            throw new NotForKernel('a value that is not written');
          continue;
        }
        separate();
        code.write(key(name));
        dataValue(code, child);
      } else if (!positional) {
        positional = true;
        separate();
        code.write('"Data":{"#text":');
        for (const [i, one] of data.entries()) {
          if (data.length > 1) code.write(i === 0 ? '[' : ',');
          dataValue(code, one);
        }
        code.write(data.length > 1 ? ']}' : '}');
      }
      continue;
    }
    const count = seen.get(child.name) ?? 0;
    seen.set(child.name, count + 1);
    separate();
    code.write(key(count === 0 ? child.name : `${child.name}_${count}`));
    elementValue(code, child, isContainer(child.name), false, depth + 1);
  }
  code.write('}');
}

function dataValue(code: PlanCode, element: Element): void {
  if (element.children.some(({ kind }) => kind === 'element')) throw new NotForKernel('elements in Data');
  const held = content(element.children);
  if (typeof held === 'number') code.after(OP.value, code.use(held), '""');
  else code.write(JSON.stringify(held));
}

function dataName(element: Element): string {
  let own = '';
  for (const { name, value } of element.attributes.toReversed()) {
    const held = content(value);
    // An array would repeat the element.
    if (typeof held === 'number') throw new NotForKernel('an attribute of Data that is a value');
    if (name === 'Name') own = held;
  }
  return own;
}

/** What an element or attribute holds: a text, or a slot. */
function content(nodes: readonly Node[]): string | number {
  if (nodes.length === 1 && nodes[0]!.kind === 'substitution') return nodes[0]!.index;
  let joined = '';
  for (const node of nodes) {
    if (node.kind !== 'text') throw new NotForKernel('content of several parts');
    joined += node.text;
  }
  return joined;
}

function isContainer(name: string): boolean {
  return name === 'EventData' || name === 'UserData';
}

function key(name: string): string {
  return `${JSON.stringify(name)}:`;
}
