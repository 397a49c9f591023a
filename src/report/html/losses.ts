/** What was read and what was not, with the readers' words and places; and what the log may not be able to hold. */
import type { Answer } from '../../analysis/index.ts';
import { typeName } from '../groups-text.ts';
import { gapSentences, placeText } from '../losses-text.ts';
import { byteCount, count } from '../numbers.ts';
import { html, type Html } from './escape.ts';
import { longValue } from './long-value.ts';
import { countCell, moreText, table } from './table.ts';

/** Rows of each table here. */
const MOST = 200;

export function losses(answer: Answer): Html {
  const { read, diagnostics } = answer;
  const figures: readonly (readonly [string, string, boolean])[] = [
    ['Files', count(read.files), false],
    ['Size', byteCount(read.bytes), false],
    ['Records', count(read.records), false],
    ['Unreadable', count(read.unreadable), read.unreadable > 0],
    // Past a thousand the last row counts the rest.
    [
      'Skipped files',
      read.skipped.length > 1000 ? 'over 1,000' : count(read.skipped.length),
      read.skipped.length > 0,
    ],
    ['Duplicates', count(read.duplicates), false],
    ['Record ids missing', count(read.recordIdGaps), false],
  ];
  const broken = diagnostics.some(({ severity }) => severity === 'error');
  const whole = read.unreadable === 0 && read.skipped.length === 0 && !broken;
  return html`<dl class="figures small">
      ${figures.map(
        ([name, value, bad]) =>
          html` <div>
            <dt>${name}</dt>
            <dd class="big${bad && ' bad'}">${value}</dd>
          </div>`,
      )}
    </dl>
    <p>
      ${whole ? 'Nothing was lost in reading.' : 'Not all could be read: see below.'}${
        read.duplicates > 0 && ' Duplicates stood in the logs twice and counted once.'
      }
    </p>
    ${gapSentences(answer).map((text) => html` <p>${text}</p>`)}
    ${read.skipped.length > 0 && skipped(read.skipped)} ${diagnostics.length > 0 && told(diagnostics)}`;
}

function skipped(all: Answer['read']['skipped']): Html {
  return html`<h3>Skipped</h3>
    ${table({
      id: 'skipped-table',
      label: 'Skipped files',
      columns: [
        { head: 'File', kind: 'value' },
        { head: 'Why', kind: 'text' },
      ],
      rows: all.slice(0, MOST).map(({ path, reason }) => [longValue(path), reason]),
    })}${moreText(all.length - MOST, 'skipped file')}`;
}

function told(all: Answer['diagnostics']): Html {
  return html`<h3>Diagnostics</h3>
    ${table({
      id: 'diagnostics-table',
      label: 'Diagnostics',
      columns: [
        { head: 'Code', kind: 'text' },
        { head: 'Severity', kind: 'text' },
        { head: 'Times', kind: 'number' },
        { head: 'Message', kind: 'value' },
        { head: 'Place', kind: 'value' },
      ],
      rows: all
        .slice(0, MOST)
        .map(({ code, severity, message, where, count: times }) => [
          html`<code>${code}</code>`,
          html`<span class="severity ${severity === 'error' && 'bad'}">${severity}</span>`,
          countCell(times),
          message,
          longValue(placeText(where) || '-'),
        ]),
      sortable: true,
    })}${moreText(all.length - MOST, 'diagnostic')}`;
}

/** Event types that the log may not be able to hold, and why; null where there are none. */
export function blind({ blind: all }: Answer): Html | null {
  if (all.length === 0) return null;
  return html`<ul>
      ${all
        .slice(0, MOST)
        .map(({ eventId, reason }) => html` <li><strong>${typeName(eventId)}</strong>: ${reason}</li>`)}
    </ul>
    ${moreText(all.length - MOST, 'type')}`;
}
