/**
 * The groups that were met lately, by the very values of an event: making the key under which a tally keeps a group takes
 * longer than reading the event. Nothing of it is seen in the tally.
 */
import type { Group, Slots } from './tally.ts';

/** A group, met with one spelling of its values. */
export interface MetGroup {
  readonly group: Group;
  readonly spelling: string;
  /** The host of the last event, and its slots. */
  host: string;
  slots: Slots;
}

/** A tree: rules, then the type, then a value after the other. */
interface Node {
  readonly next: Map<unknown, Node>;
  met: MetGroup | null;
}

/** Nodes that are kept: past that all are forgotten, for the number of values is the log's choice. */
const MAX_NODES = 100_000;
/** Characters of a value at most: the runtime tells long texts apart by their length alone before it compares them. */
const MAX_LENGTH = 1024;

export class GroupCache {
  #root = newNode();
  #nodes = 0;

  /** What was noted of an event of this kind with these values. `rules` are known by identity. */
  find(rules: readonly number[], type: string, values: readonly (string | null)[]): MetGroup | null {
    let node = this.#root.next.get(rules)?.next.get(type);
    for (let i = 0; i < values.length && node; i++) node = node.next.get(values[i]);
    return node?.met ?? null;
  }

  note(rules: readonly number[], type: string, values: readonly (string | null)[], met: MetGroup): void {
    if (values.some((value) => value !== null && value.length > MAX_LENGTH)) return;
    if (this.#nodes > MAX_NODES) this.clear();
    let node = this.#root;
    for (const step of [rules, type, ...values]) {
      let next = node.next.get(step);
      if (!next) {
        next = newNode();
        node.next.set(step, next);
        this.#nodes += 1;
      }
      node = next;
    }
    node.met = met;
  }

  clear(): void {
    this.#root = newNode();
    this.#nodes = 0;
  }
}

function newNode(): Node {
  return { next: new Map(), met: null };
}
