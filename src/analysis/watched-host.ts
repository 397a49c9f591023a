import type { HostTally } from '../tally/index.ts';
import { type Boot, bootsOf } from './boots.ts';
import { type Phases, phasesOf } from './phases.ts';
import type { QuestionFacts } from './question-facts.ts';
import { type Watch, watchOf } from './watch.ts';

/** What marks and activity say of one host, worked out once. */
export interface WatchedHost {
  readonly key: string;
  /** As most often written. */
  readonly name: string;
  /** Null for a host in whose channels Sysmon wrote nothing. */
  readonly watch: Watch | null;
  /** Ascending, all that the marks tell of. */
  readonly boots: readonly Boot[];
  readonly phases: Phases;
}

/** By host key, ascending by code units. */
export function watchedHosts(
  hosts: ReadonlyMap<string, HostTally>,
  question: QuestionFacts,
  matched: ReadonlyMap<string, number>,
): ReadonlyMap<string, WatchedHost> {
  const keys = [...hosts.keys()].sort();
  return new Map(
    keys.map((key) => {
      const host = hosts.get(key) as HostTally;
      const boots = bootsOf(host);
      const phases = phasesOf(host.marks, boots);
      // A host without a name is known by its key, which says so.
      const name = mostFrequent(host.spellings) || key;
      return [
        key,
        { key, name, watch: watchOf(host, question, question.sources, matched.get(key) ?? 0), boots, phases },
      ];
    }),
  );
}

/** The spelling with the highest count, ties by code units; undefined where there is none. */
export function mostFrequent(spellings: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const [spelling, count] of spellings) {
    if (count > most || (count === most && best !== undefined && spelling < best)) {
      best = spelling;
      most = count;
    }
  }
  return best;
}
