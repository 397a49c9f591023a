/** Which code of the reader has been reached, as V8 counts it: block by block, in this thread. */
import { Session } from 'node:inspector';

interface FunctionCoverage {
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly FunctionCoverage[];
}

/** Places in scripts, by the scripts' addresses. */
export type Fresh = Map<string, Set<number>>;

const KNOWN = 1;
const REACHED = 2;

export class Coverage {
  readonly #session = new Session();
  readonly #folder: string;
  /** By script, a byte for each of its characters: 0, KNOWN or REACHED. */
  readonly #seen = new Map<string, Uint8Array>();
  /** By script, where blocks begin. */
  readonly #borders = new Map<string, Set<number>>();

  /** Begins to count; only code that is loaded later is counted by blocks. `folder`: part of the scripts' addresses. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#session.connect();
    this.#post('Profiler.enable', {});
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What was reached since the last time, and never before. */
  take(): Fresh {
    const fresh: Fresh = new Map();
    for (const { url, functions } of this.#counted()) {
      const now = flatten(functions);
      const before = this.#seen.get(url) ?? new Uint8Array();
      const seen = now.length > before.length ? new Uint8Array(now.length) : before;
      if (seen !== before) seen.set(before);
      this.#seen.set(url, seen);
      const places = new Set<number>();
      for (const [i, state] of now.entries()) {
        if (state === REACHED && seen[i] !== REACHED) places.add(i);
        seen[i] = Math.max(seen[i]!, state);
      }
      if (places.size > 0) fresh.set(url, places);
      const borders = this.#borders.get(url) ?? new Set<number>();
      this.#borders.set(url, borders);
      for (const { ranges } of functions)
        for (const range of ranges) borders.add(range.startOffset).add(range.endOffset);
    }
    return fresh;
  }

  /** Those of some places that were reached since the last time. */
  reached(fresh: Fresh): Fresh {
    const reached: Fresh = new Map();
    for (const { url, functions } of this.#counted()) {
      const places = fresh.get(url);
      if (places === undefined) continue;
      const now = flatten(functions);
      const those = new Set([...places].filter((place) => now[place] === REACHED));
      if (those.size > 0) reached.set(url, those);
    }
    return reached;
  }

  /** Blocks that are known, and those of them that were reached. */
  blocks(): { readonly known: number; readonly reached: number } {
    let [known, reached] = [0, 0];
    for (const [url, borders] of this.#borders) {
      const seen = this.#seen.get(url)!;
      for (const border of borders) {
        if (seen[border] === undefined || seen[border] === 0) continue;
        known += 1;
        if (seen[border] === REACHED) reached += 1;
      }
    }
    return { known, reached };
  }

  #counted(): ScriptCoverage[] {
    const { result } = this.#post('Profiler.takePreciseCoverage', {}) as { result: ScriptCoverage[] };
    return result.filter(({ url }) => url.includes(this.#folder));
  }

  /** The answer stands when a call to a session of the own thread returns. */
  #post(method: string, params: object): unknown {
    let answer: unknown;
    this.#session.post(method, params, (error: Error | null, result?: object) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  }
}

/** For each character of a script whether it was reached. Outer ranges stand before those in them, which say it more exactly. */
function flatten(functions: readonly FunctionCoverage[]): Uint8Array {
  const size = Math.max(0, ...functions.map(({ ranges }) => ranges[0]!.endOffset));
  const now = new Uint8Array(size);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      now.fill(count > 0 ? REACHED : KNOWN, startOffset, endOffset);
    }
  }
  return now;
}
