/** What is printed means what was read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Config,
  type ParsedConfig,
  evaluate,
  parseConfig,
  printConfig,
} from '../../src/config/index.ts';
import { engineCases } from '../builders/engine-cases.ts';
import { realConfigs } from '../builders/real-configs.ts';
import { SHARED } from '../builders/shared.ts';

/** Events whose fields hold what the filters of a configuration look for, or nearly. */
function arbitraryEvent(config: Config): fc.Arbitrary<{ EventID: number } & Record<string, string | number>> {
  const texts = new Map<string, Set<string>>();
  for (const { filters } of config.active) {
    for (const { field, text } of filters) {
      if (!texts.has(field)) texts.set(field, new Set(['-', '']));
      for (const part of [text, ...text.split(';')]) texts.get(field)!.add(part);
    }
  }
  const value = (own: Set<string>): fc.Arbitrary<string> =>
    fc
      .tuple(
        fc.constantFrom('', '', 'C:\\', 'x'),
        fc.constantFrom(...own),
        fc.constantFrom('', '', 'x'),
        fc.constantFrom(...own),
      )
      .chain(([before, text, behind, more]) =>
        fc.constantFrom(text, before + text + behind, text + more, text.toUpperCase()),
      );
  const fields = Object.fromEntries([...texts].map(([field, own]) => [field, value(own)]));
  const ids = config.events
    .filter(({ tag }) => config.active.some((block) => block.tag === tag))
    .map(({ id }) => id);
  return fc
    .tuple(fc.constantFrom(...(ids.length > 0 ? ids : [1])), fc.record(fields, { requiredKeys: [] }))
    .map(([EventID, record]) => ({ ...record, EventID }));
}

function meansTheSame(parsed: ParsedConfig, name: string, numRuns: number): void {
  const config = parsed.config!;
  const printed = parseConfig(printConfig(config));
  assert.ok(printed.accepted, `${name}: ${printed.messages.join('\n')}`);
  assert.deepEqual(printed.diagnostics, [], name);
  assert.deepEqual(printed.blocks, parsed.blocks, name);
  assert.deepEqual(printed.options, parsed.options, name);
  assert.equal(printConfig(printed.config!), printConfig(config), `${name}: printed twice`);
  const verdict = (of: Config, event: Parameters<typeof evaluate>[1]): unknown => {
    const { logged, ruleName } = evaluate(of, event);
    return { logged, ruleName };
  };
  fc.assert(
    fc.property(arbitraryEvent(config), (event) => {
      assert.deepEqual(verdict(printed.config!, event), verdict(config, event), name);
    }),
    { numRuns },
  );
}

test("the engine's cases: a printed configuration has the same blocks, options and verdicts", () => {
  for (const cases of engineCases().values()) {
    for (const { id, config, expected, events } of cases) {
      if (!expected.ok) continue;
      const parsed = parseConfig(config);
      meansTheSame(parsed, id, 20);
      const printed = parseConfig(printConfig(parsed.config!)).config!;
      for (const { event, expected: verdict } of events) {
        const { logged, ruleName } = evaluate(printed, event);
        assert.equal(logged, verdict.logged, id);
        if (logged) assert.equal(ruleName, verdict.ruleName, id);
      }
    }
  }
});

test(
  'all real configurations: printed, they evaluate like the original',
  { skip: SHARED === null && 'no ../shared' },
  () => {
    let printed = 0;
    for (const { path, bytes } of realConfigs()) {
      const parsed = parseConfig(bytes);
      if (!parsed.accepted) continue;
      meansTheSame(parsed, path, 100);
      printed += 1;
    }
    assert.ok(printed > 200, `${printed} printed`);
  },
);

test('it is plain: names stand on filters, groups and comments are gone', () => {
  const parsed = parseConfig(
    `<!-- a --><Sysmon schemaversion="4.9"><CheckRevocation/><DnsLookup>False</DnsLookup><EventFiltering>
      <RuleGroup name="g" groupRelation="or"><ProcessCreate default="exclude"><Image>a&lt;</Image>
      <Rule name="r" groupRelation="AND"><!-- b --><User name="u" condition="">x</User><Image condition="IMAGE"/></Rule></ProcessCreate></RuleGroup>
      <DnsQuery onmatch="include"></DnsQuery></EventFiltering></Sysmon>`,
  );
  assert.equal(
    printConfig(parsed.config!),
    `<Sysmon schemaversion="4.90">
  <CheckRevocation/>
  <EventFiltering>
    <RuleGroup groupRelation="or">
      <ProcessCreate onmatch="include">
        <Image name="g" condition="is">a&lt;</Image>
        <Rule groupRelation="and">
          <User name="u" condition="is">x</User>
          <Image name="r" condition="image"></Image>
        </Rule>
      </ProcessCreate>
    </RuleGroup>
    <DnsQuery onmatch="include"/>
  </EventFiltering>
</Sysmon>
`,
  );
});
