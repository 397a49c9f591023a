/** Explanations against cases worked out by hand from sysmon-semantics, and against every verdict of the engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Block,
  type Config,
  evaluate,
  type EventText,
  explainFor,
  type Explanation,
  parseConfig,
  unknownFields,
} from '../../src/config/index.ts';
import { engineCases } from '../builders/engine-cases.ts';

function configOf(inner: string, schema = '4.90'): Config {
  const text = `<Sysmon schemaversion="${schema}">\n<EventFiltering>\n${inner}\n</EventFiltering>\n</Sysmon>`;
  const { accepted, config, messages } = parseConfig(text);
  assert.ok(accepted && config, messages.join('\n'));
  return config;
}

function explain(config: Config, event: EventText): Explanation {
  return explainFor(
    config,
    event.EventID,
  )((field) => {
    const value = Object.hasOwn(event, field) ? event[field] : undefined;
    return value === undefined ? undefined : String(value);
  });
}

const because = ({ because: { kind, line, column } }: Explanation): unknown => [kind, line, column];

/** Lines and words of what else matched. Line 3 is the first of `inner`. */
const also = (explanation: Explanation): unknown =>
  explanation.also.map(({ line, kind, onmatch, decides, blockedBy }) => [
    line,
    kind,
    onmatch,
    decides ? 'decides' : `but not ${blockedBy!.line}`,
  ]);

test('an OR section: the first filter in document order decides, the others are told', () => {
  const config = configOf(`<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
<Image condition="end with">.exe</Image>
<User condition="is">anna</User>
<Image condition="is">other.exe</Image>
<CommandLine name="all" condition="contains">cmd</CommandLine>
</ProcessCreate></RuleGroup>`);
  const found = explain(config, { EventID: 1, Image: 'a.exe', User: 'ANNA', CommandLine: 'cmd /c' });
  assert.equal(found.logged, true);
  assert.deepEqual(because(found), ['filter', 4, 1]);
  assert.equal(found.because.text, 'Image end with ".exe"');
  assert.deepEqual(also(found), [
    [5, 'filter', 'include', 'decides'],
    [7, 'filter', 'include', 'decides'],
  ]);
  assert.equal(found.also[1]!.name, 'all');
  assert.equal(found.ruleName, '-');
  assert.deepEqual([found.together, found.nameFrom, found.sections], [[], null, []]);
});

test('a bare section above schema 4.10 is an AND: what failed is told with what matched', () => {
  const inner = `<ProcessCreate onmatch="exclude">
<Image condition="end with">a.exe</Image>
<User condition="is">anna</User>
</ProcessCreate>`;
  const event: EventText = { EventID: 1, Image: 'a.exe', User: 'bert' };
  const and = explain(configOf(inner, '4.20'), event);
  assert.equal(and.logged, true);
  assert.deepEqual(because(and), ['section', 3, 1]);
  assert.deepEqual(also(and), [[4, 'filter', 'exclude', 'but not 5']]);
  const or = explain(configOf(inner, '4.10'), event);
  assert.equal(or.logged, false);
  assert.deepEqual(because(or), ['filter', 4, 1]);
  assert.deepEqual(also(or), []);
});

test('in an AND section loose filters on one field are alternatives; all that decided is told', () => {
  const config = configOf(`<ProcessCreate onmatch="include">
<Image condition="is">b.exe</Image>
<User condition="is">anna</User>
<Image condition="is">a.exe</Image>
<Image condition="end with">.exe</Image>
</ProcessCreate>`);
  const found = explain(config, { EventID: 1, Image: 'a.exe', User: 'anna' });
  assert.deepEqual(because(found), ['filter', 6, 1]);
  assert.deepEqual(
    found.together.map(({ line, text }) => [line, text]),
    [[5, 'User is "anna"']],
  );
  assert.deepEqual(also(found), [[7, 'filter', 'include', 'decides']]);
});

test('Rules: every filter of an AND Rule, any of an OR Rule', () => {
  const config = configOf(`<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
<Rule groupRelation="and" name="both">
<Image condition="is">a.exe</Image>
<User condition="is">anna</User>
</Rule>
<Rule name="either">
<Image condition="is">b.exe</Image>
<User condition="is">anna</User>
</Rule>
<Rule groupRelation="and">
<CommandLine condition="contains">x</CommandLine>
<User condition="is">bert</User>
</Rule>
</ProcessCreate></RuleGroup>`);
  const both = explain(config, { EventID: 1, Image: 'a.exe', User: 'anna', CommandLine: 'x' });
  assert.deepEqual(because(both), ['filter', 6, 1]);
  assert.equal(both.ruleName, 'both');
  assert.deepEqual(
    both.together.map(({ line }) => line),
    [5],
  );
  assert.deepEqual(also(both), [
    [8, 'rule', 'include', 'decides'],
    [13, 'filter', 'include', 'but not 14'],
  ]);
  assert.equal(both.also[0]!.name, 'either');
  const either = explain(config, { EventID: 1, Image: 'c.exe', User: 'anna' });
  assert.deepEqual(because(either), ['filter', 10, 1]);
  assert.equal(either.ruleName, 'either');
  assert.equal(either.nameFrom, null);
  assert.deepEqual(also(either), [[6, 'filter', 'include', 'but not 5']]);
});

