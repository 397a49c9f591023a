/** Entries of an allow-list that noisefloor wrote, by the comments above them. */
import { readAllowComment } from '../allow-comment.ts';
import type { LintRule } from './rule.ts';
import { shortText } from './sections.ts';

export const ALLOW_RULES: readonly LintRule[] = [
  {
    code: 'entry-expired',
    severity: 'warning',
    title: 'an allow-list entry past its day',
    fact: "The day stands in the comment that noisefloor wrote above the entry and is its last; Sysmon knows nothing of it and goes on excluding (the comment is noisefloor's).",
    *check({ config, today }) {
      for (const { text, start, end } of config.document.comments) {
        const said = readAllowComment(text);
        if (!said || !/^\d{4}-\d{2}-\d{2}$/.test(said.expires) || said.expires >= today) continue;
        const { owner, ticket, expires } = said;
        const who = owner === '' ? 'nobody is named as its owner' : `its owner is ${shortText(owner)}`;
        const ref = ticket === '' ? '' : `, its ticket ${shortText(ticket)}`;
        yield {
          start,
          end,
          message: `this entry was allowed until ${expires} (${who}${ref}): remove it, or look again and give it a new day`,
        };
      }
    },
  },
];
