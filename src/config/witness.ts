/**
 * Events that show what a configuration does: built from the texts of its filters, and believed only after the
 * evaluation has said so. The search is bounded; that none was found proves nothing.
 */
import { foldAscii } from '../events/index.ts';
import type { Block, Filter } from './blocks.ts';
import { compileCondition } from './condition.ts';
import { decideFor, type Decision } from './evaluate.ts';
import { grouped } from './grouped.ts';
import type { Config } from './load.ts';
import { valueFor, valuesMeeting } from './values.ts';

/** The fields of an event that are not `-`. */
export type Fields = Readonly<Record<string, string>>;

/** Events that are tried in one search, at most. */
const TRIES = 150;

/** Ways to meet a Rule or a section that are tried, at most. */
const WAYS = 4;

/** Values that are tried for a field in one step, at most. */
const FLIPS = 4;

/** An event of this id that is decided by this filter, its Rule or its section; null where none was found. */
export function witnessFor(config: Config, eventId: number, filter: Filter): Fields | null {
  const block = config.active.find(({ filters }) => filters.includes(filter));
  if (!block) return null;
  const decides = ({ kind, ...decision }: Decision): boolean => {
    if (kind !== 'filter' || decision.block !== block) return false;
    if (block.combine === 'and') return true;
    if (filter.rule && filter.ruleMode === 'and') return decision.filter?.rule === filter.rule;
    return decision.filter === filter;
  };
  const decide = decideFor(config, eventId);
  for (const must of waysToMeet(block, filter)) {
    const found = findEvent([config], eventId, must, (fields) => decides(decide((field) => fields[field])));
    if (found) return found;
  }
  return null;
}

/** Lists of filters that, met together, let this filter decide its block; the block's other alternatives vary. */
export function waysToMeet(block: Block, filter: Filter): Filter[][] {
  const own =
    filter.rule && filter.ruleMode === 'and'
      ? block.filters.filter(({ rule }) => rule === filter.rule)
      : [filter];
  if (block.combine === 'or') return [own];
  const groups = new Map<unknown, Filter[][]>();
  for (const other of block.filters) {
    const key = other.rule ?? other.field;
    const ways = groups.get(key) ?? groups.set(key, []).get(key)!;
    if (other.rule && other.ruleMode === 'and') (ways[0] ??= []).push(other);
    else ways.push([other]);
  }
  groups.set(filter.rule ?? filter.field, [own]);
  // The first alternatives of all groups, then the second ones ...: not all combinations.
  const most = Math.min(WAYS, Math.max(...[...groups.values()].map(({ length }) => length)));
  return Array.from({ length: most }, (_, way) =>
    [...groups.values()].flatMap((ways) => ways[way % ways.length]!),
  );
}

/**
 * Looks for an event that meets the filters of `must` and that `accept` takes. Where another filter of one of the
 * configurations decides instead, a field that it looks at is given a value that it does not match.
 */
export function findEvent(
  configs: readonly Config[],
  eventId: number,
  must: readonly Filter[],
  accept: (fields: Fields) => boolean,
  tries: number = TRIES,
): Fields | null {
  const known = configs[0]?.events.find(({ id }) => id === eventId)?.fields;
  if (!known) return null;
  const byField = grouped(must, ({ field }) => field);
  const choices = new Map<string, string[]>();
  for (const [field, filters] of byField) {
    const values = valuesMeeting(filters);
    if (values.length === 0 || !known.includes(field)) return null;
    choices.set(field, values);
  }
  const start = Object.fromEntries([...choices].map(([field, values]) => [field, values[0]!]));
  const queue: Fields[] = [start];
  const seen = new Set([keyOf(start)]);
  const decides = configs.map((config) => decideFor(config, eventId));
  for (let next = 0; next < queue.length && next < tries; next++) {
    const fields = queue[next]!;
    if (accept(fields)) return fields;
    if (queue.length >= tries) continue;
    for (const decide of decides) {
      for (const blocker of blockersOf(
        decide((field) => fields[field]),
        fields,
      )) {
        for (const value of flips(blocker, choices.get(blocker.field))) {
          const changed = { ...fields, [blocker.field]: value };
          const key = keyOf(changed);
          if (seen.has(key) || queue.length >= tries) continue;
          seen.add(key);
          queue.push(changed);
        }
      }
    }
  }
  return null;
}

function keyOf(fields: Fields): string {
  return JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Filters of which one must miss so that something else decides; none where no filter decided. */
function blockersOf({ kind, block, filter }: Decision, fields: Fields): readonly Filter[] {
  if (kind !== 'filter' || !block || !filter) return [];
  if (block.combine === 'and') {
    return block.filters.filter(({ field, condition, text }) =>
      compileCondition(condition, text)(foldAscii(fields[field] || '-')),
    );
  }
  if (!filter.rule || filter.ruleMode === 'or') return [filter];
  return block.filters.filter(({ rule }) => rule === filter.rule);
}

/** Values for a filter's field that it does not match: of the choices that there are, or any. */
function flips(filter: Filter, choices: readonly string[] | undefined): string[] {
  const match = compileCondition(filter.condition, filter.text);
  if (choices) return choices.filter((value) => !match(foldAscii(value))).slice(0, FLIPS);
  const value = valueFor(filter, false);
  return value === null ? [] : [value];
}
