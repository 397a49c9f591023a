/**
 * How parts of a tally stand in JSON: each codec writes one kind of value and reads it back, and trusts nothing that it
 * reads. A record's codec names every member of its type: one that is forgotten does not compile.
 */

export type Json = unknown;

export interface Codec<T> {
  readonly write: (value: T) => Json;
  /** Throws Mismatch for anything that `write` does not make. */
  readonly read: (json: Json) => T;
}

/** What stands in a file is not what belongs there. */
export class Mismatch extends Error {
  readonly expected: string;
  readonly found: string;
  /** Names and indices that lead to it, outermost first. */
  readonly path: (string | number)[] = [];

  constructor(expected: string, found: Json) {
    super(expected);
    this.expected = expected;
    this.found = shown(found);
  }
}

/** Texts are cut where tallies keep them; what is longer than this was not written by us. */
const MAX_TEXT = 64 * 1024;

/** What was found, in a few words. */
function shown(json: Json): string {
  if (json === undefined) return 'nothing';
  if (Array.isArray(json)) return `a list of ${json.length}`;
  if (json !== null && typeof json === 'object') return 'an object';
  const text = JSON.stringify(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Reads a part, whose place a mismatch then tells. */
export function within<T>(step: string | number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Mismatch) error.path.unshift(step);
    throw error;
  }
}

export function asList(json: Json): readonly Json[] {
  if (!Array.isArray(json)) throw new Mismatch('a list', json);
  return json;
}

export function asObject(json: Json): Readonly<Record<string, Json>> {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Mismatch('an object', json);
  return json as Record<string, Json>;
}

/** An own member, never one of a prototype. */
export function memberOf(object: Readonly<Record<string, Json>>, name: string): Json {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function plain<T>(expected: string, isOne: (json: Json) => boolean): Codec<T> {
  return {
    write: (value) => value,
    read: (json) => {
      if (!isOne(json)) throw new Mismatch(expected, json);
      return json as T;
    },
  };
}

const whole = (json: Json): json is number => Number.isSafeInteger(json);

export const integer: Codec<number> = plain('a whole number', whole);
export const count: Codec<number> = plain('a whole number from 0 on', (json) => whole(json) && json >= 0);
export const flag: Codec<boolean> = plain('true or false', (json) => typeof json === 'boolean');
export const text: Codec<string> = plain(
  `a text of at most ${MAX_TEXT} characters`,
  (json) => typeof json === 'string' && json.length <= MAX_TEXT,
);

export function oneOf<T extends string>(...known: readonly T[]): Codec<T> {
  return plain(`one of ${known.join(', ')}`, (json) => known.some((each) => each === json));
}

/** A name of our own making: what a later version calls something is taken as it is, but nothing else. */
export function ownName<T extends string>(): Codec<T> {
  return plain('a name', (json) => typeof json === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(json));
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    write: (value) => (value === null ? null : codec.write(value)),
    read: (json) => (json === null ? null : codec.read(json)),
  };
}

/** A value that JSON has no number for, such as Infinity, stands as null. */
export function orNull(codec: Codec<number>, value: number): Codec<number> {
  return {
    write: (number) => (number === value ? null : codec.write(number)),
    read: (json) => (json === null ? value : codec.read(json)),
  };
}

/** A member that may be missing, or that files of an earlier release do not have. */
export function optional<T>(codec: Codec<T>, missing: T): Codec<T> {
  return {
    write: (value) => (value === undefined ? undefined : codec.write(value)),
    read: (json) => (json === undefined ? missing : codec.read(json)),
  };
}

/** Serves for lists that are read only, too. */
interface ListCodec<T> {
  readonly write: (values: readonly T[]) => Json;
  readonly read: (json: Json) => T[];
}

export function list<T>(codec: Codec<T>): ListCodec<T> {
  return {
    write: (values) => values.map(codec.write),
    read: (json) => asList(json).map((item, index) => within(index, () => codec.read(item))),
  };
}

export type Members<T> = { readonly [K in keyof T]-?: Codec<T[K]> };

export function record<T>(members: Members<T>): Codec<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  return {
    write: (value) => Object.fromEntries(names.map((each) => [each, members[each].write(value[each])])),
    read: (json) => {
      const object = asObject(json);
      const entries = names.map((each): [string, unknown] => [
        each,
        within(each, () => members[each].read(memberOf(object, each))),
      ]);
      // A member that may be missing is missing, and not undefined.
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as T;
    },
  };
}

