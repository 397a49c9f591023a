/**
 * Tests as automata over the characters that matter. States are made when they are first met; a state is the set of
 * places in the pattern at which one may be (Rabin and Scott 1959).
 */
import { foldAscii } from '../events/index.ts';
import type { TextTest } from './formula.ts';
import { MANY, ONE, type Pattern } from './pattern.ts';

export interface Automaton {
  readonly start: number;
  /** The state behind a character (a code point). */
  readonly step: (state: number, character: string) => number;
  readonly accepts: (state: number) => boolean;
  /** From here on nothing is accepted, or everything. */
  readonly fate: (state: number) => 'no' | 'yes' | null;
}

const made = new WeakMap<TextTest, Automaton>();

/** Of a pattern or an order; opaque tests have none. */
export function automatonOf(test: Exclude<TextTest, { kind: 'opaque' }>): Automaton {
  let automaton = made.get(test);
  if (!automaton) {
    automaton =
      test.kind === 'pattern'
        ? ofPattern(test.pattern, test.cased)
        : ofOrder(test.kind, foldAscii(test.text));
    made.set(test, automaton);
  }
  return automaton;
}

type Symbol = string | typeof MANY | typeof ONE;

function ofPattern(pattern: Pattern, cased: boolean): Automaton {
  const fold = (text: string): string => (cased ? text : foldAscii(text));
  const symbols: Symbol[] = pattern.flatMap((part): Symbol[] =>
    typeof part === 'string' ? [...fold(part)] : [part],
  );
  const states: (readonly number[])[] = [];
  const numbers = new Map<string, number>();
  const ways: Map<string, number>[] = [];
  const numberOf = (places: readonly number[]): number => {
    const kept = closed(symbols, places);
    const key = kept.join();
    let number = numbers.get(key);
    if (number === undefined) {
      number = states.push(kept) - 1;
      ways.push(new Map());
      numbers.set(key, number);
    }
    return number;
  };
  const end = symbols.length;
  return {
    start: numberOf([0]),
    step: (state, written) => {
      const character = fold(written);
      let next = ways[state]!.get(character);
      if (next === undefined) {
        const places: number[] = [];
        for (const place of states[state]!) {
          const symbol = symbols[place];
          if (symbol === MANY) places.push(place);
          else if (symbol === ONE || symbol === character) places.push(place + 1);
        }
        next = numberOf(places);
        ways[state]!.set(character, next);
      }
      return next;
    },
    accepts: (state) => states[state]!.includes(end),
    fate: (state) => {
      const places = states[state]!;
      if (places.length === 0) return 'no';
      return symbols[end - 1] === MANY && places.includes(end) ? 'yes' : null;
    },
  };
}

/** With what `*` leads on to. All that comes before a `*` that was reached needs it as well, and can be let go. */
function closed(symbols: readonly Symbol[], places: readonly number[]): number[] {
  const all = new Set<number>();
  for (let place of places) {
    all.add(place);
    while (symbols[place] === MANY) all.add((place += 1));
  }
  const last = Math.max(-1, ...[...all].filter((place) => symbols[place] === MANY));
  return [...all].filter((place) => place >= last).sort((a, b) => a - b);
}

/** States: how much of the text is met so far; then decided. */
function ofOrder(kind: 'less' | 'more', text: string): Automaton {
  const { length } = text;
  const [before, after] = [length + 1, length + 2];
  const accepted = kind === 'less' ? before : after;
  return {
    start: 0,
    step: (state, written) => {
      let now = state;
      const units = foldAscii(written);
      for (let i = 0; i < units.length && now <= length; i += 1) {
        if (now === length) now = after;
        else if (units[i] === text[now]) now += 1;
        else now = units[i]! < text[now]! ? before : after;
      }
      return now;
    },
    accepts: (state) => state === accepted || (kind === 'less' && state < length),
    fate: (state) => (state <= length ? null : state === accepted ? 'yes' : 'no'),
  };
}
