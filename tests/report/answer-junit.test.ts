/** JUnit XML of an answer, read back by a parser: what Jenkins and GitHub's readers rely on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SaxesParser } from 'saxes';
import { budgetOf, parseBudget } from '../../src/analysis/index.ts';
import { budgetSentence, renderAnswerJunit } from '../../src/report/index.ts';
import type { Answer } from '../../src/run/index.ts';
import { BUSY } from '../builders/answers.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

function parse(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = {
      name,
      attributes: attributes as Record<string, string>,
      children: [],
      text: '',
    };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => void (open.at(-1)!.text += text));
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  return root.children[0]!;
}

const RULES = ['good', 'bad <&"\u0007\n\u202e>'].map((name, index) => ({
  name,
  id: '',
  file: index === 0 ? '' : 'rules/bad.yml',
  line: index * 3,
  level: '',
  tags: [],
  hours: 47.1,
  events: index * 50,
  occasions: index * 50,
  hosts: index,
}));

function judged(text: string, more: Partial<Answer> = {}): Answer {
  const answer: Answer = {
    ...BUSY,
    question: { ...BUSY.question, kind: 'sigma-rules' },
    rules: RULES,
    ...more,
  };
  const rate = BUSY.rate.occasionsPerHostHour!;
  const rates = RULES.map(({ occasions }) => ({ ...rate, high: occasions === 0 ? 0.06 : 1 }));
  return { ...answer, budget: budgetOf(parseBudget(text), answer, rates) };
}

/** Kind of the problem by test case, in order. */
function outcomes(xml: string): [string, string | undefined][] {
  const [suite] = parse(xml).children;
  return suite!.children.map(({ attributes, children }) => [attributes['name']!, children[0]?.name]);
}

test('one suite with as many cases, failures and errors as it says', () => {
  for (const answer of [judged('1/host-hour'), judged('1/1000 host-day'), BUSY]) {
    const root = parse(renderAnswerJunit(answer, { strict: true }));
    const [suite, another] = root.children;
    assert.deepEqual([root.name, suite?.name, another], ['testsuites', 'testsuite', undefined]);
    const cases = suite!.children;
    const of = (kind: string): string =>
      String(cases.filter(({ children }) => children[0]?.name === kind).length);
    for (const { attributes } of [root, suite!]) {
      assert.equal(attributes['tests'], String(cases.length));
      assert.equal(attributes['failures'], of('failure'));
      assert.equal(attributes['errors'], of('error'));
    }
    for (const one of cases) {
      assert.equal(one.name, 'testcase');
      assert.ok(one.attributes['name'] && one.attributes['classname']);
      assert.ok(one.children.length <= 1);
      for (const problem of one.children)
        assert.ok(problem.attributes['message'] && problem.attributes['type']);
    }
  }
});

test('the budget, and each rule over it, is a case; a name can not break out, and controls are gone', () => {
  const xml = renderAnswerJunit(judged('1/1000 host-day'), { strict: false });
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(xml, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  const cases = outcomes(xml);
  assert.deepEqual(
    cases.map(([, kind]) => kind),
    [undefined, undefined, 'failure', 'failure', 'failure'],
  );
  assert.deepEqual(cases[4]![0], 'budget 1/1000 host-day: bad <&"\\u{7}\n\u202e>');
  assert.equal(parse(xml).children[0]!.children[4]!.children[0]!.text, 'rules/bad.yml:3');
  assert.deepEqual(
    outcomes(renderAnswerJunit(judged('1/host-hour'), { strict: false })).map(([, kind]) => kind),
    [undefined, undefined, undefined, undefined, undefined],
  );
});

test('records that can not be read are an error only where it is strict; no exposure always is', () => {
  const lossy: Partial<Answer> = { read: { ...BUSY.read, unreadable: 2 } };
  const kinds = (answer: Answer, strict: boolean): (string | undefined)[] =>
    outcomes(renderAnswerJunit(answer, { strict })).map(([, kind]) => kind);
  assert.equal(kinds(judged('1/host-hour', lossy), false)[0], undefined);
  assert.equal(kinds(judged('1/host-hour', lossy), true)[0], 'error');
  const unwatched: Partial<Answer> = {
    exposure: { ...BUSY.exposure, cells: 0, cellsAtMost: 0, hours: 0, hoursAtMost: 0 },
    rate: { ...BUSY.rate, occasionsPerHostHour: null },
  };
  assert.deepEqual(kinds(judged('1/host-hour', unwatched), false).slice(0, 3), [
    undefined,
    'error',
    'failure',
  ]);
});

test('a bound beside the budget has as many digits as tell on which side of it it is', () => {
  const said = (upper: number, met: boolean): string => {
    const answer = judged('1/host-week');
    return budgetSentence({ ...answer, budget: { ...answer.budget!, upper, met, moreHostHours: 1 } });
  };
  assert.match(said(1.002, false), /up to 1\.002 occasions per host-week/);
  assert.match(said(1.000_000_2, false), /up to 1\.0000002 occasions/);
  assert.match(said(0.9996, true), /more than 0\.9996 occasions/);
  assert.match(said(1, true), /more than 1 occasion per/);
  assert.match(said(0.5, true), /more than 0\.5 occasions/);
  assert.match(said(12.34, false), /up to 12\.3 occasions/);
});
