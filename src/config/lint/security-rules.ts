/** Where an attacker hides, and what makes a configuration loud or slow (sysmon-lint-rules, parts E and F). */
import { decideFor } from '../evaluate.ts';
import type { Config } from '../load.ts';
import { unitText } from '../meaning.ts';
import { escapeXml, setText } from './place.ts';
import type { Finding, LintRule } from './rule.ts';
import { WHOLE } from './section-rules.ts';
import { findingAt, findingAtName, shortText, tagSections } from './sections.ts';
import { VOLUME_RULES } from './volume-rules.ts';
import { weakExcludes, type Weakness, type WeakExclude } from './weak-excludes.ts';

const EXCLUDED =
  'An exclude filter decides before any include filter: an event that meets it is never logged (sysmon-semantics, 6.1).';

/** A rule about exclude filters with one weakness. `why` says what an attacker does, and what to do instead. */
function weakRule(
  weakness: Weakness,
  code: string,
  title: string,
  why: (weak: WeakExclude) => string,
  more: (config: Config, weak: WeakExclude) => Partial<Finding> = () => ({}),
): LintRule {
  return {
    code,
    severity: 'warning',
    title,
    fact: EXCLUDED,
    *check({ config }) {
      for (const weak of weakExcludes(config)) {
        if (weak.weakness !== weakness) continue;
        const message = `${weak.tag} is not logged for ${shortText(unitText(weak.unit))}: ${why(weak)}`;
        yield findingAt(weak.unit.source, message, more(config, weak));
      }
    },
  };
}

const WITH_MORE =
  'ask in a Rule with groupRelation="and" for the full path and for the parent, the user or the hash';

export const SECURITY_RULES: readonly LintRule[] = [
  weakRule(
    'name',
    'exclude-by-name',
    'an exclude filter on the bare name of a program',
    () => `any program of this name, in any folder, meets it; ${WITH_MORE}`,
  ),
  weakRule(
    'command-line',
    'exclude-by-command-line',
    'an exclude filter on a part of the command line',
    () => `who starts a program writes its command line, and may add this text; ${WITH_MORE}`,
  ),
  weakRule(
    'metadata',
    'exclude-by-metadata',
    'an exclude filter on what a file says of itself',
    () => `whoever builds a file writes this into it; ${WITH_MORE}`,
  ),
  weakRule(
    'writable',
    'exclude-writable-folder',
    'an exclude filter on a folder that plain users may write to',
    () => `plain users may put a file there; ${WITH_MORE}`,
  ),
  weakRule(
    'fragment',
    'exclude-by-fragment',
    'an exclude filter on a part of a path',
    () => `a folder of this name may be made anywhere; begin with the drive, or ${WITH_MORE}`,
  ),
  weakRule(
    'short',
    'exclude-short-text',
    'an exclude filter with a very short text',
    ({ text }) => `${text.length} characters are met by chance; write more of the value`,
  ),
  weakRule(
    'interpreter',
    'exclude-interpreter',
    'an exclude filter on a program that runs what it is told to',
    () =>
      `this program runs whatever it is given, and attackers use it for that; exclude the one use that is meant, by its parent and its whole command line`,
  ),
  weakRule(
    'security-tool',
    'exclude-security-tool',
    'an exclude filter on Sysmon itself',
    () => 'what Sysmon does, and what is done in its name, is then not seen; exclude no more than the noise',
  ),
  weakRule(
    'domain',
    'exclude-domain-open',
    'an exclude filter on a domain that others may register',
    ({ text }) =>
      `${neighbour(text)} meets it, too; write "end with" with a leading dot, and "is" for the domain itself`,
    domainProof,
  ),
  {
    code: 'sysmon-unwatched',
    severity: 'info',
    title: 'changes to Sysmon itself that are not logged',
    fact: 'Sysmon keeps its rules and its services in the registry; whoever may write there switches it off (sysmon-semantics, 4 and 9).',
    *check({ config }) {
      const present = tagSections(config);
      if (present.length < WHOLE) return;
      const registry = present.find(({ tag }) => tag === 'RegistryEvent');
      const unseen = TAMPERING.filter((target) => !sees(config, target));
      if (unseen.length < TAMPERING.length) return;
      const [first] = unseen;
      const filtering = config.document.root.children.find(({ name }) => name === 'EventFiltering');
      const element = registry?.blocks.at(-1)!.section ?? filtering;
      if (!element) return;
      const message = `a program that writes to ${first} is not logged; include TargetObject contains any "\\Services\\SysmonDrv\\;\\Services\\Sysmon\\;\\Services\\Sysmon64\\"`;
      yield findingAtName(element, message, { witness: tampering(first!) });
    },
  },
  {
    code: 'block-all-but',
    severity: 'warning',
    title: 'a section that blocks all files but a few',
    fact: 'For FileBlockExecutable and FileBlockShredding "logged" means blocked and logged: onmatch="exclude" blocks all that the section does not name (sysmon-semantics, 10).',
    *check({ config }) {
      for (const { tag, blocks } of tagSections(config)) {
        if (!tag.startsWith('FileBlock') || blocks.length !== 1 || blocks[0]!.onmatch !== 'exclude') continue;
        const message = `this blocks every such file but those named here; write onmatch="include" with what is to be blocked, if that is not meant`;
        yield findingAtName(blocks[0]!.section, message);
      }
    },
  },
  ...VOLUME_RULES,
];

/** Keys of which at least one is watched where anyone watches Sysmon. */
const TAMPERING: readonly string[] = [
  'HKLM\\System\\CurrentControlSet\\Services\\SysmonDrv\\Parameters\\Rules',
  'HKLM\\System\\CurrentControlSet\\Services\\SysmonDrv\\Start',
  'HKLM\\System\\CurrentControlSet\\Services\\Sysmon64\\Start',
  'HKLM\\System\\CurrentControlSet\\Services\\Sysmon\\Start',
];

function tampering(target: string): Record<string, string> {
  return {
    EventID: '13',
    EventType: 'SetValue',
    Image: 'C:\\Users\\u\\zq9.exe',
    TargetObject: target,
    Details: 'DWORD (0x00000004)',
  };
}

function sees(config: Config, target: string): boolean {
  const fields = tampering(target);
  return decideFor(config, 13)((field) => fields[field]).logged;
}

/** A domain that anyone may register; a text in the middle of a name may have anything behind it. */
function neighbour(text: string): string {
  return text.startsWith('.') ? `evil${text}${text.endsWith('.') ? 'example' : '.example'}` : `evil${text}`;
}

/** A name that anyone may register and that the filter takes, where evaluation agrees; and the filter with a dot. */
function domainProof(config: Config, { unit, eventId, text }: WeakExclude): Partial<Finding> {
  const [filter] = unit.filters;
  const event: Record<string, string> = { [filter!.field]: neighbour(text) };
  const { kind, logged } = decideFor(config, eventId)((field) => event[field]);
  const hidden = kind === 'filter' && !logged;
  const splice =
    filter!.condition === 'end with'
      ? setText(config.source.text, filter!.element, `.${filter!.text}`)
      : null;
  return {
    ...(hidden ? { witness: { EventID: String(eventId), ...event } } : {}),
    ...(splice
      ? { fix: { title: `write ".${escapeXml(filter!.text)}"`, splices: [splice], safe: false } }
      : {}),
  };
}
