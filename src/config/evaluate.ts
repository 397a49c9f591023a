/** Would Sysmon log this event, and which filter decided (sysmon-semantics, sections 6 to 9). */
import { ALWAYS_LOGGED, foldAscii } from '../events/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { compileCondition, type Match } from './condition.ts';
import { buildLookup, type FilterLookup } from './filter-lookup.ts';
import type { Config } from './load.ts';

/** Why an event is logged or not. `line` and `column` count from 1; 0 where nothing in the text decided. */
export interface Because {
  readonly kind: 'filter' | 'section' | 'no-match' | 'default' | 'always' | 'unknown-event';
  readonly line: number;
  readonly column: number;
  /** The filter, as `Field condition "text"`, or what stands in for one. */
  readonly text: string;
}

export interface Verdict {
  readonly logged: boolean;
  /** `-` where no named filter decided. */
  readonly ruleName: string;
  readonly because: Because;
}

/** An event by its id and its fields as text; a field that is missing or empty counts as `-`. */
export type EventText = { readonly EventID: number } & Readonly<Record<string, string | number>>;

/** Takes a field's value by its name; undefined where the event has none. */
export type FieldReader = (field: string) => string | undefined;

/** What decided: a filter, or a block by having none that matched; null where no block exists. */
export interface Decision {
  readonly logged: boolean;
  readonly ruleName: string;
  readonly filter: Filter | null;
  readonly block: Block | null;
  readonly kind: Because['kind'];
}

export type Decide = (read: FieldReader) => Decision;

interface CompiledFilter {
  readonly filter: Filter;
  /** Null: this event has no such field where the block looks for it, so the filter never matches. */
  readonly match: Match | null;
  readonly field: string;
  /** End of the run of filters with the same Rule, exclusive; its own index + 1 for a loose one. */
  readonly runEnd: number;
  /** A loose filter on the same field follows. */
  readonly another: boolean;
}

interface CompiledBlock {
  readonly block: Block;
  readonly filters: readonly CompiledFilter[];
  /** Where each part begins: a loose filter, or the run of one Rule. */
  readonly parts: readonly number[];
  /** Finds the parts of an OR block that an event can match; null: all are tried. */
  readonly index: FilterLookup | null;
}

const compiled = new WeakMap<Config, Map<number, Decide>>();

/** The decision for events of one id; compiled once per configuration and id. */
export function decideFor(config: Config, eventId: number): Decide {
  let byId = compiled.get(config);
  if (!byId) compiled.set(config, (byId = new Map()));
  let decide = byId.get(eventId);
  if (!decide) byId.set(eventId, (decide = compile(config, eventId)));
  return decide;
}

/** Evaluates one event. */
export function evaluate(config: Config, event: EventText): Verdict {
  const decision = decideFor(
    config,
    event.EventID,
  )((field) => {
    const value = event[field];
    return value === undefined ? undefined : String(value);
  });
  return { logged: decision.logged, ruleName: decision.ruleName, because: becauseOf(config, decision) };
}

export function becauseOf(config: Config, { kind, filter, block, logged }: Decision): Because {
  const element = filter?.element ?? block?.section;
  const place = element ? config.positionOf(element.start) : { line: 0, column: 0 };
  if (filter) return { kind, ...place, text: `${filter.field} ${filter.condition} "${filter.text}"` };
  if (block) return { kind, ...place, text: `${block.tag} onmatch="${block.onmatch}": no filter matched` };
  const texts = {
    'no-match': 'no filter of several sections matched',
    default: logged ? 'no section: logged by default' : 'no section: not logged by default',
    always: 'always logged',
    'unknown-event': 'this Sysmon has no such event',
    filter: '',
    section: '',
  };
  return { kind, ...place, text: texts[kind] };
}

function compile(config: Config, eventId: number): Decide {
  if (ALWAYS_LOGGED.has(eventId)) return constant(true, 'always');
  const event = config.events.find(({ id }) => id === eventId);
  if (!event) return constant(false, 'unknown-event');
  const blocks = config.active.filter(({ tag }) => tag === event.tag);
  if (blocks.length === 0) return constant(event.default === 'include', 'default');
  // Excludes first, then includes; the one written last is tried first.
  const ordered = [
    ...blocks.filter(isExclude).reverse(),
    ...blocks.filter((block) => !isExclude(block)).reverse(),
  ];
  const all = ordered.map((block) => compileBlock(block, event));
  const anyNamed = blocks.some(({ filters }) => filters.some(({ name }) => name !== ''));
  const [only] = blocks;
  const otherwise: Decision =
    blocks.length === 1
      ? { logged: isExclude(only!), ruleName: '-', filter: null, block: only!, kind: 'section' }
      : { logged: false, ruleName: '-', filter: null, block: null, kind: 'no-match' };
  const decide = (read: FieldReader, indexed: boolean): Decision => {
    // A name is not reset between blocks: one that matched in a block that failed stays.
    const state: State = { value: foldedReader(read), name: '', last: null };
    for (const each of all) {
      if (!matchBlock(each, state, indexed)) continue;
      const logged = !isExclude(each.block);
      const ruleName = logged && state.name !== '' ? state.name : '-';
      return { logged, ruleName, filter: state.last, block: each.block, kind: 'filter' };
    }
    return otherwise;
  };
  return (read) => {
    const decision = decide(read, true);
    // Parts that were left out may have left their name behind, which shows where what decided has none.
    const exact = !decision.logged || decision.filter === null || decision.filter.name !== '' || !anyNamed;
    return exact ? decision : decide(read, false);
  };
}

