/** Sections -> blocks: what the engine evaluates (sysmon-semantics, section 5). */
import { EVENT_TYPES, type EventType } from '../events/index.ts';
import { type Condition, conditionNamed } from './condition.ts';
import type { ConfigElement } from './document.ts';
import { compareVersions, readVersion, type SchemaVersion } from './grammar.ts';
import { CONDITIONS } from './grammar-table.ts';

export interface Filter {
  readonly element: ConfigElement;
  readonly field: string;
  /** Index of the field in the event that the block is bound to. */
  readonly index: number;
  readonly condition: Condition;
  readonly text: string;
  /** Its own name, else the Rule's, else the RuleGroup's; empty if none has one. */
  readonly name: string;
  /** The Rule that it stands in, or null for a loose filter. */
  readonly rule: ConfigElement | null;
  readonly ruleMode: 'and' | 'or';
}

export interface Block {
  readonly section: ConfigElement;
  readonly tag: string;
  /** The first event of the tag that has all fields in use. */
  readonly eventId: number;
  readonly onmatch: 'include' | 'exclude';
  readonly combine: 'and' | 'or';
  readonly filters: readonly Filter[];
}

/** Something that the engine says while it builds blocks. A fatal one rejects the configuration. */
export interface BlockProblem {
  readonly code:
    | 'config-condition'
    | 'config-name-too-long'
    | 'config-crash'
    | 'config-incorrect-field'
    | 'config-onmatch';
  readonly element: ConfigElement;
  readonly message: string;
  readonly fatal: boolean;
}

/** An event type as a binary of some schema version knows it. */
export interface BoundEvent {
  readonly id: number;
  readonly tag: string;
  readonly fields: readonly string[];
  readonly default: 'include' | 'exclude';
}

const NAME_BYTES = 255;

/** The events that can be filtered, by ascending id, as a binary with this schema knows them. */
export function boundEvents(binary: SchemaVersion): BoundEvent[] {
  return EVENT_TYPES.flatMap((type: EventType): BoundEvent[] => {
    const layout = type.layouts.findLast(({ since }) => compareVersions(readVersion(since)!, binary) <= 0);
    if (!layout || layout.tag === null) return [];
    return [
      {
        id: type.id,
        tag: layout.tag,
        fields: layout.fields.map(([name]) => name),
        default: layout.default ?? 'exclude',
      },
    ];
  });
}

/** Builds the blocks of a valid document, in the engine's order: by event id, then by place. */
export function buildBlocks(
  root: ConfigElement,
  version: SchemaVersion,
  events: readonly BoundEvent[],
): { blocks: Block[]; problems: BlockProblem[] } {
  const blocks: Block[] = [];
  const problems: BlockProblem[] = [];
  const sections = sectionsOf(root);
  for (const tag of new Set(events.map((event) => event.tag))) {
    const candidates = events.filter((event) => event.tag === tag);
    for (const section of sections.filter(({ name }) => name === tag)) {
      const onmatch = polarityOf(section, problems);
      if (onmatch === null) continue;
      const filters = filtersOf(section, problems);
      if (problems.some(({ fatal }) => fatal)) return { blocks: [], problems };
      const used = [...new Set(filters.map(({ field }) => field))];
      const bound = candidates.find(({ fields }) => used.every((field) => fields.includes(field)));
      if (!bound) {
        // Told of the last candidate. This block is dropped, and all later ones of its tag.
        const { fields } = candidates.at(-1)!;
        const offending = filters.find(({ field }) => !fields.includes(field))!;
        const message = `no event of ${tag} has all fields of this section (${offending.field} is not in event ${candidates.at(-1)!.id}): Sysmon drops it and every later ${tag} section`;
        problems.push({ code: 'config-incorrect-field', element: offending.element, message, fatal: false });
        break;
      }
      for (const filter of filters) filter.index = bound.fields.indexOf(filter.field);
      blocks.push({
        section,
        tag,
        eventId: bound.id,
        onmatch,
        combine: combineOf(section, version),
        filters,
      });
    }
  }
  return { blocks, problems };
}

/** Sections in document order, in a RuleGroup or not. */
export function sectionsOf(root: ConfigElement): ConfigElement[] {
  return root.children
    .filter(({ name }) => name === 'EventFiltering')
    .flatMap(({ children }) => children)
    .flatMap((child) => (child.name === 'RuleGroup' ? child.children : [child]));
}

function polarityOf(section: ConfigElement, problems: BlockProblem[]): 'include' | 'exclude' | null {
  const onmatch = section.attributes.get('onmatch');
  const legacy = section.attributes.get('default');
  if ((onmatch === undefined) === (legacy === undefined)) {
    const found = onmatch === undefined ? 'neither onmatch nor default' : 'both onmatch and default';
    const message = `expected onmatch="include" or onmatch="exclude" on ${section.name}, found ${found}: Sysmon skips this section`;
    problems.push({ code: 'config-onmatch', element: section, message, fatal: false });
    return null;
  }
  // `default` is what happens without a match: the opposite.
  if (onmatch !== undefined) return onmatch === 'include' ? 'include' : 'exclude';
  return legacy === 'include' ? 'exclude' : 'include';
}

/** How the filters of a section combine (sysmon-semantics, 6.2). */
export function combineOf(section: ConfigElement, version: SchemaVersion): 'and' | 'or' {
  const group = section.parent;
  if (group?.name === 'RuleGroup') return group.attributes.get('groupRelation') === 'or' ? 'or' : 'and';
  return compareVersions(version, { major: 4, minor: 10 }) > 0 ? 'and' : 'or';
}

/** The filters of a section; their indexes are to be filled in when its event is known. */
function filtersOf(
  section: ConfigElement,
  problems: BlockProblem[],
): (Omit<Filter, 'index'> & { index: number })[] {
  const groupName = section.parent?.name === 'RuleGroup' ? (section.parent.attributes.get('name') ?? '') : '';
  const filters: ReturnType<typeof filtersOf> = [];
  const add = (element: ConfigElement, rule: ConfigElement | null): void => {
    const written = element.attributes.get('condition') ?? '';
    const condition = conditionNamed(written);
    if (condition === undefined) {
      const message = `there is no condition "${written}": expected ${CONDITIONS.join(', ')}`;
      problems.push({ code: 'config-condition', element, message, fatal: true });
      return;
    }
    const name = element.attributes.get('name') ?? rule?.attributes.get('name') ?? groupName;
    // No unit of UTF-16 takes more than three bytes.
    if (3 * name.length > NAME_BYTES && Buffer.byteLength(name) > NAME_BYTES) {
      const message = `expected a name of at most ${NAME_BYTES} bytes, found ${Buffer.byteLength(name)}`;
      problems.push({ code: 'config-name-too-long', element, message, fatal: true });
    }
    const relation = rule?.attributes.get('groupRelation');
    const ruleMode = relation === undefined || relation.toLowerCase() === 'or' ? 'or' : 'and';
    filters.push({
      element,
      field: element.name,
      index: -1,
      condition,
      text: element.text,
      name,
      rule,
      ruleMode,
    });
  };
  for (const child of section.children) {
    if (child.name !== 'Rule') {
      add(child, null);
      continue;
    }
    if (child.empty) {
      const message = 'a Rule with nothing in it crashes Sysmon while it loads the configuration';
      problems.push({ code: 'config-crash', element: child, message, fatal: true });
    }
    for (const field of child.children) add(field, child);
  }
  return filters;
}
