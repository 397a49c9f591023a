/** What stops a configuration from loading beside its grammar, or is lost on the way (sysmon-lint-rules, A4, A9, A12, B13 to B19). */
import { sectionsOf } from '../blocks.ts';
import type { ConfigElement } from '../document.ts';
import { versionText } from '../grammar.ts';
import type { Config } from '../load.ts';
import { filterElements } from './filter-elements.ts';
import { raiseSchema } from './grammar-findings.ts';
import { minimumSchema } from './minimum-schema.ts';
import { attributeSpan, nameSpan, removeAttribute, removeElement, startTagSpan } from './place.ts';
import type { Finding, LintRule } from './rule.ts';

const NAME_BYTES = 255;
const NAME_BYTES_13 = 127;

export const LOADING_RULES: readonly LintRule[] = [
  {
    code: 'schemaversion-invalid',
    severity: 'error',
    title: 'a schemaversion that no present Sysmon takes',
    fact: 'Sysmon 7 and newer take schema 4.00 and newer; a missing, empty or non-numeric schemaversion crashes the loader (sysmon-semantics, 2.1 and 2.2).',
    *check({ config }) {
      const { schemaVersion, grammar, document, source } = config;
      if (schemaVersion && grammar) return;
      const { root } = document;
      const written = root.attributes.get('schemaversion');
      const span = attributeSpan(source.text, root, 'schemaversion')?.value ?? startTagSpan(root);
      const { schema } = minimumSchema(config);
      const wanted = schema ?? '4.90';
      const found = written === undefined ? 'none' : `"${written}"`;
      const why = schemaVersion ? 'is not supported' : 'crashes Sysmon';
      yield {
        ...span,
        message: `expected schemaversion="4.00" or newer, found ${found}, which ${why}: what stands here needs ${wanted}`,
        fix: { ...raiseSchema(config, wanted), ...(schemaVersion ? {} : { safe: false }) },
      };
    },
  },
  {
    code: 'schemaversion-other',
    severity: 'warning',
    title: 'a schemaversion that this Sysmon does not carry',
    fact: 'A version between two schemas is judged by the grammar of the lower one, a version newer than the Sysmon by the second newest grammar that it carries; the text is read as the leading number, rounded to two decimals (sysmon-semantics, 2.1 and 2.2).',
    *check({ config }) {
      const { schemaVersion, grammar, document, source } = config;
      if (!schemaVersion || !grammar) return;
      const written = document.root.attributes.get('schemaversion') ?? '';
      const version = versionText(schemaVersion);
      const span =
        attributeSpan(source.text, document.root, 'schemaversion')?.value ?? startTagSpan(document.root);
      if (!/^\d+(?:\.\d+)?$/.test(written))
        yield {
          ...span,
          message: `schemaversion="${written}" is read as ${version}: write that, or what was meant`,
        };
      else if (grammar.version !== version) {
        const message = `this Sysmon does not carry a schema ${version} and judges by the grammar of ${grammar.version}: declare a version that it has`;
        yield { ...span, message };
      }
    },
  },
  {
    code: 'name-too-long',
    severity: 'error',
    title: 'a rule name of over 255 bytes',
    fact: "The name in effect (the field's own, else the Rule's, else the RuleGroup's) may take 255 bytes of UTF-8; a longer one rejects the whole configuration (sysmon-semantics, 5.4).",
    check: ({ config }) => longNames(config, NAME_BYTES + 1, Infinity),
  },
  {
    code: 'name-cut',
    severity: 'info',
    title: 'a rule name of over 127 bytes',
    fact: 'Sysmon up to 13 cuts rule names at 127 bytes (sysmon-semantics, 8).',
    check: ({ config }) => longNames(config, NAME_BYTES_13 + 1, NAME_BYTES),
  },
  {
    code: 'rule-crash',
    severity: 'error',
    title: 'a Rule with nothing in it',
    fact: 'Exactly <Rule/> or <Rule></Rule> crashes the loader (sysmon-semantics, 5.2).',
    *check({ config }) {
      for (const rule of rulesOf(config)) {
        if (!rule.empty) continue;
        yield {
          ...startTagSpan(rule),
          message: 'a Rule with nothing in it crashes Sysmon while it loads the configuration: remove it',
          fix: { title: 'remove the Rule', splices: [removeElement(config.source.text, rule)], safe: true },
        };
      }
    },
  },
  {
    code: 'rule-without-filters',
    severity: 'warning',
    title: 'a Rule without any filter',
    fact: 'A Rule without fields contributes nothing to its section (sysmon-semantics, 5.2).',
    *check({ config }) {
      for (const rule of rulesOf(config)) {
        if (rule.empty || rule.children.length > 0) continue;
        const message = 'this Rule has no filter and means nothing: write its filters or remove it';
        yield { ...startTagSpan(rule), message };
      }
    },
  },
  {
    code: 'section-onmatch',
    severity: 'error',
    title: 'a section with neither or both of onmatch and default',
    fact: 'A section needs exactly one of onmatch and default (default="include" is the old spelling of onmatch="exclude", and the reverse); otherwise Sysmon prints a line and skips the section (sysmon-semantics, 5.2).',
    *check({ config }) {
      const tags = knownTags(config);
      for (const section of sectionsOf(config.document.root)) {
        const onmatch = section.attributes.get('onmatch');
        const legacy = section.attributes.get('default');
        if (!tags.has(section.name) || (onmatch === undefined) !== (legacy === undefined)) continue;
        const span = startTagSpan(section);
        // A misspelt attribute is a finding of its own.
        if (onmatch === undefined && section.attributes.size > 0) continue;
        if (onmatch === undefined) {
          const message = `${section.name} has neither onmatch nor default, so Sysmon skips this section: write onmatch="include" or onmatch="exclude"`;
          yield { ...span, message };
          continue;
        }
        const splice = removeAttribute(config.source.text, section, 'default');
        const message = `${section.name} has both onmatch and default, so Sysmon skips this section: keep onmatch`;
        const fix = splice && { title: 'remove default', splices: [splice], safe: onmatch !== legacy };
        yield { ...span, message, ...(fix ? { fix } : {}) };
      }
    },
  },
  {
    code: 'field-of-other-event',
    severity: 'error',
    title: 'a field that the event of the section does not have',
    fact: 'Inside a Rule the grammar lets any event\'s fields stand, but Sysmon then prints "Incorrect field" and drops that section and every later one of the same tag; the load succeeds (sysmon-semantics, 5.4).',
    check: ({ config }) => unboundSections(config, false),
  },
  {
    code: 'fields-never-together',
    severity: 'error',
    title: 'fields of different events of one tag in one section',
    fact: 'A section is bound to one event of its tag that has all of its fields: Details (13) and NewName (14) of RegistryEvent, or Name (19) with Filter (21) of WmiEvent, never stand in one event, so that section and every later one of the tag are dropped (sysmon-semantics, 5.4 and 9).',
    check: ({ config }) => unboundSections(config, true),
  },
  {
    code: 'sections-same-polarity',
    severity: 'warning',
    title: 'two sections of one tag with the same onmatch',
    fact: 'With two or more sections of a tag, an event that none matches is not logged, even if all are onmatch="exclude"; sections of one polarity are tried last to first, sysmon -c lists only the first, and older versions keep only one (sysmon-semantics, 6.1 and 14).',
    *check({ config }) {
      const first = new Map<string, ConfigElement>();
      const tags = knownTags(config);
      for (const section of sectionsOf(config.document.root)) {
        const onmatch = onmatchOf(section);
        if (!tags.has(section.name) || onmatch === null) continue;
        const key = `${section.name} ${onmatch}`;
        const before = first.get(key);
        if (!before) {
          first.set(key, section);
          continue;
        }
        const { line } = config.positionOf(before.start);
        const effect =
          onmatch === 'exclude'
            ? 'what neither matches is not logged at all'
            : 'this one is tried before the other';
        const message = `another ${section.name} section with onmatch="${onmatch}" stands on line ${line}: ${effect}; merge them`;
        yield { ...startTagSpan(section), message };
      }
    },
  },
  {
    code: 'group-of-several',
    severity: 'info',
    title: 'a RuleGroup with several sections',
    fact: 'Sysmon 9 to 13.0 keep only one section of a RuleGroup; newer ones keep all, and the group joins them in nothing but name and groupRelation (sysmon-semantics, 5.2 and 16).',
    *check({ config }) {
      for (const filtering of config.document.root.children) {
        for (const group of filtering.children) {
          if (group.name !== 'RuleGroup' || group.children.length < 2) continue;
          const names = group.children.map(({ name }) => name);
          const message = `this RuleGroup holds ${names.length} sections (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}), of which Sysmon 9 to 13.0 keep one: give each its own RuleGroup if such versions are in use`;
          yield { ...startTagSpan(group), message };
        }
      }
    },
  },
  {
    code: 'section-all-comments',
    severity: 'info',
    title: 'a section whose filters are all commented out',
    fact: 'A section without filters never matches: onmatch="include" then logs nothing, onmatch="exclude" alone logs everything (sysmon-semantics, 6.1).',
    *check({ config }) {
      const { comments } = config.document;
      let at = 0;
      for (const section of sectionsOf(config.document.root)) {
        const onmatch = onmatchOf(section);
        if (section.children.length > 0 || section.empty || onmatch === null) continue;
        while (at < comments.length && comments[at]!.start < section.contentStart) at += 1;
        let inside = false;
        for (; at < comments.length && comments[at]!.end <= section.end; at++) {
          const { text } = comments[at]!;
          inside ||= /<\w/.test(text) && /<\/\w/.test(text);
        }
        if (!inside) continue;
        const effect =
          onmatch === 'include' ? 'it logs nothing' : 'it logs everything, if it is the only one';
        const message = `all filters of this ${section.name} section are comments: ${effect}`;
        yield { ...startTagSpan(section), message };
      }
    },
  },
];

