/** Runs of record ids that follow one another, in columns: many of them cost no objects, and cross threads as they are. */

/** Consecutive record ids that were read, each once. */
export interface Run {
  readonly first: number;
  readonly last: number;
  /**
   * Times of their records, milliseconds since 1970 UTC: between them the log lacks nothing. `from` is past `to` where no
   * record has a time.
   */
  readonly from: number;
  readonly to: number;
  /** Records in it: more than it has ids where the log was cleared and its ids began again. */
  readonly records: number;
}

type Column = Float64Array<ArrayBuffer>;

/** A column for each member of a run, all of the same length. */
export type Runs = { readonly [K in keyof Run]: Column };

export const NO_RUNS: Runs = columns(0);

/** Rows of a list that is new. */
const ROOM = 16;

function columns(length: number): Runs {
  const column = (): Column => new Float64Array(length);
  return { first: column(), last: column(), from: column(), to: column(), records: column() };
}

function slice(runs: Runs, length: number): Runs {
  const column = (each: Column): Column => each.slice(0, length);
  const { first, last, from, to, records } = runs;
  return {
    first: column(first),
    last: column(last),
    from: column(from),
    to: column(to),
    records: column(records),
  };
}

/** Runs that are added one by one. */
export class RunList {
  #length = 0;
  #columns = columns(ROOM);

  get length(): number {
    return this.#length;
  }

  add(first: number, last: number, from: number, to: number, records: number): void {
    const at = this.#length;
    if (at === this.#columns.first.length) this.#columns = concatRuns(this.#columns, columns(at + ROOM));
    const into = this.#columns;
    into.first[at] = first;
    into.last[at] = last;
    into.from[at] = from;
    into.to[at] = to;
    into.records[at] = records;
    this.#length = at + 1;
  }

  /** Those that were added so far: more of them change nothing in it. */
  all(): Runs {
    return slice(this.#columns, this.#length);
  }

  /** A list of the same runs, to which others may be added. */
  copy(): RunList {
    const copy = new RunList();
    copy.replace(this.all());
    return copy;
  }

  /** Holds these in place of what was added; they are its own from then on. */
  replace(runs: Runs): void {
    this.#columns = runs;
    this.#length = runs.first.length;
  }
}

export function runsOf(rows: Iterable<Run>): Runs {
  const list = new RunList();
  for (const { first, last, from, to, records } of rows) list.add(first, last, from, to, records);
  return list.all();
}

/** The runs one by one. */
export function rowsOf({ first, last, from, to, records }: Runs): Run[] {
  return Array.from(first, (id, i) => ({
    first: id,
    last: last[i]!,
    from: from[i]!,
    to: to[i]!,
    records: records[i]!,
  }));
}

export function concatRuns(a: Runs, b: Runs): Runs {
  const at = a.first.length;
  const both = columns(at + b.first.length);
  for (const name of ['first', 'last', 'from', 'to', 'records'] as const) {
    both[name].set(a[name]);
    both[name].set(b[name], at);
  }
  return both;
}

/** Joins runs that overlap or are adjacent: ascending, disjoint. `overlaps` gets the ids that stood in more than one. */
export function joinRuns(runs: Runs, overlaps?: RunList): Runs {
  const { first, last, from, to, records } = runs;
  // Logs are read in their order: mostly there is nothing to be joined.
  if (first.every((id, i) => i === 0 || id > last[i - 1]! + 1)) return runs;
  const order: number[] = [];
  for (let i = 0; i < first.length; i++) order.push(i);
  order.sort((a, b) => first[a]! - first[b]! || last[a]! - last[b]!);
  const joined = columns(order.length);
  let open = -1;
  for (const i of order) {
    if (open < 0 || first[i]! > joined.last[open]! + 1) {
      open += 1;
      joined.first[open] = first[i]!;
      joined.last[open] = last[i]!;
      joined.from[open] = from[i]!;
      joined.to[open] = to[i]!;
      joined.records[open] = records[i]!;
      continue;
    }
    const end = joined.last[open]!;
    if (first[i]! <= end) overlaps?.add(first[i]!, Math.min(last[i]!, end), from[i]!, to[i]!, 0);
    joined.last[open] = Math.max(end, last[i]!);
    joined.from[open] = Math.min(joined.from[open]!, from[i]!);
    joined.to[open] = Math.max(joined.to[open]!, to[i]!);
    joined.records[open]! += records[i]!;
  }
  return slice(joined, open + 1);
}

/** Index of the run that holds an id, of ascending, disjoint ones; -1 for none. */
export function runWith({ first, last }: Runs, id: number): number {
  let [low, high] = [0, last.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (last[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low < first.length && first[low]! <= id ? low : -1;
}
