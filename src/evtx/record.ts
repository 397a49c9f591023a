/** One record: its System facts at once, its data when asked for. */
import { type ChunkText, type Element, type Fragment, MAX_NAME, type Node, type Values } from './binxml.ts';
import { BinXmlError } from './diagnostic.ts';
import { arrayTexts, delayOf, FILETIME_ZERO_MS, filetimeMs, VALUE_ARRAY, valueText } from './value.ts';

/** How deep elements and templates stand in each other at most; work and text are bounded by the chunk. */
const MAX_DEPTH = 64;
const MAX_FIELDS = 65_536;

/** A record of an event log. Valid as long as the bytes it was read from are not changed. */
export class EvtxRecord {
  readonly kind = 'record' as const;
  /**
   * EventRecordID, as the event itself tells it: an export counts its own records from 1 in their headers, and keeps
   * this one. The header's where the event has none; null past 2^53.
   */
  record: number | null;
  /** When the record was written: milliseconds since 1970 UTC, from its header. */
  time: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  provider = '';
  channel = '';
  host = '';
  eventId = 0;
  version = 0;
  /** How far its time is from the event's own (TimeCreated), milliseconds; 0 where that is no more than a minute. */
  delay = 0;
  readonly #chunk: ChunkText;
  readonly #root: Fragment;
  readonly #report: (record: EvtxRecord, error: unknown) => void;
  #fields: ReadonlyMap<string, string> | undefined;

