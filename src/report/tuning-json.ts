/** A tuning as JSON: the frozen `noisefloor.tuning/1`. */
import type { Tuning } from '../analysis/index.ts';
import { terminalSafe } from '../lines/index.ts';

export function renderTuningJson(tuning: Tuning): string {
  return `${terminalSafe(JSON.stringify(tuning, null, 2))}\n`;
}
