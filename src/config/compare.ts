/**
 * Two configurations, compared by what they mean for each event type: how their sections and filters are written,
 * ordered or grouped makes no difference where the verdict on every event stays.
 */
import { impliedBy, type Work } from '../decide/index.ts';
import { foldAscii } from '../events/index.ts';
import type { BoundEvent } from './blocks.ts';
import { coverageOf, unitImplies } from './coverage.ts';
import type { Position } from './document.ts';
import { versionText } from './grammar.ts';
import { grouped } from './grouped.ts';
import type { ParsedConfig } from './load.ts';
import { atomText, type Meaning, meaningOf, unitText } from './meaning.ts';
import type { Unit } from './unit.ts';
import { unitFormula } from './unit-formula.ts';
import { type FilterSide, type NameChange, nameChanges, type Side } from './name-changes.ts';
import { type Separation, separationsOf } from './separation.ts';

export interface FilterChange {
  /** Those of the tag's events that it makes a difference to. */
  readonly eventIds: readonly number[];
  readonly onmatch: 'include' | 'exclude';
  /** Null: added. */
  readonly old: FilterSide | null;
  /** Null: removed. */
  readonly new: FilterSide | null;
  /** Of a filter that changed, where it is proved. */
  readonly effect: 'wider' | 'narrower' | null;
}

export interface CombineChange {
  readonly onmatch: 'include' | 'exclude';
  readonly old: Position & { readonly combine: 'and' | 'or' };
  readonly new: Position & { readonly combine: 'and' | 'or' };
}

export interface EventTypeChange {
  readonly tag: string;
  readonly eventIds: readonly number[];
  /** Whether events that no filter names are logged. */
  readonly rest: { readonly old: boolean; readonly new: boolean };
  readonly combine: readonly CombineChange[];
  readonly filters: readonly FilterChange[];
  readonly names: readonly NameChange[];
  /** Events that only one of them logs; empty where none was found. */
  readonly witnesses: readonly Separation[];
}

export interface OptionChange {
  readonly name: string;
  /** Undefined where it is not set; null where it is on and has no value. */
  readonly old: string | null | undefined;
  readonly new: string | null | undefined;
}

export interface Comparison {
  readonly same: boolean;
  readonly schema: { readonly old: string; readonly new: string };
  readonly options: readonly OptionChange[];
  readonly eventTypes: readonly EventTypeChange[];
}

/** These follow from the sections, and change with them. */
const FOLLOWING: ReadonlySet<string> = new Set(['NetworkConnect', 'ImageLoad', 'DnsQuery', 'ProcessAccess']);

/** What may be spent on proofs and witnesses, on all event types and on one; past it nothing is claimed. */
const WORK = 20_000_000;
const WORK_PER_EVENT = 5_000_000;

/** Compares two accepted configurations. */
export function compareConfigs(old: ParsedConfig, now: ParsedConfig): Comparison {
  const events = old.config!.events.filter(({ id }) => now.config!.events.some((event) => event.id === id));
  const left = { left: WORK };
  const perEvent = events.flatMap((event) => eventChange(old, now, event, left) ?? []);
  // Events of one tag change alike, nearly always.
  const eventTypes = [...grouped(perEvent, ({ tag, rest }) => JSON.stringify([tag, rest])).values()].map(
    (changes): EventTypeChange => ({
      ...changes[0]!,
      eventIds: changes.flatMap(({ eventIds }) => eventIds),
      filters: united(changes.flatMap(({ filters }) => filters)),
      names: united(changes.flatMap(({ names }) => names)),
      witnesses: changes.find(({ witnesses }) => witnesses.length > 0)?.witnesses ?? [],
    }),
  );
  const options = optionChanges(old.options, now.options);
  const schema = {
    old: versionText(old.config!.schemaVersion!),
    new: versionText(now.config!.schemaVersion!),
  };
  return { same: eventTypes.length === 0 && options.length === 0, schema, options, eventTypes };
}

