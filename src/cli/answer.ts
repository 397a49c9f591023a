/** An answer to the user: on stdout, beside it as JUnit XML and as a page, and as exit code. */
import {
  type AnswerTextOptions,
  budgetSentence,
  renderAnswer,
  renderAnswerJson,
  renderAnswerJunit,
} from '../report/index.ts';
import { type Answer, expectOutput, writeOutput } from '../run/index.ts';
import { diagnosticLine, EXIT, NOTHING_READABLE } from './exit.ts';

interface ReportOptions extends Pick<AnswerTextOptions, 'questionText' | 'logs' | 'options'> {
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
  if (nothing) process.stderr.write(NOTHING_READABLE);
  else if (over && (json || silent)) process.stderr.write(`noisefloor: ${budgetSentence(answer)}\n`);
  if (json) process.stdout.write(renderAnswerJson(answer));
  else if (!nothing && !silent) {
    const colour = process.stdout.isTTY && process.stdout.hasColors() && !process.env['NO_COLOR'];
    process.stdout.write(renderAnswer(answer, { ...options, colour, width: 80 }));
  }
  if (junit !== undefined) writeOutput('--junit', junit, renderAnswerJunit(answer, { strict }));
  if (html !== undefined && !nothing) {
    const page = (await import('./answer-page.ts')).answerPage(answer, { questionText, logs });
    writeOutput('--html', html, page);
  }
  if (nothing || (strict && (unreadable > 0 || answer.diagnostics.some(isError))))
    process.exitCode = EXIT.usage;
  else if (answer.exposure.hoursAtMost === 0) process.exitCode = EXIT.noExposure;
  else if (over) process.exitCode = EXIT.gate;
}

/** Throws QuestionError where these can't be written. */
export function expectReports({ html, junit }: Pick<ReportOptions, 'html' | 'junit'>): void {
  if (html !== undefined) expectOutput('--html', html, 'page');
  if (junit !== undefined) expectOutput('--junit', junit, 'junit');
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === 'error';
}
