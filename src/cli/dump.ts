import type { Writable } from 'node:stream';
import { Command, Option } from 'commander';
import type { Event } from '../events/index.ts';
import {
  csvColumns,
  csvHeader,
  csvRow,
  dumpLine,
  EVENTS_XML_END,
  EVENTS_XML_START,
  eventTableHeader,
  eventTableRow,
  eventXml,
} from '../report/index.ts';
import { dump } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { addReadingOptions, positiveInteger, type ReadingOptions, repeated } from './options.ts';
import { openPager } from './pager.ts';
import { startProgress } from './progress.ts';

type Format = 'text' | 'jsonl' | 'csv' | 'xml';

interface DumpFlags extends ReadingOptions {
  readonly format?: Format;
  readonly event?: readonly string[];
  /** An upper bound, which the one thread that keeps the order meets. */
  readonly threads?: number;
}

export function dumpCommand(): Command {
  const command = new Command('dump')
    .summary('the events themselves')
    .description('The events of these logs, of every provider: a table on a terminal, JSON Lines in a pipe.')
    .argument('<logs...>', 'files, folders, archives, or - for standard input');
  return addReadingOptions(command)
    .addOption(new Option('--format <format>', 'how to write them').choices(['text', 'jsonl', 'csv', 'xml']))
    .addOption(
      new Option('--event <type>', "an event id, or a Sysmon event type's name (may be repeated)").argParser(
        repeated,
      ),
    )
    .addOption(
      new Option(
        '--threads <n>',
        'at most this many threads (events are written in order, by one)',
      ).argParser(positiveInteger),
    )
    .action(run);
}

/** How each format begins, writes an event, and ends. */
interface Renderer {
  readonly start: string;
  readonly row: (source: string, event: Event) => string;
  readonly end: string;
}

function rendererOf(format: Format, eventIds: readonly number[], width: number): Renderer {
  switch (format) {
    case 'jsonl':
      return { start: '', row: (source, event) => `${dumpLine(source, event)}\n`, end: '' };
    case 'csv': {
      const columns = csvColumns(eventIds);
      return { start: csvHeader(columns), row: (source, event) => csvRow(columns, source, event), end: '' };
    }
    case 'xml':
      return { start: EVENTS_XML_START, row: (_, event) => eventXml(event), end: EVENTS_XML_END };
    case 'text':
      return { start: eventTableHeader(width), row: (_, event) => eventTableRow(event, width), end: '' };
  }
}

/** Text is handed over in pieces of about this many characters. */
const PIECE = 256 * 1024;
/** Skipped files that are named. */
const MAX_SKIPPED = 1000;

async function run(logs: readonly string[], flags: DumpFlags): Promise<void> {
  const { format = process.stdout.isTTY ? 'text' : 'jsonl', strict, threads: _, ...options } = flags;
  const paged = format === 'text' && process.stdout.isTTY;
  const progress = startProgress(!paged);
  const events = dump(logs, { ...options, onProgress: progress.update });
  const { start, row, end } = rendererOf(format, events.eventIds, process.stdout.columns || 80);
  const out = paged
    ? await openPager()
    : { stream: process.stdout as Writable, closed: false, end: async () => {} };
  let [read, lost, failed, skipped] = [0, 0, false, 0];
  let text = start;
  for await (const batch of events.batches()) {
    // A batch may come to far more text than it took bytes.
    for (const event of batch.events) {
      text += row(batch.source, event);
      if (text.length < PIECE) continue;
      await write(out.stream, text);
      text = '';
      if (out.closed) break;
    }
    read += batch.events.length;
    for (const diagnostic of batch.diagnostics) {
      lost += diagnostic.lost;
      failed ||= diagnostic.severity === 'error';
      if (diagnostic.severity !== 'info') process.stderr.write(diagnosticLine(diagnostic));
    }
    for (const { path, reason } of batch.skipped) {
      if (++skipped > MAX_SKIPPED) continue;
      process.stderr.write(
        diagnosticLine({
          code: 'log-skipped',
          severity: 'info',
          message: reason,
          where: { source: path },
        }),
      );
    }
    if (paged && !out.closed) {
      await write(out.stream, text);
      text = '';
    }
    if (out.closed) break;
  }
  progress.end();
  if (skipped > MAX_SKIPPED) {
    const message = `${skipped - MAX_SKIPPED} more files that are no log`;
    process.stderr.write(diagnosticLine({ code: 'log-skipped', severity: 'info', message, where: {} }));
  }
  if (!out.closed) await write(out.stream, text + end);
  await out.end();
  if ((read === 0 && failed) || (strict && (failed || lost > 0))) process.exitCode = EXIT.usage;
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