/** The same change of several events, once. */
function united<T extends { readonly eventIds: readonly number[] }>(changes: readonly T[]): T[] {
  const same = grouped(changes, (change) => JSON.stringify({ ...change, eventIds: null }));
  return [...same.values()].map((all) => ({ ...all[0]!, eventIds: all.flatMap(({ eventIds }) => eventIds) }));
}

function optionChanges(old: ParsedConfig['options'], now: ParsedConfig['options']): OptionChange[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => !FOLLOWING.has(name) && optionKey(name, old[name]) !== optionKey(name, now[name]))
    .map((name) => ({ name, old: old[name], new: now[name] }));
}

function optionKey(name: string, value: string | null | undefined): string | null | undefined {
  // On where nothing is said.
  if (name === 'DnsLookup') return value === undefined ? 'true' : value && foldAscii(value);
  if (name !== 'HashAlgorithms' || value === null || value === undefined) return value;
  const names = new Set(foldAscii(value).replaceAll('-', '').split(','));
  const isAll = ['*', 'all'].some((all) => names.has(all)) || ALGORITHMS.every((one) => names.has(one));
  return isAll ? '*' : [...names].sort().join(',');
}

const ALGORITHMS: readonly string[] = ['md5', 'sha1', 'sha256', 'imphash'];

function eventChange(
  old: ParsedConfig,
  now: ParsedConfig,
  event: BoundEvent,
  left: Work,
): EventTypeChange | null {
  const sides = [old, now].map(({ config }) => ({ config: config!, meaning: meaningOf(config!, event) }));
  const [before, after] = sides as [(typeof sides)[0], (typeof sides)[0]];
  const removed = onlyIn(before.meaning, after.meaning);
  const added = onlyIn(after.meaning, before.meaning);
  const side = (parsed: ParsedConfig): ((unit: Unit) => FilterSide) => {
    const { positionOf } = parsed.config!;
    return (unit) => ({ ...positionOf(unit.source.start), text: unitText(unit), name: unit.name });
  };
  const names = nameChanges(event.id, before.meaning, after.meaning, side(old), side(now));
  const rest = { old: before.meaning.rest, new: after.meaning.rest };
  const changed = interleaved([...removed.real], [...added.real]);
  const apart = changed.length > 0 || rest.old !== rest.new;
  const given = Math.min(WORK_PER_EVENT, left.left);
  const work = { left: given };
  const separations = apart ? separationsOf(before, after, event, changed, work) : { same: true, found: [] };
  left.left -= given - Math.max(0, work.left);
  if (separations.same) {
    if (names.length === 0) return null;
    const both = { old: rest.new, new: rest.new };
    return {
      tag: event.tag,
      eventIds: [event.id],
      rest: both,
      combine: [],
      filters: [],
      names,
      witnesses: [],
    };
  }
  const combine = combineChanges(old, now, event);
  const sameAtoms = combine.length > 0 && atomKeys(removed.units) === atomKeys(added.units);
  return {
    tag: event.tag,
    eventIds: [event.id],
    rest,
    combine,
    // Nothing but AND for OR: that is said once, not for each filter.
    filters: sameAtoms ? [] : pairUp(event.id, removed, added, side(old), side(now)),
    names,
    witnesses: separations.found,
  };
}

function atomKeys(units: readonly Unit[]): string {
  return [...new Set(units.flatMap(({ clauses }) => clauses.flat().map(({ key }) => key)))]
    .sort()
    .join('\u0003');
}

