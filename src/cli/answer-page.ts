/** `--html`. Apart from the other ways to answer: it is loaded only where a page is asked for. */
import { type AnswerTextOptions, renderAnswerHtml } from '../report/index.ts';
import type { Answer } from '../run/index.ts';
import { version } from './version.ts';

/** The page, which says by which command it was made. */
export function answerPage(answer: Answer, asked: Pick<AnswerTextOptions, 'questionText' | 'logs'>): string {
  return renderAnswerHtml(answer, { ...asked, command: process.argv.slice(2), version: version() });
}
