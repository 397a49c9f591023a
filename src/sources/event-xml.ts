/** One event as Windows writes it in XML (MS-EVEN6 2.2.13, event.xsd) -> Event. Elements count by their local names. */
import { SaxesParser } from 'saxes';
import { type Event, parseTime } from '../events/index.ts';
import { braced, makeEvent } from './rendering.ts';

/** Why an XML text is no event; `line` counts from 1 within the text. */
export interface XmlProblem {
  readonly problem: string;
  readonly line: number;
}

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 65_536;
/** More control characters than this in one event are no text. */
const MAX_CONTROLS = 4096;

interface Element {
  /** Local name. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Reads one `<Event>...</Event>`, perhaps of evtx_dump's. The caller bounds its size. Never throws on content. */
export function readEventXml(xml: string, isDump = false): Event | XmlProblem {
  const root = readElements(xml);
  if ('problem' in root) return root;
  if (root.name !== 'Event') return { problem: `expected an Event element, found ${root.name}`, line: 1 };
  const system = child(root, 'System');
  if (system === undefined) return { problem: 'expected a System element in the event, found none', line: 1 };
  const provider = child(system, 'Provider')?.attributes ?? {};
  const fields = fieldsOfSections(root.children);
  const event = makeEvent({
    record: content(system, 'EventRecordID'),
    time: parseTime(child(system, 'TimeCreated')?.attributes['SystemTime'] ?? ''),
    host: content(system, 'Computer'),
    provider: provider['Name'] || provider['EventSourceName'] || '',
    channel: content(system, 'Channel'),
    eventId: content(system, 'EventID'),
    version: content(system, 'Version'),
    fields: isDump ? [...fields].map(([name, value]) => [name, braced(value)]) : fields,
  });
  return (
    event ?? { problem: `expected an EventID, found "${content(system, 'EventID').slice(0, 40)}"`, line: 1 }
  );
}

/** Fields of an `EventData` or `UserData` element that stands alone or in a `DataItem`, as Azure stores it; null if it can't be read. */
export function readEventData(xml: string): ReadonlyMap<string, string> | null {
  const root = readElements(xml.trim());
  if ('problem' in root) return null;
  const section = /^(EventData|UserData)$/;
  const sections = section.test(root.name) ? [root] : root.children.filter(({ name }) => section.test(name));
  return sections.length === 0 ? null : fieldsOfSections(sections);
}

/**
 * `Data` by its Name, without one `param1`, `param2` ...; other leaves by their own name; a name that stands there
 * already gets `#2`, `#3` ...: as the reader of .evtx names them.
 */
function fieldsOfSections(sections: readonly Element[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const used = new Map<string, number>();
  let unnamed = 0;
  const readSection = (section: Element): void => {
    for (const element of section.children) {
      if (element.children.length > 0) {
        readSection(element);
        continue;
      }
      const own = element.name === 'Data' ? (element.attributes['Name'] ?? '') : element.name;
      const name = own === '' ? `param${++unnamed}` : own;
      let count = (used.get(name) ?? 0) + 1;
      while (fields.has(count === 1 ? name : `${name}#${count}`)) count++;
      used.set(name, count);
      fields.set(count === 1 ? name : `${name}#${count}`, element.text);
    }
  };
  for (const section of sections) {
    if (section.name === 'System' || section.name === 'RenderingInfo') continue;
    unnamed = 0;
    readSection(section);
  }
  return fields;
}

function child(element: Element, name: string): Element | undefined {
  return element.children.find((each) => each.name === name);
}

function content(element: Element, name: string): string {
  return child(element, name)?.text.trim() ?? '';
}

/** The elements of a document, text only of leaves. */
function readElements(given: string): Element | XmlProblem {
  const xml = rawControls(given);
  const parser = new SaxesParser({ xmlns: false, position: true });
  const open: Element[] = [];
  const roots: Element[] = [];
  let elements = 0;
  let controls = 0;
  parser.on('error', (error) => {
    // Windows writes control characters as they are: no event should be lost for one of them.
    const control = error.message.endsWith(' disallowed character.') && xml[parser.position - 1] !== '<';
    if (!control || ++controls > MAX_CONTROLS) throw error;
  });
  parser.on('doctype', () => {
    throw new Error('expected no document type, found one');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) throw new Error(`elements nested deeper than ${MAX_DEPTH}`);
    if (++elements > MAX_ELEMENTS) throw new Error(`more than ${MAX_ELEMENTS} elements`);
    const element: Element = { name: localName(name), attributes, children: [], text: '' };
    (open.at(-1)?.children ?? roots).push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined && element.children.length === 0) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(xml).close();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: why.replace(/^\d+:\d+: /, 'not well-formed: '), line: parser.line };
  }
  return roots[0] ?? { problem: 'expected an element, found none', line: 1 };
}

/** Control characters written as references, which XML 1.0 forbids, as themselves. */
function rawControls(xml: string): string {
  if (!xml.includes('&#')) return xml;
  return xml.replace(/&#(?:x0*([\da-f]{1,2})|0*(\d{1,2}));/gi, (reference, hexadecimal, decimal) => {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return code < 0x20 && code !== 9 && code !== 10 && code !== 13 ? String.fromCharCode(code) : reference;
  });
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
