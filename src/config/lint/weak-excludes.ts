/** What makes an exclude filter easy to meet for an attacker who knows of it. One weakness is told for a filter: the worst. */
import { foldAscii } from '../../events/index.ts';
import { ACTORS, COMMANDS, DOMAINS, LOADERS, METADATA, WRITABLE_SHAPE } from '../../room/index.ts';
import { listItems } from '../condition.ts';
import { isNegative } from '../implication.ts';
import type { Config } from '../load.ts';
import type { Unit } from '../unit.ts';
import { tagSections } from './sections.ts';

export type Weakness =
  | 'security-tool'
  | 'interpreter'
  | 'domain'
  | 'writable'
  | 'command-line'
  | 'metadata'
  | 'name'
  | 'fragment'
  | 'short';

export interface WeakExclude {
  readonly unit: Unit;
  readonly tag: string;
  readonly eventId: number;
  readonly weakness: Weakness;
  /** The text that makes it weak, as written. */
  readonly text: string;
}

const PATHS: ReadonlySet<string> = new Set([
  'Image',
  'ParentImage',
  'SourceImage',
  'ImageLoaded',
  'TargetFilename',
]);
const SECURITY = /sysmon(?:64|drv|64a)?(?:\.exe|\.sys)?$|\\sysmon/;

/** Texts shorter than this are met by chance. */
const SHORT = 4;

const byConfig = new WeakMap<Config, readonly WeakExclude[]>();

/** Exclude filters that stand alone and are weak, each once. Rules that ask for more than one thing are not told. */
export function weakExcludes(config: Config): readonly WeakExclude[] {
  let weak = byConfig.get(config);
  if (!weak) byConfig.set(config, (weak = collect(config)));
  return weak;
}

function collect(config: Config): WeakExclude[] {
  const found = new Map<unknown, WeakExclude>();
  for (const { tag, units } of tagSections(config)) {
    for (const { event, excludes, includes } of units) {
      const [only] = excludes.map(({ block }) => block);
      // Where nothing of the type is logged, nothing hides.
      if (includes.length === 0 && only && config.active.filter((block) => block.tag === tag).length > 1)
        continue;
      for (const unit of excludes) {
        const weak = weaknessOf(unit);
        if (weak && !found.has(unit.source)) {
          found.set(unit.source, { ...weak, unit, tag, eventId: event.id });
        }
      }
    }
  }
  return [...found.values()];
}

function weaknessOf({ clauses }: Unit): { weakness: Weakness; text: string } | null {
  const [clause] = clauses;
  // All parts of one list (`contains all`) are about one value: no more than one thing is asked.
  if (!clause || clauses.some((other) => other[0]?.filter !== clause[0]?.filter)) return null;
  const [atom] = clause;
  if (clause.length !== 1 || !atom || isNegative(atom.condition)) return null;
  const { field, condition, text: own } = atom;
  const text = clauses.length > 1 ? atom.filter.text : own;
  const weak = (weakness: Weakness): { weakness: Weakness; text: string } => ({ weakness, text });
  const folded = foldAscii(text);
  const name = folded.slice(folded.lastIndexOf('\\') + 1);
  const whole = condition === 'is';
  if (ACTORS.has(field) && SECURITY.test(folded)) return weak('security-tool');
  if (ACTORS.has(field) && LOADERS.has(name) && condition !== 'begin with') return weak('interpreter');
  if (DOMAINS.has(field)) {
    const open = condition.startsWith('contains') || (condition === 'end with' && !/^[.]/.test(own));
    return open ? weak('domain') : null;
  }
  if (PATHS.has(field) && WRITABLE_SHAPE.test(folded)) return weak('writable');
  if (COMMANDS.has(field) && (condition === 'end with' || condition.startsWith('contains')))
    return weak('command-line');
  if (METADATA.has(field)) return weak('metadata');
  const bare = condition === 'image' || (condition === 'end with' && !/.\\/.test(folded));
  if (ACTORS.has(field) && bare && name !== '') return weak('name');
  const shortest = Math.min(...(clauses.length > 1 ? listItems(text) : [own]).map(({ length }) => length));
  if (!whole && condition !== 'image' && PATHS.has(field) && shortest < SHORT && clauses.length === 1)
    return weak('short');
  if (
    PATHS.has(field) &&
    field !== 'TargetFilename' &&
    condition.startsWith('contains') &&
    clauses.length === 1 &&
    !/^[a-z]:\\/.test(folded)
  )
    return weak('fragment');
  return null;
}