/** Reads folded values, each field once; a missing or empty one is `-`. */
function foldedReader(read: FieldReader): (field: string) => string {
  const fields: string[] = [];
  const values: string[] = [];
  return (field) => {
    const known = fields.indexOf(field);
    if (known >= 0) return values[known]!;
    // RuleName is known only when the filters are through.
    const text = field === 'RuleName' ? undefined : read(field);
    const folded = text === undefined || text === '' ? '-' : foldAscii(text);
    fields.push(field);
    values.push(folded);
    return folded;
  };
}

function isExclude({ onmatch }: Block): boolean {
  return onmatch === 'exclude';
}

function constant(logged: boolean, kind: Because['kind']): Decide {
  const decision: Decision = { logged, ruleName: '-', filter: null, block: null, kind };
  return () => decision;
}

function compileBlock(block: Block, event: BoundEvent): CompiledBlock {
  const filters: CompiledFilter[] = Array.from({ length: block.filters.length });
  // From the end, so that what follows a filter is known: hostile sections have a hundred thousand.
  const following = new Set<string>();
  for (let i = filters.length - 1; i >= 0; i--) {
    const filter = block.filters[i]!;
    const next = filters[i + 1];
    filters[i] = {
      filter,
      field: filter.field,
      match:
        event.fields[filter.index] === filter.field ? compileCondition(filter.condition, filter.text) : null,
      runEnd: filter.rule && next?.filter.rule === filter.rule ? next.runEnd : i + 1,
      another: following.has(filter.field),
    };
    if (filter.rule === null) following.add(filter.field);
  }
  const parts: number[] = [];
  for (let i = 0; i < filters.length; i = filters[i]!.runEnd) parts.push(i);
  const index =
    block.combine === 'or'
      ? buildLookup(parts.map((from) => block.filters.slice(from, filters[from]!.runEnd)))
      : null;
  return { block, filters, parts, index };
}

interface State {
  readonly value: (field: string) => string;
  name: string;
  /** The last filter that matched. */
  last: Filter | null;
}

function matchBlock(compiledBlock: CompiledBlock, state: State, indexed: boolean): boolean {
  const { block, filters, index } = compiledBlock;
  if (filters.length === 0) return false;
  if (block.combine === 'and') return matchAnd(filters, state);
  return indexed && index ? matchIndexed(compiledBlock, index, state) : matchOr(filters, state);
}

function matchOr(filters: readonly CompiledFilter[], state: State): boolean {
  for (let i = 0; i < filters.length; i = filters[i]!.runEnd) if (matchPart(filters, i, state)) return true;
  return false;
}

/** Candidates of one block at a time; evaluation does not wait for anything in between. */
const candidates: number[] = [];

function matchIndexed({ filters, parts }: CompiledBlock, index: FilterLookup, state: State): boolean {
  const count = index.candidates(state.value, candidates);
  for (let i = 0; i < count; i++) if (matchPart(filters, parts[candidates[i]!]!, state)) return true;
  return false;
}

function matchPart(filters: readonly CompiledFilter[], from: number, state: State): boolean {
  const first = filters[from]!;
  return first.filter.rule ? matchRule(filters, from, state) : matchFilter(first, state);
}

function matchAnd(filters: readonly CompiledFilter[], state: State): boolean {
  let passed: Set<string> | null = null;
  for (let i = 0; i < filters.length;) {
    const one = filters[i]!;
    if (one.filter.rule) {
      if (!matchRule(filters, i, state)) return false;
    } else if (!passed?.has(one.field)) {
      // Loose filters on one field are alternatives, wherever they stand.
      if (matchFilter(one, state)) (passed ??= new Set()).add(one.field);
      else if (!one.another) return false;
    }
    i = one.runEnd;
  }
  return true;
}

function matchRule(filters: readonly CompiledFilter[], from: number, state: State): boolean {
  const { filter, runEnd } = filters[from]!;
  const any = filter.ruleMode === 'or';
  for (let i = from; i < runEnd; i++) {
    if (matchFilter(filters[i]!, state) === any) return any;
  }
  return !any;
}

function matchFilter({ filter, field, match }: CompiledFilter, state: State): boolean {
  if (match === null || !match(state.value(field))) return false;
  if (filter.name !== '') state.name = filter.name;
  state.last = filter;
  return true;
}
