/** The page without a browser: what its text is, and what it never is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Answer } from '../../src/analysis/index.ts';
import { renderAnswer, renderAnswerHtml } from '../../src/report/index.ts';
import { fullAnswer } from '../builders/answer-full.ts';
import { ANSWERS, BUSY, UNEXPOSED, ZERO } from '../builders/answers.ts';

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

test('no event: an upper bound with its unit, said to be one-sided, and no empty chart', () => {
  const page = renderAnswerHtml(ZERO, ASKED).replaceAll(/<[^>]*>/g, '');
  assert.match(page, /Hours with an event\s+none seen\s+95 %: at most one in 20\.9 host-hours, one-sided/);
  assert.match(page, /Alerts a day, 1,000 hosts\s+none\s+95 %: at most 1,150, one-sided/);
  assert.doesNotMatch(page, /Events over time/);
});

test('no exposure: no figure at all, and the sentence says that this is not zero', () => {
  const page = renderAnswerHtml(UNEXPOSED, ASKED);
  assert.doesNotMatch(page, /id="rates"/);
  assert.match(page, /This is not a rate of zero/);
});

test('a log that was picked from is said to be no exposure sample, and no other', () => {
  for (const sample of [true, false]) {
    const page = renderAnswerHtml({ ...BUSY, exposure: { ...BUSY.exposure, sample } }, ASKED);
    assert.equal(page.includes('Not an exposure sample: records were picked out'), !sample);
  }
});

test('what is missing is said for each reason, and rules that never fired, as the text says it', () => {
  const gaps = [
    { host: 'a', channel: 'x', class: 'loss' as const, gaps: 1, records: 5 },
    { host: 'a', channel: 'y', class: 'cleared' as const, gaps: 1, records: 0 },
  ];
  const silent = { ...BUSY.rules[0]!, events: 0, occasions: 0, hosts: 0 };
  const rules = [BUSY.rules[0]!, { ...silent, hours: 4 }, { ...silent, hours: 0 }];
  const answer: Answer = {
    ...BUSY,
    question: { ...BUSY.question, kind: 'sigma-rules' },
    rules,
    read: { ...BUSY.read, gaps },
  };
  const page = renderAnswerHtml(answer, ASKED).replaceAll(/<[^>]*>/g, '');
  const text = renderAnswer(answer, { ...ASKED, colour: false, width: 400 });
  for (const said of [
    '5 record ids between those read are missing in 1 log: lost, or in a log that was not given.',
    '1 log was cleared in between.',
    '1 rule never fired in logs that could have held their events; for 1 rule no log here holds any event of their kind.',
  ]) {
    assert.ok(page.includes(said), said);
    assert.ok(text.includes(said), said);
  }
});

test('a forecast is said with its interval, or why it can not be', () => {
  const rates = (forecast: Answer['rate']['forecast']): string =>
    renderAnswerHtml({ ...BUSY, rate: { ...BUSY.rate, forecast } }, ASKED).replaceAll(/<[^>]*>/g, '');
  const asked = { days: 7, hosts: 2000 };
  const alerts = { estimate: 38_500, low: 22_100, high: 59_600, confidence: 0.95, method: 'gamma-poisson' };
  assert.match(
    rates({ ...asked, alerts, cannotSay: null }),
    /Forecast: 7 days, 2,000 hosts\s+38,500\s+95 %: 22,100 to 59,600/,
  );
  assert.match(
    rates({ ...asked, alerts: null, cannotSay: 'One host says nothing of 2,000.' }),
    /cannot say\s+One host says nothing of 2,000\./,
  );
  assert.doesNotMatch(rates(null), /Forecast/);
});

test('the map sums by source and target without regard to case, and what is past the first twenty', () => {
  const groups = Array.from({ length: 25 }, (_, index) => ({
    ...BUSY.groups[0]!,
    key: { SourceImage: index % 2 ? 'C:\\A.exe' : 'c:\\a.EXE', TargetImage: `C:\\${index}.exe` },
    events: 100 - index,
  }));
  const page = renderAnswerHtml({ ...BUSY, groups }, ASKED);
  const map = /<table id="heat-map">([^]*?)<\/table>/.exec(page)![1]!;
  const numbers = [...map.split('<tfoot>')[0]!.matchAll(/<td[^>]*>\s*(\d+)\s*<\/td>/g)].map((match) =>
    Number(match[1]),
  );
  // One row: twenty targets from 100 down to 81, the other five together, and all.
  const shown = Array.from({ length: 20 }, (_, index) => 100 - index);
  assert.deepEqual(numbers, [...shown, 80 + 79 + 78 + 77 + 76, (25 * (100 + 76)) / 2]);
  assert.match(map, />5 more</);
});

test('groups of several kinds are bars, with the names of their fields', () => {
  const kinds = [{ Image: 'a.exe' }, { PipeName: '\\p', Image: 'b.exe' }, {}];
  const groups = kinds.map((key) => ({ ...BUSY.groups[0]!, key }));
  const page = renderAnswerHtml({ ...BUSY, groups }, ASKED);
  assert.doesNotMatch(page, /id="heat-map"/);
  const bars = /<table\s+id="bar-list"[^]*?<\/table>/.exec(page)![0].replaceAll(/<[^>]*>/g, '');
  assert.match(bars, /Image\s+a\.exe[^]*PipeName\s+\\p\s*Image\s+b\.exe[^]*all events/);
});

test('names in the map are as much of their paths as tells them apart', () => {
  const groups = ['C:\\a\\x\\run.exe', 'C:\\b\\x\\RUN.exe', 'C:\\b\\stop.exe'].map((SourceImage) => ({
    ...BUSY.groups[0]!,
    key: { SourceImage, TargetImage: 't.exe' },
  }));
  const map = /<table id="heat-map">([^]*?)<\/table>/.exec(renderAnswerHtml({ ...BUSY, groups }, ASKED))![1]!;
  // As many events each, so by their whole paths: C:\\b\\stop.exe comes before C:\\b\\x.
  const rows = [...map.matchAll(/<th scope="row" title="[^"]*">([^<]*)</g)].map((match) => match[1]);
  assert.deepEqual(rows, ['a\\x\\run.exe', 'stop.exe', 'b\\x\\RUN.exe']);
});

test('the command is written so that a shell takes it as typed', () => {
  const line = (...command: string[]): string =>
    /<pre[^>]*>\s*<code>([^]*?)<\/code>/
      .exec(renderAnswerHtml(BUSY, { ...ASKED, command }))![1]!
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
  assert.equal(line('ask', '8', '-', '--html', 'a b.html'), 'noisefloor ask 8 - --html "a b.html"');
  // No double quotes are proof against all shells here: a POSIX shell itself tells whether it gets the same words.
  for (const word of [
    '$(touch x)',
    "it's",
    '`id`',
    'a"b',
    '!x',
    '%PATH%',
    '',
    '-rf x',
    '--not=A|re=^(a|b)$',
    'a\\',
    '*',
    '~',
    'a>b&c;d',
  ]) {
    const { stdout } = spawnSync('sh', ['-c', `noisefloor() { printf '%s' "$2"; }; ${line('ask', word)}`], {
      encoding: 'utf8',
    });
    assert.equal(stdout, word);
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
