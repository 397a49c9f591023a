/** Labels: which times on which hosts are attacks, as YAML says it. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { decidingLabels, type Label, type NoiseGroup } from '../analysis/index.ts';
import { type Event, foldAscii, hostKey, isCutKey } from '../events/index.ts';
import { compileFieldTest, parseFieldTest, QuestionError } from '../predicate/index.ts';
import { yamlMessage } from './suite-file.ts';
import { timeRange } from './time-range.ts';

/** A file of labels is small; what is larger is a log. */
const MAX_BYTES = 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
const KINDS = ['attacks', 'benign'] as const;
const KEYS = ['name', 'host', 'from', 'to', 'where'];
/** Of the record itself a group keeps its type alone. */
const FACT = 'eventid';

/** A label, and what is needed to say where it is wrong. */
export interface PlacedLabel extends Label {
  /** `file: line 3`. */
  readonly place: string;
  /** Fields that its tests ask for, as written. */
  readonly fields: readonly string[];
  /** All that it asks for, of a single event. */
  readonly test: (event: Event) => boolean;
}

/** Whether labels name an event as an attack: its host, its time, and all that they ask for. */
export function isLabelled(labels: readonly PlacedLabel[], event: Event): boolean {
  const touching = labels.filter(
    (label) =>
      (label.host === null || label.host === hostKey(event.host)) &&
      event.time >= label.from &&
      event.time <= label.to &&
      label.test(event),
  );
  return decidingLabels(touching).some(({ kind }) => kind === 'attack');
}

/** Whether a file is one of labels: by its beginning. */
export function looksLikeLabels(path: string): boolean {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES || !statSync(path).isFile()) return false;
    const file = openSync(path, 'r');
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
    return /^(?:attacks|benign)\s*:/m.test(head.toString('utf8')) && !head.includes(0);
  } catch {
    return false;
  }
}

/** Reads labels. Throws QuestionError with the line of what can't be read. */
export function readLabels(path: string): PlacedLabel[] {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  const placeOf = (offset: number): string => `${path}: line ${lines.linePos(offset).line}`;
  const fail = (offset: number, message: string): never => {
    throw new QuestionError('labels-syntax', `${placeOf(offset)}: ${message}`);
  };
  const [error] = document.errors;
  if (error) fail(error.pos[0], yamlMessage(error));
  const root = document.contents;
  if (!isMap(root)) return fail(0, `expected a map with ${KINDS.join(' or ')}`);
  const labels: PlacedLabel[] = [];
  for (const { key, value } of root.items) {
    const kind = KINDS.find((one) => isScalar(key) && key.value === one);
    const at = (isScalar(key) ? key.range?.[0] : undefined) ?? 0;
    if (!kind)
      return fail(
        at,
        `expected ${KINDS.join(' or ')}, found ${JSON.stringify(isScalar(key) ? key.value : '')}`,
      );
    if (!isSeq(value)) return fail(at, `${kind}: expected a list`);
    for (const item of value.items) {
      if (!isMap(item))
        return fail(
          (isScalar(item) ? item.range?.[0] : undefined) ?? at,
          `${kind}: expected maps with ${KEYS.join(', ')}`,
        );
      const label = readLabel(item, kind === 'attacks' ? 'attack' : 'benign', labels.length + 1, fail);
      labels.push({ ...label, place: placeOf(item.range?.[0] ?? at) });
    }
  }
  if (labels.length === 0) fail(0, 'expected at least one label, found none');
  return labels;
}

function readLabel(
  item: YAMLMap,
  kind: Label['kind'],
  number: number,
  fail: (offset: number, message: string) => never,
): Omit<PlacedLabel, 'place'> {
  const at = item.range?.[0] ?? 0;
  const texts = new Map<string, string>();
  let where: string[] = [];
  for (const { key, value } of item.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!KEYS.includes(name)) fail(at, `expected ${KEYS.join(', ')}, found ${JSON.stringify(name)}`);
    const list = isSeq(value) ? value.items : [value];
    if (name === 'where')
      where = list.map((one) =>
        isScalar(one) ? String(one.value) : fail(at, 'where: expected tests such as Field|endswith=value'),
      );
    else if (isScalar(value)) texts.set(name, value.source ?? String(value.value));
    else fail(at, `${name}: expected text`);
  }
  const [from, to] = [texts.get('from'), texts.get('to')];
  if (kind === 'attack' && where.length === 0 && (from === undefined || to === undefined))
    fail(at, 'expected from and to, or where: without both all that ever happened would be an attack');
  const said = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof QuestionError) return fail(at, error.message.replace(/^--/, ''));
      throw error;
    }
  };
  const [start, end] = said(() =>
    timeRange({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }),
  );
  const tests = where.map((text) =>
    said(() => ({
      field: parseFieldTest(text, 'where').field,
      passes: compileFieldTest(text, [], 'where'),
    })),
  );
  const host = texts.get('host');
  return {
    name: texts.get('name') ?? `${kind} ${number}`,
    kind,
    host: host === undefined || host === '*' ? null : hostKey(host),
    from: start,
    to: end,
    narrow: tests.length > 0,
    fields: tests.map(({ field }) => field),
    test: (event) => tests.every(({ passes }) => passes(event)),
    concerns: (group) => {
      const event = eventOf(group);
      return tests.every(
        // Of a long value only the beginning is known: what may be an attack is taken for one.
        ({ field, passes }) => passes(event) || (kind === 'attack' && isCut(group, field)),
      );
    },
  };
}

/**
 * Throws QuestionError for a test of a field that events are not told apart by: it would never pass. `by`: the fields
 * of each type that was read.
 */
export function checkLabelFields(
  labels: readonly PlacedLabel[],
  by: ReadonlyMap<string, readonly string[]>,
): void {
  const known = [...new Set([...by.values()].flat())];
  if (known.length === 0) return;
  for (const { place, fields } of labels) {
    const odd = fields.find(
      (field) => foldAscii(field) !== FACT && !known.some((name) => foldAscii(name) === foldAscii(field)),
    );
    if (odd === undefined) continue;
    const instead = foldAscii(odd) === 'computer' ? ' (host: names a host)' : '';
    throw new QuestionError(
      'labels-syntax',
      `${place}: where ${odd}: expected one of the fields ${[...known, 'EventID'].join(', ')}${instead}`,
    );
  }
}

function isCut({ fields, values }: NoiseGroup, field: string): boolean {
  const at = fields.findIndex((name) => foldAscii(name) === foldAscii(field));
  const value = values[at];
  return value !== undefined && value !== null && isCutKey(value);
}

function eventOf({ eventId, channel, fields, spelling }: NoiseGroup): Event {
  return {
    record: null,
    time: Number.NaN,
    host: '',
    provider: channel === '' ? 'Microsoft-Windows-Sysmon' : '',
    channel,
    eventId,
    version: null,
    fields: new Map(
      fields.flatMap((field, i): [string, string][] => (spelling[i] == null ? [] : [[field, spelling[i]]])),
    ),
  };
}
