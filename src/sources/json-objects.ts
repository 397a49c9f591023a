/**
 * Splits a text stream into its outermost JSON objects: JSON Lines, arrays on one line or pretty-printed, wrapped lists
 * (`{"value": […]}`), objects one after another with or without evtx_dump's `Record 12` lines between them.
 */
import type { Code, Diagnostic } from '../events/index.ts';
import { type Check, checkObject, mayWrap, startCheck, startTail, type Verdict } from './json-syntax.ts';
import { isShallow, parseObject } from './json-value.ts';

/** Characters of one object at most. */
export const MAX_OBJECT: number = 16 * 1024 * 1024;

interface FoundObject<Taken> {
  /** The line on which the object begins, from 1. */
  readonly line: number;
  /** Null where it was taken. */
  readonly object: Readonly<Record<string, unknown>> | null;
  readonly taken: Taken | null;
}

export interface Found<Taken = never> {
  readonly objects: readonly FoundObject<Taken>[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ObjectSplitter<Taken = never> {
  /** The objects that end in this piece of text, which may be cut anywhere. */
  push(text: string): Found<Taken>;
  /** The same of well-formed UTF-8, cut between two characters; whole lines are offered to `take` first. */
  pushBytes(bytes: Buffer): Found<Taken>;
  /** The end of the text: what is left, and a diagnostic if it stops inside of an object or a list. */
  end(): Found<Taken>;
}

/** Takes the object from `from` to before `to`, which stand on one line; null if it is not sure that this is one, and no list. */
export type TakeLine<Taken> = (bytes: Buffer, from: number, to: number) => Taken | null;

/** What the splitter is in: between objects, in one, in the rest of a wrapper, or past a broken one, seeking the next. */
type Mode = 'between' | 'object' | 'tail' | 'lost';

const RECORD_LINE = /Record \d{1,20}[ \t]{0,99}\r?(?:\n|$)/y;
/** An object at the beginning of a line, or after the comma or bracket that begins it. */
const NEXT_IN_LINES =
  /\n([ \t]{0,99})(?:(?:\[|(\}[ \t]{0,99},))[ \t]{0,99})?\{(?=[ \t]{0,99}(?:["}]|\r?\n))/g;
const NEXT_IN_LIST = /\}[ \t]{0,99},[ \t]{0,99}(?=\{[ \t]{0,99}")/g;
/** More than any of these patterns needs to see at once: the rest is not kept while seeking. */
const SEEK_WINDOW = 1024;
const EXCERPT = 24;
/** Bytes of a line that is not whole yet, and may still be taken. */
const MAX_REST = 256 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** A splitter for one stream; `source` stands in its diagnostics. */
export function splitObjects<Taken = never>(
  source: string,
  take: TakeLine<Taken> = () => null,
): ObjectSplitter<Taken> {
  let text = '';
  /** Where the next character to be consumed stands in `text`. */
  let at = 0;
  let line = 1;
  let mode: Mode = 'between';
  /** Nothing but space and brackets has come on this line; its indentation. */
  let fresh = true;
  let indent = 0;
  /** A list began on this line. */
  let listOnLine = false;
  let check: Check = startCheck();
  /** Whether the object being read is the first thing on its line, and that line's indentation. */
  let objectFirst = true;
  let objectIndent = 0;
  /** A broken object's list may go on in the same line. */
  let seekInLine = false;
  /** Lists that are open, and how many objects deep the innermost one's wrapper is. */
  let lists = 0;
  let wrapperDepth = 0;
  let everBroken = false;
  /** Characters consumed and let go of before `text`. */
  let gone = 0;
  /** Where objects begin that were open where an object around them broke: they break there as well. */
  let doomed = new Map<number, { readonly code: Code; readonly line: number; readonly message: string }>();
  let doomedEnd = -1;
  let newline = -1;
  /** Bytes at the start of a line that is not whole yet; nothing else is left over then. */
  let rest: Buffer = NO_BYTES;
  let objects: FoundObject<Taken>[] = [];
  let diagnostics: Diagnostic[] = [];

  function report(code: Code, atLine: number, message: string, lost: number): void {
    diagnostics.push({
      code,
      severity: lost > 0 ? 'error' : 'warning',
      message,
      where: { source, line: atLine },
      lost,
    });
  }

  /** Consumes up to `end`, counting lines. */
  function consume(end: number): void {
    for (let next = lineEnd(); next !== -1 && next < end; next = lineEnd()) {
      at = next + 1;
      line++;
      fresh = true;
      listOnLine = false;
      indent = 0;
    }
    at = end;
  }

  /** End of the current line, or -1 while it has not come. */
  function lineEnd(): number {
    if (newline < at) {
      const found = text.indexOf('\n', at);
      newline = found === -1 ? text.length : found;
    }
    return newline === text.length ? -1 : newline;
  }

  function begin(next: Mode, with_: Check): void {
    mode = next;
    check = with_;
    objectFirst = fresh && !listOnLine;
    objectIndent = indent;
  }

  /** A broken object ends at `stop`, as far as anyone can tell. */
  function breakOff(stop: number): void {
    everBroken = true;
    mode = 'lost';
    const end = lineEnd();
    seekInLine = !objectFirst && (end === -1 || stop <= end);
    // A line that was cut off can have swallowed the good ones after it: they are read again.
    consume(seekInLine || end === -1 || stop <= end ? stop : end);
  }

  /** Says why an object is broken, and remembers those inside of it that are for the same reason. */
  function breakAt(stop: number, code: Code, found: string, lost: number): void {
    const where = line + countLines(text, at, stop);
    const begun = where === line ? '' : `, in the object that begins on line ${line}`;
    report(code, where, found + begun, lost);
    doomed = new Map();
    // What is too deep for the objects around need not be for the innermost.
    const inner =
      mode === 'tail'
        ? []
        : check.opens.slice(1, code === 'json-too-deep' ? check.nest.lastIndexOf('{') : undefined);
    for (const open of inner) {
      doomedEnd = gone + at + open;
      doomed.set(doomedEnd, { code, line: where, message: found });
    }
    breakOff(stop);
  }

  /** Takes a line that is one whole object; false if it is something else. */
  function takeLine(): boolean {
    const end = fresh ? lineEnd() : -1;
    if (end === -1) return false;
    let stop = end;
    while (stop > at && ' \r\t'.includes(text[stop - 1] ?? '')) stop--;
    if (text[stop - 1] === ',') stop--;
    if (text[stop - 1] !== '}' || stop - at > MAX_OBJECT) return false;
    const piece = text.slice(at, stop);
    if (!isShallow(piece)) return false;
    const object = parseObject(piece);
    if (object === null || mayWrap(object)) return false;
    objects.push({ line, object, taken: null });
    consume(end + 1);
    return true;
  }

  /** One step between objects; false if more text is needed. */
  function between(final: boolean): boolean {
    const char = text[at];
    if (char === undefined) return false;
    if (char === '{') {
      const fate = doomed.get(gone + at);
      if (fate !== undefined) {
        begin('object', startCheck());
        const begun = fate.line === line ? '' : `, in the object that begins on line ${line}`;
        report(fate.code, fate.line, fate.message + begun, 1);
        breakOff(at + 1);
      } else if (!takeLine()) begin('object', startCheck());
      return true;
    }
    // Files that were put together each have their byte order mark.
    if (char === '\uFEFF') at++;
    else if (char === '\n') consume(at + 1);
    else if (char === ' ' || char === '\t') {
      if (fresh) indent++;
      at++;
    } else if (char === '\r' || char === ',') at++;
    else if (char === '[') {
      lists++;
      listOnLine = true;
      at++;
    } else if (char === ']') {
      lists = Math.max(0, lists - 1);
      at++;
      if (lists === 0 && wrapperDepth > 0) {
        begin('tail', startTail(wrapperDepth));
        wrapperDepth = 0;
      }
    } else {
      RECORD_LINE.lastIndex = at;
      if (!final && lineEnd() === -1 && text.length - at < SEEK_WINDOW) return false;
      const record = fresh ? RECORD_LINE.exec(text)?.[0] : undefined;
      if (record !== undefined) consume(at + record.length);
      else {
        report('json-syntax', line, `expected a JSON object, found ${excerpt(text, at)}`, 1);
        begin('lost', check);
        breakOff(at);
      }
    }
    return true;
  }

  /** Goes on inside of an object or of a wrapper's rest; false if more text is needed. */
  function within(final: boolean): boolean {
    const end = Math.min(text.length, at + MAX_OBJECT);
    const verdict: Verdict = checkObject(text, at, end, check);
    const stop = at + check.at;
    if (verdict === 'end') {
      const object = mode === 'tail' ? undefined : parseObject(text.slice(at, stop));
      if (object === null)
        report('json-syntax', line, `expected a JSON object, found ${excerpt(text, at)}`, 1);
      else if (object !== undefined) objects.push({ line, object, taken: null });
      consume(stop);
      fresh = false;
      mode = 'between';
      return true;
    }
    if (verdict === 'wrapper') {
      wrapperDepth = check.nest.length;
      lists = 1;
      consume(stop + 1);
      listOnLine = true;
      mode = 'between';
      return true;
    }
    const lost = mode === 'tail' ? 0 : 1;
    if (verdict !== 'more') {
      if (!final && text.length - stop < EXCERPT && text.indexOf('\n', stop) === -1) return false;
      const message = `expected ${verdict.expected}, found ${excerpt(text, stop)}`;
      breakAt(stop, verdict.tooDeep ? 'json-too-deep' : 'json-syntax', message, lost);
    } else if (end - at >= MAX_OBJECT) {
      report(
        'json-too-large',
        line,
        `expected an object of at most ${MAX_OBJECT / 2 ** 20} MiB, found more`,
        lost,
      );
      everBroken = true;
      mode = 'lost';
      seekInLine = false;
      consume(end);
    } else if (final) {
      breakAt(text.length, 'json-truncated', `expected ${wanted(check)}, found the end of the text`, lost);
    } else return false;
    return true;
  }

  /** Seeks the next object after a broken one; false if more text is needed. */
  function seek(final: boolean): boolean {
    const end = seekInLine ? lineEnd() : -1;
    const pattern = seekInLine ? NEXT_IN_LIST : NEXT_IN_LINES;
    pattern.lastIndex = at;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      if (end !== -1 && match.index > end) break;
      if ((match[1]?.length ?? 0) > objectIndent) continue;
      const after = match.index + match[0].length;
      if (seekInLine) consume(after);
      else if (match[2] === undefined) consume(match.index + 1);
      else {
        // After the comma that begins the line, at the bracket.
        consume(after - 1);
        indent = match[1]?.length ?? 0;
      }
      mode = 'between';
      return true;
    }
    if (end !== -1) {
      consume(end);
      seekInLine = false;
      return true;
    }
    const last = text.lastIndexOf(seekInLine ? '}' : '\n');
    const kept = last === -1 || final ? text.length : Math.max(last, text.length - SEEK_WINDOW);
    consume(Math.max(at, kept));
    return false;
  }

  /** Reads on in the text, as far as it goes. */
  function run(final: boolean): void {
    newline = -1;
    let going = true;
    while (going) {
      if (mode === 'between') going = between(final);
      else if (mode === 'lost') going = seek(final);
      else going = within(final);
    }
    gone += at;
    text = text.slice(at);
    at = 0;
  }

  /** Whether what comes next begins a line, and nothing that came before matters to an object there. */
  function isAtLine(): boolean {
    return mode === 'between' && text === '' && fresh && indent === 0 && !listOnLine && gone > doomedEnd;
  }

  /** Takes whole lines for as long as they are objects; where the first line begins that is not taken. */
  function takeLines(bytes: Buffer, from: number): number {
    let start = from;
    for (let end = bytes.indexOf(0x0a, start); end !== -1; end = bytes.indexOf(0x0a, start)) {
      let stop = end;
      while (stop > start && isSpace(bytes[stop - 1])) stop--;
      if (bytes[stop - 1] === 0x2c) stop--;
      const taken = take(bytes, start, stop);
      if (taken === null) break;
      objects.push({ line, object: null, taken });
      line++;
      gone += end + 1 - start;
      start = end + 1;
    }
    return start;
  }

  function startAnew(): void {
    objects = [];
    diagnostics = [];
  }

  /** What is left of bytes as text. */
  function restText(): string {
    const left = rest.toString('utf8');
    rest = NO_BYTES;
    return left;
  }

  return {
    push(piece: string): Found<Taken> {
      startAnew();
      text += restText() + piece;
      run(false);
      return { objects, diagnostics };
    },
    pushBytes(piece: Buffer): Found<Taken> {
      startAnew();
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      rest = NO_BYTES;
      let from = 0;
      // Of what can't be taken only a line is read as text, and more and more while that does not help.
      let step = 0;
      while (from < bytes.length) {
        if (isAtLine()) {
          const start = from;
          from = takeLines(bytes, start);
          if (from > start) step = 0;
          if (from === bytes.length) break;
          if (bytes.length - from <= MAX_REST && bytes.indexOf(0x0a, from) === -1) {
            rest = bytes.subarray(from);
            break;
          }
        }
        const end = bytes.indexOf(0x0a, Math.min(bytes.length, from + step));
        const next = end === -1 ? bytes.length : end + 1;
        text += bytes.toString('utf8', from, next);
        run(false);
        from = next;
        step = Math.max(1024, step * 2);
      }
      return { objects, diagnostics };
    },
    end(): Found<Taken> {
      startAnew();
      text += restText();
      run(true);
      if (lists > 0 && !everBroken) {
        report('json-truncated', line, 'expected the ] that ends the list, found the end of the text', 0);
      }
      return { objects, diagnostics };
    },
  };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function wanted(check: Check): string {
  return check.string === null ? check.expected : 'the quote that ends the string';
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** A few characters as they stand, everything but printable ASCII escaped. */
function excerpt(text: string, at: number): string {
  const piece = (/^[^\n]*/.exec(text.slice(at, at + EXCERPT)) ?? [''])[0];
  const escaped = piece.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  if (piece !== '') return `\`${escaped}\``;
  return at < text.length ? 'the end of the line' : 'the end of the text';
}
