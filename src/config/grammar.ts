/** Which schema's grammar judges a configuration, and what that grammar allows. */
import { OPTIONS, TAGS, VERSIONS } from './grammar-table.ts';

export interface OptionElement {
  /** Name of the element under Sysmon. */
  readonly element: string;
  /** Name of the option that it sets. */
  readonly name: string;
  readonly content: 'text' | 'empty';
}

export interface Grammar {
  /** Such as `4.90`. */
  readonly version: string;
  readonly options: readonly OptionElement[];
  /** Fields by the tag of a section. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
}

export interface SchemaVersion {
  readonly major: number;
  readonly minor: number;
}

/** Text of a version with two decimals, such as `4.90`. */
export function versionText({ major, minor }: SchemaVersion): string {
  return `${major}.${String(minor).padStart(2, '0')}`;
}

/** Order of two versions: negative if the first is older. */
export function compareVersions(a: SchemaVersion, b: SchemaVersion): number {
  return a.major - b.major || a.minor - b.minor;
}

/**
 * Reads a version as the engine does: the leading number, C-style, rounded to two decimals (`4.9` is 4.90, `4.x` is
 * 4.00). Null where no number leads: there the real loader crashes (sysmon-semantics, 2.1).
 */
export function readVersion(text: string): SchemaVersion | null {
  const match = /^[\t\n\v\f\r ]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/.exec(text);
  if (!match) return null;
  // The number that the loader reads it into can't hold it: that crashes, too.
  if (!Number.isFinite(Number(match[1]))) return null;
  const hundredths = Math.round(Math.abs(Number(match[1])) * 100);
  const sign = match[1]!.startsWith('-') ? -1 : 1;
  return { major: sign * Math.floor(hundredths / 100), minor: hundredths % 100 };
}

const grammars = new Map<string, Grammar>();

/** The grammar of exactly this version; null for a version that no Sysmon has. */
export function grammarOf(version: string): Grammar | null {
  if (!(VERSIONS as readonly string[]).includes(version)) return null;
  let grammar = grammars.get(version);
  if (!grammar) {
    grammar = {
      version,
      options: OPTIONS.flatMap(([element, name, contents]) => {
        const content = valueAt(contents, version);
        return content === 'text' || content === 'empty' ? [{ element, name, content }] : [];
      }),
      tags: new Map(
        TAGS.flatMap(([tag, fields]): [string, string[]][] => {
          const names = valueAt(fields, version);
          return names === null ? [] : [[tag, names.split(' ')]];
        }),
      ),
    };
    grammars.set(version, grammar);
  }
  return grammar;
}

function valueAt(
  changes: readonly (readonly [since: string, value: string | null])[],
  version: string,
): string | null {
  const at = VERSIONS.indexOf(version as (typeof VERSIONS)[number]);
  return (
    changes.findLast(([since]) => VERSIONS.indexOf(since as (typeof VERSIONS)[number]) <= at)?.[1] ?? null
  );
}

/**
 * The grammar by which a Sysmon with schema `binary` judges a configuration: its own for its own version, else the
 * newest one that it carries beside its own and that is no newer than asked (sysmon-semantics, 2.2). Null: rejected.
 */
export function selectGrammar(asked: SchemaVersion, binary: SchemaVersion): Grammar | null {
  if (compareVersions(asked, binary) === 0) return grammarOf(versionText(binary));
  const carried = VERSIONS.filter((version) => {
    const own = readVersion(version)!;
    return own.major === binary.major && compareVersions(own, binary) < 0 && compareVersions(own, asked) <= 0;
  });
  return grammarOf(carried.at(-1) ?? '');
}