function interleaved(a: readonly Unit[], b: readonly Unit[]): Unit[] {
  const both: Unit[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    both.push(...a.slice(i, i + 1), ...b.slice(i, i + 1));
  return both;
}

/** Units of one meaning that the other does not have; those in `real` are not covered by its other units either. */
interface OnlyIn {
  readonly units: readonly Unit[];
  readonly real: ReadonlySet<Unit>;
}

function onlyIn(one: Meaning, other: Meaning): OnlyIn {
  const real = new Set<Unit>();
  const units = (['excludes', 'includes'] as const).flatMap((list) => {
    // An include filter beside one that takes everything is still there.
    const there = list === 'includes' ? other.names : other[list];
    const keys = new Set(there.map(({ key }) => key));
    const covered = coverageOf(there);
    const own = new Map(one[list].filter(({ key }) => !keys.has(key)).map((unit) => [unit.key, unit]));
    for (const unit of own.values()) if (covered.coverOf(unit) === null) real.add(unit);
    return [...own.values()];
  });
  return { units, real };
}

function combineChanges(old: ParsedConfig, now: ParsedConfig, event: BoundEvent): CombineChange[] {
  return (['exclude', 'include'] as const).flatMap((onmatch) => {
    const [before, after] = [old, now].map(({ config }) => {
      const blocks = config!.active.filter((block) => block.tag === event.tag && block.onmatch === onmatch);
      if (blocks.length !== 1 || blocks[0]!.filters.length < 2) return null;
      return { ...config!.positionOf(blocks[0]!.section.start), combine: blocks[0]!.combine };
    });
    return before && after && before.combine !== after.combine ? [{ onmatch, old: before, new: after }] : [];
  });
}

/** What was removed and what was added, as changes of one filter where they have much in common. */
function pairUp(
  eventId: number,
  removed: OnlyIn,
  added: OnlyIn,
  oldSide: Side,
  newSide: Side,
): FilterChange[] {
  const eventIds = [eventId];
  const free = new Set(added.units);
  const changes: FilterChange[] = [];
  const gone: Unit[] = [];
  for (const unit of removed.units) {
    const real = removed.real.has(unit);
    const partner = partnerOf(unit, free, (other) => real || added.real.has(other));
    if (!partner) {
      if (real) gone.push(unit);
      continue;
    }
    free.delete(partner);
    const effect = within(unit, partner) ? 'wider' : within(partner, unit) ? 'narrower' : null;
    changes.push({
      eventIds,
      onmatch: unit.block.onmatch,
      old: oldSide(unit),
      new: newSide(partner),
      effect,
    });
  }
  const alone = (units: readonly Unit[], side: Side): [FilterSide, Unit][] =>
    [...grouped(units, ({ source }) => source).values()].map((parts) => [merged(parts, side), parts[0]!]);
  for (const [old, { block }] of alone(gone, oldSide))
    changes.push({ eventIds, onmatch: block.onmatch, old, new: null, effect: null });
  for (const [now, { block }] of alone(
    [...free].filter((unit) => added.real.has(unit)),
    newSide,
  ))
    changes.push({ eventIds, onmatch: block.onmatch, old: null, new: now, effect: null });
  return changes;
}

/** Pairs that are looked at for one removed unit, at most. */
const PARTNERS = 300;

function partnerOf(unit: Unit, free: ReadonlySet<Unit>, matters: (other: Unit) => boolean): Unit | null {
  let left = PARTNERS;
  let named: Unit | null = null;
  for (const other of free) {
    if ((left -= 1) < 0) break;
    if (other.block.onmatch !== unit.block.onmatch || !matters(other)) continue;
    if (unitImplies(unit, other) || unitImplies(other, unit)) return other;
    const single = unit.clauses.length === 1 && other.clauses.length === 1;
    const field = unit.clauses[0]?.[0]?.field === other.clauses[0]?.[0]?.field;
    const shared = other.clauses.some((clause) => unit.clauses.some((own) => own[0]?.key === clause[0]?.key));
    if (shared || (single && field && unit.name !== '' && unit.name === other.name)) named ??= other;
  }
  return named;
}

/** What may be spent on one pair. */
const PAIR_WORK = 50_000;

function within(narrow: Unit, wide: Unit): boolean {
  if (unitImplies(narrow, wide)) return true;
  const work = { left: PAIR_WORK };
  return impliedBy(unitFormula(narrow), unitFormula(wide), { work }).kind === 'none';
}

/** Several items of one list, as one filter with those items. */
function merged(parts: readonly Unit[], side: Side): FilterSide {
  const [first] = parts;
  const { filter } = first!.clauses[0]?.[0] ?? {};
  if (parts.length === 1 || !filter) return side(first!);
  const text = parts.map(({ clauses }) => clauses[0]![0]!.text).join(';');
  return { ...side(first!), text: atomText({ ...filter, text }) };
}
