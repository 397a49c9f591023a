/** Filters that can never match, never decide or never be seen (sysmon-lint-rules, C21, C22, C25, C26). */
import { conflictOf } from '../conflict.ts';
import { coverageOf, unionOf } from '../coverage.ts';
import type { ConfigElement } from '../document.ts';
import { decideFor } from '../evaluate.ts';
import { grouped } from '../grouped.ts';
import { isNegative } from '../implication.ts';
import type { Config } from '../load.ts';
import { atomText, unitText } from '../meaning.ts';
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
          const apart = unit.clauses.length > 1 ? conflictOf(unit) : null;
          if (!apart || seen.has(unit.source)) continue;
          seen.add(unit.source);
          const whole = unit.source.name === 'Rule' ? 'this Rule' : 'this section';
          yield findingAt(unit.source, `${whole} can never match: ${conflictText(config, apart)}`);
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
          const [coverage, union] = [coverageOf(excludes), unionOf(excludes)];
          return includes.map((unit) => {
            const cover = coverage.coverOf(unit);
            return [unit, cover ? [cover] : union.coversOf(unit)];
          });
        });
        for (const [source, { unit, covers, eventId }] of dead) {
          const hidden = decideFor(config, eventId);
          const witness = findEvent([config], eventId, waysOf(unit)[0]!, (fields) => {
            const { kind, logged } = hidden((field) => fields[field]);
            return kind === 'filter' && !logged;
          });
          const message =
            covers.length === 1
              ? `${shortText(unitText(unit))} logs nothing: the exclude filter ${coverText(config, covers)} takes all its events first; narrow that one, or remove this one`
              : `${shortText(unitText(unit))} logs nothing: ${coverText(config, covers)} together take all its events first; narrow one of them, or remove this one`;
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
        for (const [source, { unit, covers }] of shadowed(sections, 'includes', named)) {
          const name = `its name "${shortText(unit.name)}" never appears`;
          const message =
            covers.length === 1
              ? `${shortText(unitText(unit))} comes too late: ${coverText(config, covers)} takes all its events first, so ${name}; put it before that one, or narrow that one`
              : `${shortText(unitText(unit))} comes too late: ${coverText(config, covers)} together take all its events first, so ${name}; put it before them, or narrow one of them`;
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
          for (const [source, { unit, covers }] of shadowed(sections, list, same, true)) {
            const [cover] = covers;
            const what =
              covers.length > 1
                ? `changes nothing: ${coverText(config, covers)} together take all its events`
                : unit.key === cover!.key
                  ? `stands here again: it is the same as the one at ${placeOf(config, cover!.source)}`
                  : `changes nothing: it is within ${coverText(config, covers)}`;
            const fix = covers.length === 1 ? removal(config, unit, cover!) : {};
            yield findingAt(source, `${shortText(unitText(unit))} ${what}`, fix);
          }
        }
      }
    },
  },
];

/** Covers that are named. */
const COVERS = 3;

function coverText(config: Config, covers: readonly Unit[]): string {
  const named = covers
    .slice(0, COVERS)
    .map((cover) => `${shortText(unitText(cover))} at ${placeOf(config, cover.source)}`);
  if (covers.length === 1) return named[0]!;
  const more = covers.length > COVERS ? ` and ${covers.length - COVERS} more` : '';
  return `${covers.length} filters (${named.join(', ')}${more})`;
}

/** Conditions of a conflict that are named. */
const NAMED = 4;

function conflictText(config: Config, conflict: readonly Clause[]): string {
  const named = conflict.slice(0, NAMED).map((clause) => clauseText(config, clause));
  if (conflict.length === 1)
    return `no event meets ${named[0]}: RuleName is known only when all filters are through`;
  const more = conflict.length > NAMED ? ` and ${conflict.length - NAMED} more` : '';
  // Of one field it is one value; else each alternative fails in its own field.
  const one = new Set(conflict.flatMap((clause) => clause.map(({ field }) => field))).size === 1;
  return `no ${one ? 'value' : 'event'} meets ${named.join(' and also ')}${more}; use groupRelation="or", or one filter with a list`;
}

function clauseText(config: Config, clause: Clause): string {
  const [first] = clause;
  const place = first ? ` (${placeOf(config, first.filter.element)})` : '';
  return `${shortText(clause.map(atomText).join(' or '))}${place}`;
}

/** Safe for a loose filter: its field is still in use, so that the section stays bound to the same event. */
function removal(config: Config, { source, block, filters, key }: Unit, cover: Unit): Partial<Finding> {
  if (filters.length !== 1 || filters[0]!.rule !== null || block.combine !== 'or' || cover.block !== block)
    return {};
  // What takes nearly everything is warned of; once it is mended, what it made needless is needed.
  if (key !== cover.key && cover.filters.some(({ condition }) => isNegative(condition))) return {};
  const splices = [removeElement(config.source.text, source)];
  return { fix: { title: 'remove it', splices, safe: true } };
}

interface Covered {
  readonly unit: Unit;
  /** Several take its events together. */
  readonly covers: readonly Unit[];
  /** Id of an event for which it is so. */
  readonly eventId: number;
}

/** Sources all of whose units are covered, for each event of the tag in which they have any. */
function coveredSources(
  { units }: TagSections,
  covers: (units: EventUnits) => readonly (readonly [Unit, readonly Unit[] | null])[],
): Map<ConfigElement, Covered> {
  const found = new Map<ConfigElement, Covered>();
  const free = new Set<ConfigElement>();
  for (const eventUnits of units) {
    for (const [unit, taken] of covers(eventUnits)) {
      if (!taken) free.add(unit.source);
      else if (!found.has(unit.source))
        found.set(unit.source, { unit, covers: taken, eventId: eventUnits.event.id });
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
    const otherName: number[] = [];
    for (let at = units.length - 1; at >= 0; at -= 1) {
      const sameNext = at + 1 < units.length && units[at + 1]!.name === units[at]!.name;
      otherName[at] = list === 'excludes' ? units.length : sameNext ? otherName[at + 1]! : at + 1;
    }
    const union = unionOf(units);
    // What others take stands for nothing itself: else two filters could each be needless because of the other.
    const needless = new Set<Unit>();
    const one = units.map((unit, index) => {
      const cover = coverage.coverOf(unit, (other) => {
        if (other.source === unit.source) return false;
        const before = order.get(other)! < index;
        return before || (later && other.key !== unit.key && order.get(other)! < otherName[index]!);
      });
      if (cover) needless.add(unit);
      return cover;
    });
    return units.map((unit, index) => {
      const cover = one[index];
      if (cover) return [unit, [cover]];
      const several = union.coversOf(
        unit,
        (other) => other.source !== unit.source && !needless.has(other) && order.get(other)! < index,
      );
      if (several) needless.add(unit);
      return [unit, several];
    });
  });
  for (const [source, { unit, covers }] of found)
    if (!covers.every((cover) => passes(unit, cover))) found.delete(source);
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
