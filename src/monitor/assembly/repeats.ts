/** One tracer reads another process's memory thousands of times: of the same access again, one in ten seconds is told. */
const TOLD_AGAIN_NS = 10e9;
/** Accesses that are remembered. */
const MAX_KEPT = 10_000;

export class Repeats {
  readonly #told = new Map<string, number>();
  /** Accesses that were not told. */
  count = 0;

  /** Whether this access was told within the last seconds; if not, it is from now on. `at` ascends, nanoseconds. */
  isRepeat(access: string, at: number): boolean {
    const told = this.#told.get(access);
    if (told !== undefined && at - told < TOLD_AGAIN_NS) {
      this.count += 1;
      return true;
    }
    this.#told.delete(access);
    if (this.#told.size >= MAX_KEPT) this.#told.delete(this.#told.keys().next().value!);
    this.#told.set(access, at);
    return false;
  }
}