  /** Throws BinXmlError where the body can't be read. `report` is told what is found wrong with the data later. */
  constructor(
    chunk: ChunkText,
    body: { start: number; end: number },
    header: { record: number | null; time: number; offset: number },
    report: (record: EvtxRecord, error: unknown) => void,
  ) {
    this.#chunk = chunk;
    this.#report = report;
    this.record = header.record;
    this.time = header.time;
    this.offset = header.offset;
    this.#root = chunk.fragment(body.start, body.end, true);
    let events = 0;
    this.#eachElement(this.#root.nodes, this.#root.values, 0, (event, eventValues) => {
      events += 1;
      // Nearly always System stands there itself, and the data in BinXML of their own are not opened to look for it.
      const own = event.children.filter((node) => node.kind !== 'substitution');
      const read = this.#readSystems(own, eventValues);
      if (read === 0) this.#readSystems(event.children, eventValues);
    });
    if (events === 0) throw new BinXmlError(body.start, 'expected an Event element, found none');
  }

  /**
   * The data of the event as text, in the order of the record: `Data` by its Name, without one `param1`, `param2` …;
   * elements of UserData by their own name; a name that stands there already gets `#2`, `#3` …
   */
  get fields(): ReadonlyMap<string, string> {
    return (this.#fields ??= this.#readFields());
  }

  /** Reads the System elements among some nodes; returns how many there are. */
  #readSystems(nodes: readonly Node[], values: Values | null): number {
    let count = 0;
    this.#eachElement(nodes, values, 1, (element, elementValues) => {
      if (element.name !== 'System') return;
      count += 1;
      this.#readSystem(element, elementValues);
    });
    return count;
  }

  #readSystem(system: Element, systemValues: Values | null): void {
    this.#eachElement(system.children, systemValues, 2, (element, values) => {
      switch (element.name) {
        case 'Provider': {
          const name = this.#attribute(element, 'Name', values);
          this.provider = name === '' ? this.#attribute(element, 'EventSourceName', values) : name;
          break;
        }
        case 'EventID':
          this.eventId = Number(this.#content(element, values)) & 0xffff;
          break;
        case 'Version':
          this.version = Number(this.#content(element, values)) & 0xff;
          break;
        case 'TimeCreated': {
          const created = this.#filetime(element, values);
          if (this.time > FILETIME_ZERO_MS) this.delay = created === null ? 0 : delayOf(this.time, created);
          // The first record of a filtered export has no time in its header.
          else this.time = created ?? this.#attributeTime(element, values) ?? this.time;
          break;
        }
        case 'EventRecordID': {
          const id = Number(this.#content(element, values));
          if (Number.isSafeInteger(id) && id > 0) this.record = id;
          break;
        }
        case 'Channel':
          this.channel = this.#content(element, values);
          break;
        case 'Computer':
          this.host = this.#content(element, values);
          break;
        default:
      }
    });
  }

  #readFields(): ReadonlyMap<string, string> {
    const fields = new Map<string, string>();
    try {
      this.#eachElement(this.#root.nodes, this.#root.values, 0, (event, eventValues) => {
        this.#eachElement(event.children, eventValues, 1, (section, values) => {
          if (section.name === 'System' || section.name === 'RenderingInfo') return;
          this.#readSection(section, values, 2, fields, { unnamed: 0, repeats: new Map() });
        });
      });
    } catch (error) {
      this.#report(this, error);
    }
    return fields;
  }

  #readSection(
    section: Element,
    sectionValues: Values | null,
    depth: number,
    fields: Map<string, string>,
    counter: FieldCounter,
  ): void {
    this.#eachElement(section.children, sectionValues, depth, (element, values) => {
      const name = element.name === 'Data' ? this.#attribute(element, 'Name', values) : element.name;
      let leaf = true;
      this.#eachElement(element.children, values, depth + 1, () => {
        leaf = false;
      });
      if (!leaf) {
        this.#readSection(element, values, depth + 1, fields, counter);
        return;
      }
      // An array stands for as many elements as it has items.
      for (const text of this.#contents(element, values)) {
        counter.unnamed += name === '' ? 1 : 0;
        // A name is kept with every value that it stands for, and hashed in full.
        this.#chunk.spend(name.length);
        addField(fields, name === '' ? `param${counter.unnamed}` : name, text, counter.repeats);
      }
    });
  }

  /** Visits the elements among some nodes, through template instances and nested BinXML. */
  #eachElement(
    nodes: readonly Node[],
    values: Values | null,
    depth: number,
    visit: (element: Element, values: Values | null) => void,
  ): void {
    if (depth > MAX_DEPTH) throw new BinXmlError(0, `nested deeper than ${MAX_DEPTH}`);
    this.#chunk.visit(nodes.length + 1);
    for (const node of nodes) {
      if (node.kind === 'element') {
        if (!this.#chunk.exists(node.element, values)) continue;
        visit(node.element, values);
      } else if (node.kind === 'instance') {
        this.#eachElement(node.instance.nodes, node.instance.values, depth + 1, visit);
      } else if (
        node.kind === 'substitution' &&
        values !== null &&
        this.#chunk.isNested(values, node.index)
      ) {
        const nested = this.#chunk.nested(values, node.index, depth + 1);
        this.#eachElement(nested.nodes, nested.values, depth + 1, visit);
      }
    }
  }

  #attribute(element: Element, name: string, values: Values | null): string {
    this.#chunk.visit(element.attributes.length);
    for (const attribute of element.attributes) {
      if (attribute.name === name) return this.#nodesText(attribute.value, values);
    }
    return '';
  }

  /** `SystemTime` of TimeCreated as a FILETIME value; null for anything else. */
  #filetime(element: Element, values: Values | null): number | null {
    const [only] = systemTimeOf(element);
    if (values === null || only?.kind !== 'substitution' || this.#chunk.typeOf(values, only.index) !== 0x11)
      return null;
    const at = values.at[only.index]!;
    return values.at[only.index + 1]! - at === 8 ? filetimeMs(this.#chunk.bytes, at) : null;
  }

  /** `SystemTime` of TimeCreated as text. */
  #attributeTime(element: Element, values: Values | null): number | null {
    const time = Date.parse(this.#nodesText(systemTimeOf(element), values));
    return Number.isNaN(time) ? null : time;
  }

  #content(element: Element, values: Values | null): string {
    return this.#nodesText(element.children, values);
  }

  #contents(element: Element, values: Values | null): readonly string[] {
    const [only] = element.children;
    if (element.children.length === 1 && only!.kind === 'substitution' && values !== null) {
      const { index } = only!;
      const type = this.#chunk.typeOf(values, index);
      if ((type & VALUE_ARRAY) !== 0) {
        const at = values.at[index]!;
        const texts = this.#arrayTexts(at, values.at[index + 1]! - at, type);
        return texts.length === 0 ? [''] : texts;
      }
    }
    return [this.#nodesText(element.children, values)];
  }

  #nodesText(nodes: readonly Node[], values: Values | null): string {
    this.#chunk.visit(nodes.length);
    let text = '';
    for (const node of nodes) {
      if (node.kind !== 'text' && node.kind !== 'substitution') continue;
      const part = node.kind === 'text' ? node.text : this.#valueText(values, node.index);
      this.#chunk.spend(part.length);
      text += part;
    }
    return text;
  }

  #valueText(values: Values | null, index: number): string {
    if (values === null || index >= values.count || this.#chunk.isNested(values, index)) return '';
    const type = this.#chunk.typeOf(values, index);
    const at = values.at[index]!;
    const size = values.at[index + 1]! - at;
    if ((type & VALUE_ARRAY) === 0) return valueText(this.#chunk.bytes, at, size, type);
    return this.#arrayTexts(at, size, type).join(', ');
  }

  #arrayTexts(at: number, size: number, type: number): readonly string[] {
    this.#chunk.visit(size);
    const texts = arrayTexts(this.#chunk.bytes, at, size, type & 0x7f);
    this.#chunk.spend(texts.reduce((sum, text) => sum + text.length, 0));
    return texts;
  }
}

function systemTimeOf({ attributes }: Element): readonly Node[] {
  return attributes.find(({ name }) => name === 'SystemTime')?.value ?? [];
}

interface FieldCounter {
  unnamed: number;
  /** How often a name has stood so far, where it stood more than once: a record may repeat one thousands of times. */
  readonly repeats: Map<string, number>;
}

function addField(
  fields: Map<string, string>,
  name: string,
  text: string,
  repeats: Map<string, number>,
): void {
  if (name.length > MAX_NAME) {
    throw new BinXmlError(
      0,
      `expected a field's name of at most ${MAX_NAME} characters, found ${name.length}`,
    );
  }
  if (fields.size >= MAX_FIELDS) throw new BinXmlError(0, `more than ${MAX_FIELDS} fields`);
  let key = name;
  while (fields.has(key)) {
    const n = (repeats.get(name) ?? 1) + 1;
    repeats.set(name, n);
    key = `${name}#${n}`;
  }
  fields.set(key, text);
}
