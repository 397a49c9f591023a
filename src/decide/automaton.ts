/**
 * Tests as automata over the characters that matter. States are made when they are first met; a state is the set of
 * places in the pattern at which one may be (Rabin and Scott 1959).
 */
import { foldAscii } from '../events/index.ts';
import type { TextTest } from './formula.ts';
import { MANY, ONE, type Pattern } from './pattern.ts';

export interface Automaton {
  readonly start: number;
  /** The class of a character (a code point): those of one class are the same to this automaton. */
  readonly classOf: (character: string) => number;
  /** The state behind a character of a class. */
  readonly step: (state: number, of: number) => number;
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
  const end = symbols.length;
  // Characters that stand in no part of the pattern are class 0.
  const classes = new Map<string, number>();
  const named: string[] = [''];
  for (const symbol of symbols) {
    if (typeof symbol !== 'string' || classes.has(symbol)) continue;
    classes.set(symbol, named.push(symbol) - 1);
  }
  const states: (readonly number[])[] = [];
  const numbers = new Map<string, number>();
  const ways: (number | undefined)[][] = [];
  const fates: ('no' | 'yes' | null)[] = [];
  const accepting: boolean[] = [];
  const numberOf = (places: readonly number[]): number => {
    const kept = closed(symbols, places);
    const key = kept.join();
    let number = numbers.get(key);
    if (number === undefined) {
      number = states.push(kept) - 1;
      ways.push([]);
      const last = kept.includes(end);
      accepting.push(last);
      fates.push(kept.length === 0 ? 'no' : last && symbols[end - 1] === MANY ? 'yes' : null);
      numbers.set(key, number);
    }
    return number;
  };
  const next = (state: number, of: number): number => {
    const character = named[of]!;
    const places: number[] = [];
    for (const place of states[state]!) {
      const symbol = symbols[place];
      if (symbol === MANY) places.push(place);
      else if (symbol === ONE || (of > 0 && symbol === character)) places.push(place + 1);
    }
    return numberOf(places);
  };
  return {
    start: numberOf([0]),
    classOf: (character) => classes.get(fold(character)) ?? 0,
    step: (state, of) => (ways[state]![of] ??= next(state, of)),
    accepts: (state) => accepting[state]!,
    fate: (state) => fates[state]!,
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

/** States: how much of the text is met so far; then decided. Each character is a class of its own. */
function ofOrder(kind: 'less' | 'more', text: string): Automaton {
  const { length } = text;
  const [before, after] = [length + 1, length + 2];
  const accepted = kind === 'less' ? before : after;
  return {
    start: 0,
    classOf: (character) => foldAscii(character).codePointAt(0)!,
    step: (state, of) => {
      let now = state;
      const units = String.fromCodePoint(of);
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
