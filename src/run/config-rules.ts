/** A configuration as the rules of a question: what can decide that an event is logged. */
import { type Config, decideFor, type Decision, type Filter } from '../config/index.ts';
import { type Event, eventType } from '../events/index.ts';
import type { QuestionRule } from '../predicate/index.ts';

export interface ConfigRules {
  /** Ids of events that the configuration can log and filter. */
  readonly eventIds: readonly number[];
  readonly rules: readonly QuestionRule[];
  /** Index of the rule by which an event is logged, or -1. */
  readonly ruleOf: (event: Event) => number;
}

/** Each Rule, each filter outside of one, each section that logs what it does not exclude, each default. */
export function configRules(config: Config, file: string): ConfigRules {
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
  return {
    eventIds,
    rules,
    ruleOf: (event) => {
      const decision = decideFor(config, event.eventId)((field) => event.fields.get(field));
      return decision.logged ? (indexes.get(decidedBy(decision, event.eventId)) ?? -1) : -1;
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

function decidedBy({ filter, block }: Decision, eventId: number): unknown {
  return filter ? keyOf(filter) : (block?.section ?? eventId);
}
