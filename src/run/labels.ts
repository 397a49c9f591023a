/** Labels: which times on which hosts are attacks, as YAML says it. */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import type { Label, NoiseGroup } from '../analysis/index.ts';
import { type Event, hostKey } from '../events/index.ts';
import { compileFieldTest, QuestionError } from '../predicate/index.ts';
import { timeRange } from './time-range.ts';

/** A file of labels is small; what is larger is a log. */
const MAX_BYTES = 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
const KINDS = ['attacks', 'benign'] as const;
const KEYS = ['name', 'host', 'from', 'to', 'where'];

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

/** A label as it is read: it can be asked of single events as well. */
export interface EventLabel extends Label {
  readonly test: (event: Event) => boolean;
}

/** Whether a label names an event as an attack: its host, its time, and all that it asks for. */
export function isLabelled(labels: readonly EventLabel[], event: Event): boolean {
  const touching = labels.filter(
    (label) =>
      (label.host === null || label.host === hostKey(event.host)) &&
      event.time >= label.from &&
      event.time <= label.to &&
      label.test(event),
  );
  const narrow = touching.filter((label) => label.narrow);
  return (narrow.length > 0 ? narrow : touching).some(({ kind }) => kind === 'attack');
}

/** Reads labels. Throws QuestionError with the line of what can't be read. */
export function readLabels(path: string): EventLabel[] {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const fail = (offset: number, message: string): never => {
    throw new QuestionError('labels-syntax', `${path}: line ${lines.linePos(offset).line}: ${message}`);
  };
  const [error] = document.errors;
  if (error) fail(error.pos[0], `expected YAML: ${error.message}`);
  const root = document.contents;
  if (!isMap(root)) return fail(0, `expected a map with ${KINDS.join(' or ')}`);
  const labels: EventLabel[] = [];
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
      if (!isMap(item)) return fail(at, `${kind}: expected maps with ${KEYS.join(', ')}`);
      labels.push(readLabel(item, kind === 'attacks' ? 'attack' : 'benign', labels.length + 1, fail));
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
): EventLabel {
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
  const [start, end] = timeRange({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  const tests = where.map((text) => compileFieldTest(text, [], 'where'));
  const test = (event: Event): boolean => tests.every((one) => one(event));
  const host = texts.get('host');
  return {
    name: texts.get('name') ?? `${kind} ${number}`,
    kind,
    host: host === undefined || host === '*' ? null : hostKey(host),
    from: start,
    to: end,
    narrow: tests.length > 0,
    test,
    concerns: (group) => test(eventOf(group)),
  };
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
