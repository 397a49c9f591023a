/** The attacks that a list was held against, and what they do not show. */
import { typeKey } from '../../events/index.ts';
import type { QuestionFacts } from '../question-facts.ts';
import { eventsOf, fieldsOf, type NoiseGroup } from './noise.ts';
import type { Tuning } from './tuning.ts';

const KINDS_SHOWN = 50;

/** `given`: whether attack logs or labels were given at all. */
export function attacksOf(
  attacks: readonly NoiseGroup[],
  question: QuestionFacts,
  given: boolean,
): Omit<Tuning['attacks'], 'amongLogs'> {
  const kinds = new Map<string, { key: Record<string, string>; events: number }>();
  for (const attack of attacks) {
    const shown = question.by.get(typeKey(attack.channel, attack.eventId)) ?? [];
    const key = Object.fromEntries(
      Object.entries(fieldsOf(attack)).filter(([field]) => shown.includes(field)),
    );
    const id = JSON.stringify([attack.eventId, key]).toLowerCase();
    const kind = kinds.get(id);
    if (kind) kind.events += eventsOf(attack);
    else kinds.set(id, { key, events: eventsOf(attack) });
  }
  const sorted = [...kinds.values()].sort((a, b) => b.events - a.events);
  const events = sorted.reduce((sum, kind) => sum + kind.events, 0);
  return {
    events,
    hidden: 0,
    coverage: coverageOf(sorted, events, given),
    kinds: sorted.slice(0, KINDS_SHOWN),
  };
}

function coverageOf(
  kinds: readonly { readonly key: Readonly<Record<string, string>>; readonly events: number }[],
  events: number,
  given: boolean,
): string {
  const [most] = kinds;
  if (!given)
    return 'No attacks were given: nothing here shows that the list hides none. --attacks takes logs of attacks, or labels.';
  if (!most) return 'The attacks given hold no event of this question: that none is hidden says nothing.';
  const one = `${Object.values(most.key).map(nameOf).join(' -> ') || 'all alike'}`;
  const counted = `${events} attack event${events === 1 ? '' : 's'} of ${kinds.length} kind${kinds.length === 1 ? '' : 's'}`;
  if (most.events * 2 >= events && events > 1)
    return `${counted}, ${most.events} of them ${one}: that none is hidden says little about other attacks.`;
  return `${counted}: that none is hidden says nothing about attacks that are not among them.`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('\\') + 1);
}
