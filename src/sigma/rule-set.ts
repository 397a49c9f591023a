/** Many rules asked at once: an index by kind of event, and by texts that a rule needs, finds the few to be tried. */
import { boundKey, type Event, type EventKind, foldAscii, isSysmon } from '../events/index.ts';
import { placedFields, type PlacedText } from '../evtx/index.ts';
import { buildInsideMatcher, isOfKind } from '../predicate/index.ts';
import { type Ask, Compiler } from './compile.ts';
import { CurrentEvent, type CurrentField } from './current-event.ts';
import type { ResolvedLogsource } from './logsource.ts';
import { IN_TEXTS_ALONE, Reads } from './reads.ts';
import { neededTexts, TextCosts } from './needed-text.ts';
import type { Detection } from './rule.ts';
import { type SoughtText, TextFinder } from './text-finder.ts';

/** A rule with where its events are. */
export interface PlacedRule {
  readonly detection: Detection;
  /** Detections of filters: each must hold, too. */
  readonly filters: readonly Detection[];
  /** Rules that share one are indexed together. */
  readonly logsource: ResolvedLogsource;
}

export interface RuleSet {
  /** Indices of the rules that match an event, ascending. */
  (event: Event): readonly number[];
  /** How much may be read of a field of events of a kind: see `Question.reads`. */
  readonly reads: (kind: EventKind, field: string) => number;
  /** Whether a rule names a field of events of a kind; keywords, which are looked for in every value, name none. */
  readonly names: (kind: EventKind, field: string) => boolean;
}

const NONE: readonly number[] = [];
/** Kinds of events whose rules are remembered: a log may claim any number of channels and ids. */
const MAX_KINDS = 10_000;

/** Rules of one logsource that may match events of a kind. */
interface Possible {
  readonly group: Group;
  readonly index: Index;
}

/** Events of one provider, channel and id. */
interface Kind {
  readonly possible: readonly Possible[];
  readonly reads: Reads;
}

/** Compiles rules into one test. */
export function ruleSet(rules: readonly PlacedRule[]): RuleSet {
  const bySource = new Map<ResolvedLogsource, number[]>();
  for (const [index, { logsource }] of rules.entries()) {
    const known = bySource.get(logsource);
    if (known) known.push(index);
    else bySource.set(logsource, [index]);
  }
  const groups = [...bySource].map(([logsource, indices]) => new Group(logsource, indices, rules));
  const singles = rules.map((_, index): readonly number[] => [index]);
  const kinds = new Kinds(groups);
  const decide = (event: Event): readonly number[] => {
    let found: number[] | null = null;
    for (const { group, index } of kinds.of(event).possible) found = group.find(event, index, found);
    if (found === null) return NONE;
    if (found.length === 1) return singles[found[0]!]!;
    return found.sort((a, b) => a - b);
  };
  return Object.assign(decide, {
    reads: (kind: EventKind, field: string) => kinds.of(kind).reads.of(field),
    names: (kind: EventKind, field: string) => kinds.of(kind).reads.names(field),
  });
}

const NOTHING = { record: null, time: Number.NaN, host: '', version: null, fields: new Map() };

/** Which rules are asked of events of a provider, a channel and an id. */
class Kinds {
  private readonly groups: readonly Group[];
  private readonly byProvider = new Map<string, Map<string, Map<number, Kind>>>();
  private count = 0;

  constructor(groups: readonly Group[]) {
    this.groups = groups;
  }

  of(event: EventKind): Kind {
    const known = this.byProvider.get(event.provider)?.get(event.channel)?.get(event.eventId);
    if (known) return known;
    const made = this.made(event);
    if (this.count < MAX_KINDS) {
      this.count += 1;
      const channels = entry(this.byProvider, boundKey(event.provider), () => new Map());
      entry(channels, boundKey(event.channel), () => new Map()).set(event.eventId, made);
    }
    return made;
  }

