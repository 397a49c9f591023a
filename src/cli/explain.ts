import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Command, Option } from 'commander';
import { eventType } from '../events/index.ts';
import {
  explainLine,
  LIMIT,
  type PageOptions,
  renderExplainSummary,
  renderExplanation,
  safeText,
} from '../report/index.ts';
import { explain, type ExplainedEvent } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';
import { addReadingOptions, type ReadingOptions, repeated } from './options.ts';
import { openPager } from './pager.ts';
import { startProgress } from './progress.ts';

interface ExplainFlags extends ReadingOptions {
  readonly json?: boolean;
  readonly format?: 'text' | 'jsonl';
  readonly event?: readonly string[];
  readonly schema?: string;
  readonly undecided?: boolean;
}

export function explainCommand(): Command {
  const command = new Command('explain')
    .summary('for each event: logged or not, and the line that decided')
    .description(
      'For each event of these logs: would Sysmon log it with this configuration, and which line decides.',
    )
    .argument('<config>', 'a Sysmon configuration')
    .argument('<logs...>', 'files, folders, archives, or - for standard input');
  return addReadingOptions(command)
    .addOption(
      new Option('--event <type>', "an event id, or a Sysmon event type's name (may be repeated)").argParser(
        repeated,
      ),
    )
    .option(
      '--undecided',
      'only events that are not logged because nothing in the configuration matched them',
    )
    .option('--schema <version>', 'schema of the Sysmon that loads it (default: 4.91)')
    .addOption(new Option('--format <format>', 'how to write them').choices(['text', 'jsonl']))
    .option('--json', 'the same as --format jsonl')
    .addHelpText(
      'after',
      `
Examples:
  noisefloor explain sysmon.xml Sysmon.evtx --event 8
  noisefloor explain sysmon.xml logs/ --undecided --format text
  noisefloor explain sysmon.xml logs/ --json --where 'Image|endswith=\\mshta.exe'

Exit codes: 0 answered; 2 bad usage, a rejected configuration or nothing readable.`,
    )
    .action(run);
}

/** Text is handed over in pieces of about this many characters. */
const PIECE = 256 * 1024;

async function run(configPath: string, logs: readonly string[], flags: ExplainFlags): Promise<void> {
  const { json, format: asked, strict, ...options } = flags;
  const format = json ? 'jsonl' : (asked ?? (process.stdout.isTTY ? 'text' : 'jsonl'));
  const paged = format === 'text' && process.stdout.isTTY;
  const progress = startProgress();
  const explanations = explain(
    configPath,
    logs,
    paged ? options : { ...options, onProgress: progress.update },
  );
  const { config, warnings } = explanations;
  for (const { code, line, column, message } of warnings) {
    process.stderr.write(
      `noisefloor: warning: ${code}: ${safeText(`${configPath}:${line}:${column}: ${message}`)}\n`,
    );
  }
  const page: PageOptions = {
    // A pager that is not told to would show the codes of colours as they are.
    colour: false,
    width: Math.min(process.stdout.columns || 80, 120),
  };
  const text = { path: configPath, text: config.source.text };
  const write = (source: string, { event, explanation, unknownFields }: ExplainedEvent): string =>
    format === 'jsonl'
      ? `${explainLine(source, event, explanation, unknownFields)}\n`
      : renderExplanation(text, event, explanation, unknownFields, page);
  const out = paged
    ? await openPager()
    : { stream: process.stdout as Writable, closed: false, end: async () => {} };
  const saidFields = new Set<string>();
  let [lost, failed, piece] = [0, false, ''];
  for await (const batch of explanations.batches()) {
    for (const one of batch.events) {
      for (const field of one.unknownFields) sayUnknown(saidFields, one.event.eventId, field);
      piece += write(batch.source, one);
    }
    for (const diagnostic of batch.diagnostics) {
      lost += diagnostic.lost;
      failed ||= diagnostic.severity === 'error';
      if (diagnostic.severity !== 'info') process.stderr.write(diagnosticLine(diagnostic));
    }
    for (const { path, reason } of batch.skipped) {
      const where = { source: path };
      process.stderr.write(diagnosticLine({ code: 'log-skipped', severity: 'info', message: reason, where }));
    }
    if (piece.length >= PIECE || paged) {
      await writeOut(out.stream, piece);
      piece = '';
    }
    if (out.closed) break;
  }
  progress.end();
  const summary = explanations.summary();
  const nothing = summary.events === 0;
  if (format === 'text' && !(nothing && failed)) piece += renderExplainSummary(summary, page);
  if (!out.closed) await writeOut(out.stream, piece);
  await out.end();
  if (nothing) {
    const code = failed ? 'nothing-readable: ' : '';
    const narrowed = NARROWING.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
    const left = narrowed.length === 0 ? '' : ` that ${narrowed.join(', ')} let through`;
    process.stderr.write(`noisefloor: ${code}there is no event of Sysmon in what was read${left}\n`);
  }
  if (!nothing && format === 'jsonl') process.stderr.write(`noisefloor: ${LIMIT}\n`);
  if ((nothing && failed) || (strict && lost > 0)) process.exitCode = EXIT.usage;
}

/** Options that leave events out. */
const NARROWING = ['event', 'where', 'not', 'from', 'to'] as const;

/** Names of fields come from logs: past this many nothing more is said. */
const SAID = 1000;

function sayUnknown(said: Set<string>, eventId: number, field: string): void {
  const key = `${eventId} ${field}`;
  if (said.size >= SAID || said.has(key)) return;
  said.add(key);
  process.stderr.write(
    diagnosticLine({
      code: 'explain-unknown-field',
      severity: 'warning',
      message: `event ${eventId} ${eventType(eventId)?.name ?? ''} has no field ${field} in this Sysmon: no filter can see it`,
      where: {},
    }),
  );
}

async function writeOut(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
}
