/**
 * Why an event is logged or not, in full: what decided, and what else in the configuration matches the event. `decideFor`
 * gives the verdict; here every filter of the tag is asked, where the engine stops at the first answer.
 */
import { ALWAYS_LOGGED, fieldsOf, foldAscii } from '../events/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { compileCondition, type Match } from './condition.ts';
import type { ConfigElement, Position } from './document.ts';
import { type Because, becauseOf, decideFor, type Decision } from './evaluate.ts';
import type { FieldReader } from './event-values.ts';
import type { Config } from './load.ts';

/** A part of the configuration, by its place and in words. */
export interface ConfigPart extends Position {
  /** `Field condition "text"`, or what stands for a Rule or a section; cut past 1,000 characters. */
  readonly text: string;
}

/** A filter, Rule or section that matches the event on its own, beside what decided. */
export interface AlsoMatched extends ConfigPart {
  readonly kind: 'filter' | 'rule' | 'section';
  /** Polarity of the section that it stands in. */
  readonly onmatch: 'include' | 'exclude';
  readonly name: string;
  /** It would decide if nothing came before it. False: its section or Rule asks for more, which failed. */
  readonly decides: boolean;
  /** What failed; null where `decides`. */
  readonly blockedBy: ConfigPart | null;
}

export interface Explanation {
  readonly logged: boolean;
  readonly ruleName: string;
  readonly because: Because;
  /** Element of `because` in the text, UTF-16 units; null where nothing in the text decided. */
  readonly span: { readonly start: number; readonly end: number } | null;
  /** The other filters of the deciding Rule or section that had to match, or were the alternative that did. */
  readonly together: readonly ConfigPart[];
  /** The filter that gave the RuleName, where it is not the deciding one; stale: its section or Rule did not match. */
  readonly nameFrom: (ConfigPart & { readonly stale: boolean }) | null;
  /** Those that would decide first, in the engine's order; at most 20. */
  readonly also: readonly AlsoMatched[];
  /** How many more there are. */
  readonly alsoMore: number;
  /** All sections of the tag where several were asked and none matched, in document order. */
  readonly sections: readonly ConfigPart[];
}

const ALSO = 20;
const TEXT = 1000;

/** A filter outside of a Rule, or all filters of one Rule that stand together. */
interface Unit {
  readonly rule: ConfigElement | null;
  readonly filters: readonly Filter[];
}

interface Asked {
  readonly block: Block;
  readonly units: readonly Unit[];
}

type Hit = (filter: Filter) => boolean;

/** How the engine went through a block: the filters that matched, in its order, and the one that made it fail. */
interface Trace {
  readonly matched: boolean;
  readonly hits: readonly Filter[];
  /** The unit that decided an OR block. */
  readonly unit: Unit | null;
  readonly missed: Filter | null;
}

export type Explain = (read: FieldReader) => Explanation;

/** The explanation for events of one id, compiled once: keep it for further events. */
export function explainFor(config: Config, eventId: number): Explain {
  const decide = decideFor(config, eventId);
  const event = config.events.find(({ id }) => id === eventId);
  const blocks = event ? config.active.filter(({ tag }) => tag === event.tag) : [];
  const isExclude = ({ onmatch }: Block): boolean => onmatch === 'exclude';
  // The engine's order: excludes first, and the one written last is tried first.
  const asked = [
    ...blocks.filter(isExclude).reverse(),
    ...blocks.filter((block) => !isExclude(block)).reverse(),
  ].map((block): Asked => ({ block, units: unitsOf(block) }));
  const matches = new Map<Filter, { readonly match: Match; asked: number; matched: boolean } | null>();
  let asks = 0;
  for (const filter of blocks.flatMap(({ filters }) => filters)) {
    const bound = event!.fields[filter.index] === filter.field;
    matches.set(
      filter,
      bound ? { match: compileCondition(filter.condition, filter.text), asked: 0, matched: false } : null,
    );
  }
  return (read) => {
    asks += 1;
    const values = new Map<string, string>();
    const value = (field: string): string => {
      let folded = values.get(field);
      if (folded === undefined) {
        // RuleName is known only when the filters are through: what a log says is the name of another configuration.
        folded = foldAscii((field === 'RuleName' ? '' : read(field)) || '-');
        values.set(field, folded);
      }
      return folded;
    };
    // A filter is asked several times for one event, and compared once.
    const hit: Hit = (filter) => {
      const one = matches.get(filter);
      if (!one) return false;
      if (one.asked !== asks) {
        one.asked = asks;
        one.matched = one.match(value(filter.field));
      }
      return one.matched;
    };
    return explanation(config, decide(read), asked, hit, event);
  };
}

