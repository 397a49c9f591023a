/** Detections that a configuration kills: Sigma rules whose events are never logged, or not all of them. */
import {
  type BoundEvent,
  type Config,
  decideFor,
  entryFormula,
  type ExcludeEntry,
  loggedFormula,
} from '../../config/index.ts';
import { type Formula, holds, impliedBy, MANY, satisfy } from '../../decide/index.ts';
import { ALWAYS_LOGGED, foldAscii } from '../../events/index.ts';
import { eventOf, type PlacedRule, ruleFormula, ruleSet, sysmonIds } from '../../sigma/index.ts';
import { fleshedOut } from '../attacker.ts';
import type { DeadDetection } from './blindspots.ts';

/** A rule, and who it is. */
export interface NamedRule extends PlacedRule {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly level: string;
}

export type Fate =
  | { readonly kind: 'alive' | 'elsewhere' | 'undecided' }
  | { readonly kind: 'dead'; readonly detection: DeadDetection };

/** Asks of one configuration after another rule; what is the same for all rules is worked out once. */
export function fateOf(config: Config, entries: readonly ExcludeEntry[]): (rule: NamedRule) => Fate {
  const logged = new Map<number, Formula>();
  const sought = new Map<ExcludeEntry, Sought>();
  const soughtOf = (entry: ExcludeEntry, event: BoundEvent): Sought => {
    let own = sought.get(entry);
    if (!own) sought.set(entry, (own = soughtBy(entryFormula(entry, event, config))));
    return own;
  };
  const loggedOf = (event: BoundEvent): Formula => {
    let formula = logged.get(event.id);
    if (!formula) logged.set(event.id, (formula = loggedFormula(config, event)));
    return formula;
  };
  return (rule) => {
    const matches = ruleSet([rule]);
    const found: ForType[] = [];
    let undecided = false;
    for (const eventId of sysmonIds(rule.logsource)) {
      // Whatever the configuration says, these are logged.
      if (ALWAYS_LOGGED.has(eventId)) {
        if (satisfy(ruleFormula(rule, eventId)).kind === 'witness') found.push(ALIVE);
        continue;
      }
      const event = config.events.find(({ id }) => id === eventId);
      if (!event) continue;
      const rivals = (formula: Formula): ExcludeEntry[] => {
        const own = soughtBy(formula);
        return entries.filter(
          (entry) => entry.eventIds.includes(eventId) && isAimed(soughtOf(entry, event), own),
        );
      };
      const one = forType(
        rule,
        event,
        config,
        rivals,
        loggedOf(event),
        (fields) => matches(eventOf({ ...fields, EventID: eventId })).length > 0,
      );
      if (one === 'undecided') undecided = true;
      else if (one !== null) found.push(one);
    }
    const alive = found.filter(({ stillSeen }) => stillSeen !== null);
    const hidden = found.filter((one): one is ForType & { missed: Missed } => one.missed !== null);
    const [worst] = hidden.toSorted((a, b) => Number(a.stillSeen !== null) - Number(b.stillSeen !== null));
    if (!worst) return { kind: alive.length > 0 ? 'alive' : undecided ? 'undecided' : 'elsewhere' };
    if (alive.length === 0 && undecided) return { kind: 'undecided' };
    const { id, title, file, level } = rule;
    const state = alive.length === 0 ? 'dead' : 'partly';
    return {
      kind: 'dead',
      detection: {
        id,
        title,
        file,
        level,
        state,
        cause: worst.missed.cause,
        line: worst.missed.line,
        eventIds: hidden.map(({ eventId }) => eventId),
        witness: worst.missed.witness,
        stillSeen: worst.stillSeen ?? alive[0]?.stillSeen ?? null,
        note: noteOf(worst.missed.witness, worst.stillSeen),
      },
    };
  };
}

const SYSTEM32 = /^c:\\windows\\system32\\/i;
const SYSWOW64 = /^c:\\windows\\syswow64\\/i;

/** A pair of events that differ in the bitness of a module says more in words. */
function noteOf(missed: Fields, seen: Fields | null): string {
  const differs = Object.entries(seen ?? {}).some(
    ([field, value]) =>
      SYSWOW64.test(value) &&
      SYSTEM32.test(missed[field] ?? '') &&
      foldAscii(value.replace(SYSWOW64, '')) === foldAscii(missed[field]!.replace(SYSTEM32, '')),
  );
  return differs ? 'dead for 64-bit targets: only the SysWOW64 path of a 32-bit one is still seen' : '';
}

type Fields = Readonly<Record<string, string>>;

interface Missed {
  readonly cause: DeadDetection['cause'];
  readonly line: number;
  readonly witness: Fields;
}

interface ForType {
  readonly eventId: number;
  /** An event that the rule matches and that is not logged; null where none is worth telling. */
  readonly missed: Missed | null;
  /** One that is logged; null where there is none. */
  readonly stillSeen: Fields | null;
}

/** Where genuine files lie: what is still seen is to be more than an odd corner. */
const GENUINE: readonly string[] = ['C:\\Windows\\System32', 'C:\\Windows\\SysWOW64', 'C:\\Users\\u'];

const ALIVE: ForType = { eventId: 0, missed: null, stillSeen: {} };

