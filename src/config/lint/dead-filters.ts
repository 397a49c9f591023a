/** Filters that can never match, never decide or never be seen (sysmon-lint-rules, C21, C22, C25, C26). */
import { coverageOf } from '../coverage.ts';
import type { ConfigElement } from '../document.ts';
import { decideFor } from '../evaluate.ts';
import { grouped } from '../grouped.ts';
import { isNegative } from '../implication.ts';
import type { Config } from '../load.ts';
import { atomText, contradiction, unitText } from '../meaning.ts';
import type { Clause, Unit } from '../unit.ts';
import { waysOf } from '../separation.ts';
import { findEvent } from '../witness.ts';
import { removeElement } from './place.ts';
import type { Finding, LintRule } from './rule.ts';
import { type EventUnits, findingAt, placeOf, shortText, tagSections, type TagSections } from './sections.ts';

export const DEAD_FILTER_RULES: readonly LintRule[] = [
  {
    code: 'never-matches',
    severity: 'warning',
    title: 'conditions that no event meets together',
    fact: 'All filters of an AND Rule must match, those on the same field too; in an AND section all Rules and, for each field, one of its filters (sysmon-semantics, 6.3).',
    *check({ config }) {
      const seen = new Set<ConfigElement>();
      for (const { units } of tagSections(config)) {
        for (const unit of units.flatMap(({ all }) => all)) {
          const apart = unit.clauses.length > 1 ? contradiction(unit.clauses) : null;
          if (!apart || seen.has(unit.source)) continue;
          seen.add(unit.source);
          const [a, b] = apart.map((clause) => clauseText(config, clause));
          const whole = unit.source.name === 'Rule' ? 'this Rule' : 'this section';
          const message = `${whole} can never match: no value meets ${a} and also ${b}; use groupRelation="or", or one filter with a list`;
          yield findingAt(unit.source, message);
        }
      }
    },
  },
  {
    code: 'nearly-always-true',
    severity: 'warning',
    title: 'a negative condition among alternatives',
    fact: 'Where one match is enough, a negative condition matches nearly every event, and its neighbours hardly matter; in an AND section filters on one field are alternatives too (sysmon-semantics, 6.3).',
    *check({ config }) {
      for (const sections of tagSections(config)) yield* nearlyAlways(sections);
    },
  },
  {
    code: 'include-excluded',
    severity: 'warning',
    title: 'an include filter whose events are all excluded',
    fact: 'All exclude sections of a tag are tried before its include sections (sysmon-semantics, 6.1).',
    *check({ config }) {
      for (const sections of tagSections(config)) {
        const dead = coveredSources(sections, ({ includes, excludes }) => {
          const coverage = coverageOf(excludes);
          return includes.map((unit) => [unit, coverage.coverOf(unit)]);
        });
        for (const [source, { unit, cover, eventId }] of dead) {
          const hidden = decideFor(config, eventId);
          const witness = findEvent([config], eventId, waysOf(unit)[0]!, (fields) => {
            const { kind, logged } = hidden((field) => fields[field]);
            return kind === 'filter' && !logged;
          });
          const message = `${shortText(unitText(unit))} logs nothing: the exclude filter ${shortText(unitText(cover))} at ${placeOf(config, cover.source)} takes all its events first; narrow that one, or remove this one`;
          yield findingAt(
            source,
            message,
            witness ? { witness: { EventID: String(eventId), ...witness } } : {},
          );
        }
      }
    },
  },
  {
    code: 'name-shadowed',
    severity: 'warning',
    title: 'a filter whose RuleName can never appear',
    fact: 'The first filter that matches decides and gives the RuleName: in a section in document order, among sections of one tag the last one first (sysmon-semantics, 6.1 and 8).',
    *check({ config }) {
      const named = (a: Unit, b: Unit): boolean => a.name !== '' && a.name !== b.name;
      for (const sections of tagSections(config)) {
        for (const [source, { unit, cover }] of shadowed(sections, 'includes', named)) {
          const name = `its name "${shortText(unit.name)}" never appears`;
          const message = `${shortText(unitText(unit))} comes too late: ${shortText(unitText(cover))} at ${placeOf(config, cover.source)} takes all its events first, so ${name}; put it before that one, or narrow that one`;
          yield findingAt(source, message);
        }
      }
    },
  },
  {
    code: 'filter-redundant',
    severity: 'info',
    title: 'a filter that another one makes needless',
    fact: 'A filter all of whose events another filter of the same polarity takes, with the same name, changes nothing (sysmon-semantics, 6.3).',
    *check({ config }) {
      for (const sections of tagSections(config)) {
        for (const list of ['excludes', 'includes'] as const) {
          const same = (a: Unit, b: Unit): boolean =>
            list === 'excludes' || a.name === '' || a.name === b.name;
          for (const [source, { unit, cover }] of shadowed(sections, list, same, true)) {
            const twin = unit.key === cover.key;
            const message = `${shortText(unitText(unit))} ${twin ? 'stands here again: it is the same as' : 'changes nothing: it is within'} ${twin ? 'the one' : shortText(unitText(cover))} at ${placeOf(config, cover.source)}`;
            yield findingAt(source, message, removal(config, unit, cover));
          }
        }
      }
    },
  },
];