function explanation(
  config: Config,
  decision: Decision,
  asked: readonly Asked[],
  hit: Hit,
  event: BoundEvent | undefined,
): Explanation {
  const place = (element: ConfigElement): Position => config.positionOf(element.start);
  const part = (filter: Filter, note = ''): ConfigPart => ({
    ...place(filter.element),
    text: bounded(wordsOf(filter)) + note,
  });
  const traces = asked.map(({ block, units }) => traceBlock(block, units, hit));
  const decided = decision.filter ? asked.findIndex(({ block }) => block === decision.block) : -1;
  const found: Found[] = [];
  for (const [index, { block, units }] of asked.entries()) {
    const trace = traces[index]!;
    const counted = new Set(index === decided ? countedHits(block, trace) : []);
    if (block.combine === 'and' && trace.matched && index !== decided) {
      found.push({ kind: 'section', element: block.section, block, hits: trace.hits, blockedBy: null });
      continue;
    }
    for (const unit of units) {
      const own = traceUnit(unit, hit);
      const enough = own.matched && (block.combine === 'or' || trace.matched);
      const blockedBy = enough ? null : own.matched ? trace.missed : own.missed;
      const inDecision = unit.filters.some((filter) => counted.has(filter));
      if (unit.rule && own.matched && !inDecision) {
        found.push({ kind: 'rule', element: unit.rule, block, hits: own.hits, blockedBy });
        continue;
      }
      for (const filter of unit.filters) {
        if (counted.has(filter) || !hit(filter)) continue;
        found.push({ kind: 'filter', element: filter.element, block, hits: [filter], blockedBy });
      }
    }
  }
  const also = [
    ...found.filter(({ blockedBy }) => blockedBy === null),
    ...found.filter(({ blockedBy }) => blockedBy !== null),
  ]
    .slice(0, ALSO)
    .map(alsoMatched);
  const counted = decided < 0 ? [] : countedHits(asked[decided]!.block, traces[decided]!);
  const deciding = decision.filter?.element ?? decision.block?.section;
  return {
    logged: decision.logged,
    ruleName: decision.ruleName,
    because: becauseOf(config, decision),
    span: deciding ? { start: deciding.start, end: deciding.end } : null,
    together: counted.filter((filter) => filter !== decision.filter).map((filter) => part(filter)),
    nameFrom: nameFrom(),
    also,
    alsoMore: found.length - also.length,
    sections:
      decision.kind === 'no-match'
        ? asked
            .map(({ block }) => ({
              ...place(block.section),
              text: `${block.tag} onmatch="${block.onmatch}"`,
            }))
            .sort((a, b) => a.line - b.line || a.column - b.column)
        : [],
  };

  function alsoMatched({ kind, element, block, hits, blockedBy }: Found): AlsoMatched {
    const words = hits.map(wordsOf).join(' and ');
    const front = { filter: '', rule: 'Rule: ', section: `${block.tag} onmatch="${block.onmatch}": ` }[kind];
    return {
      ...place(element),
      text: bounded(front + words),
      kind,
      onmatch: block.onmatch,
      name: hits.findLast(({ name }) => name !== '')?.name ?? '',
      decides: blockedBy === null,
      blockedBy: blockedBy && part(blockedBy, unbound(blockedBy, block)),
    };
  }

  function unbound({ index, field }: Filter, { eventId }: Block): string {
    const { id, fields } = event!;
    if (fields[index] === field) return '';
    return ` (never matches event ${id}: its section is bound to event ${eventId}, where ${field} has another place)`;
  }

  /** Names are kept over failed blocks, so the last one that was met up to the decision is the RuleName. */
  function nameFrom(): Explanation['nameFrom'] {
    if (decision.ruleName === '-' || decision.filter?.name) return null;
    const met = traces.slice(0, decided + 1).flatMap(({ hits }) => hits);
    const filter = met.findLast(({ name }) => name !== '');
    return filter ? { ...part(filter), stale: !counted.includes(filter) } : null;
  }
}

