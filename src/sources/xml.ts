/**
 * Event XML as wevtutil (events without a root), Event Viewer (with one) and evtx_dump (with `Record N` between them)
 * write it. Every event is cut out and parsed on its own, so that a broken one costs one.
 */
import type { Diagnostic, Event } from '../events/index.ts';
import type { Batch } from './batch.ts';
import { readEventXml } from './event-xml.ts';
import type { TextChunk } from './text.ts';

/** An event larger than this, in characters, is broken: an unclosed one must not swallow the rest of the file. */
const MAX_EVENT = 4 * 1024 * 1024;
/** So many broken events are told one by one, the rest in one sum. */
const MAX_PLACED = 1000;
/** Between events, text and tags longer than this are not what writers put there. */
const MAX_BETWEEN = 1024;

const EVENT_START_HERE = /^<(?:[\w.-]{1,64}:)?Event[\s>/]/;
const EVENT_START = /<(?:[\w.-]{1,64}:)?Event[\s>/]/;
/** What matters inside an event: sections in which tags are text, its end, or the start of another. */
const LANDMARK = /<!\[CDATA\[|<!--|<\/(?:[\w.-]{1,64}:)?Event\s{0,8}>|<(?:[\w.-]{1,64}:)?Event[\s>/]/g;
/** No landmark is longer. */
const LANDMARK_REACH = 128;
/** What may stand between events: a root's tags, declarations, comments. */
const EXPECTED_TAG = /^<(?:\/?(?:[\w.-]{1,64}:)?Events(?:\s[^<>]*)?>|\?[^>]*\?>|!--[^]*?-->)/;
/** A tag that is none of them, whatever comes after. */
const UNEXPECTED_TAG = /^<(?![?!])[^<>]*[<>]/;

/** Reads event XML; the chunks may be cut anywhere. Yields a batch for each chunk that brings something. */
export async function* readXml(source: string, chunks: AsyncIterable<TextChunk>): AsyncGenerator<Batch> {
  const scan = scanner(source);
  for await (const { text, bytes } of chunks) {
    const { events, diagnostics } = scan(text, false);
    yield { source, events, diagnostics, bytes };
  }
  yield { source, ...scan('', true), bytes: 0 };
}

type Scan = (text: string, last: boolean) => { events: Event[]; diagnostics: Diagnostic[] };

function scanner(source: string): Scan {
  /** Text that is not decided yet, and the line it begins on. */
  let rest = '';
  let line = 1;
  /** Inside an event (which begins the rest): how far it was looked through, and the section it is in. */
  let inside = false;
  let looked = 0;
  let section: ']]>' | '-->' | null = null;
  /** The text before the rest, and up to where in the whole no `]]>`, no `-->` follows: nothing is searched twice. */
  let consumed = 0;
  const absent = new Map<string, number>();
  /** After a broken event everything up to the next one is part of the damage. */
  let damaged = false;
  /** evtx_dump wrote it. */
  let isDump = false;
  let broken = 0;
  const unexpected = { count: 0, line: 0, running: false };

  const consume = (count: number): void => {
    const gone = rest.slice(0, count);
    for (let at = gone.indexOf('\n'); at >= 0; at = gone.indexOf('\n', at + 1)) line++;
    rest = rest.slice(count);
    consumed += count;
  };
  const surprise = (): void => {
    if (damaged || unexpected.running) return;
    unexpected.running = true;
    if (unexpected.count++ === 0) unexpected.line = line;
  };

  /** Takes what stands before the next event; false where more text is needed. */
  const between = (last: boolean): boolean => {
    if (damaged) {
      const start = rest.search(EVENT_START);
      consume(start >= 0 ? start : Math.max(0, rest.length - (last ? 0 : LANDMARK_REACH)));
      if (start < 0) return false;
    }
    consume(rest.length - rest.trimStart().length);
    if (rest === '') return false;
    const at = rest.indexOf('<');
    if (at !== 0) {
      const text = at < 0 ? rest : rest.slice(0, at);
      if (at < 0 && text.length <= MAX_BETWEEN && !last) return false;
      const isRecord = text.length <= MAX_BETWEEN && /^Record \d+\s*$/.test(text);
      if (isRecord) isDump = true;
      else surprise();
      consume(Math.min(text.length, MAX_BETWEEN));
      return true;
    }
    if (rest.length < LANDMARK_REACH && !/^<[^<>\s/]+[\s>/]/.test(rest) && !last) return false;
    if (EVENT_START_HERE.test(rest)) {
      inside = true;
      looked = 1;
      damaged = false;
      unexpected.running = false;
      return true;
    }
    const near = rest.slice(0, MAX_BETWEEN);
    const [tag] = EXPECTED_TAG.exec(near) ?? [];
    if (tag === undefined && rest.length < MAX_BETWEEN && !last && !UNEXPECTED_TAG.test(near)) return false;
    if (tag !== undefined) unexpected.running = false;
    else surprise();
    consume(tag?.length ?? 1);
    return true;
  };

  /** Where the event at the start of the rest ends; why it does not; or null where more text is needed. */
  const findEnd = (last: boolean): { end: number } | { broken: string } | null => {
    const limit = Math.min(rest.length, MAX_EVENT);
    const whole = last || rest.length >= MAX_EVENT + LANDMARK_REACH;
    for (;;) {
      if (section !== null) {
        const known = (absent.get(section) ?? 0) - consumed;
        const end = rest.indexOf(section, Math.max(looked, known));
        absent.set(section, consumed + (end < 0 ? Math.max(0, rest.length - 2) : end));
        if (end < 0 || end >= limit) {
          if (!whole && end < 0) return null;
          return { broken: `expected ${section} and then </Event>, found neither` };
        }
        looked = end + section.length;
        section = null;
      }
      LANDMARK.lastIndex = looked;
      const mark = LANDMARK.exec(rest);
      // A mark that the end of the text cuts is found whole when more has come.
      if (mark === null || mark.index >= limit) {
        if (whole)
          return {
            broken: `expected </Event>, found ${last && mark === null ? 'the end' : `none within ${MAX_EVENT} characters`}`,
          };
        looked = Math.max(looked, rest.length - LANDMARK_REACH);
        return null;
      }
      looked = mark.index + mark[0].length;
      if (mark[0] === '<![CDATA[') section = ']]>';
      else if (mark[0] === '<!--') section = '-->';
      else if (mark[0].startsWith('</')) return { end: looked };
      else return { broken: 'expected </Event>, found the start of another event' };
    }
  };

  return (text, last) => {
    const events: Event[] = [];
    const diagnostics: Diagnostic[] = [];
    const lose = (at: number, message: string, lost = 1): void => {
      diagnostics.push({
        code: 'xml-broken-event',
        severity: 'error',
        message,
        where: { source, line: at },
        lost,
      });
    };
    const loseOne = (at: number, message: string): void => {
      if (++broken <= MAX_PLACED) lose(at, `${message}: the event is not read`);
    };
    rest += text;
    for (;;) {
      if (!inside) {
        if (!between(last)) break;
        continue;
      }
      const outcome = findEnd(last);
      if (outcome === null) break;
      inside = false;
      section = null;
      if ('broken' in outcome) {
        loseOne(line, outcome.broken);
        damaged = true;
        consume(1);
        continue;
      }
      const event = readEventXml(rest.slice(0, outcome.end), isDump);
      if ('problem' in event) loseOne(line + event.line - 1, event.problem);
      else events.push(event);
      consume(outcome.end);
    }
    if (last && broken > MAX_PLACED)
      lose(line, `${broken - MAX_PLACED} more events are broken and not read`, broken - MAX_PLACED);
    if (last && unexpected.count > 0) {
      diagnostics.push({
        code: 'xml-unexpected-text',
        severity: 'warning',
        message: `expected <Event> after <Event>, found other text in ${unexpected.count} places, first in line ${unexpected.line}: it is skipped`,
        where: { source, line: unexpected.line },
        lost: 0,
      });
    }
    return { events, diagnostics };
  };
}