function clauseText(config: Config, clause: Clause): string {
  const [first] = clause;
  const place = first ? ` (${placeOf(config, first.filter.element)})` : '';
  return `${shortText(clause.map(atomText).join(' or '))}${place}`;
}

/** Safe for a loose filter: its field is still in use, so that the section stays bound to the same event. */
function removal(config: Config, { source, block, filters }: Unit, cover: Unit): Partial<Finding> {
  if (filters.length !== 1 || filters[0]!.rule !== null || block.combine !== 'or' || cover.block !== block)
    return {};
  const splices = [removeElement(config.source.text, source)];
  return { fix: { title: 'remove it', splices, safe: true } };
}

interface Covered {
  readonly unit: Unit;
  readonly cover: Unit;
  /** Id of an event for which it is so. */
  readonly eventId: number;
}

/** Sources all of whose units are covered, for each event of the tag in which they have any. */
function coveredSources(
  { units }: TagSections,
  covers: (units: EventUnits) => readonly (readonly [Unit, Unit | null])[],
): Map<ConfigElement, Covered> {
  const found = new Map<ConfigElement, Covered>();
  const free = new Set<ConfigElement>();
  for (const eventUnits of units) {
    for (const [unit, cover] of covers(eventUnits)) {
      if (!cover) free.add(unit.source);
      else if (!found.has(unit.source)) found.set(unit.source, { unit, cover, eventId: eventUnits.event.id });
    }
  }
  for (const source of free) found.delete(source);
  return found;
}

/** Sources whose units come behind others that cover them; with `later`, before them, too. */
function shadowed(
  sections: TagSections,
  list: 'includes' | 'excludes',
  passes: (unit: Unit, cover: Unit) => boolean,
  later = false,
): Map<ConfigElement, Covered> {
  const found = coveredSources(sections, (eventUnits) => {
    const units = eventUnits[list];
    const coverage = coverageOf(units);
    const order = new Map(units.map((unit, index) => [unit, index]));
    // A later filter stands in for an earlier one only where no other name comes between them.
    const otherName = (from: number): number => {
      const at = units.findIndex(({ name }, index) => index > from && name !== units[from]!.name);
      return at < 0 || list === 'excludes' ? units.length : at;
    };
    return units.map((unit, index) => [
      unit,
      coverage.coverOf(unit, (cover) => {
        if (cover.source === unit.source) return false;
        const before = order.get(cover)! < index;
        return before || (later && cover.key !== unit.key && order.get(cover)! < otherName(index));
      }),
    ]);
  });
  for (const [source, { unit, cover }] of found) if (!passes(unit, cover)) found.delete(source);
  return found;
}

/** Negative conditions that make an OR section, an OR Rule or an AND section's field match nearly everything. */
function* nearlyAlways({ blocks }: TagSections): Generator<Finding> {
  for (const block of blocks) {
    const loose = block.filters.filter(({ rule }) => rule === null);
    const rules = grouped(
      block.filters.filter(({ rule }) => rule !== null),
      ({ rule }) => rule,
    );
    const alternatives = [
      ...(block.combine === 'and'
        ? grouped(loose, ({ field }) => field).values()
        : block.filters.length > 1
          ? [loose]
          : []),
      ...[...rules.values()].filter(([first]) => first!.ruleMode === 'or'),
    ];
    for (const [index, filters] of alternatives.entries()) {
      const negative = filters.filter(({ condition }) => isNegative(condition));
      const [first] = negative;
      // One filter alone says what it says, unless Rules stand beside it.
      const wholeSection = index === 0 && block.combine === 'or';
      if (!first || (filters.length < 2 && !(wholeSection && rules.size > 0))) continue;
      const effect = block.onmatch === 'include' ? 'logs' : 'hides';
      const many = negative.length > 1 ? `, and ${negative.length - 1} more like it here` : '';
      const where = first.rule
        ? 'this Rule'
        : block.combine === 'or'
          ? 'this section'
          : `the field ${first.field}`;
      const message = `${shortText(atomText(first))} is an alternative among ${filters.length + (wholeSection ? rules.size : 0)}${many}: ${where} matches nearly every event, and ${effect} it; put it into a Rule with groupRelation="and" beside what it is to narrow`;
      yield findingAt(first.element, message);
    }
  }
}
