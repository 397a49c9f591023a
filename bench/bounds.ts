/** What the figures have to keep, and what they do. */
import {
  ASK,
  ASK_10,
  ASK_2,
  ASK_CONFIG,
  ASK_RULE,
  ASK_RULES,
  CAT,
  DUMP,
  DUMP_2,
  DUMP_RUST,
  FILES,
  FILES_RUST,
  HELP,
  NODE,
  START,
} from './cases.ts';
import { EVTX_DUMP } from './peers.ts';

/** A row for each bound: in words, the figure that was found, and whether it is kept. `sizeRatio`: small files to the log. */
export function boundsOf(
  seconds: ReadonlyMap<string, number>,
  peaks: ReadonlyMap<string, number>,
  sizeRatio: number,
): string[][] {
  const rows: string[][] = [];
  const of = (name: string): number => seconds.get(name) ?? Number.NaN;
  const add = (bound: string, found: number, unit: string, isKept: (found: number) => boolean): void => {
    if (!Number.isNaN(found))
      rows.push([bound, `${found.toFixed(2)}${unit}`, isKept(found) ? 'kept' : 'NOT KEPT']);
  };
  const below = (bound: string, found: number, most: number, unit = 'x'): void =>
    add(`${bound}: at most ${most}${unit}`, found, unit, (value) => value <= most);
  const above = (bound: string, found: number, least: number): void =>
    add(`${bound}: at least ${least}x`, found, 'x', (value) => value >= least);

  const asking = 9 * of(CAT) + 2.5 * of(NODE);
  const dumping = 14 * of(CAT) + 3 * of(NODE);
  below(`${ASK}, to 9 x cat + 2.5 x node`, of(ASK) / asking, 1);
  below(`${ASK_10}, to 9 x cat + 2.5 x node`, of(ASK_10) / asking, 1);
  below(`${DUMP}, to 14 x cat + 3 x node`, of(DUMP) / dumping, 1);
  below(`${DUMP_RUST}, to 14 x cat + 3 x node`, of(DUMP_RUST) / dumping, 1);
  above('two threads to one, dump', of(DUMP) / of(DUMP_2), 1.6);
  above('two threads to one, ask past start-up', (of(ASK) - of(START)) / (of(ASK_2) - of(START)), 1.6);
  below('all Sigma rules to one', of(ASK_RULES) / of(ASK_RULE), 4);
  below(`${HELP} to node`, of(HELP) / of(NODE), 2.5);
  below(`${START} to node`, of(START) / of(NODE), 2.5);
  if (EVTX_DUMP) {
    const rust = of(EVTX_DUMP.name);
    above(`${ASK} to evtx_dump`, rust / of(ASK), 3);
    above(`${DUMP} to evtx_dump`, rust / of(DUMP), 1.5);
    above(`${DUMP_RUST} to evtx_dump`, rust / of(DUMP_RUST), 1.5);
    above(`${ASK_CONFIG} to evtx_dump`, rust / of(ASK_CONFIG), 1);
    above(`${FILES} to evtx_dump on each`, of(FILES_RUST) / of(FILES), 5);
    above(`${FILES} to evtx_dump at its rate`, (rust * sizeRatio) / of(FILES), 1);
  }
  for (const name of [ASK, ASK_2, FILES])
    below(`peak memory, ${name}`, peaks.get(name) ?? Number.NaN, 250, ' MB');
  return rows;
}
