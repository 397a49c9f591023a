/** When, in the life of a machine. */
import type { Answer } from '../../analysis/index.ts';
import { count, share } from '../numbers.ts';
import { PHASE_NAMES } from '../phases-text.ts';
import { PHASES } from '../sentence.ts';
import { html, type Html } from './escape.ts';
import { bar, table } from './table.ts';

/** One bar for each phase that has events, and for steady use where it is known that it has none. */
export function phases({ matches: { byPhase } }: Answer): Html | null {
  const total = PHASES.reduce((sum, phase) => sum + byPhase[phase], 0);
  if (total === 0) return null;
  const most = Math.max(...PHASES.map((phase) => byPhase[phase]));
  const shown = PHASES.filter(
    (phase) => byPhase[phase] > 0 || (phase === 'steady' && byPhase.unknown < total),
  );
  return html`${table({
    id: 'phase-table',
    label: 'Events by phase',
    columns: [
      { head: 'Phase', kind: 'text' },
      { head: '', kind: 'bar' },
      { head: 'Events', kind: 'number' },
      { head: 'Share', kind: 'number' },
    ],
    rows: shown.map((phase) => [
      PHASE_NAMES[phase] ?? phase,
      bar(byPhase[phase], most, phase === 'steady' ? 'steady' : ''),
      count(byPhase[phase]),
      share(byPhase[phase], total),
    ]),
  })}${byPhase.unknown > 0 && html`<p class="note">Not known: no mark of the host tells; its System.evtx would.</p>`}`;
}
