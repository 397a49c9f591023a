/** Reads a log of JSON objects, whatever their shapes: text in, batches of events out. */
import type { Diagnostic, Event } from '../events/index.ts';
import type { WrittenBatch } from './clock-repair.ts';
import { readEventXml, type XmlProblem } from './event-xml.ts';
import { type Found, splitObjects } from './json-objects.ts';
import { MAX_NESTING } from './json-syntax.ts';
import { isObject, parseObject } from './json-value.ts';
import { isJournalEntry, readJournalEntry } from './journal.ts';
import { MAX_FIELDS } from './rendering.ts';
import { LineReader, type LineRecord, recordOf } from './shapes/index.ts';
import type { TextChunk } from './text.ts';
import { UNKNOWN, type Written } from './written.ts';

/**
 * Events of a JSON log. `chunks` is its text, cut anywhere, each piece with the bytes of the file it took. Yields one
 * batch per piece, and one more at the end if anything was left; memory is bounded by a piece and the largest object. Fields
 * of an event that is one line of UTF-8 are read when they are asked for.
 * Objects that are no event and text that is no JSON become diagnostics, each counted as lost.
 */
export async function* readJson(
  source: string,
  chunks: AsyncIterable<TextChunk>,
): AsyncGenerator<WrittenBatch> {
  const reader = jsonReader(source);
  for await (const chunk of chunks) yield reader.push(chunk);
  const rest = reader.end();
  if (rest.events.length > 0 || rest.diagnostics.length > 0) yield rest;
}

/** Reads a JSON log as its text comes, piece by piece. */
interface TextReader {
  push(chunk: TextChunk): WrittenBatch;
  /** The end of the text: what is left, and what is to be said of the whole. */
  end(): WrittenBatch;
}

export function jsonReader(source: string): TextReader {
  const lines = new LineReader();
  const splitter = splitObjects<LineRecord>(source, (bytes, from, to) => lines.read(bytes, from, to));
  const others = { count: 0 };
  return {
    push(chunk) {
      const found = chunk.utf8 === undefined ? splitter.push(chunk.text) : splitter.pushBytes(chunk.utf8);
      return batchOf(source, found, chunk.bytes, others);
    },
    end() {
      const end = batchOf(source, splitter.end(), 0, others);
      if (others.count === 0) return end;
      return { ...end, diagnostics: [...end.diagnostics, noSysmon(source, others.count)] };
    },
  };
}

function batchOf(
  source: string,
  found: Found<LineRecord>,
  bytes: number,
  others: { count: number },
): WrittenBatch {
  const events: Event[] = [];
  const written: Written[] = [];
  const diagnostics: Diagnostic[] = [...found.diagnostics];
  for (const { line, object, taken } of found.objects) {
    if (taken !== null) {
      events.push(taken.event);
      written.push(taken.written);
    }
    if (object === null) continue;
    const inner = unwrap(object);
    if (isJournalEntry(inner)) {
      const content = readJournalEntry(inner);
      if (content === 'other') others.count++;
      else if ('problem' in content) {
        const { code, problem } = content;
        const message = `${problem}: the event is not read`;
        diagnostics.push({ code, severity: 'error', message, where: { source, line }, lost: 1 });
      } else {
        events.push(content.event);
        written.push(UNKNOWN);
      }
      continue;
    }
    const xml = eventXmlIn(inner);
    if (xml !== null && !('problem' in xml)) {
      events.push(xml);
      written.push(UNKNOWN);
      continue;
    }
    const record = recordOf(inner);
    if (record === null) {
      if (xml === null) diagnostics.push(noEvent(source, line, object));
      else {
        const message = `expected event XML in _raw: ${xml.problem}: the event is not read`;
        diagnostics.push({
          code: 'xml-broken-event',
          severity: 'error',
          message,
          where: { source, line },
          lost: 1,
        });
      }
    } else {
      events.push(record.event);
      written.push(record.written);
    }
  }
  return { source, events, written, diagnostics, bytes };
}

function noSysmon(source: string, count: number): Diagnostic {
  const message = `${count} entries of the journal hold no Sysmon event: they come from other programs`;
  return { code: 'syslog-other-lines', severity: 'info', message, where: { source }, lost: 0 };
}

/** The record inside of what a search engine or a forwarder put around it. */
function unwrap(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let inner = object;
  for (const key of ['result', '_source', '_raw']) {
    const value = inner[key];
    if (isObject(value)) inner = value;
    else if (typeof value === 'string' && value.startsWith('{')) inner = parseObject(value) ?? inner;
  }
  return inner;
}

/** Event XML as Splunk keeps it, or why it is none; null where there is no such text. */
function eventXmlIn({ _raw: raw }: Readonly<Record<string, unknown>>): Event | XmlProblem | null {
  return typeof raw === 'string' && /^\s{0,64}<Event[\s>]/.test(raw) ? readEventXml(raw.trim()) : null;
}

const KEYS_SHOWN = 8;

function noEvent(source: string, line: number, object: Readonly<Record<string, unknown>>): Diagnostic {
  const keys = Object.keys(object);
  const shown = keys
    .slice(0, KEYS_SHOWN)
    .map((key) => JSON.stringify(key.slice(0, 40)).replace(/[^ -~]/g, '?'));
  const more = keys.length > KEYS_SHOWN ? ` and ${keys.length - KEYS_SHOWN} more` : '';
  const found = keys.length === 0 ? 'no keys at all' : `the keys ${shown.join(', ')}${more}`;
  return {
    code: 'json-no-event',
    severity: 'warning',
    message: `expected an event in a known shape with an event id and at most ${MAX_FIELDS} fields, nested at most ${MAX_NESTING} deep, found ${found}`,
    where: { source, line },
    lost: 1,
  };
}
