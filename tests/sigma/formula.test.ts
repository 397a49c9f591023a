/** Formulas of rules, against the rules compiled: over public rules and events made of their own values. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { holds, satisfy } from '../../src/decide/index.ts';
import { type Event, fieldsOf } from '../../src/events/index.ts';
import { parseRule, resolveLogsource, ruleFormula, ruleSet, sysmonIds } from '../../src/sigma/index.ts';
import { naiveRules } from '../builders/naive-sigma.ts';
import { SHARED } from '../builders/shared.ts';
import { eventsFor, ruleTexts } from '../builders/sigma-events.ts';

function eventOf(eventId: number, values: ReadonlyMap<string, string>): Event {
  const fields = new Map([...values].filter(([name]) => name !== 'Computer'));
  return {
    record: null,
    time: 0,
    host: values.get('Computer') ?? '',
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    eventId,
    version: null,
    fields,
  };
}

test(
  'a formula says of an event what its rule says, and its witnesses are matched',
  { skip: SHARED === null },
  async () => {
    let compared = 0;
    let matched = 0;
    let witnesses = 0;
    let never = 0;
    let unknown = 0;
    for (const [file, text] of await ruleTexts(join(SHARED!, 'data/sigma-rules.tar.gz'))) {
      for (const rule of parseRule(text, { file }).rules) {
        const logsource = resolveLogsource(rule.logsource);
        if ('unsupported' in logsource) continue;
        const placed = { detection: rule.detection, filters: [], logsource };
        const matches = ruleSet([placed]);
        const fieldref = JSON.stringify([...rule.detection.searches]).includes('"kind":"field"');
        const made = eventsFor(
          naiveRules(text).find((one) => one['title'] === rule.title)!,
          logsource,
        );
        for (const id of sysmonIds(logsource)) {
          const formula = ruleFormula(placed, id);
          const known = fieldsOf(id)!;
          for (const event of made) {
            // What the type does not have no event of it has.
            const fields = new Map([...event.fields].filter(([name]) => known.has(name)));
            const one = eventOf(id, fields);
            if (!logsource.matches(one) || fieldref) continue;
            const says = matches(one).length > 0;
            assert.equal(
              holds(formula, (name) => (name === 'Computer' ? '' : fields.get(name))),
              says,
              `${file} ${id} ${JSON.stringify([...fields])}`,
            );
            compared += 1;
            if (says) matched += 1;
          }
          const verdict = satisfy(formula);
          if (verdict.kind === 'unknown') unknown += 1;
          else if (verdict.kind === 'none') never += 1;
          else if (!fieldref && logsource.matches(eventOf(id, verdict.values))) {
            assert.deepEqual(
              matches(eventOf(id, verdict.values)),
              [0],
              `${file} ${id} ${JSON.stringify([...verdict.values])}`,
            );
            witnesses += 1;
          }
        }
      }
    }
    assert.ok(
      compared > 20_000 && matched > 2000 && witnesses > 2000,
      `${compared} ${matched} ${witnesses} ${never} ${unknown}`,
    );
  },
);
