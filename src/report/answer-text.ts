/** An answer as text for a terminal: the sentence first, then what stands behind it. */
import type { Answer } from '../analysis/index.ts';
import { budgetLines } from './budget-text.ts';
import { comparisonLines } from './comparison-text.ts';
import { exposureLines } from './exposure-text.ts';
import { forecastLines } from './forecast-text.ts';
import { groupLines, partLines } from './groups-text.ts';
import { blindLines, readingLines } from './losses-text.ts';
import { nextLines, type Asked } from './next-command.ts';
import { pageWidth, printPage, section, type Line, type PageOptions } from './page.ts';
import { phaseLines } from './phases-text.ts';
import { rateLines } from './rates-text.ts';
import { sentence } from './sentence.ts';
import { wrap } from './terminal.ts';
import { timelineLines } from './timeline-text.ts';
import { unseenLines } from './unseen-text.ts';
import { volumeLines } from './volume-text.ts';

export interface AnswerTextOptions extends PageOptions, Asked {}

/**
 * The answer as text: no line wider than `options.width` columns, no character that a terminal would obey (but
 * colours, with `options.colour`). The same answer gives the same text.
 */
export function renderAnswer(answer: Answer, options: AnswerTextOptions): string {
  const width = pageWidth(options);
  const modelled = options.logs.some((log) => log.includes('modelled'));
  const lines: Line[] = [
    ...wrap(sentence(answer), width).map((text): Line => [{ text, style: 'bold' }]),
    ...(modelled ? [[{ text: '(modelled logs, not recorded)', style: 'yellow' as const }]] : []),
    ...section('Budget', budgetLines(answer, width)),
    ...section('Blind', blindLines(answer, width)),
    ...section('Watched', exposureLines(answer, width)),
    ...(answer.excluded
      ? section('Before and after', comparisonLines(answer, width))
      : section('How often', answer.matches.events > 0 ? rateLines(answer, width) : [])),
    ...section('Forecast', forecastLines(answer, width)),
    ...section('When', phaseLines(answer.matches.byPhase)),
    ...section('Timeline (UTC)', timelineLines(answer.timeline, width)),
    ...section('Who', groupLines(answer, width)),
    ...section('Watched long enough?', unseenLines(answer, width)),
    ...section(
      answer.question.kind === 'sigma-rules' ? 'Rules by noise' : 'Parts of the question',
      answer.matches.events > 0 ? partLines(answer, width) : [],
    ),
    ...section('Volume', volumeLines(answer, width)),
    ...section('Read', readingLines(answer, width)),
    ...section('Next', nextLines(answer, options, width)),
  ];
  return printPage(lines, options);
}
