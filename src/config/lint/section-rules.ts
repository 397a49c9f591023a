/** What sections do as a whole (sysmon-lint-rules, C20, C23, C24, C27 to C30). */
import { listItems } from '../condition.ts';
import type { ConfigElement } from '../document.ts';
import { decideFor } from '../evaluate.ts';
import { findEvent } from '../witness.ts';
import { setAttribute } from './place.ts';
import type { LintRule } from './rule.ts';
import { findingAt, findingAtName, placeOf, tagSections } from './sections.ts';

/** A configuration with at least so many tags is a whole one, not a piece to be merged with others. */
export const WHOLE = 5;

export const SECTION_RULES: readonly LintRule[] = [
  {
    code: 'section-and-silently',
    severity: 'warning',
    title: 'filters on several fields that must all match, without anyone having said so',
    fact: 'Outside of a RuleGroup a section combines its fields with AND from schema 4.11 on, and with OR up to 4.10 (sysmon-semantics, 6.2).',
    *check({ config, blocks }) {
      const { text } = config.source;
      for (const { section, combine, filters } of blocks) {
        if (combine !== 'and' || section.parent?.name === 'RuleGroup') continue;
        const parts = new Set(filters.map(({ rule, field }) => rule ?? field));
        if (parts.size < 2) continue;
        const what = [...parts].filter((part) => typeof part === 'string');
        const named =
          what.length > 1 ? `one filter of each of ${what.join(', ')}` : `all ${parts.size} of its parts`;
        const message = `this section matches only where ${named} matches: the schema version says AND; put it into <RuleGroup groupRelation="or"> (or "and", if that is meant)`;
        const splices = [
          { start: section.start, end: section.start, text: '<RuleGroup groupRelation="and">' },
          { start: section.end, end: section.end, text: '</RuleGroup>' },
        ];
        const fix = { title: 'say groupRelation="and", which keeps what it does now', splices, safe: false };
        yield findingAtName(section, message, text.length > 0 ? { fix } : {});
      }
    },
  },
  {
    code: 'excludes-all',
    severity: 'warning',
    title: '"excludes all" is true unless every item is there',
    fact: 'Against its documentation, "excludes all" matches when at least one item is absent, "excludes any" when none is there (sysmon-semantics, 7.4).',
    *check({ config, blocks }) {
      for (const { filters } of blocks) {
        for (const { element, condition, text } of filters) {
          if (condition !== 'excludes all' || listItems(text).length < 2) continue;
          const message = `"excludes all" matches wherever one of these items is absent, thus nearly always: for values that hold none of them write "excludes any"`;
          const splices = [setAttribute(config.source.text, element, 'condition', 'excludes any')];
          yield findingAt(element, message, {
            fix: { title: 'write condition="excludes any"', splices, safe: false },
          });
        }
      }
    },
  },
  {
    code: 'excludes-everything',
    severity: 'warning',
    title: 'an exclude filter that matches every event',
    fact: 'An empty text is contained in, and begins and ends, every value; so does a list whose last item is empty (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const { tag, units } of tagSections(config)) {
        const all = units.flatMap(({ excludes }) => excludes).find(({ clauses }) => clauses.length === 0);
        if (all)
          yield findingAt(
            all.source,
            `this matches every event: no ${tag} is ever logged; write what is to be excluded`,
          );
      }
    },
  },
  {
    code: 'excludes-without-include',
    severity: 'warning',
    title: 'exclude filters beside an empty include section',
    fact: 'With two sections of a tag, an event that none of them matches is not logged; an empty section never matches (sysmon-semantics, 6.1).',
    *check({ config }) {
      for (const { tag, blocks } of tagSections(config)) {
        const excludes = blocks.filter(({ onmatch, filters }) => onmatch === 'exclude' && filters.length > 0);
        const includes = blocks.filter(({ onmatch }) => onmatch === 'include');
        if (excludes.length === 0 || includes.length === 0) continue;
        if (includes.some(({ filters }) => filters.length > 0)) continue;
        const [empty] = includes;
        const message = `no ${tag} is ever logged: this section is empty, and beside it the exclude section at ${placeOf(config, excludes[0]!.section)} only takes away; remove this section to log all but what is excluded, or remove the exclude section`;
        yield findingAtName(empty!.section, message);
      }
    },
  },
  {
    code: 'neither-matches',
    severity: 'info',
    title: 'include and exclude sections of a type that is logged by default',
    fact: 'With two sections of a tag, an event that none of them matches is not logged, even where the type is logged by default (sysmon-semantics, 6.1 and 10).',
    *check({ config }) {
      for (const { tag, events, blocks } of tagSections(config)) {
        const [event] = events;
        if (event!.default !== 'include' || blocks.length < 2) continue;
        if (!blocks.some(({ filters, onmatch }) => onmatch === 'include' && filters.length > 0)) continue;
        const decide = decideFor(config, event!.id);
        const witness = findEvent(
          [config],
          event!.id,
          [],
          (fields) => decide((field) => fields[field]).kind === 'no-match',
        );
        if (!witness) continue;
        const message = `${tag} has ${blocks.length} sections: an event that none of them matches is not logged, though ${tag} is logged by default without them`;
        yield findingAtName(blocks.at(-1)!.section, message, {
          witness: { EventID: String(event!.id), ...witness },
        });
      }
    },
  },
  {
    code: 'types-not-mentioned',
    severity: 'info',
    title: 'event types without a section',
    fact: 'A type without a section follows its default: ProcessCreate and ProcessTerminate are logged, all others are not (sysmon-semantics, 10).',
    *check({ config }) {
      const present = new Set(tagSections(config).map(({ tag }) => tag));
      if (present.size < WHOLE) return;
      const known = new Set(config.grammar?.tags.keys());
      const absent = config.events.filter(({ tag }) => !present.has(tag) && known.has(tag));
      const tags = (logged: boolean): string[] => [
        ...new Set(absent.filter((event) => (event.default === 'include') === logged).map(({ tag }) => tag)),
      ];
      const parts = [
        ...(tags(false).length > 0 ? [`not logged: ${tags(false).join(', ')}`] : []),
        ...(tags(true).length > 0 ? [`logged all the same: ${tags(true).join(', ')}`] : []),
      ];
      const filtering = config.document.root.children.find(({ name }) => name === 'EventFiltering');
      if (parts.length === 0 || !filtering) return;
      yield findingAtName(filtering, `types without a section here, by default ${parts.join('; ')}`);
    },
  },
  {
    code: 'include-empty',
    severity: 'info',
    title: 'an empty include section logs nothing',
    fact: 'A section without filters never matches: onmatch="include" then logs nothing of the type, onmatch="exclude" all of it (sysmon-semantics, 6.1).',
    *check({ config }) {
      const empty = tagSections(config).filter(({ blocks }) =>
        blocks.every(({ onmatch, filters }) => onmatch === 'include' && filters.length === 0),
      );
      const [first] = empty;
      if (!first) return;
      const message = `onmatch="include" with nothing in it logs nothing: ${empty.map(({ tag }) => tag).join(', ')}; to log all of a type write onmatch="exclude"`;
      yield findingAtName(first.blocks[0]!.section, message);
    },
  },
  {
    code: 'field-of-one-event',
    severity: 'warning',
    title: 'a field that matches in one event of the tag alone',
    fact: 'A section is bound to the first event of its tag that has all its fields; in the others a filter matches only where the same field stands in the same place (sysmon-semantics, 9).',
    *check({ config }) {
      for (const { tag, events, blocks } of tagSections(config)) {
        const seen = new Set<ConfigElement | string>();
        for (const { filters, section } of blocks) {
          for (const { element, field, index } of filters) {
            const having = events.filter(({ fields }) => fields.includes(field));
            const matching = having.filter(({ fields }) => fields[index] === field);
            const key = `${section.start} ${field}`;
            if (matching.length === having.length || seen.has(key)) continue;
            seen.add(key);
            const missed = having.filter((event) => !matching.includes(event)).map(({ id }) => id);
            const message = `${field} matches only in event ${matching.map(({ id }) => id).join(' and ')} of ${tag} here, never in ${missed.join(' or ')}, though ${missed.length > 1 ? 'those have' : 'that has'} the field`;
            yield findingAt(element, message);
          }
        }
      }
    },
  },
];