/** Null where the rule matches no event of the type. */
function forType(
  rule: NamedRule,
  event: BoundEvent,
  config: Config,
  rivals: (formula: Formula) => readonly ExcludeEntry[],
  logged: Formula,
  matches: (fields: Fields) => boolean,
): ForType | 'undecided' | null {
  const formula = ruleFormula(rule, event.id);
  const plain = satisfy(formula);
  if (plain.kind === 'none') return null;
  const decide = decideFor(config, event.id);
  const isLogged = (fields: Fields): boolean => decide((field) => fields[field]).logged;
  const checked = (of: Formula, wanted: boolean): Fields | 'none' | 'unknown' => {
    const verdict = satisfy(of, wanted ? { roots: GENUINE } : {});
    if (verdict.kind !== 'witness') return verdict.kind;
    const fields = Object.fromEntries(verdict.values);
    return matches(fields) && isLogged(fields) === wanted ? fields : 'unknown';
  };
  const first = plain.kind === 'witness' ? Object.fromEntries(plain.values) : null;
  const seen =
    first && matches(first) && isLogged(first)
      ? first
      : checked({ kind: 'and', of: [formula, logged] }, true);
  if (seen === 'unknown') return 'undecided';
  const told = (fields: Fields): Missed => missedBy(config, event, fields, matches);
  if (seen === 'none') {
    const lost = first && matches(first) ? first : checked(formula, false);
    return typeof lost === 'string'
      ? 'undecided'
      : { eventId: event.id, missed: told(lost), stillSeen: null };
  }
  // The plainest event that it matches is not logged: more is asked of what is seen than the rule asks.
  if (first && matches(first) && !isLogged(first))
    return { eventId: event.id, missed: told(first), stillSeen: seen };
  for (const entry of rivals(formula)) {
    const lost = checked({ kind: 'and', of: [formula, entryFormula(entry, event, config)] }, false);
    if (typeof lost === 'string') continue;
    const genuine = checked({ kind: 'and', of: [formula, logged] }, true);
    return { eventId: event.id, missed: told(lost), stillSeen: typeof genuine === 'string' ? seen : genuine };
  }
  return { eventId: event.id, missed: null, stillSeen: seen };
}

/** What took the event: the exclude filter, or the section that does not name it. */
function missedBy(
  config: Config,
  event: BoundEvent,
  fields: Fields,
  matches: (fields: Fields) => boolean,
): Missed {
  const decide = decideFor(config, event.id);
  const { filter, block, kind } = decide((field) => fields[field]);
  const sections = config.active.filter(({ tag }) => tag === event.tag);
  const includes = sections.filter(({ onmatch }) => onmatch === 'include');
  const [place] = [filter?.rule ?? filter?.element, block?.section, includes[0]?.section].filter(
    (one) => one !== undefined,
  );
  const names = includes.some(({ filters }) => filters.length > 0);
  const cause = kind === 'filter' ? 'excluded' : names ? 'not-included' : 'not-logged';
  const line = place ? config.positionOf(place.start).line : 0;
  const stays = (more: Fields): boolean => matches(more) && decide((field) => more[field]).filter === filter;
  return {
    cause,
    line,
    witness: { EventID: String(event.id), ...fleshedOut(fields, event.fields, stays) },
  };
}

type PatternAtom = Extract<Formula, { kind: 'test' }> & {
  readonly test: Extract<Extract<Formula, { kind: 'test' }>['test'], { kind: 'pattern' }>;
};

/** Texts that an event must have, or may have as one of several: what a rule looks for. By field. */
function soughtBy(formula: Formula): ReadonlyMap<string, readonly PatternAtom[]> {
  const atoms = new Map<string, PatternAtom[]>();
  const collect = (of: Formula): void => {
    if (of.kind === 'and' || of.kind === 'or') for (const one of of.of) collect(one);
    else if (of.kind === 'test' && isText(of)) atoms.set(of.field, [...(atoms.get(of.field) ?? []), of]);
  };
  collect(formula);
  return atoms;
}

function isText(atom: Extract<Formula, { kind: 'test' }>): atom is PatternAtom {
  return atom.test.kind === 'pattern' && atom.test.pattern.some((part) => typeof part === 'string');
}

/**
 * Whether an entry hides what the rule looks for, and not only what an attacker could add to it: one of its conditions
 * implies, or is implied by, one that the rule asks of the same field.
 */
function isAimed(entry: Sought, sought: Sought): boolean {
  for (const [field, own] of entry) {
    for (const atom of sought.get(field) ?? [])
      if (own.some((one) => within(one, atom) || within(atom, one))) return true;
  }
  return false;
}

type Sought = ReadonlyMap<string, readonly PatternAtom[]>;

/** Whether all that meets one meets the other, and not by a fragment that stands in it by chance. */
function within(narrow: PatternAtom, wide: PatternAtom): boolean {
  if (isFragment(wide, sampleOf(narrow))) return false;
  // A member of one that the other does not have settles most pairs.
  return holds(wide, () => sampleOf(narrow)) && impliedBy(narrow, wide).kind === 'none';
}

/** A part that may stand anywhere, and is less than half of the text that it stands in. */
function isFragment({ test: { pattern } }: PatternAtom, text: string): boolean {
  if (pattern[0] !== MANY || pattern.at(-1) !== MANY) return false;
  const length = pattern.reduce((sum: number, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
  return length * 2 < text.length;
}

const samples = new WeakMap<PatternAtom, string>();

function sampleOf(atom: PatternAtom): string {
  let sample = samples.get(atom);
  if (sample === undefined) {
    sample = atom.test.pattern.map((part) => (typeof part === 'string' ? part : '\u2603')).join('');
    samples.set(atom, sample);
  }
  return sample;
}
