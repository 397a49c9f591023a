/** Would Sysmon log this event, and which filter decided (sysmon-semantics, sections 6 to 9). */
import { ALWAYS_LOGGED } from '../events/index.ts';
import type { Block, Filter } from './blocks.ts';
import { type CompiledBlock, compileBlock, matchBlock, type Trace } from './block-match.ts';
import { EventValues, type FieldReader } from './event-values.ts';
import { firstMatch, type PlainDecider } from './first-match.ts';
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

/** What decided: a filter, or a block by having none that matched; null where no block exists. */
export interface Decision {
  readonly logged: boolean;
  readonly ruleName: string;
  readonly filter: Filter | null;
  readonly block: Block | null;
  readonly kind: Because['kind'];
}

export type Decide = (read: FieldReader) => Decision;

/** What decides, without the name: that takes more than finding the filter. */
export type NamelessDecision = Omit<Decision, 'ruleName'>;

export type DecideNameless = (read: FieldReader) => NamelessDecision;

/** The fields that the decision for events of an id may read. */
export function fieldsRead(config: Config, eventId: number): ReadonlySet<string> {
  const event = config.events.find(({ id }) => id === eventId);
  const blocks = config.active.filter(({ tag }) => tag === event?.tag);
  return new Set(blocks.flatMap(({ filters }) => filters.map(({ field }) => field)));
}

interface Deciders {
  readonly decide: Decide;
  readonly nameless: DecideNameless;
  readonly plain: () => PlainDecider | null;
}

const compiled = new WeakMap<Config, Map<number, Deciders>>();

/** The decision for events of one id; compiled once per configuration and id. */
export function decideFor(config: Config, eventId: number): Decide {
  return decidersFor(config, eventId).decide;
}

/** The same without the RuleName, for many events: keep it, and ask it again. */
export function decideNamelessFor(config: Config, eventId: number): DecideNameless {
  return decidersFor(config, eventId).nameless;
}

/** Null where it takes no filters. */
export function plainDeciderFor(config: Config, eventId: number): PlainDecider | null {
  return decidersFor(config, eventId).plain();
}

function decidersFor(config: Config, eventId: number): Deciders {
  let byId = compiled.get(config);
  if (!byId) compiled.set(config, (byId = new Map()));
  let deciders = byId.get(eventId);
  if (!deciders) byId.set(eventId, (deciders = compile(config, eventId)));
  return deciders;
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

function compile(config: Config, eventId: number): Deciders {
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
  const [only] = blocks;
  const otherwise: NamelessDecision =
    blocks.length === 1
      ? { logged: isExclude(only!), filter: null, block: only!, kind: 'section' }
      : { logged: false, filter: null, block: null, kind: 'no-match' };
  const values = new EventValues();
  const sections = new Map<Block, CompiledBlock>();
  const section = (block: Block): CompiledBlock => {
    let one = sections.get(block);
    if (!one) sections.set(block, (one = compileBlock(block, event, values)));
    return one;
  };
  const { find, plain } = firstMatch(ordered, event, values, section);
  const named = blocks.some(({ filters }) => filters.some(({ name }) => name !== ''));
  return {
    nameless: (read) => find(read) ?? otherwise,
    plain: () => plain(otherwise),
    decide: (read) => {
      const decision = find(read) ?? otherwise;
      return { ...decision, ruleName: named && decision.logged ? nameOf(decision, ordered, section) : '-' };
    },
  };
}

/**
 * The name that an event is logged by. It is that of the filter that decided; where that has none, it is what filters
 * left behind that matched before: a name is not reset between blocks, and one of a block or Rule that failed stays.
 */
function nameOf(
  { filter }: NamelessDecision,
  ordered: readonly Block[],
  section: (block: Block) => CompiledBlock,
): string {
  if (filter === null) return '-';
  if (filter.name !== '') return filter.name;
  const trace: Trace = { name: '', last: null };
  ordered.some((block) => matchBlock(section(block), trace));
  return trace.name === '' ? '-' : trace.name;
}

function isExclude({ onmatch }: Block): boolean {
  return onmatch === 'exclude';
}

function constant(logged: boolean, kind: Because['kind']): Deciders {
  const decision: Decision = { logged, ruleName: '-', filter: null, block: null, kind };
  return { decide: () => decision, nameless: () => decision, plain: () => null };
}
