/** Many rules asked at once: an index by kind of event, and by texts that a rule needs, finds the few to be tried. */
import { type Event, foldAscii, isSysmon, typeKey } from '../events/index.ts';
import { buildMatcher, type EventSource, type TextMatcher, type Wanted } from '../predicate/index.ts';
import { compileDetection, type EventTest } from './compile.ts';
import type { ResolvedLogsource } from './logsource.ts';
import { neededTexts } from './needed-text.ts';
import type { Detection } from './rule.ts';
import type { FieldReader } from './value-test.ts';

/** A rule with where its events are. */
export interface PlacedRule {
  readonly detection: Detection;
  /** Detections of filters: each must hold, too. */
  readonly filters: readonly Detection[];
  /** Rules that share one are indexed together. */
  readonly logsource: ResolvedLogsource;
}

/** Indices of the rules that match an event, ascending. */
export type RuleSet = (event: Event) => readonly number[];

const NONE: readonly number[] = [];
/** Kinds of events whose rules are remembered: a log may claim any number of channels. */
const MAX_KINDS = 10_000;

/** Compiles rules into one test. */
export function ruleSet(rules: readonly PlacedRule[]): RuleSet {
  const bySource = new Map<ResolvedLogsource, number[]>();
  for (const [index, { logsource }] of rules.entries()) {
    const known = bySource.get(logsource);
    if (known) known.push(index);
    else bySource.set(logsource, [index]);
  }
  const groups = [...bySource].map(([logsource, indices]) => indexed(logsource, indices, rules));
  const singles = rules.map((_, index): readonly number[] => [index]);
  const kinds = new Map<string, readonly Group[]>();
  return (event) => {
    const channel = isSysmon(event.provider) ? '' : foldAscii(event.channel);
    const kind = typeKey(channel, event.eventId);
    let possible = kinds.get(kind);
    if (!possible) {
      possible = groups.filter(({ logsource }) =>
        logsource.sources.some((source) => holds(source, channel, event.eventId)),
      );
      if (kinds.size < MAX_KINDS) kinds.set(kind, possible);
    }
    let found: number[] | null = null;
    for (const group of possible) {
      if (group.logsource.matches(event)) found = group.find(event, found);
    }
    if (found === null) return NONE;
    if (found.length === 1) return singles[found[0]!]!;
    return found.sort((a, b) => a - b);
  };
}

/** `channel` is empty for events of Sysmon, whichever channel they stand in. */
function holds({ channel: named, eventIds }: EventSource, channel: string, eventId: number): boolean {
  return (eventIds === null || eventIds.includes(eventId)) && (named ?? '') === channel;
}

interface Group {
  readonly logsource: ResolvedLogsource;
  /** Adds the rules that match to those found before. */
  find(event: Event, found: number[] | null): number[] | null;
}

interface FieldIndex {
  readonly read: FieldReader;
  readonly matcher: TextMatcher;
}

function indexed(
  logsource: ResolvedLogsource,
  indices: readonly number[],
  rules: readonly PlacedRule[],
): Group {
  const tests: EventTest[] = [];
  const always: number[] = [];
  const byField = new Map<string, Wanted[]>();
  for (const [own, index] of indices.entries()) {
    const { detection, filters } = rules[index]!;
    const all = [detection, ...filters].map((one) => compileDetection(one, logsource));
    tests.push(all.length === 1 ? all[0]! : (event) => all.every((test) => test(event)));
    const needed = neededTexts(detection);
    if (!needed) always.push(own);
    for (const { field, text } of needed ?? []) {
      const wanted: Wanted = { text, place: 'inside', number: own };
      const known = byField.get(field);
      if (known) known.push(wanted);
      else byField.set(field, [wanted]);
    }
  }
  const fields = [...byField].map(([field, wanted]): FieldIndex => {
    return { read: logsource.reader(field), matcher: buildMatcher(wanted)! };
  });
  // The event for which a rule was last tried: so that each is tried once, and nothing has to be emptied.
  const tried = new Uint32Array(indices.length);
  let turn = 0;
  return {
    logsource,
    find: (event, before) => {
      let found = before;
      if (turn === 0xffffffff) {
        tried.fill(0);
        turn = 0;
      }
      turn += 1;
      const now = turn;
      const tryRule = (own: number): void => {
        if (tried[own] === now) return;
        tried[own] = now;
        if (tests[own]!(event)) (found ??= []).push(indices[own]!);
      };
      for (const own of always) tryRule(own);
      for (const { read, matcher } of fields) {
        const value = read(event);
        if (value !== undefined && value !== '') matcher(foldAscii(value), tryRule);
      }
      return found;
    },
  };
}