/** The polarity of a section as Sysmon reads it; null where it skips the section. */
export function onmatchOf(section: ConfigElement): 'include' | 'exclude' | null {
  const onmatch = section.attributes.get('onmatch');
  const legacy = section.attributes.get('default');
  if ((onmatch === undefined) === (legacy === undefined)) return null;
  if (onmatch !== undefined)
    return onmatch === 'include' ? 'include' : onmatch === 'exclude' ? 'exclude' : null;
  return legacy === 'include' ? 'exclude' : legacy === 'exclude' ? 'include' : null;
}

function knownTags({ events }: Config): Set<string> {
  return new Set(events.map(({ tag }) => tag));
}

function rulesOf(config: Config): ConfigElement[] {
  return sectionsOf(config.document.root)
    .flatMap(({ children }) => children)
    .filter(({ name }) => name === 'Rule');
}

function* longNames(config: Config, from: number, to: number): Generator<Finding> {
  const seen = new Set<ConfigElement>();
  for (const { element, rule, section } of filterElements(config)) {
    const group = section.parent?.name === 'RuleGroup' ? section.parent : null;
    const owner = [element, rule, group].find((candidate) => candidate?.attributes.has('name'));
    if (!owner || seen.has(owner)) continue;
    seen.add(owner);
    const bytes = Buffer.byteLength(owner.attributes.get('name')!);
    if (bytes < from || bytes > to) continue;
    const span = attributeSpan(config.source.text, owner, 'name')?.value ?? startTagSpan(owner);
    const limit = bytes > NAME_BYTES ? NAME_BYTES : NAME_BYTES_13;
    const who = bytes > NAME_BYTES ? '' : ' for Sysmon up to 13, which cuts it';
    yield { ...span, message: `expected a name of at most ${limit} bytes${who}, found ${bytes}: shorten it` };
  }
}

