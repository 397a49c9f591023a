/** The page in a real browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderAnswerHtml } from '../../src/report/index.ts';
import { HOSTILE, hostileAnswer } from '../builders/answer-full.ts';
import { noBrowser, openBrowser } from '../builders/browser.ts';

test('a hostile answer requests and runs nothing', { skip: noBrowser }, async () => {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.setContent(
      renderAnswerHtml(hostileAnswer(), {
        command: HOSTILE,
        questionText: HOSTILE[0]!,
        logs: HOSTILE,
        version: '1',
      }),
    );
    assert.equal(await page.evaluate('globalThis.hostile'), undefined);
    assert.deepEqual(requests, []);
  } finally {
    await browser.close();
  }
});
