/** How our own lines are written: as JSON, CSV and XML. What they give is what dumpLine, csvRow and eventXml give. */
import { csvCell, type CsvColumns, csvPart, PARTS } from './event-csv.ts';
import { jsonText, nameText } from './event-json.ts';
import { NAMESPACE } from './event-xml.ts';
import { OP, type PlanCode } from './plan-code.ts';
import { escapeXml } from './xml.ts';

export type Part = (typeof PARTS)[number];

export interface LineStyle {
  /** In their order, with what stands before each. */
  readonly parts: readonly (readonly [part: Part, before: string])[];
  /** A text of the template as one of them; what stands for none is that of an empty one. */
  readonly text: (text: string) => string;
  /** The slot of such a text. */
  readonly writeText: (code: PlanCode, slot: number) => void;
  /** The fields begin; where they end, the line does. */
  readonly begin: (code: PlanCode) => void;
  readonly end: (code: PlanCode) => void;
  /** What stands before a field's value, the value of a text of the template, and what stands behind it. */
  readonly name: (name: string) => string;
  readonly value: (text: string) => string;
  readonly behind: string;
  /** Fields with cells of their own, before the others; null where there are none. */
  readonly columns: readonly string[] | null;
}

/** Each field begins with a comma: at the end the first one is made a brace. */
const JSON_LINE: LineStyle = {
  parts: PARTS.map((part, i) => [part, `${i === 0 ? '{' : ','}"${part}":`]),
  text: jsonText,
  writeText: (code, slot) => code.after(OP.value, code.use(slot), jsonText('')),
  begin(code) {
    code.write(',"fields":');
    code.op(OP.fields);
  },
  end: (code) => code.op(OP.close),
  name: (name) => `,${nameText(name)}`,
  value: jsonText,
  behind: '',
  columns: null,
};

/** With JSON in its last cell. */
function csvStyle({ fields }: CsvColumns): LineStyle {
  return {
    ...JSON_LINE,
    parts: PARTS.map((part, i) => [part, i === 0 ? '' : ',']),
    text: csvCell,
    writeText: (code, slot) => code.op(OP.cell, code.use(slot)),
    begin(code) {
      code.write(',"');
      code.op(OP.fields);
    },
    name: (name) => csvPart(`,${nameText(name)}`),
    value: (text) => csvPart(jsonText(text)),
    columns: fields,
  };
}

const XML_LINE: LineStyle = {
  parts: [
    ['provider', `<Event xmlns="${NAMESPACE}"><System><Provider Name="`],
    ['eventId', '"/><EventID>'],
    ['version', '</EventID><Version>'],
    ['time', '</Version><TimeCreated SystemTime="'],
    ['record', '"/><EventRecordID>'],
    ['channel', '</EventRecordID><Channel>'],
    ['host', '</Channel><Computer>'],
  ],
  text: escapeXml,
  writeText: (code, slot) => code.after(OP.value, code.use(slot), ''),
  begin: (code) => code.write('</Computer></System><EventData>'),
  end: (code) => code.write('</EventData></Event>\n'),
  name: (name) => `<Data Name="${escapeXml(name)}">`,
  value: escapeXml,
  behind: '</Data>',
  columns: null,
};

export function styleOf(format: 'jsonl' | 'csv' | 'xml', columns: CsvColumns): LineStyle {
  return format === 'csv' ? csvStyle(columns) : format === 'xml' ? XML_LINE : JSON_LINE;
}
