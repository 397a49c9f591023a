/** Changes to a configuration's text: every byte outside of them stays. */

/** Replaces the text from `start` to before `end` (UTF-16 units); an insertion where both are equal. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
