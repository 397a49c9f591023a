/** Sigma correlations -> which events they count, and by what. */
import { type Diagnostic, type Event, foldAscii } from '../events/index.ts';
import type { Correlation, Counted } from '../predicate/index.ts';
import type { PlacedRule, SigmaCorrelation, SigmaRule } from '../sigma/index.ts';

export interface Correlated {
  readonly correlations: readonly Correlation[];
  /** Those whose rules are here, in the order of `correlations`. */
  readonly read: readonly SigmaCorrelation[];
  /** Indices of rules that stand for themselves no more: a correlation counts their events. */
  readonly silent: ReadonlySet<number>;
  /** What an event counts for that matches these rules. */
  readonly counted: (event: Event, matching: readonly number[]) => readonly Counted[];
  /** Indices of the rules that each correlation counts. */
  readonly bases: readonly (readonly number[])[];
  readonly problems: readonly Diagnostic[];
}

type Reader = (event: Event) => string | undefined;

interface Base {
  /** Index among the correlations. */
  readonly correlation: number;
  readonly key: readonly Reader[];
  readonly values: readonly Reader[];
}

const NONE: readonly Counted[] = [];

/** `first` is the index that the first correlation has among the question's rules. */
export function correlate(
  written: readonly SigmaCorrelation[],
  rules: readonly SigmaRule[],
  placed: readonly PlacedRule[],
  first: number,
): Correlated {
  const problems: Diagnostic[] = [];
  const read: SigmaCorrelation[] = [];
  const correlations: Correlation[] = [];
  const bases: (readonly number[])[] = [];
  const silent = new Set<number>();
  const loud = new Set<number>();
  const byRule = new Map<number, Base[]>();
  for (const one of written) {
    const named: number[] = [];
    let missing = false;
    for (const { text, line, column } of one.rules) {
      const found = rules.flatMap(({ id, name, title }, index) =>
        text === id || text === name || (text === title && id === '') ? [index] : [],
      );
      named.push(...found);
      if (found.length > 0) continue;
      missing = true;
      const message = `${one.title}: expected the id or name of a rule that is asked as well, found "${text}"`;
      problems.push({
        code: 'sigma-correlation',
        severity: 'warning',
        message,
        where: { source: one.file, line, column },
        lost: 0,
      });
    }
    if (missing) continue;
    const correlation = correlations.length;
    const by = one.groupBy.map(({ text }) => text);
    for (const index of named) {
      const reader = (field: string): Reader =>
        placed[index]!.logsource.reader(aliased(one, rules[index]!, field));
      const base: Base = {
        correlation,
        key: by.map(reader),
        values: one.fields.map(({ text }) => reader(text)),
      };
      byRule.set(index, [...(byRule.get(index) ?? []), base]);
      (one.generate ? loud : silent).add(index);
    }
    correlations.push({
      rule: first + correlation,
      type: one.type,
      timespan: one.timespan,
      bounds: one.bounds,
      by,
    });
    read.push(one);
    bases.push(named);
  }
  return {
    correlations,
    read,
    bases,
    silent: new Set([...silent].filter((index) => !loud.has(index))),
    problems,
    counted: (event, matching) => {
      const counts = new Map<number, Counted>();
      for (const index of matching) {
        for (const base of byRule.get(index) ?? []) {
          const counted = countedBy(base, event, first);
          // An event that meets several of its rules is one event.
          if (counted && !counts.has(base.correlation)) counts.set(base.correlation, counted);
        }
      }
      return counts.size === 0 ? NONE : [...counts.values()];
    },
  };
}

function aliased({ aliases }: SigmaCorrelation, { id, name }: SigmaRule, field: string): string {
  const alias = aliases.get(field);
  return alias?.get(name) ?? alias?.get(id) ?? field;
}

/** Null for an event that lacks a value that is counted. A field to group by that it lacks is empty. */
function countedBy({ correlation, key, values }: Base, event: Event, first: number): Counted | null {
  const texts = values.map((read) => read(event));
  if (texts.includes(undefined)) return null;
  return {
    rule: first + correlation,
    key: key.map((read) => foldAscii(read(event) ?? '')),
    value: values.length === 0 ? '' : JSON.stringify(texts.map((text) => foldAscii(text!))),
  };
}
