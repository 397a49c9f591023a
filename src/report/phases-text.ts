/** When, in the life of a machine: one bar for each phase. */
import type { ByPhase } from '../analysis/index.ts';
import { count, share } from './numbers.ts';
import type { Line } from './page.ts';
import { PHASES } from './sentence.ts';
import { pad } from './terminal.ts';

/** Names of phases where they are not those of the answer. */
export const PHASE_NAMES: Readonly<Record<string, string>> = { steady: 'steady use', unknown: 'not known' };
const BAR = 30;

/** Bars with counts and shares; phases without an event are left out, but for steady use. */
export function phaseLines(byPhase: ByPhase): Line[] {
  const total = PHASES.reduce((sum, phase) => sum + byPhase[phase], 0);
  if (total === 0) return [];
  const most = Math.max(...PHASES.map((phase) => byPhase[phase]));
  const digits = count(most).length;
  const bars = PHASES.filter(
    (phase) => byPhase[phase] > 0 || (phase === 'steady' && byPhase.unknown < total),
  ).map((phase): Line => {
    const events = byPhase[phase];
    const blocks = events === 0 ? 0 : Math.max(1, Math.round((BAR * events) / most));
    return [
      { text: `  ${pad(PHASE_NAMES[phase] ?? phase, 10)}  ` },
      { text: '█'.repeat(blocks), style: phase === 'steady' ? 'yellow' : 'cyan' },
      { text: ' '.repeat(BAR - blocks) },
      { text: `  ${pad(count(events), digits, 'right')}  ${pad(share(events, total), 5, 'right')}` },
    ];
  });
  if (byPhase.unknown === 0) return bars;
  const note = 'not known: no mark of the host tells; its System.evtx would';
  return [...bars, [{ text: `  ${note}`, style: 'dim' }]];
}

/** `boot 80, logon 2`: the same in one line of words. */
export function phaseWords(byPhase: ByPhase): string {
  return PHASES.filter((phase) => byPhase[phase] > 0)
    .map((phase) => `${PHASE_NAMES[phase] ?? phase} ${count(byPhase[phase])}`)
    .join(', ');
}