/** Sections whose fields no event of their tag has all of: with fields that it has one by one, or has not at all. */
function* unboundSections(config: Config, oneByOne: boolean): Generator<Finding> {
  const byTag = new Map<string, ConfigElement[]>();
  for (const section of sectionsOf(config.document.root)) {
    if (onmatchOf(section) === null) continue;
    const same = byTag.get(section.name);
    if (same) same.push(section);
    else byTag.set(section.name, [section]);
  }
  for (const [tag, sections] of byTag) {
    const candidates = config.events.filter((event) => event.tag === tag).map(({ fields }) => fields);
    if (candidates.length === 0) continue;
    for (const [index, section] of sections.entries()) {
      const filters = section.children.flatMap((child) => (child.name === 'Rule' ? child.children : [child]));
      if (candidates.some((fields) => filters.every(({ name }) => fields.includes(name)))) continue;
      const foreign = filters.find(({ name }) => !candidates.some((fields) => fields.includes(name)));
      if ((foreign === undefined) !== oneByOne) continue;
      // A name that no event has, or that stands loose, is rejected by the grammar: a finding of its own.
      if (
        foreign &&
        (foreign.parent?.name !== 'Rule' ||
          !config.events.some(({ fields }) => fields.includes(foreign.name)))
      )
        continue;
      const later = sections.length - index - 1;
      const lost = `Sysmon drops this section${later === 0 ? '' : ` and ${later === 1 ? 'the later one' : `the ${later} later ones`} of ${tag}`}`;
      if (foreign) {
        const message = `${tag} has no field ${foreign.name}: ${lost}; remove the filter, or write what ${tag} has`;
        yield { ...nameSpan(foreign), message };
      } else {
        const best = candidates.reduce((a, b) =>
          missing(b, filters).length < missing(a, filters).length ? b : a,
        );
        const offending = missing(best, filters)[0]!;
        const message = `no single event of ${tag} has all fields of this section (${[...new Set(filters.map(({ name }) => name))].join(', ')}): ${lost}; give ${offending.name} a section of its own`;
        yield { ...nameSpan(offending), message };
      }
    }
  }
}

function missing(fields: readonly string[], filters: readonly ConfigElement[]): ConfigElement[] {
  return filters.filter(({ name }) => !fields.includes(name));
}
