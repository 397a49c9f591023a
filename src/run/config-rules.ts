/** A configuration as the rules of a question: what can decide that an event is logged. */
import {
  type Config,
  ConfigError,
  decideNamelessFor,
  type DecideNameless,
  fieldsRead,
  type Filter,
  type NamelessDecision,
  type PlainDecider,
  plainDeciderFor,
} from '../config/index.ts';
import { type Event, type EventKind, eventType, isSysmon } from '../events/index.ts';
import { placedFields, READ_ALL, READ_NOTHING, UNDECIDED } from '../evtx/index.ts';
import type { QuestionRule } from '../predicate/index.ts';
import { loadConfig } from './load-config.ts';

interface ConfigRules {
  /** Ids of events that the configuration can log and filter. */
  readonly eventIds: readonly number[];
  readonly rules: readonly QuestionRule[];
  /** Index of the rule by which an event is logged, or -1. */
  readonly ruleOf: (event: Event) => number;
  /** See `Question.reads`. */
  readonly reads: (kind: EventKind, field: string) => number;
  /** See `FilteredKind`. */
  readonly filterOf: (kind: EventKind) => PlainDecider['filter'] | null;
}

/** What a configuration asks, by its path. Throws QuestionError or ConfigError where it asks nothing. */
export function askedOfConfig(path: string): ConfigRules & { readonly name: string; readonly text: string } {
  const { config } = loadConfig(path);
  const asked = configRules(config, path);
  if (asked.eventIds.length === 0) {
    throw new ConfigError(
      'config-logs-nothing',
      path,
      1,
      1,
      'this configuration logs no event that can be filtered: there is nothing to ask',
    );
  }
  const names = [...new Set(asked.eventIds.map((id) => eventType(id)!.name))];
  const name = names.length === 1 ? names[0]! : path;
  return { ...asked, name, text: `sysmon-config ${config.source.text}` };
}

/** Each Rule, each filter outside of one, each section that logs what it does not exclude, each default. */
function configRules(config: Config, file: string): ConfigRules {
  const rules: QuestionRule[] = [];
  const indexes = new Map<unknown, number>();
  const add = (key: unknown, name: string, offset: number | null): void => {
    if (indexes.has(key)) return;
    const line = offset === null ? 0 : config.positionOf(offset).line;
    indexes.set(key, rules.push({ name, id: '', file, line, level: '', tags: [], sources: [] }) - 1);
  };
  const eventIds: number[] = [];
  for (const event of config.events) {
    const blocks = config.active.filter(({ tag }) => tag === event.tag);
    const before = rules.length;
    let shared = false;
    for (const { onmatch, filters, section } of blocks) {
      if (onmatch === 'exclude') {
        if (blocks.length > 1) continue;
        shared ||= indexes.has(section);
        add(section, event.tag, section.start);
        continue;
      }
      for (const filter of filters) {
        const key = keyOf(filter);
        shared ||= indexes.has(key);
        add(key, nameOf(filter), (filter.rule ?? filter.element).start);
      }
    }
    if (blocks.length === 0 && event.default === 'include') {
      add(event.id, `${eventType(event.id)!.name} (on by default)`, null);
    }
    if (rules.length > before || shared) eventIds.push(event.id);
  }
  const deciders: (DecideNameless | undefined)[] = [];
  // One reader for all events, so that none is made for each.
  let { fields }: Pick<Event, 'fields'> = { fields: new Map() };
  const read = (field: string): string | undefined => fields.get(field);
  const readOf = new Map<number, ReadonlySet<string>>();
  const plain = new Map<number, PlainDecider | null>();
  const plainOf = (eventId: number): PlainDecider | null => {
    let decider = plain.get(eventId);
    if (decider === undefined) plain.set(eventId, (decider = plainDeciderFor(config, eventId)));
    return decider;
  };
  return {
    eventIds,
    rules,
    reads: ({ provider, eventId }, field) => {
      if (!isSysmon(provider)) return READ_NOTHING;
      let names = readOf.get(eventId);
      if (!names) readOf.set(eventId, (names = fieldsRead(config, eventId)));
      return names.has(field) ? READ_ALL : READ_NOTHING;
    },
    filterOf: ({ provider, eventId }) => (isSysmon(provider) ? (plainOf(eventId)?.filter ?? null) : null),
    ruleOf: (event) => {
      const { eventId } = event;
      fields = event.fields;
      const placed = placedFields(fields);
      let decision: NamelessDecision | null;
      if (placed !== null && placed.part !== UNDECIDED) decision = plainOf(eventId)!.decided(placed.part);
      else decision = (deciders[eventId] ??= decideNamelessFor(config, eventId))(read);
      return decision?.logged ? (indexes.get(decidedBy(decision, eventId)) ?? -1) : -1;
    },
  };
}

function keyOf(filter: Filter): unknown {
  return filter.rule ?? filter.element;
}

function nameOf({ name, field, condition, text, rule }: Filter): string {
  if (name !== '') return name;
  const what = `${field} ${condition} "${text}"`;
  return rule ? `Rule with ${what}` : what;
}

function decidedBy({ filter, block }: NamelessDecision, eventId: number): unknown {
  return filter ? keyOf(filter) : (block?.section ?? eventId);
}
