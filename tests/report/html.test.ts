/** The page without a browser: what its text is, and what it never is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { renderAnswerHtml } from '../../src/report/index.ts';
import { fullAnswer } from '../builders/answer-full.ts';
import { ANSWERS, BUSY } from '../builders/answers.ts';

const ASKED = { command: ['ask', '8', '.'], questionText: '8', logs: ['.'], version: '1.2.3' };

test('the policy names the style and the script of the page by their hashes, and allows nothing else', () => {
  const page = renderAnswerHtml(BUSY, ASKED);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
  const hash = (element: string): string => {
    const bodies = [...page.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))];
    assert.equal(bodies.length, 1, `one ${element}`);
    return `'sha256-${createHash('sha256').update(bodies[0]![1]!).digest('base64')}'`;
  };
  assert.deepEqual(policy.split('; '), [
    "default-src 'none'",
    `style-src ${hash('style')}`,
    `script-src ${hash('script')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assert.doesNotMatch(page, /\b(?:src|href)="(?!#)/);
});

test('the same answer gives the same bytes; no answer breaks the page', () => {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    const page = renderAnswerHtml(answer, ASKED);
    assert.equal(renderAnswerHtml(structuredClone(answer), ASKED), page, name);
    assert.doesNotMatch(page, /undefined|NaN|\[object|Infinity/, name);
  }
});

test('a large answer stays a page: 1,000 groups and 500 hosts, and how many more there are', () => {
  const page = renderAnswerHtml(fullAnswer(1234, 700), ASKED);
  const rows = (id: string): number =>
    [...new RegExp(`<table\\s+id="${id}"[^]*?</table>`).exec(page)![0].matchAll(/<tr>/g)].length - 1;
  assert.equal(rows('groups-table'), 1000);
  assert.equal(rows('hosts-table'), 500);
  assert.match(page, /234 more groups with [\d,]+ events are not on this page/);
  assert.match(page, /200 more hosts are not on this page/);
});
