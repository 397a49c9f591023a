/** The page in a real browser: what it shows, what it lets be done with it, and that nothing out of a log gets out of its text. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Answer } from '../../src/analysis/index.ts';
import { renderAnswerHtml, safeText } from '../../src/report/index.ts';
import { fullAnswer, HOSTILE, hostileAnswer } from '../builders/answer-full.ts';
import { ANSWERS } from '../builders/answers.ts';
import { noBrowser, openBrowser } from '../builders/browser.ts';
import { CONTRASTS, type Outline, OUTLINE, type Printed, PRINTED, SHAPES } from '../builders/page-probes.ts';

const ASKED = { command: ['ask', '8', '.'], questionText: '8', logs: ['.'], version: '1.2.3' };
const FULL = fullAnswer(120, 60);
const ALL: Readonly<Record<string, Answer>> = { ...ANSWERS, full: FULL, hostile: hostileAnswer() };
const HOSTILE_ASKED = { command: HOSTILE, questionText: HOSTILE[0]!, logs: HOSTILE, version: HOSTILE[1]! };

type Options = NonNullable<Parameters<Browser['newPage']>[0]>;

describe('the page in a browser', { skip: noBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  /** Shows a page and runs the check; whatever the page complains of or asks for, fails the test. */
  async function shown(text: string, options: Options, check: (page: Page) => Promise<void>): Promise<void> {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => complaints.push(request.url()));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    await page.setContent(text);
    await check(page);
    assert.deepEqual(complaints, []);
    await page.close();
  }

  test('every answer: no complaint, unique ids, one h1, headed tables, named drawings', async () => {
    for (const [name, answer] of Object.entries(ALL)) {
      await shown(renderAnswerHtml(answer, ASKED), {}, async (page) => {
        const found = await page.evaluate<Outline>(OUTLINE);
        assert.equal(found.mode, 'CSS1Compat', name);
        assert.equal(new Set(found.ids).size, found.ids.length, name);
        assert.ok(
          found.links.every((id) => found.ids.includes(id)),
          name,
        );
        assert.equal(found.h1, 1, name);
        assert.ok(
          found.headings.every((level, index) => index === 0 || level - found.headings[index - 1]! <= 1),
        );
        assert.deepEqual([found.unscoped, found.unnamed], [0, 0], name);
        assert.ok(found.sections >= 3, name);
      });
    }
  });

  test('a hostile answer: no element and no attribute that a harmless one has not, and its texts stand as text', async () => {
    // Each element with its attributes, so that an attribute that moves to another element is found as well.
    const shapes = (page: Page): Promise<string[]> => page.evaluate(SHAPES);
    const harmless = new Set<string>();
    for (const answer of [...Object.values(ANSWERS), FULL, longNames(FULL)])
      await shown(renderAnswerHtml(answer, { ...ASKED, command: ['a\u0007'] }), {}, async (page) =>
        (await shapes(page)).forEach((shape) => harmless.add(shape)),
      );
    await shown(renderAnswerHtml(ALL['hostile']!, HOSTILE_ASKED), {}, async (page) => {
      assert.deepEqual(
        (await shapes(page)).filter((shape) => !harmless.has(shape)),
        [],
      );
      assert.equal(await page.evaluate('globalThis.hostile'), undefined);
      const text = await page.evaluate<string>('document.body.textContent');
      for (const hostile of HOSTILE) assert.ok(text.includes(safeText(hostile)), JSON.stringify(hostile));
      assert.doesNotMatch(text, /[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u);
    });
  });

  test('the policy holds even where escaping would not: what is put in by hand neither runs nor loads', async () => {
    const text = renderAnswerHtml(ANSWERS['busy']!, ASKED).replace(
      '<main',
      '<script>globalThis.hostile=1</script><img src="http://hostile.example/x" onerror="globalThis.hostile=1"><p style="color:red" id="put">x</p><main',
    );
    const page = await browser.newPage();
    await page.setContent(text);
    assert.equal(await page.evaluate('globalThis.hostile'), undefined);
    const colour = await page.evaluate(`getComputedStyle(document.getElementById('put')).color`);
    assert.notEqual(colour, 'rgb(255, 0, 0)');
    await page.close();
  });

  test('tables sort by click and by keyboard, and say so; typing filters', async () => {
    await shown(renderAnswerHtml(FULL, ASKED), {}, async (page) => {
      const table = page.locator('#groups-table');
      const column = (index: number): Promise<string[]> =>
        table.locator(`tbody tr > :nth-child(${index})`).allTextContents();
      const sorts = (): Promise<(string | null)[]> =>
        table
          .locator('thead th')
          .evaluateAll((heads) => heads.map((head) => head.getAttribute('aria-sort')).filter((sort) => sort));
      const numbers = (texts: readonly string[]): number[] =>
        texts.map((text) => Number(text.replaceAll(',', '')));
      const expected = FULL.groups.map(({ events }) => events);
      assert.deepEqual(await sorts(), ['descending']);
      assert.deepEqual(numbers(await column(4)), expected);

      await table.getByRole('button', { name: 'Events' }).click();
      assert.deepEqual(await sorts(), ['ascending']);
      assert.deepEqual(
        numbers(await column(4)),
        expected.toSorted((a, b) => a - b),
      );

      await table.getByRole('button', { name: 'TargetImage' }).focus();
      await page.keyboard.press('Enter');
      const targets = FULL.groups
        .map(({ key }) => key['TargetImage']!)
        .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
      assert.deepEqual(await sorts(), ['ascending']);
      assert.deepEqual(
        (await column(3)).map((text) => text.trim()),
        targets,
      );
      await page.keyboard.press('Space');
      assert.deepEqual(
        (await column(3)).map((text) => text.trim()),
        targets.toReversed(),
      );

      await page.getByLabel('Filter groups').fill('AGENT7.exe system32');
      const left = FULL.groups.filter(
        ({ key }) => /agent7\.exe/.test(key['SourceImage']!) && /System32/.test(key['TargetImage']!),
      );
      assert.ok(left.length > 0);
      assert.equal(await table.locator('tbody tr:visible').count(), left.length);
      assert.equal(
        await page.locator('[data-for=groups-table] output').textContent(),
        `${left.length} of 120 rows`,
      );
    });
  });

  test('without script all is there, and nothing that does nothing', async () => {
    await shown(renderAnswerHtml(FULL, ASKED), { javaScriptEnabled: false }, async (page) => {
      assert.equal(await page.locator('button').count(), 0);
      assert.equal(await page.locator('input:visible').count(), 0);
      assert.equal(await page.locator('#groups-table tbody tr:visible').count(), 120);
      assert.ok(await page.locator('#timeline-chart-title, .chart svg').first().isVisible());
    });
  });

  test('no answer makes the page scroll sideways, on a phone or on a wall', async () => {
    for (const width of [380, 1400])
      for (const [name, answer] of Object.entries(ALL)) {
        // What is narrow on a phone is narrow on a wall; these have more to put side by side there.
        if (width > 380 && !['busy', 'fleet', 'full'].includes(name)) continue;
        const asked = name === 'hostile' ? HOSTILE_ASKED : ASKED;
        await shown(renderAnswerHtml(answer, asked), { viewport: { width, height: 800 } }, async (page) => {
          const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
          assert.ok(wide <= width, `${name} at ${width}: ${wide}`);
        });
      }
  });

  test('light and dark: every text has a contrast of 4.5 or more on what it stands on', async () => {
    for (const colorScheme of ['light', 'dark'] as const)
      await shown(renderAnswerHtml(FULL, ASKED), { colorScheme }, async (page) => {
        const { ground, weak } = await page.evaluate<{ ground: number; weak: string[] }>(CONTRASTS);
        assert.deepEqual(weak, [], colorScheme);
        assert.ok(colorScheme === 'dark' ? ground < 0.05 : ground > 0.85, `${colorScheme}: ${ground}`);
      });
  });

  test('print: black on white, whatever the screen; no table is cut, and none is hidden', async () => {
    await shown(
      renderAnswerHtml(FULL, ASKED),
      { colorScheme: 'dark', viewport: { width: 690, height: 980 } },
      async (page) => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        const found = await page.evaluate<Printed>(PRINTED);
        assert.equal(found.ink, 'rgb(0, 0, 0)');
        assert.equal(found.ground, 'rgb(255, 255, 255)');
        assert.deepEqual(found.cut, []);
        assert.ok(found.container >= found.table);
      },
    );
  });
});

/** The same answer with values that are cut, and so have a title, and other parts that only some answers have. */
function longNames(answer: Answer): Answer {
  return {
    ...answer,
    groups: answer.groups.map((group, index) => ({
      ...group,
      key: { SourceImage: `C:\\${'long name '.repeat(30)}\\x.exe`, TargetImage: index % 2 ? '' : 'y.exe' },
    })),
  };
}
