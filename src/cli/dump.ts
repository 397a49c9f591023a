import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { Diagnostic } from '../events/index.ts';
import { csvColumns, csvHeader, EVENTS_XML_END, EVENTS_XML_START } from '../lines/index.ts';
import { eventTableHeader, eventTableRow } from '../report/index.ts';
import { type Dump, dump, type LineFormat } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { addReadingOptions, positiveInteger, type ReadingOptions, repeated } from './options.ts';
import { openPager } from './pager.ts';
import { startProgress } from './progress.ts';

type Format = 'text' | LineFormat;

interface DumpFlags extends ReadingOptions {
  readonly format?: Format;
  readonly event?: readonly string[];
}

export function dumpCommand(): Command {
  const command = new Command('dump')
    .summary('the events themselves')
    .description('The events of these logs, of every provider: a table on a terminal, JSON Lines in a pipe.')
    .argument('<logs...>', 'files, folders, archives, or - for standard input');
  return addReadingOptions(command)
    .addOption(
      new Option('--format <format>', 'how to write them').choices([
        'text',
        'jsonl',
        'csv',
        'xml',
        'evtx_dump-jsonl',
      ]),
    )
    .addOption(
      new Option('--event <type>', "an event id, or a Sysmon event type's name (may be repeated)").argParser(
        repeated,
      ),
    )
    .addOption(
      new Option(
        '--threads <n>',
        'at most this many threads (default: one per core, of large event logs, but for text)',
      ).argParser(positiveInteger),
    )
    .action(run);
}

/** Text is handed over in pieces of about this many characters. */
const PIECE = 256 * 1024;
/** Skipped files that are named. */
const MAX_SKIPPED = 1000;

async function run(logs: readonly string[], flags: DumpFlags): Promise<void> {
  const { format = process.stdout.isTTY ? 'text' : 'jsonl', strict, ...options } = flags;
  const paged = format === 'text' && process.stdout.isTTY;
  const progress = startProgress(!paged);
  const events = dump(logs, { ...options, onProgress: progress.update });
  const told = new Told();
  if (format === 'text') await writeTable(events, paged, told);
  else await writeLines(events, format, told);
  progress.end();
  told.end();
  const isIncomplete = told.failed || told.lost > 0;
  if (isIncomplete && (strict || told.read === 0)) process.exitCode = EXIT.usage;
}

/** Bytes as they come, each piece when the one before has been taken. */
async function writeLines(dumped: Dump, format: LineFormat, told: Told): Promise<void> {
  const start =
    format === 'csv' ? csvHeader(csvColumns(dumped.eventIds)) : format === 'xml' ? EVENTS_XML_START : '';
  let isBegun = start === '';
  for await (const { pieces, events, diagnostics, skipped } of dumped.lines(format)) {
    // What can't be read at all has no first line either.
    if (!isBegun) await written(Buffer.from(start));
    isBegun = true;
    told.tell(events, diagnostics, skipped);
    for (const piece of pieces) await written(piece);
    // Signals are heard in between.
    if (pieces.length > 0) await setImmediate();
  }
  if (format === 'xml') await written(Buffer.from(EVENTS_XML_END));
}

/** Turns of the event loop for which the reader of a pipe is waited for without sleeping: less than a millisecond. */
const MAX_TURNS = 100;

/** Writes a piece, and waits until it is taken. A reader that reads on takes it sooner than this thread sleeps and wakes. */
async function written(piece: Uint8Array): Promise<void> {
  let turns = 0;
  const taken = new Promise<void>((resolve) => {
    process.stdout.write(piece, () => {
      turns = MAX_TURNS;
      resolve();
    });
  });
  while (turns++ < MAX_TURNS) await setImmediate();
  await taken;
}

async function writeTable(events: Dump, paged: boolean, told: Told): Promise<void> {
  const width = process.stdout.columns || 80;
  const out = paged
    ? await openPager()
    : { stream: process.stdout as Writable, closed: false, end: async () => {} };
  let text = eventTableHeader(width);
  for await (const batch of events.batches()) {
    // A batch may come to far more text than it took bytes.
    for (const event of batch.events) {
      text += eventTableRow(event, width);
      if (text.length < PIECE) continue;
      await write(out.stream, text);
      text = '';
      if (out.closed) break;
    }
    told.tell(batch.events.length, batch.diagnostics, batch.skipped);
    if (paged && !out.closed) {
      await write(out.stream, text);
      text = '';
    }
    if (out.closed) break;
  }
  if (!out.closed) await write(out.stream, text);
  await out.end();
}

/** What was read, and what was said of it on standard error. */
class Told {
  read = 0;
  lost = 0;
  failed = false;
  #skipped = 0;

  tell(
    events: number,
    diagnostics: readonly Diagnostic[],
    skipped: readonly { readonly path: string; readonly reason: string }[],
  ): void {
    this.read += events;
    for (const diagnostic of diagnostics) {
      this.lost += diagnostic.lost;
      this.failed ||= diagnostic.severity === 'error';
      if (diagnostic.severity !== 'info') process.stderr.write(diagnosticLine(diagnostic));
    }
    for (const { path, reason } of skipped) {
      if (++this.#skipped <= MAX_SKIPPED) skippedLine(reason, { source: path });
    }
  }

  end(): void {
    if (this.#skipped > MAX_SKIPPED) {
      skippedLine(`${this.#skipped - MAX_SKIPPED} more files that are no log`, {});
    }
  }
}

function skippedLine(message: string, where: { readonly source?: string }): void {
  process.stderr.write(diagnosticLine({ code: 'log-skipped', severity: 'info', message, where }));
}

/** Writes, and waits where the reader is slower; a reader that is gone is not waited for. */
async function write(stream: Writable, text: string): Promise<void> {
  if (text === '' || stream.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, done);
  });
}
