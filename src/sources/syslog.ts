/**
 * Syslog files with the events of Sysmon for Linux, one `<Event>...</Event>` to a line behind the prefix that the
 * syslog daemon or journald puts there, or with a forwarder's JSON objects in that place. The machine is the one that the
 * event names, never the prefix's host: that may be a relay.
 */
import type { Code, Diagnostic, Event } from '../events/index.ts';
import type { Batch } from './batch.ts';
import { readEventXml } from './event-xml.ts';
import { parseObject } from './json-value.ts';
import { isSyslogLine } from './recognise.ts';
import { eventOf } from './shapes/index.ts';
import type { TextChunk } from './text.ts';

/** A line longer than this, in characters, is not kept. */
const MAX_LINE = 4 * 1024 * 1024;
/** So many lost events are told one by one, the rest in one sum. */
const MAX_PLACED = 1000;
const START = /<Event[\s>]/;
const END = '</Event>';

/** Reads syslog text; the chunks may be cut anywhere. Lines without an event are counted, and no loss. */
export async function* readSyslog(source: string, chunks: AsyncIterable<TextChunk>): AsyncGenerator<Batch> {
  const lines = lineReader(source);
  let rest = '';
  let tooLong = false;
  for await (const { text, bytes } of chunks) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      lines.read(tooLong ? part.slice(0, MAX_LINE) : part);
      tooLong = false;
    }
    if (rest.length > MAX_LINE) {
      // Its beginning tells what is lost; the end of it would not make it whole again.
      rest = rest.slice(0, MAX_LINE);
      tooLong = true;
    }
    yield { source, ...lines.take(), bytes };
  }
  if (rest !== '') lines.read(rest);
  lines.end();
  yield { source, ...lines.take(), bytes: 0 };
}

interface LineReader {
  read(line: string): void;
  end(): void;
  take(): { events: Event[]; diagnostics: Diagnostic[] };
}

function lineReader(source: string): LineReader {
  let events: Event[] = [];
  let diagnostics: Diagnostic[] = [];
  let line = 0;
  let others = 0;
  let lost = 0;
  /** An event whose end did not stand in its line: some daemons write a line break of a field as it is. */
  let open: { parts: string[]; length: number; line: number } | null = null;

  const lose = (code: Code, at: number, message: string): void => {
    if (++lost > MAX_PLACED) return;
    diagnostics.push({ code, severity: 'error', message, where: { source, line: at }, lost: 1 });
  };
  const parse = (xml: string, at: number): void => {
    const event = readEventXml(xml);
    if ('problem' in event) lose('syslog-broken-event', at, `${event.problem}: the event is not read`);
    else events.push(event);
  };
  /** A JSON object behind the prefix, such as NXLog's; false where there is none that could be an event. */
  const readObject = (text: string): boolean => {
    const start = text.indexOf('{"');
    if (start < 0 || !isSyslogLine(text)) return false;
    const object = parseObject(text.slice(start).trimEnd());
    const event = object === null ? null : eventOf(object);
    if (event !== null) events.push(event);
    else if (object === null && /"event_?id"/i.test(text)) {
      const message =
        'expected a JSON object up to the end of the line, found one that is cut, broken or nested too deep';
      lose('syslog-broken-event', line, `${message}: the event is not read`);
    } else return false;
    return true;
  };
  const close = (): void => {
    if (open === null) return;
    const message = `expected ${END}, found the end of the line: the event was cut on its way through syslog, as lines are that exceed the daemon's limit (rsyslog's $MaxMessageSize)`;
    lose('syslog-cut-event', open.line, message);
    open = null;
  };

  return {
    read(raw) {
      line++;
      const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      const start = text.search(START);
      if (start < 0 && open !== null && !isSyslogLine(text) && open.length + text.length <= MAX_LINE) {
        const end = text.indexOf(END);
        open.parts.push(end < 0 ? text : text.slice(0, end + END.length));
        open.length += text.length;
        if (end >= 0) {
          const { parts, line: at } = open;
          open = null;
          parse(parts.join('\n'), at);
        }
        return;
      }
      close();
      if (start < 0) {
        if (!readObject(text)) others += text.trim() === '' ? 0 : 1;
        return;
      }
      const end = text.lastIndexOf(END);
      if (end < start) open = { parts: [text.slice(start)], length: text.length - start, line };
      else parse(text.slice(start, end + END.length), line);
    },
    end() {
      close();
      if (lost > MAX_PLACED) {
        const more = lost - MAX_PLACED;
        const message = `${more} more events are cut or broken and not read`;
        diagnostics.push({
          code: 'syslog-broken-event',
          severity: 'error',
          message,
          where: { source, line },
          lost: more,
        });
      }
      if (others === 0) return;
      diagnostics.push({
        code: 'syslog-other-lines',
        severity: 'info',
        message: `${others} lines hold no Sysmon event: they come from other programs`,
        where: { source },
        lost: 0,
      });
    },
    take() {
      const taken = { events, diagnostics };
      events = [];
      diagnostics = [];
      return taken;
    },
  };
}