/** What matches on its own; `blockedBy` null where that would be enough. */
interface Found {
  readonly kind: AlsoMatched['kind'];
  readonly element: ConfigElement;
  readonly block: Block;
  readonly hits: readonly Filter[];
  readonly blockedBy: Filter | null;
}

function unitsOf({ filters }: Block): Unit[] {
  const units: { rule: ConfigElement | null; filters: Filter[] }[] = [];
  for (const filter of filters) {
    const last = units.at(-1);
    if (last && filter.rule && last.rule === filter.rule) last.filters.push(filter);
    else units.push({ rule: filter.rule, filters: [filter] });
  }
  return units;
}

/** The walk of sysmon-semantics, 6.3. */
function traceBlock(block: Block, units: readonly Unit[], hit: Hit): Trace {
  const hits: Filter[] = [];
  let missed: Filter | null = null;
  const passed = new Set<string>();
  for (const [index, unit] of units.entries()) {
    const [first] = unit.filters as [Filter];
    const loose = unit.rule === null;
    // Loose filters on one field of an AND block are alternatives.
    if (block.combine === 'and' && loose && passed.has(first.field)) continue;
    const trace = traceUnit(unit, hit);
    hits.push(...trace.hits);
    if (trace.matched) {
      if (block.combine === 'or') return { matched: true, hits, unit, missed: null };
      if (loose) passed.add(first.field);
      continue;
    }
    missed = trace.missed;
    if (block.combine === 'or') continue;
    const another =
      loose &&
      units.slice(index + 1).some(({ rule, filters: [next] }) => !rule && next!.field === first.field);
    if (!another) return { matched: false, hits, unit: null, missed };
  }
  const matched = block.combine === 'and' && block.filters.length > 0;
  return { matched, hits, unit: null, missed: matched ? null : missed };
}

function traceUnit(unit: Unit, hit: Hit): Trace {
  const any = unit.rule !== null && unit.filters[0]!.ruleMode === 'or';
  const hits: Filter[] = [];
  let missed: Filter | null = null;
  for (const filter of unit.filters) {
    const matched = hit(filter);
    if (matched) hits.push(filter);
    else missed = filter;
    if (matched === any) return { matched: any, hits, unit, missed: any ? null : missed };
  }
  return { matched: !any, hits, unit, missed: any ? missed : null };
}

/** The hits without which the block would not have matched this way: not those of Rules that failed before. */
function countedHits({ combine }: Block, { unit, hits }: Trace): readonly Filter[] {
  return combine === 'and' ? hits : hits.filter((filter) => unit!.filters.includes(filter));
}

function wordsOf({ field, condition, text }: Filter): string {
  return `${field} ${condition} "${text}"`;
}

function bounded(text: string): string {
  return text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
}

/**
 * Names of fields that an event has and that the Sysmon of `config` does not know in this event type: no filter can see
 * them. At most 100; empty for an event id that this Sysmon does not have.
 */
export function unknownFields(config: Config, eventId: number, names: Iterable<string>): string[] {
  const fields = config.events.find(({ id }) => id === eventId)?.fields;
  // Events that are always logged have no tag, and are not among those that can be filtered.
  const known = fields ? new Set(fields) : ALWAYS_LOGGED.has(eventId) ? fieldsOf(eventId) : undefined;
  const unknown: string[] = [];
  if (known) {
    for (const name of names) {
      if (!known.has(name) && unknown.length < 100) unknown.push(name);
    }
  }
  return unknown;
}
