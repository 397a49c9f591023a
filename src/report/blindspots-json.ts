/** Blind spots as JSON: the frozen `noisefloor.blindspots/1`. */
import type { Blindspots } from '../analysis/index.ts';
import { terminalSafe } from '../lines/index.ts';

export function renderBlindspotsJson(found: Blindspots): string {
  return `${terminalSafe(JSON.stringify(found, null, 2))}\n`;
}
