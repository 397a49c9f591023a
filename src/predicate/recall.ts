/** What a matcher found in texts that it was given before: a log says the same few again and again. */
import type { PlacedText } from '../evtx/index.ts';
import type { FoldingMatcher } from './folding-matcher.ts';

/** A power of two. Of two texts with the same place the later one stays: a log can't fill the memory. */
const PLACES = 1024;

/** A matcher that knows texts by their numbers (PlacedFields). */
export class Recall {
  readonly #matcher: FoldingMatcher;
  #texts: Float64Array | null = null;
  readonly #found: (readonly number[])[] = [];

  constructor(matcher: FoldingMatcher) {
    this.#matcher = matcher;
  }

  /** What stands in the text of a number; undefined where that is not known. */
  of(number: number): readonly number[] | undefined {
    const place = number & (PLACES - 1);
    return this.#texts !== null && this.#texts[place] === number ? this.#found[place] : undefined;
  }

  /** What stands in a text: its number is not negative. */
  look(text: PlacedText, number: number): readonly number[] {
    const found: number[] = [];
    this.#matcher(text, (one) => void found.push(one));
    this.#texts ??= new Float64Array(PLACES).fill(-1);
    const place = number & (PLACES - 1);
    this.#texts[place] = number;
    this.#found[place] = found;
    return found;
  }
}
