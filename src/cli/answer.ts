/** An answer to the user: on stdout, beside it as JUnit XML and as a page, and as exit code. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { QuestionError } from '../predicate/index.ts';
import {
  type AnswerTextOptions,
  budgetSentence,
  renderAnswer,
  renderAnswerJson,
  renderAnswerJunit,
} from '../report/index.ts';
import type { Answer } from '../run/index.ts';
import { diagnosticLine, EXIT } from './exit.ts';

interface ReportOptions extends Pick<AnswerTextOptions, 'questionText' | 'logs'> {
  readonly json: boolean | undefined;
  readonly html?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly junit?: string | undefined;
  /** Whether only files were wanted, and no answer. */
  readonly silent?: boolean;
}

/** Prints an answer, writes `--junit` and `--html`, and sets the exit code. */
export async function reportAnswer(answer: Answer, options: ReportOptions): Promise<void> {
  const { json, html, strict = false, junit, silent = false, questionText, logs } = options;
  const { records, files, unreadable } = answer.read;
  const nothing = records === 0 && (files === 0 || unreadable > 0 || answer.diagnostics.some(isError));
  const over = answer.budget && !answer.budget.met;
  // What is wrong stands in the text of an answer; beside JSON, or where there is no answer, it is said on stderr.
  for (const diagnostic of json || nothing || silent ? answer.diagnostics : []) {
    const placed = diagnostic.where.source !== undefined;
    if (isError(diagnostic) || (nothing && placed)) process.stderr.write(diagnosticLine(diagnostic));
  }
  if (nothing)
    process.stderr.write('noisefloor: nothing-readable: no record could be read from these logs\n');
  else if (over && (json || silent)) process.stderr.write(`noisefloor: ${budgetSentence(answer)}\n`);
  if (json) process.stdout.write(renderAnswerJson(answer));
  else if (!nothing && !silent) {
    const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
    process.stdout.write(renderAnswer(answer, { colour, width: 80, logs, questionText }));
  }
  if (junit !== undefined) {
    const xml = renderAnswerJunit(answer, { strict });
    writing('--junit', junit, () => writeFileSync(junit, xml));
  }
  if (html !== undefined && !nothing) {
    const page = (await import('./answer-page.ts')).answerPage(answer, { questionText, logs });
    writing('--html', html, () => writeFileSync(html, page));
  }
  if (nothing || (strict && (unreadable > 0 || answer.diagnostics.some(isError))))
    process.exitCode = EXIT.usage;
  else if (answer.exposure.hoursAtMost === 0) process.exitCode = EXIT.noExposure;
  else if (over) process.exitCode = EXIT.gate;
}

/** Throws where a file's folder can't be written to: better known before reading for minutes than after. */
export function expectWritable(option: string, path: string): void {
  writing(option, path, () => accessSync(dirname(path), constants.W_OK));
}

function writing(option: string, path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { message } = error as Error;
    throw new QuestionError(
      'out-unwritable',
      `${option} ${path}: expected a file that can be written: ${message}`,
    );
  }
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === 'error';
}
