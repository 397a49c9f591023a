/** What a configuration logs of each event type: for exposure, which is of what would have been recorded. */
import type { Config } from '../config/index.ts';
import type { QuestionFacts } from '../analysis/index.ts';

/** By id: all of it, none of it, or what filters let through. Types that nothing filters are not in it. */
export function loggedTypes(config: Config): NonNullable<QuestionFacts['logged']> {
  const logged = new Map<number, 'all' | 'part' | 'none'>();
  for (const event of config.events) {
    const blocks = config.active.filter(({ tag }) => tag === event.tag);
    const includes = blocks.filter(({ onmatch }) => onmatch === 'include');
    const filtered = blocks.some(({ filters }) => filters.length > 0);
    if (blocks.length === 0) logged.set(event.id, event.default === 'include' ? 'all' : 'none');
    else if (includes.length > 0 && includes.every(({ filters }) => filters.length === 0))
      logged.set(event.id, 'none');
    else logged.set(event.id, filtered ? 'part' : 'all');
  }
  return logged;
}