test('a Rule that matches in an AND section that fails is told with what failed', () => {
  const config = configOf(`<ProcessCreate onmatch="include">
<Rule groupRelation="or">
<Image condition="is">a.exe</Image>
</Rule>
<User condition="is">anna</User>
</ProcessCreate>`);
  const found = explain(config, { EventID: 1, Image: 'a.exe', User: 'bert' });
  assert.equal(found.logged, false);
  assert.deepEqual(because(found), ['section', 3, 1]);
  assert.deepEqual(also(found), [[4, 'rule', 'include', 'but not 7']]);
});

test('excludes come first, and of two sections the last one; what they hid is told in the order of the engine', () => {
  const config = configOf(`<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
<Image condition="is">a.exe</Image>
</ProcessCreate></RuleGroup>
<RuleGroup groupRelation="or"><ProcessCreate onmatch="exclude">
<Image condition="end with">.exe</Image>
</ProcessCreate></RuleGroup>
<RuleGroup groupRelation="or"><ProcessCreate onmatch="exclude">
<Image condition="begin with">a</Image>
</ProcessCreate></RuleGroup>
<ProcessCreate onmatch="include">
<Image condition="is">a.exe</Image>
<User condition="is not">bert</User>
</ProcessCreate>`);
  const found = explain(config, { EventID: 1, Image: 'a.exe', User: 'anna' });
  assert.equal(found.logged, false);
  assert.deepEqual(because(found), ['filter', 10, 1]);
  assert.deepEqual(also(found), [
    [7, 'filter', 'exclude', 'decides'],
    [12, 'section', 'include', 'decides'],
    [4, 'filter', 'include', 'decides'],
  ]);
  assert.match(
    found.also[1]!.text,
    /^ProcessCreate onmatch="include": Image is "a.exe" and User is not "bert"$/,
  );
});

test('two sections of which none matches log nothing, and both are named', () => {
  const config = configOf(`<ProcessCreate onmatch="exclude">
<Image condition="is">a.exe</Image>
</ProcessCreate>
<ProcessCreate onmatch="exclude">
<Image condition="is">b.exe</Image>
</ProcessCreate>`);
  const found = explain(config, { EventID: 1, Image: 'c.exe' });
  assert.equal(found.logged, false);
  assert.deepEqual(because(found), ['no-match', 0, 0]);
  assert.deepEqual(
    found.sections.map(({ line, text }) => [line, text]),
    [
      [3, 'ProcessCreate onmatch="exclude"'],
      [6, 'ProcessCreate onmatch="exclude"'],
    ],
  );
  assert.equal(found.span, null);
});

test('a stale name: that of a filter in a section that failed', () => {
  const config = configOf(`<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
<Image condition="end with">.exe</Image>
</ProcessCreate></RuleGroup>
<RuleGroup groupRelation="and"><ProcessCreate onmatch="include">
<Image name="left behind" condition="is">a.exe</Image>
<User condition="is">anna</User>
</ProcessCreate></RuleGroup>`);
  const found = explain(config, { EventID: 1, Image: 'a.exe', User: 'bert' });
  assert.deepEqual(because(found), ['filter', 4, 1]);
  assert.equal(found.ruleName, 'left behind');
  assert.deepEqual([found.nameFrom!.line, found.nameFrom!.stale], [7, true]);
});

test('a name of another filter of the deciding section is not stale', () => {
  const config = configOf(`<ProcessCreate onmatch="include">
<Image name="the name" condition="is">a.exe</Image>
<User condition="is">anna</User>
</ProcessCreate>`);
  const found = explain(config, { EventID: 1, Image: 'a.exe', User: 'anna' });
  assert.deepEqual(because(found), ['filter', 5, 1]);
  assert.deepEqual([found.ruleName, found.nameFrom!.line, found.nameFrom!.stale], ['the name', 4, false]);
});

test('events that share a tag: a field that stands elsewhere never matches, and that is said', () => {
  const config = configOf(`<RegistryEvent onmatch="include">
<TargetObject condition="contains">Run</TargetObject>
<User condition="is">anna</User>
</RegistryEvent>`);
  const event = { TargetObject: 'HKLM\\Run', User: 'anna' };
  assert.equal(explain(config, { EventID: 12, ...event }).logged, true);
  const other = explain(config, { EventID: 13, ...event });
  assert.equal(other.logged, false);
  assert.deepEqual(also(other), [[4, 'filter', 'include', 'but not 5']]);
  assert.match(other.also[0]!.blockedBy!.text, /never matches event 13: its section is bound to event 12/);
});

test('events without a section, events of no filter, events that there are not', () => {
  const config = configOf('');
  const verdict = (id: number): unknown => {
    const found = explain(config, { EventID: id });
    return [found.logged, found.because.kind, found.because.line];
  };
  assert.deepEqual([1, 7, 4, 16, 255, 99].map(verdict), [
    [true, 'default', 0],
    [false, 'default', 0],
    [true, 'always', 0],
    [true, 'always', 0],
    [true, 'always', 0],
    [false, 'unknown-event', 0],
  ]);
});

