/** What becomes of names: the RuleName of an event (sysmon-lint-rules, C31). */
import type { Block, Filter } from '../blocks.ts';
import { decideFor } from '../evaluate.ts';
import { grouped } from '../grouped.ts';
import type { Config } from '../load.ts';
import { waysOf } from '../separation.ts';
import { type Fields, findEvent } from '../witness.ts';
import type { LintRule } from './rule.ts';
import { findingAt, findingAtName, placeOf, shortText, tagSections, type TagSections } from './sections.ts';

export const NAME_RULES: readonly LintRule[] = [
  {
    code: 'name-of-exclude',
    severity: 'info',
    title: 'names of exclude filters',
    fact: 'An event that is excluded is not logged: the name of what excluded it is never seen (sysmon-semantics, 8).',
    *check({ blocks }) {
      const named = blocks
        .filter(({ onmatch }) => onmatch === 'exclude')
        .flatMap(({ filters }) => filters)
        .map(({ element, rule }) => [element, rule].find((part) => part?.attributes.get('name')))
        .filter((part) => part !== undefined && part !== null);
      const [first] = named;
      if (!first) return;
      const { size } = new Set(named);
      const many = size > 1 ? ` (${size} in this configuration)` : '';
      yield findingAtName(
        first,
        `the name of an exclude filter never appears in a log${many}: a comment says as much`,
      );
    },
  },
  {
    code: 'name-overwritten',
    severity: 'warning',
    title: 'several names where all filters must match',
    fact: 'Each filter that matches writes its name over the one before: where all must match, the last name stays (sysmon-semantics, 8).',
    *check({ config, blocks }) {
      for (const block of blocks) {
        if (block.onmatch !== 'include') continue;
        for (const filters of conjunctions(block)) {
          const named = filters.filter(({ name }) => name !== '');
          const last = named.at(-1);
          const lost = named.find(({ name }) => name !== last?.name);
          if (!last || !lost) continue;
          const message = `the name "${shortText(lost.name)}" never appears: all these filters match together, and "${shortText(last.name)}" at ${placeOf(config, last.element)} is written over it; give the Rule one name`;
          yield findingAt(lost.element, message);
        }
      }
    },
  },
  {
    code: 'name-stale',
    severity: 'warning',
    title: 'events logged under the name of a Rule that did not match',
    fact: 'A name stays when the Rule or section that it stands in fails after all, and an unnamed filter that decides later is reported under it (sysmon-semantics, 8).',
    *check({ config }) {
      for (const sections of tagSections(config)) {
        const stale = findStale(config, sections);
        if (!stale) continue;
        const { unnamed, named, witness, eventId } = stale;
        const message = `this filter has no name, so that an event that it logs may bear the name "${shortText(named.name)}" of a filter at ${placeOf(config, named.element)} in a Rule or section that did not match; give this one a name`;
        yield findingAt(unnamed.element, message, { witness: { EventID: String(eventId), ...witness } });
      }
    },
  },
];

/** Sets of loose filters and Rules that match only together; filters on one field of a section are alternatives. */
function conjunctions({ combine, filters }: Block): Filter[][] {
  const parts = grouped(filters, ({ rule, field }) => rule ?? field);
  const rules = [...parts.values()].filter(([first]) => first!.rule && first!.ruleMode === 'and');
  if (combine === 'or') return rules;
  // Alternatives may each have their name: only what must match is told.
  const single = [...parts.values()].filter((part) => part.length === 1 && part[0]!.rule === null);
  return [...rules, single.flat()];
}

interface Stale {
  readonly unnamed: Filter;
  readonly named: Filter;
  readonly witness: Fields;
  readonly eventId: number;
}

/** Pairs that are tried for one tag, at most. */
const PAIRS = 24;

/** An event that an unnamed filter logs under the name of a part that failed; found by evaluation. */
function findStale(config: Config, { units, blocks }: TagSections): Stale | null {
  for (const { event, includes } of units) {
    const decide = decideFor(config, event.id);
    const unnamed = includes.filter(({ name, clauses }) => name === '' && clauses.length > 0);
    if (unnamed.length === 0) continue;
    const leaking = blocks.flatMap((block) =>
      block.filters.filter(
        ({ name, rule, ruleMode, index, field }) =>
          name !== '' &&
          event.fields[index] === field &&
          (block.combine === 'and' || (rule && ruleMode === 'and')),
      ),
    );
    let pairs = 0;
    for (const named of leaking) {
      for (const unit of unnamed.slice(0, 4)) {
        if ((pairs += 1) > PAIRS) return null;
        const witness = findEvent([config], event.id, [...waysOf(unit)[0]!, named], (fields) => {
          const { logged, ruleName, filter } = decide((field) => fields[field]);
          return logged && filter?.name === '' && ruleName === named.name;
        });
        if (!witness) continue;
        const decided = decide((field) => witness[field]).filter!;
        return { unnamed: decided, named, witness, eventId: event.id };
      }
    }
  }
  return null;
}
