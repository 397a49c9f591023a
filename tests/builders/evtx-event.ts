/**
 * An event as BinXML. The System part is a template; the data stands in it as a value of type BinXML, with a template
 * of its own, as Windows writes it:
 *
 *     0f 01 01 00 | 0c: <Event><System>…%n…</System>%last</Event> | values …, of which the last is
 *                       0f 01 01 00 | 0c: <EventData><Data Name="…">%n</Data>…</EventData> | values …
 */
import {
  type ChunkCursor,
  type TemplateElement,
  type TextToken,
  writeElement,
  writeEnd,
  writeFragmentHeader,
  writeInstance,
} from './evtx-binxml.ts';
import {
  BINXML,
  encodeValue,
  type EncodedValue,
  type EvtxValue,
  filetimeTicks,
  type Scalar,
} from './evtx-value.ts';

export interface WriterEvent {
  readonly recordId: number | bigint;
  /** Milliseconds since 1970 UTC, in the record's header and in TimeCreated. */
  readonly time: number;
  /** TimeCreated, where it is another. */
  readonly created?: number;
  readonly provider: string;
  readonly providerGuid?: string;
  /** Name of the classic event source, beside the provider's. */
  readonly eventSourceName?: string;
  readonly channel: string;
  readonly computer: string;
  readonly eventId: number;
  readonly qualifiers?: number;
  readonly version: number;
  readonly level?: number;
  readonly task?: number;
  readonly opcode?: number;
  readonly keywords?: bigint;
  readonly processId?: number;
  readonly threadId?: number;
  readonly userSid?: string;
  /** As the old API reports: no Version, Opcode, Correlation and Execution. */
  readonly classic?: boolean;
  readonly data: WriterData | null;
  /** System fields that stand as text in the template. Windows does so with the computer, which is the default. */
  readonly literal?: readonly SystemField[];
}

export type SystemField = 'Provider' | 'EventID' | 'Version' | 'Level' | 'Channel' | 'Computer';

export type WriterData =
  | {
      readonly kind: 'EventData';
      /** Without a name: `<Data>` alone. */
      readonly fields: readonly (readonly [name: string | null, value: EvtxValue])[];
      /** What stands in `<Binary>` after the data. */
      readonly binary?: Uint8Array;
    }
  | {
      readonly kind: 'UserData';
      readonly root: string;
      readonly namespace: string;
      readonly fields: readonly (readonly [name: string, value: EvtxValue])[];
    };

/**
 * How the data stands in a record: `fragment` and `bare` are a template instance of its own, with and without a fragment
 * header before it; `elements` is text without a template (string and literal values only); `flat` is part of the
 * outer template.
 */
export type NestedForm = 'fragment' | 'bare' | 'elements' | 'flat';

/** Values of a template instance, numbered as they are taken. */
interface Slots {
  readonly values: (EncodedValue | 'nested')[];
}

export function writeEventBody(chunk: ChunkCursor, event: WriterEvent, form: NestedForm): void {
  const slots: Slots = { values: [] };
  const children: (TemplateElement | TextToken)[] = [systemElement(event, slots)];
  const { data } = event;
  if (data !== null && form === 'flat') {
    children.push(dataElement(data, slots));
  } else if (data !== null) {
    slots.values.push('nested');
    children.push({ kind: 'substitution', index: slots.values.length - 1, type: BINXML, optional: true });
  }
  const event_: TemplateElement = {
    name: 'Event',
    attributes: [['xmlns', [text('http://schemas.microsoft.com/win/2004/08/events/event')]]],
    children,
  };
  writeFragmentHeader(chunk);
  writeInstance(chunk, event_, slots.values, () => {
    if (data !== null) writeData(chunk, data, form);
  });
  writeEnd(chunk);
}

function writeData(chunk: ChunkCursor, data: WriterData, form: NestedForm): void {
  if (form === 'elements') {
    writeFragmentHeader(chunk);
    writeElement(chunk, dataElement(data, null), false);
    writeEnd(chunk);
    return;
  }
  const slots: Slots = { values: [] };
  const template = dataElement(data, slots);
  if (form === 'fragment') writeFragmentHeader(chunk);
  writeInstance(chunk, template, slots.values, () => {});
  writeEnd(chunk);
}

