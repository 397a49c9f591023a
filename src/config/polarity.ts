/**
 * What a configuration logs by the polarity of its sections alone: an empty include logs nothing, an empty exclude
 * logs all, two sections of one tag log nothing, and a tag without a section follows Sysmon's built-in default
 * (sysmon-semantics, 6.1 and 10).
 */
import { EVENT_TYPES, type EventType } from '../events/index.ts';
import type { ConfigDocument, Section } from './document.ts';
import { ConfigError } from './error.ts';

export interface LoggedType {
  readonly type: EventType;
  /** The section that logs it; null where the built-in default does. */
  readonly section: Section | null;
}

/** The filterable types that the configuration logs, by ascending id. Throws ConfigError where a filter decides. */
export function loggedTypes(document: ConfigDocument, file: string): LoggedType[] {
  for (const { tag, filter, line, column } of document.sections) {
    if (!EVENT_TYPES.some((type) => type.tag === tag)) {
      throw new ConfigError(
        'config-unknown-tag',
        file,
        line,
        column,
        `expected the tag of an event type, found ${tag}`,
      );
    }
    if (filter) {
      const what = `expected empty sections, found the filter ${filter.name} in ${tag}`;
      const then =
        'configurations with filters are not evaluated yet; ask for the event type and narrow it with --where and --not';
      throw new ConfigError('config-filter', file, filter.line, filter.column, `${what}: ${then}`);
    }
  }
  return EVENT_TYPES.flatMap((type): LoggedType[] => {
    if (type.tag === null) return [];
    const sections = document.sections.filter((section) => section.tag === type.tag);
    if (sections.length === 0) return type.default === 'include' ? [{ type, section: null }] : [];
    const [only] = sections;
    return sections.length === 1 && only!.onmatch === 'exclude' ? [{ type, section: only! }] : [];
  });
}
