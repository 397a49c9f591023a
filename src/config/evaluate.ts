/** Would Sysmon log this event, and which filter decided (sysmon-semantics, sections 6 to 9). */
import { foldAscii } from '../events/index.ts';
import type { Block, BoundEvent, Filter } from './blocks.ts';
import { compileCondition, type Match } from './condition.ts';
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
}

/** Events that are logged whatever the configuration says. */
const ALWAYS: ReadonlySet<number> = new Set([4, 16, 255]);

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
  if (ALWAYS.has(eventId)) return constant(true, 'always');
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
  const [only] = blocks;
  const otherwise: Decision =
    blocks.length === 1
      ? { logged: isExclude(only!), ruleName: '-', filter: null, block: only!, kind: 'section' }
      : { logged: false, ruleName: '-', filter: null, block: null, kind: 'no-match' };
  return (read) => {
    const values = new Map<string, string>();
    const value: FieldReader = (field) => {
      let folded = values.get(field);
      if (folded === undefined) {
        // RuleName is known only when the filters are through.
        const text = field === 'RuleName' ? undefined : read(field);
        folded = text === undefined || text === '' ? '-' : foldAscii(text);
        values.set(field, folded);
      }
      return folded;
    };
    // A name is not reset between blocks: one that matched in a block that failed stays.
    const state: State = { value, name: '', last: null };
    for (const { block, filters } of all) {
      if (!matchBlock(block, filters, state)) continue;
      const logged = !isExclude(block);
      const ruleName = logged && state.name !== '' ? state.name : '-';
      return { logged, ruleName, filter: state.last, block, kind: 'filter' };
    }
    return otherwise;
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
  const filters = block.filters.map((filter, i): CompiledFilter => {
    let runEnd = i + 1;
    if (filter.rule) while (block.filters[runEnd]?.rule === filter.rule) runEnd += 1;
    return {
      filter,
      field: filter.field,
      match:
        event.fields[filter.index] === filter.field ? compileCondition(filter.condition, filter.text) : null,
      runEnd,
      another: block.filters.slice(i + 1).some(({ field, rule }) => rule === null && field === filter.field),
    };
  });
  return { block, filters };
}

interface State {
  readonly value: FieldReader;
  name: string;
  /** The last filter that matched. */
  last: Filter | null;
}

function matchBlock({ combine }: Block, filters: readonly CompiledFilter[], state: State): boolean {
  if (filters.length === 0) return false;
  return combine === 'or' ? matchOr(filters, state) : matchAnd(filters, state);
}

function matchOr(filters: readonly CompiledFilter[], state: State): boolean {
  for (let i = 0; i < filters.length;) {
    const one = filters[i]!;
    if (one.filter.rule ? matchRule(filters, i, state) : matchFilter(one, state)) return true;
    i = one.runEnd;
  }
  return false;
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
  if (match === null || !match(state.value(field)!)) return false;
  if (filter.name !== '') state.name = filter.name;
  state.last = filter;
  return true;
}