function systemElement(event: WriterEvent, slots: Slots): TemplateElement {
  const literal = new Set<SystemField>(event.literal ?? ['Computer']);
  const constant = (field: SystemField, value: Scalar): EvtxValue =>
    literal.has(field) ? { type: 'literal', pieces: [text(String(value.value))] } : value;
  const optional = (value: Scalar | undefined): EvtxValue => value ?? { type: 'absent' };
  const leaf = (name: string, value: EvtxValue): TemplateElement =>
    valueElement(name, [], value, slots, true);
  const attribute = (name: string, value: EvtxValue): readonly [string, readonly TextToken[]] => [
    name,
    contentTokens(value, slots, true),
  ];
  const modern = event.classic !== true;
  const guid = event.providerGuid;
  const u16 = (value: number): Scalar => ({ type: 'uint16', value });
  const u8 = (value: number): Scalar => ({ type: 'uint8', value });
  const u32 = (value: number): Scalar => ({ type: 'uint32', value });
  const sid: Scalar | undefined =
    event.userSid === undefined ? undefined : { type: 'sid', value: event.userSid };

  const provider: (readonly [string, readonly TextToken[]])[] = [
    attribute('Name', constant('Provider', { type: 'string', value: event.provider })),
  ];
  if (guid !== undefined) provider.push(attribute('Guid', { type: 'guid', value: guid }));
  if (event.eventSourceName !== undefined) {
    provider.push(attribute('EventSourceName', { type: 'string', value: event.eventSourceName }));
  }
  const eventId = valueElement(
    'EventID',
    [attribute('Qualifiers', optional(event.qualifiers === undefined ? undefined : u16(event.qualifiers)))],
    constant('EventID', u16(event.eventId)),
    slots,
    true,
  );
  return {
    name: 'System',
    children: [
      { name: 'Provider', attributes: provider, children: [] },
      eventId,
      ...(modern ? [leaf('Version', constant('Version', u8(event.version)))] : []),
      leaf('Level', constant('Level', u8(event.level ?? 4))),
      leaf('Task', u16(event.task ?? 0)),
      ...(modern ? [leaf('Opcode', u8(event.opcode ?? 0))] : []),
      leaf('Keywords', { type: 'hex64', value: event.keywords ?? 0x8000000000000000n }),
      {
        name: 'TimeCreated',
        attributes: [
          attribute('SystemTime', { type: 'filetime', value: filetimeTicks(event.created ?? event.time) }),
        ],
        children: [],
      },
      leaf('EventRecordID', { type: 'uint64', value: BigInt(event.recordId) }),
      ...(modern
        ? [
            {
              name: 'Correlation',
              attributes: [
                attribute('ActivityID', { type: 'absent' }),
                attribute('RelatedActivityID', { type: 'absent' }),
              ],
              children: [],
            },
            {
              name: 'Execution',
              attributes: [
                attribute('ProcessID', u32(event.processId ?? 4)),
                attribute('ThreadID', u32(event.threadId ?? 8)),
              ],
              children: [],
            },
          ]
        : []),
      leaf('Channel', constant('Channel', { type: 'string', value: event.channel })),
      leaf('Computer', constant('Computer', { type: 'string', value: event.computer })),
      { name: 'Security', attributes: [attribute('UserID', optional(sid))], children: [] },
    ],
  };
}

function dataElement(data: WriterData, slots: Slots | null): TemplateElement {
  if (data.kind === 'UserData') {
    const root: TemplateElement = {
      name: data.root,
      attributes: [['xmlns', [text(data.namespace)]]],
      children: data.fields.map(([name, value]) => valueElement(name, [], value, slots, false)),
    };
    return { name: 'UserData', children: [root] };
  }
  const children = data.fields.map(([name, value]) =>
    valueElement('Data', name === null ? [] : [['Name', [text(name)]]], value, slots, false),
  );
  if (data.binary !== undefined) {
    children.push(valueElement('Binary', [], { type: 'binary', value: data.binary }, slots, false));
  }
  return { name: 'EventData', children };
}

/** An element with a value. An optional or absent one depends on it. */
function valueElement(
  name: string,
  attributes: TemplateElement['attributes'] & {},
  value: EvtxValue,
  slots: Slots | null,
  optional: boolean,
): TemplateElement {
  const depends = value.type === 'absent' || (optional && value.type !== 'literal');
  const children = contentTokens(value, slots, depends);
  return { name, attributes, children, ...(depends && slots ? { dependency: slots.values.length - 1 } : {}) };
}

function contentTokens(value: EvtxValue, slots: Slots | null, optional: boolean): readonly TextToken[] {
  if (value.type === 'literal') {
    return value.pieces.map((piece) =>
      piece.kind === 'value' ? substitution(piece.value, slots, false) : piece,
    );
  }
  if (slots === null && value.type === 'string') return [text(value.value)];
  return [substitution(value, slots, optional)];
}

function substitution(
  value: Exclude<EvtxValue, { type: 'literal' }>,
  slots: Slots | null,
  optional: boolean,
): TextToken {
  if (slots === null) throw new TypeError(`a ${value.type} needs a template to stand in`);
  const encoded = encodeValue(value);
  slots.values.push(encoded);
  return { kind: 'substitution', index: slots.values.length - 1, type: encoded.declared, optional };
}

function text(value: string): { readonly kind: 'text'; readonly text: string } {
  return { kind: 'text', text: value };
}