test("the RuleName that a log holds is another configuration's and matches nothing", () => {
  const config = configOf(
    '<ProcessCreate onmatch="include"><RuleName condition="is">x</RuleName></ProcessCreate>',
  );
  const found = explain(config, { EventID: 1, RuleName: 'x' });
  assert.deepEqual([found.logged, found.also], [false, []]);
});

test('what else matched is bounded, and the rest is counted', () => {
  const filters = Array.from({ length: 50 }, () => '<Image condition="contains">a</Image>').join('\n');
  const config = configOf(
    `<RuleGroup groupRelation="or"><ProcessCreate onmatch="include">${filters}</ProcessCreate></RuleGroup>`,
  );
  const found = explain(config, { EventID: 1, Image: 'a' });
  assert.deepEqual([found.also.length, found.alsoMore], [20, 29]);
});

test('fields that a Sysmon does not know', () => {
  const older = parseConfig('<Sysmon schemaversion="4.50"/>', { binarySchema: '4.50' }).config!;
  assert.deepEqual(unknownFields(older, 8, ['SourceImage', 'SourceUser', 'Nonsense']), [
    'SourceUser',
    'Nonsense',
  ]);
  const newest = configOf('');
  assert.deepEqual(unknownFields(newest, 8, ['SourceImage', 'SourceUser', 'SequenceNumber']), [
    'SequenceNumber',
  ]);
  assert.deepEqual(unknownFields(newest, 16, ['Configuration', 'Other']), ['Other']);
  assert.deepEqual(unknownFields(newest, 99, ['Anything']), []);
});

test('an explanation says what the engine did, and what it tells fits the verdict', () => {
  let events = 0;
  for (const [file, cases] of engineCases()) {
    for (const one of cases) {
      const { accepted, config } = parseConfig(one.config);
      if (!accepted || !config) continue;
      const alone = config.active.map((block): [Block, Config] => [block, { ...config, active: [block] }]);
      for (const { event, expected } of one.events) {
        events += 1;
        const where = `${file} ${one.id} ${JSON.stringify(event)}`;
        const found = explain(config, event);
        const verdict = evaluate(config, event);
        assert.equal(found.logged, expected.logged, where);
        if (expected.logged) assert.equal(found.ruleName, expected.ruleName, where);
        assert.deepEqual(
          [found.logged, found.ruleName, found.because],
          [verdict.logged, verdict.ruleName, verdict.because],
          where,
        );
        checkFacts(config, found, where);
        for (const [block, only] of alone) {
          if (!isOfTag(config, event.EventID, block.tag)) continue;
          const matches: boolean = evaluate(only, event).because.kind === 'filter';
          assert.equal(isTold(config, block, found), matches, where);
        }
      }
    }
  }
  assert.ok(events > 10_000, `${events} events`);
});

function isOfTag(config: Config, eventId: number, tag: string): boolean {
  return config.events.some((event) => event.id === eventId && event.tag === tag);
}

/** What would decide is told of exactly the sections that match when they are all there is. */
function isTold(config: Config, block: Block, { because: decided, also: others }: Explanation): boolean {
  const deciding = [
    ...others.filter(({ decides }) => decides),
    ...(decided.kind === 'filter' ? [decided] : []),
  ];
  return deciding.some((part) => isWithin(config, block, part));
}

function isWithin(config: Config, { section }: Block, place: { line: number; column: number }): boolean {
  const [start, end] = [config.positionOf(section.start), config.positionOf(section.end)];
  const isBefore = (a: typeof start, b: typeof start): boolean =>
    a.line < b.line || (a.line === b.line && a.column < b.column);
  return !isBefore(place, start) && isBefore(place, end);
}

/** What must hold of any explanation, whatever the configuration. */
function checkFacts(config: Config, found: Explanation, where: string): void {
  const { kind, line } = found.because;
  const deciding = found.also.filter(({ decides }) => decides);
  // Where nothing matched, nothing else can have matched enough to decide.
  if (kind !== 'filter') assert.deepEqual(deciding, [], where);
  // Excludes are asked first.
  if (kind === 'filter' && found.logged)
    assert.ok(!deciding.some(({ onmatch }) => onmatch === 'exclude'), where);
  for (const { decides, blockedBy } of found.also) assert.equal(blockedBy === null, decides, where);
  assert.equal(found.span === null, line === 0, where);
  // A name has a filter that gave it: the one that is told, or else the deciding one.
  if (found.ruleName !== '-') {
    const from = found.nameFrom ?? found.because;
    const named = config.active
      .flatMap(({ filters }) => filters)
      .filter(({ element }) => {
        const place = config.positionOf(element.start);
        return place.line === from.line && place.column === from.column;
      });
    assert.deepEqual(
      named.map(({ name }) => name),
      [found.ruleName],
      where,
    );
  }
}
