/** Formulas of configurations, against the evaluation that is held equal to the engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideFor, loggedFormula, parseConfig } from '../../src/config/index.ts';
import { holds, satisfy } from '../../src/decide/index.ts';
import { engineCases } from '../builders/engine-cases.ts';
import { realConfigs } from '../builders/real-configs.ts';

test("for every event of the engine's cases the formula says what the engine did", () => {
  let events = 0;
  for (const [file, cases] of engineCases()) {
    for (const { id, config: text, expected, events: given } of cases) {
      if (!expected.ok) continue;
      const { config } = parseConfig(text);
      for (const { event, expected: verdict } of given) {
        const type = config!.events.find((one) => one.id === event.EventID);
        if (!type) continue;
        const formula = loggedFormula(config!, type);
        const read = (field: string): string | undefined =>
          event[field] === undefined ? undefined : String(event[field]);
        // A name of a variable stands for itself there.
        assert.equal(holds(formula, read), verdict.logged, `${file} ${id} ${JSON.stringify(event)}`);
        events += 1;
      }
    }
  }
  assert.ok(events > 10_000, `${events} events`);
});

test(
  'a witness of what real configurations log is logged, and what is proved never logged is not',
  { skip: realConfigs().length === 0 },
  () => {
    let witnesses = 0;
    for (const { path, bytes } of realConfigs()) {
      const { config, accepted } = parseConfig(bytes);
      if (!accepted || !config) continue;
      for (const event of config.events) {
        const formula = loggedFormula(config, event);
        for (const wanted of [true, false]) {
          const verdict = satisfy(wanted ? formula : { kind: 'not', of: formula });
          if (verdict.kind !== 'witness') continue;
          const { logged } = decideFor(config, event.id)((field) => verdict.values.get(field));
          assert.equal(logged, wanted, `${path} ${event.id}`);
          witnesses += 1;
        }
      }
    }
    assert.ok(witnesses > 1000, `${witnesses} witnesses`);
  },
);
