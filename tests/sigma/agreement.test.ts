/** The compiled evaluator and its index agree with the slow one, over public rules, real events and made ones. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '../../src/events/index.ts';
import { dump } from '../../src/run/index.ts';
import {
  parseRule,
  type PlacedRule,
  resolveLogsource,
  type ResolvedLogsource,
  type RuleSet,
  ruleSet,
  type SigmaRule,
} from '../../src/sigma/index.ts';
import { naiveMatches, type NaiveRule, naiveRules } from '../builders/naive-sigma.ts';
import { SHARED } from '../builders/shared.ts';
import { eventsFor, ruleTexts } from '../builders/sigma-events.ts';

const skip = SHARED === null;

interface Loaded extends PlacedRule {
  readonly rule: SigmaRule;
  readonly naive: NaiveRule;
}

interface Corpus {
  readonly files: number;
  readonly rules: readonly Loaded[];
  readonly refused: readonly string[];
  readonly all: RuleSet;
}

let corpus: Promise<Corpus> | undefined;

function loaded(): Promise<Corpus> {
  return (corpus ??= load());
}

async function load(): Promise<Corpus> {
  const texts = await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'));
  const logsources = new Map<string, ResolvedLogsource>();
  const rules: Loaded[] = [];
  const refused: string[] = [];
  for (const [file, text] of texts) {
    const parsed = parseRule(text, { file });
    refused.push(...parsed.diagnostics.map(({ line, message }) => `${file}:${line}: ${message}`));
    for (const rule of parsed.rules) {
      const { category, product, service } = rule.logsource;
      const key = JSON.stringify([category, product, service]);
      const resolved = logsources.get(key) ?? resolveLogsource(rule.logsource);
      // Logs of other programs are not read here: the language is the same.
      const logsource = 'unsupported' in resolved ? ANY : resolved;
      logsources.set(key, logsource);
      const naive = naiveRules(text).find((one) => one['title'] === rule.title)!;
      rules.push({ rule, naive, detection: rule.detection, filters: [], logsource });
    }
  }
  return { files: texts.size, rules, refused, all: ruleSet(rules) };
}

/** Any event at all, its fields by their names. */
const ANY: ResolvedLogsource = {
  sources: [{ channel: null, eventIds: null }],
  asksRecord: false,
  matches: () => true,
  mayHave: () => true,
  reader: (field) => (event) => (field === 'EventID' ? String(event.eventId) : event.fields.get(field)),
  values: (event) => event.fields.values(),
};

function slowly({ naive, logsource }: Loaded, event: Event): boolean {
  const values = [...logsource.values(event)];
  return naiveMatches(naive, { field: (name) => logsource.reader(name)(event), values });
}

function describe({ rule }: Loaded, event: Event): string {
  return `${rule.file}: ${JSON.stringify([event.channel, event.eventId, ...event.fields])}`;
}

test(
  'all public rules load, or are refused with line and reason: one in a hundred at most',
  { skip },
  async (t) => {
    const { files, rules, refused } = await loaded();
    t.diagnostic(`${files} files, ${rules.length} rules, ${refused.length} refused: ${refused.join('; ')}`);
    assert.ok(files > 2900);
    assert.equal(rules.length + refused.length, files);
    assert.ok(refused.length <= files / 100);
  },
);

test('on events made of each rule’s own values', { skip }, async (t) => {
  const { rules, all } = await loaded();
  let [pairs, matched] = [0, 0];
  for (const [index, rule] of rules.entries()) {
    let once = false;
    for (const event of eventsFor(rule.naive, rule.logsource)) {
      if (!rule.logsource.matches(event)) continue;
      const expected = slowly(rule, event);
      assert.equal(all(event).includes(index), expected, describe(rule, event));
      once ||= expected;
      pairs += 1;
    }
    if (once) matched += 1;
  }
  t.diagnostic(`${pairs} events, ${matched} of ${rules.length} rules matched one`);
  assert.ok(matched > 0.9 * rules.length, `${matched} of ${rules.length}`);
});

/** An event that stays when its batch is gone. */
function copyOf({ record, time, host, provider, channel, eventId, version, fields }: Event): Event {
  return { record, time, host, provider, channel, eventId, version, fields: new Map(fields) };
}

/** Events of one logsource that are tried, spread over all there are. */
const EVENTS = 25;

test('on real events', { skip }, async (t) => {
  const { rules, all } = await loaded();
  const events: Event[] = [];
  const data = join(SHARED!, 'data');
  let seen = 0;
  for await (const batch of dump([join(data, 'evtx'), join(data, 'json')]).batches()) {
    for (const event of batch.events) {
      seen += 1;
      if (batch.source.endsWith('.evtx') || seen % 97 === 0) events.push(copyOf(event));
    }
  }
  const found = events.map((event) => new Set(all(event)));
  let [pairs, matches] = [0, 0];
  const own = new Map<ResolvedLogsource, number[]>();
  for (const [index, rule] of rules.entries()) {
    let of = own.get(rule.logsource);
    if (!of) {
      const possible = [...events.keys()].filter((at) => rule.logsource.matches(events[at]!));
      const step = Math.max(1, Math.floor(possible.length / EVENTS));
      of = possible.filter((_, at) => at % step === 0);
      own.set(rule.logsource, of);
    }
    // Every event on which the index found the rule is tried as well.
    const hits = [...found.keys()].filter((at) => found[at]!.has(index));
    for (const at of new Set([...of, ...hits])) {
      const event = events[at]!;
      const expected = slowly(rule, event);
      assert.equal(found[at]!.has(index), expected && rule.logsource.matches(event), describe(rule, event));
      pairs += 1;
      if (expected) matches += 1;
    }
  }
  t.diagnostic(`${events.length} of ${seen} events, ${pairs} pairs, ${matches} matches`);
  assert.ok(matches > 200);
});

test('each public log that is named by a rule’s id is one on which it fires', { skip }, async (t) => {
  const { rules, all } = await loaded();
  const fired = new Map<string, boolean>();
  for await (const batch of dump([join(SHARED!, 'data/evtx/SigmaHQ+sigma')]).batches()) {
    const id = /([\da-f-]{36})\.evtx$/.exec(batch.source)?.[1];
    const index = rules.findIndex(({ rule }) => rule.id === id);
    if (index < 0) continue;
    const hit = batch.events.some((event) => all(event).includes(index));
    fired.set(id!, hit || (fired.get(id!) ?? false));
  }
  t.diagnostic(`${fired.size} logs`);
  assert.ok(fired.size > 60);
  assert.deepEqual(
    [...fired].filter(([, hit]) => !hit),
    [],
  );
});
