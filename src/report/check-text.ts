/** What `check` found, like a compiler tells it. */
import type { LintFinding } from '../config/index.ts';
import type { CheckAnswer, CheckedConfig } from './checked-config.ts';
import { excerptLines } from './excerpt.ts';
import { type Line, type PageOptions, pageWidth, paragraph, printPage } from './page.ts';
import { safeText, wrap } from './terminal.ts';

const STYLES = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

export interface CheckTextOptions extends PageOptions {
  /** Breaks messages at the width; otherwise each is one line, for programs that read lines. */
  readonly wrapped: boolean;
}

interface Widths {
  readonly line: number;
  readonly excerpt: number;
}

/** Findings by file and place, each with its line and a caret, then what becomes of each file, then the sum. */
export function renderCheck(answer: CheckAnswer, options: CheckTextOptions): string {
  const width = { line: options.wrapped ? pageWidth(options) : Infinity, excerpt: pageWidth(options) };
  const lines = answer.files.flatMap((file) => fileLines(file, answer.binarySchema, width));
  if (answer.files.length > 1) lines.push(...sumLines(answer));
  return printPage(lines, { colour: options.colour, width: width.line });
}

function fileLines(file: CheckedConfig, binary: string, width: Widths): Line[] {
  const { findings, omitted } = file.result;
  const lines: Line[] = file.fixed.map(({ line, column, code, title }) => [
    { text: `${safeText(file.path)}:${line}:${column}: ` },
    { text: 'fixed', style: 'green' },
    { text: ` ${code}: ${safeText(title)}` },
  ]);
  if (file.notFixed !== null)
    lines.push(...wrap(`${safeText(file.path)}: not fixed: ${safeText(file.notFixed)}`, width.line));
  for (const finding of findings) lines.push(...findingLines(file, finding, width));
  if (omitted > 0) lines.push(`${safeText(file.path)}: and ${omitted} more`);
  lines.push(...wrap(`${safeText(file.path)}: ${verdict(file, binary)}`, width.line));
  const summary = summaryText(file);
  if (summary !== '') lines.push(...paragraph(summary, width.line));
  if (findings.length > 0) lines.push('');
  return lines;
}

function findingLines({ path, text }: CheckedConfig, finding: LintFinding, width: Widths): Line[] {
  const { line, column, severity, code, message, fix } = finding;
  const place = `${safeText(path)}:${line}:${column}: `;
  const [first = '', ...rest] = wrap(`${place}${severity} ${code}: ${safeText(message)}`, width.line);
  const head: Line = first.startsWith(`${place}${severity}`)
    ? [
        { text: place },
        { text: severity, style: STYLES[severity] },
        { text: first.slice(place.length + severity.length) },
      ]
    : first;
  const lines: Line[] = [
    head,
    ...rest.flatMap((part) => wrap(part, width.line - 2)).map((part) => `  ${part}`),
  ];
  if (text !== '') lines.push(...excerptLines(text, finding, line, width.excerpt));
  if (fix) {
    lines.push([
      { text: `          fix: ${safeText(fix.title)}${fix.safe ? ' (--fix does it)' : ''}`, style: 'dim' },
    ]);
  }
  return lines;
}

function verdict({ schema, result }: CheckedConfig, binary: string): string {
  const taken = `${result.accepted ? 'accepted' : 'rejected'} by a Sysmon of schema ${binary}`;
  return schema === null ? taken : `${taken} (declares schema ${schema})`;
}

function summaryText({ result }: CheckedConfig): string {
  const { counts, minimum } = result;
  const found = countsText(counts) || 'nothing found';
  if (!minimum) return found;
  const needs =
    minimum.schema === null
      ? 'no schemaversion has all that it uses'
      : `needs schemaversion ${minimum.schema} and Sysmon ${minimum.sysmon} (${safeText(minimum.because)})`;
  return `${found}; ${needs}`;
}

function countsText(counts: Readonly<Record<'error' | 'warning' | 'info', number>>): string {
  const parts = [
    [counts.error, 'error', 'errors'],
    [counts.warning, 'warning', 'warnings'],
    [counts.info, 'remark', 'remarks'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ');
}

function sumLines({ files }: CheckAnswer): Line[] {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { result } of files) {
    counts.error += result.counts.error;
    counts.warning += result.counts.warning;
    counts.info += result.counts.info;
  }
  const accepted = files.filter(({ result }) => result.accepted).length;
  return [`${files.length} files, ${accepted} accepted: ${countsText(counts) || 'nothing found'}`];
}
