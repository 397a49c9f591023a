/**
 * An answer as one page of HTML that needs nothing else: no network, no other file. Its policy lets nothing run or load
 * but the style and the script that are named by their hashes, so that what a log says stays text even if the
 * escaping were to fail.
 */
import { createHash } from 'node:crypto';
import type { Answer } from '../../analysis/index.ts';
import { budgetSentence } from '../budget-text.ts';
import { sentence } from '../sentence.ts';
import { comparison, volume } from './comparison.ts';
import { curve } from './curve.ts';
import { html, type Html, markupOf, type Part, trusted } from './escape.ts';
import { exposure } from './exposure.ts';
import { groups } from './groups.ts';
import { whoToWhom } from './heat-map.ts';
import { keyFigures, unbroken } from './key-figures.ts';
import { blind, losses } from './losses.ts';
import { rules, types } from './parts.ts';
import { phases } from './phases.ts';
import { reproduce, type Reproduction } from './reproduce.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { timeline } from './timeline.ts';

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Part;
  readonly warn?: boolean;
}

/** The page. The same answer and the same command give the same bytes. */
export function renderAnswerHtml(answer: Answer, reproduction: Reproduction): string {
  const { name, eventIds } = answer.question;
  const modelled = reproduction.logs.some((log) => log.includes('modelled'));
  const shown = sections(answer, reproduction).filter(({ body }) => body !== null);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${name}: how often | noisefloor</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the answer</a>
        <header>
          <p class="eyebrow">
            ${KINDS[answer.question.kind] ?? answer.question.kind}${eventIds.length > 0 && eventIds.length <= 8 && `, ${eventIds.length === 1 ? 'event' : 'events'} ${eventIds.join(', ')}`}
          </p>
          <h1>${name}</h1>
          <p class="lead">${unbroken(sentence(answer))}</p>
          ${answer.budget && html`<p class="verdict ${!answer.budget.met && 'over'}">${unbroken(budgetSentence(answer))}</p>`}
          ${modelled && html`<p class="badge">Modelled logs, not recorded</p>`}
          <nav aria-label="Sections">
            <ul>
              ${shown.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="main">${shown.map(drawn)}</main>
        <footer><p>noisefloor ${reproduction.version}. All times are UTC.</p></footer>
        ${trusted(`<script>${SCRIPT}</script>`)}
      </body>
    </html> `;
  return markupOf(page);
}

const KINDS: Readonly<Record<string, string>> = {
  'event-type': 'Sysmon event type',
  'sysmon-config': 'Sysmon configuration',
  'sigma-rule': 'Sigma rule',
  'sigma-rules': 'Sigma rules',
};

function sections(answer: Answer, reproduction: Reproduction): Section[] {
  const [time, phase] = [timeline(answer), phases(answer)];
  const [map, list] = [whoToWhom(answer), groups(answer)];
  return [
    { id: 'rates', title: 'How often', body: keyFigures(answer) },
    { id: 'blind', title: 'Blind', body: blind(answer), warn: true },
    { id: 'comparison', title: 'Before and after', body: comparison(answer) },
    {
      id: 'when',
      title: 'When',
      body:
        (time ?? phase) &&
        html`${time}${
          phase &&
          html`<h3>In the life of a machine</h3>
            ${phase}`
        }`,
    },
    { id: 'who', title: 'Who', body: list && html`${map}${map && html`<h3>All groups</h3>`}${list}` },
    { id: 'rules', title: 'Rules by noise', body: rules(answer) },
    { id: 'types', title: 'Event types', body: types(answer) },
    { id: 'unseen', title: 'Watched long enough?', body: curve(answer) },
    { id: 'watched', title: 'Watched', body: exposure(answer) },
    { id: 'volume', title: 'Volume', body: volume(answer) },
    { id: 'read', title: 'Read', body: losses(answer) },
    { id: 'reproduce', title: 'Reproduce', body: reproduce(reproduction) },
  ];
}

function drawn({ id, title, body, warn }: Section): Html {
  return html` <section id="${id}" aria-labelledby="${id}-head" ${warn && html` class="warn"`}>
    <h2 id="${id}-head">${title}</h2>
    ${body}
  </section>`;
}

function policy(): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
}
