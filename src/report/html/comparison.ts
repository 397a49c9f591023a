/** Before and after `--not`, side by side; and what a configuration would write. */
import type { Answer, Rate } from '../../analysis/index.ts';
import { confidenceText, count, figure, intervalText, rateText, shareTexts } from '../numbers.ts';
import { phaseWords } from '../phases-text.ts';
import { html, type Html, type Part } from './escape.ts';
import { table } from './table.ts';

/** Null without `--not`. */
export function comparison({ excluded, matches, rate }: Answer): Html | null {
  if (!excluded) return null;
  const { before } = excluded;
  const often = (value: Rate | null, unit: string): Part =>
    value && html`${rateText(value.estimate, unit)}<br /><small>${intervalText(value)}</small>`;
  const boots = (value: Rate | null): Part => {
    if (!value) return null;
    const [part, bounds] = shareTexts(value);
    return html`${part}<br /><small>${confidenceText(value)}: ${bounds}</small>`;
  };
  const rows: Part[][] = [
    ['Events', count(before.events), count(matches.events)],
    ['Hours with one', count(before.occasions), count(matches.occasions)],
    ['Rate', often(before.occasionsPerHostHour, 'host-hour'), often(rate.occasionsPerHostHour, 'host-hour')],
    [
      'In steady use',
      often(before.steadyOccasionsPerHostHour, 'host-hour'),
      often(rate.steadyOccasionsPerHostHour, 'host-hour'),
    ],
    ['Events an hour', often(before.eventsPerHostHour, 'hour'), often(rate.eventsPerHostHour, 'hour')],
    ['Boots with one', boots(before.occasionsPerBoot), boots(rate.occasionsPerBoot)],
  ];
  const hid =
    excluded.events === 0
      ? html`<code>--not</code> hid nothing: no event matched it.`
      : html`<code>--not</code> hid ${count(excluded.events)} of ${count(before.events)} events:
          ${phaseWords(excluded.byPhase)}.`;
  return html`<p>${hid}</p>
    ${table({
      id: 'comparison-table',
      label: 'Without and with --not',
      columns: [
        { head: '', kind: 'text' },
        { head: 'Without --not', kind: 'number' },
        { head: 'With --not', kind: 'number' },
      ],
      rows: rows
        .filter(([, was, is]) => was !== null || is !== null)
        .map((row) => row.map((cell) => cell ?? '-')),
    })}`;
}

/** Null where the question is no configuration. */
export function volume({ volume: all }: Answer): Html | null {
  if (!all) return null;
  const { low, high, estimate } = all.eventsPerHostDay;
  const bounds = `${confidenceText(all.eventsPerHostDay)}: ${figure(low)} ${high === null ? 'or more' : `to ${figure(high)}`}`;
  return html`<dl class="figures">
      <div>
        <dt>Events per host and day</dt>
        <dd class="big">${figure(estimate)}</dd>
        <dd>${bounds}</dd>
      </div>
      <div>
        <dt>MB as JSON</dt>
        <dd class="big">${figure(all.jsonMbPerHostDay)}</dd>
      </div>
      <div>
        <dt>MB as event log, about</dt>
        <dd class="big">${figure(all.evtxMbPerHostDay)}</dd>
      </div>
    </dl>
    <p class="note">
      Of what these logs hold: what the configuration they were written with let through. Events 4, 16 and 255
      are always written and counted here. A day is 24 watched hours. ${all.method}
    </p>`;
}