  private made({ provider, channel: name, eventId }: EventKind): Kind {
    // Nothing else is asked of it.
    const event: Event = { ...NOTHING, provider, channel: name, eventId };
    const sysmon = isSysmon(event.provider);
    const channel = sysmon ? null : foldAscii(event.channel);
    const possible = this.groups.flatMap((group) => {
      const { logsource } = group;
      if (!logsource.sources.some((source) => isOfKind(source, channel, event.eventId))) return [];
      if (!logsource.asksRecord && !logsource.matches(event)) return [];
      const index = group.indexOf(event.eventId);
      return index.rules.length === 0 ? [] : [{ group, index }];
    });
    const detections = possible.flatMap(({ index }) =>
      index.rules.flatMap(({ detection, filters }) => [detection, ...filters]),
    );
    // Records of Windows' own auditing stand for Sysmon's: what is read of one is told by no name.
    return { possible, reads: new Reads(detections, sysmon) };
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** Ids whose own rules are remembered. */
const MAX_INDICES = 1000;

/** The rules of one logsource. Nothing of them is made before the first event comes that they are asked of. */
class Group {
  readonly logsource: ResolvedLogsource;
  private readonly indices: readonly number[];
  private readonly rules: readonly PlacedRule[];
  private readonly current: CurrentEvent;
  private readonly compiler: Compiler;
  private readonly tests: (Ask | null)[];
  private readonly byId = new Map<number, Index>();
  private ofAnyId: Index | null = null;
  private costs: TextCosts | null = null;
  /** The turn in which a rule was last tried: so that each is tried once, and nothing has to be emptied. */
  private readonly tried: Float64Array;
  private found: number[] | null = null;

  constructor(logsource: ResolvedLogsource, indices: readonly number[], rules: readonly PlacedRule[]) {
    this.logsource = logsource;
    this.indices = indices;
    this.rules = rules;
    this.current = new CurrentEvent((field) => logsource.reader(field));
    this.compiler = new Compiler(this.current, logsource);
    this.tests = indices.map(() => null);
    this.tried = new Float64Array(indices.length);
  }

  /** The rules for events of an id. */
  indexOf(eventId: number): Index {
    const known = this.byId.get(eventId);
    if (known) return known;
    if (this.byId.size >= MAX_INDICES) return (this.ofAnyId ??= this.indexed(null));
    const made = this.indexed(eventId);
    this.byId.set(eventId, made);
    return made;
  }

  /** Adds the rules that match to those found before. */
  find(event: Event, { always, fields, anywhere }: Index, before: number[] | null): number[] | null {
    const { current, logsource } = this;
    if (logsource.asksRecord && !logsource.matches(event)) return before;
    current.event = event;
    this.found = before;
    for (const own of always) this.tryRule(own);
    for (const { field, finder, found } of fields) {
      const { value } = field;
      if (value !== undefined) finder.find(value, found);
    }
    if (anywhere !== null) this.findAnywhere(event, anywhere);
    return this.found;
  }

  /** Looks through all values; where they stand, if that is possible: hardly any event holds what is sought. */
  private findAnywhere(event: Event, { finder, found, inPlace }: Anywhere): void {
    const { fields } = event;
    if (inPlace !== null && placedFields(fields)?.eachText(inPlace)) {
      for (const fact of [event.provider, event.channel, event.host]) finder.find(fact, found);
    } else for (const value of this.logsource.values(event)) finder.find(value, found);
  }

  private readonly tryRule = (own: number): void => {
    const { turn } = this.current;
    if (this.tried[own] === turn) return;
    this.tried[own] = turn;
    if ((this.tests[own] ??= this.compiled(own))()) (this.found ??= []).push(this.indices[own]!);
  };

  private compiled(own: number): Ask {
    const { detection, filters } = this.rules[this.indices[own]!]!;
    const all = [detection, ...filters].map((one) => this.compiler.detection(one));
    return all.length === 1 ? all[0]! : () => all.every((test) => test());
  }

  private indexed(eventId: number | null): Index {
    const { indices, rules } = this;
    const costs = (this.costs ??= new TextCosts(indices.map((index) => rules[index]!.detection)));
    const always: number[] = [];
    const possible: PlacedRule[] = [];
    const byField = new Map<string | null, Map<string, RulesOfText>>();
    for (const [own, index] of indices.entries()) {
      const needed = neededTexts(rules[index]!.detection, eventId, costs);
      if (!needed) always.push(own);
      if (needed?.length !== 0) possible.push(rules[index]!);
      for (const { field, text, place } of needed ?? []) {
        const texts = entry(byField, field, () => new Map<string, RulesOfText>());
        entry(texts, PLACES[place] + text, () => ({ text: { text, place }, rules: [] })).rules.push(own);
      }
    }
    const finderOf = (texts: ReadonlyMap<string, RulesOfText>): Finder => {
      const all = [...texts.values()];
      const sought = all.map(({ text }) => text);
      const found = (number: number): void => {
        for (const own of all[number]!.rules) this.tryRule(own);
      };
      return { finder: new TextFinder(sought, costs.counts), sought, found };
    };
    const inPlace = ({ sought, found }: Finder): Anywhere['inPlace'] => {
      if (!sought.every(({ text, place }) => place === 'inside' && IN_TEXTS_ALONE.test(text))) return null;
      const matcher = buildInsideMatcher(sought.map((one, number) => ({ ...one, number })));
      return matcher && ((text) => matcher(text, found));
    };
    const ofAll = byField.get(null);
    byField.delete(null);
    const anywhere = ofAll ? finderOf(ofAll) : null;
    return {
      always,
      fields: [...byField].map(([name, texts]) => ({ field: this.current.field(name!), ...finderOf(texts) })),
      anywhere: anywhere && { ...anywhere, inPlace: inPlace(anywhere) },
      rules: possible,
    };
  }
}

/** In front of a text, for where it stands. */
const PLACES = { whole: '=', begin: '^', end: '$', inside: '*' } as const;

/** A text, and the rules that need it, by their index in the group. */
interface RulesOfText {
  readonly text: SoughtText;
  readonly rules: number[];
}

interface Finder {
  readonly finder: TextFinder;
  readonly sought: readonly SoughtText[];
  readonly found: (number: number) => void;
}

interface Anywhere extends Finder {
  /** Looks at a text where it stands; null where what is sought may be in a number, a time or an id. */
  readonly inPlace: ((text: PlacedText) => void) | null;
}

interface Index {
  /** Rules that may match whatever an event's texts are. */
  readonly always: readonly number[];
  readonly fields: readonly (Finder & { readonly field: CurrentField })[];
  /** For what is looked for in all values. */
  readonly anywhere: Anywhere | null;
  /** All that may match. */
  readonly rules: readonly PlacedRule[];
}