interface MapCodec<K, V> {
  readonly write: (map: ReadonlyMap<K, V>) => Json;
  readonly read: (json: Json) => Map<K, V>;
}

/** A map as a list of pairs, sorted by key. */
export function pairs<K extends string | number, V>(keys: Codec<K>, values: Codec<V>): MapCodec<K, V> {
  return {
    write: (map) =>
      [...map]
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([key, value]) => [keys.write(key), values.write(value)]),
    read: (json) => {
      const map = new Map<K, V>();
      for (const [index, item] of asList(json).entries()) {
        within(index, () => {
          const pair = asList(item);
          if (pair.length !== 2) throw new Mismatch('a pair', item);
          const key = keys.read(pair[0]);
          if (map.has(key)) throw new Mismatch('each key once', key);
          map.set(key, values.read(pair[1]));
        });
      }
      return map;
    },
  };
}

/** A list of whole numbers as the first, and then how far each is from the one before. */
const deltas: ListCodec<number> = {
  write: (values) => values.map((value, index) => value - (values[index - 1] ?? 0)),
  read: (json) => {
    let sum = 0;
    return asList(json).map((delta, index) =>
      within(index, () => (sum = integer.read(sum + integer.read(delta)))),
    );
  },
};

/** Counts by number: two lists, the numbers ascending, as deltas, and their counts. */
export const counts: MapCodec<number, number> = {
  write: (map) => {
    const sorted = [...map].sort(([a], [b]) => a - b);
    return [deltas.write(sorted.map(([number]) => number)), sorted.map(([, times]) => times)];
  },
  read: (json) => {
    const parts = asList(json);
    if (parts.length !== 2) throw new Mismatch('numbers and their counts', json);
    const numbers = within(0, () => deltas.read(parts[0]));
    const times = within(1, () => asList(parts[1]).map((each) => count.read(each)));
    if (times.length !== numbers.length) throw new Mismatch(`${numbers.length} counts`, parts[1]);
    const map = new Map<number, number>();
    for (const [index, number] of numbers.entries()) {
      if (index > 0 && number <= numbers[index - 1]!) throw new Mismatch('ascending numbers', number);
      map.set(number, times[index]!);
    }
    return map;
  },
};

/** A column of a table: the values of one member, one after the other. */
export interface Column<T> extends Codec<readonly T[]> {
  /** What each row has in files of an earlier release, which lack the column. */
  readonly missing?: T;
}

/** Whole numbers that follow one another closely, such as times. */
export const close: Column<number> = deltas;

/** The same, of which some are a value that JSON has no number for; it stands as null, and moves nothing. */
export function closeOrNull(missing: number): Column<number> {
  return {
    write: (values) => {
      let before = 0;
      return values.map((value) => {
        if (value === missing) return null;
        const delta = value - before;
        before = value;
        return delta;
      });
    },
    read: (json) => {
      let sum = 0;
      return asList(json).map((delta, index) =>
        within(index, () => (delta === null ? missing : (sum = integer.read(sum + integer.read(delta))))),
      );
    },
  };
}

export function column<T>(codec: Codec<T>): Column<T> {
  return list(codec);
}

/** A column that files of an earlier release do not have. */
export function newColumn<T>(codec: Codec<T>, missing: T): Column<T> {
  return { ...list(codec), missing };
}

/** A list of small records as a table: one column for each member, all of the same length. */
export function table<T>(columns: { readonly [K in keyof T]-?: Column<T[K]> }): ListCodec<T> {
  const names = Object.keys(columns) as (keyof T & string)[];
  return {
    write: (rows) =>
      Object.fromEntries(names.map((each) => [each, columns[each].write(rows.map((row) => row[each]))])),
    read: (json) => {
      const object = asObject(json);
      const first = names[0]!;
      const { length } = within(first, () => columns[first].read(memberOf(object, first)));
      const read = names.map((each) =>
        within(each, () => {
          const { missing, read: readColumn } = columns[each];
          const given = memberOf(object, each);
          return given === undefined && missing !== undefined
            ? Array.from({ length }, () => missing)
            : readColumn(given);
        }),
      );
      for (const [index, values] of read.entries()) {
        if (values.length !== length) throw new Mismatch(`${length} values of ${names[index]}`, values);
      }
      return Array.from(
        { length },
        (_, row) => Object.fromEntries(names.map((each, index) => [each, read[index]![row]])) as T,
      );
    },
  };
}
