/**
 * The configuration that Sysmon has in force, as `Sysmon -c` prints it, and whether it is the one that was asked for.
 * The print is read after the source that is public (SysmonCommon, dumpConfiguration.c); it is English on every Windows.
 */
import { createHash } from 'node:crypto';
import type { Block } from '../../config/index.ts';

export interface ActiveFilter {
  readonly field: string;
  readonly condition: string;
  readonly text: string;
  /** Whether it stands in a Rule. */
  readonly inRule: boolean;
}

export interface ActiveSection {
  readonly tag: string;
  readonly onmatch: 'include' | 'exclude';
  /** Releases before 9 do not print it. */
  readonly combine: 'and' | 'or' | null;
  readonly filters: readonly ActiveFilter[];
}

export interface ActiveConfig {
  readonly service: string | null;
  readonly driver: string | null;
  readonly file: string | null;
  /** `SHA256=...`; null where this release does not keep it. */
  readonly hash: string | null;
  /** Schema of the rules; null where none are installed. */
  readonly schema: string | null;
  /** Null where the print tells neither rules nor their absence. */
  readonly sections: readonly ActiveSection[] | null;
}

const SECTION = /^ - (\w+)\s+onmatch: (include|exclude)(?:\s+combine rules using '(And|Or|Unknown)')?\s*$/;
const FILTER = /^\t( {4})?(\S+)\s+filter: (.*?)\s+value: '([^]*)$/;
const COMPOUND = /^\tCompound Rule .*combine using (?:And|Or|Unknown)\s*$/;

/** Reads what `Sysmon -c` prints. Never throws: what is not there is null. */
export function readActiveConfig(text: string): ActiveConfig {
  const lines = text.split(/\r*\n/);
  const named = (name: string): string | null => {
    const line = lines.find((one) => one.startsWith(` - ${name}:`));
    const value = line?.slice(name.length + 4).trim() ?? '';
    return value === '' || value === '-' ? null : value;
  };
  const start = lines.findIndex((line) => /^Rule configuration \((?:binary )?version [\d.]+\)/.test(line));
  const none = lines.some((line) => line.trim() === 'No rules installed');
  return {
    service: named('Service name'),
    driver: named('Driver name'),
    file: named('Config file'),
    hash: named('Config hash'),
    schema: start < 0 ? null : (/version ([\d.]+)/.exec(lines[start]!)?.[1] ?? null),
    sections: start < 0 ? (none ? [] : null) : sectionsIn(lines.slice(start + 1)),
  };
}

function sectionsIn(lines: readonly string[]): ActiveSection[] {
  const sections: (ActiveSection & { readonly filters: ActiveFilter[] })[] = [];
  let open: { filter: Omit<ActiveFilter, 'text'>; text: string } | null = null;
  const close = (): void => {
    if (open !== null)
      sections.at(-1)?.filters.push({ ...open.filter, text: open.text.replace(/'\s*$/, '') });
    open = null;
  };
  for (const line of lines) {
    const section = SECTION.exec(line);
    const filter = section ? null : FILTER.exec(line);
    if (section) {
      close();
      const [, tag, onmatch, combine] = section;
      sections.push({
        tag: tag!,
        onmatch: onmatch as 'include' | 'exclude',
        combine: combine === 'And' ? 'and' : combine === 'Or' ? 'or' : null,
        filters: [],
      });
    } else if (filter) {
      close();
      const [, inRule, field, condition, value] = filter;
      open = { filter: { field: field!, condition: condition!, inRule: inRule !== undefined }, text: value! };
    } else if (COMPOUND.test(line)) close();
    // A value may hold line ends: what follows it is part of it until its closing quote.
    else if (open !== null && !/'\s*$/.test(open.text)) open.text += `\n${line}`;
    else close();
  }
  close();
  return sections;
}

/** What a configuration that was asked for is compared by. */
export interface AskedConfig {
  readonly bytes: Uint8Array;
  readonly blocks: readonly Block[];
}

/** How the active configuration differs from the one that was asked for; empty where it is the same. */
export function differences(active: ActiveConfig, asked: AskedConfig): string[] {
  const found: string[] = [];
  const hash = hashAgrees(active.hash, asked.bytes);
  if (hash === false) found.push(`its file has another hash (${active.hash})`);
  if (active.sections !== null) found.push(...sectionDifferences(active.sections, asked.blocks));
  return found;
}

/** Whether `ALG=HEX[,ALG=HEX...]` is of these bytes; null where no algorithm in it is known. */
export function hashAgrees(hash: string | null, bytes: Uint8Array): boolean | null {
  const known = [...(hash ?? '').matchAll(/\b(SHA256|SHA1|MD5)=([\da-f]+)/gi)];
  if (known.length === 0) return null;
  return known.every(
    ([, algorithm, hex]) =>
      createHash(algorithm!.toLowerCase()).update(bytes).digest('hex') === hex!.toLowerCase(),
  );
}

/**
 * Sections are compared by what they say, not by their order: of several in a row with one tag and polarity Sysmon
 * prints the first alone, and it does not promise an order.
 */
function sectionDifferences(sections: readonly ActiveSection[], blocks: readonly Block[]): string[] {
  const found: string[] = [];
  const wanted = blocks.map(({ tag, onmatch, combine, filters }): ActiveSection => ({
    tag,
    onmatch,
    combine,
    filters: filters.map(({ field, condition, text, rule }) => ({
      field,
      condition,
      text,
      inRule: rule !== null,
    })),
  }));
  for (const section of sections) {
    if (wanted.some((want) => sameSection(section, want))) continue;
    const near = wanted.some((want) => nameOf(want) === nameOf(section));
    found.push(near ? `${nameOf(section)} has other filters` : `${nameOf(section)} was not asked for`);
  }
  const listed = new Set(sections.map(nameOf));
  for (const name of new Set(wanted.map(nameOf))) if (!listed.has(name)) found.push(`${name} is missing`);
  return found;
}

function nameOf({ tag, onmatch }: ActiveSection): string {
  return `${tag} ${onmatch}`;
}

function sameSection(one: ActiveSection, other: ActiveSection): boolean {
  return (
    nameOf(one) === nameOf(other) &&
    (one.combine === null || one.combine === other.combine) &&
    one.filters.length === other.filters.length &&
    one.filters.every((filter, at) => {
      const want = other.filters[at]!;
      return (
        filter.field === want.field &&
        filter.condition.trim() === want.condition &&
        filter.inRule === want.inRule &&
        printed(filter.text) === printed(want.text)
      );
    })
  );
}

/** A value as it survives a console: what its code page lacks is lost, and line ends are the console's own. */
function printed(text: string): string {
  return text.replace(/[^\x20-\x7E]+|\?+/g, '?').trimEnd();
}
