/**
 * Writes src/events/event-table.ts from spec/schemas.json (facts extracted from Sysmon's own manifests) and from the
 * two choices that are ours and stand below: what a person wants to see of an event, and what tuning may use.
 * Run with `npm run generate`.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface SchemaEvent {
  readonly tag: string | null;
  readonly default: 'include' | 'exclude' | null;
  readonly manifestVersion: string;
  readonly template: string;
  readonly fields: readonly (readonly [name: string, type: string])[];
}
interface SchemaOption {
  readonly argument: 'none' | 'optional' | 'required';
  readonly noconfig?: string;
  readonly rule?: string;
  readonly forceconfig?: string;
}
interface Schemas {
  readonly note: string;
  readonly schemas: Readonly<
    Record<
      string,
      {
        readonly events: Readonly<Record<string, SchemaEvent>>;
        readonly options: Readonly<Record<string, SchemaOption>>;
        readonly conditions: readonly string[];
      }
    >
  >;
}

/** Names of the types that no configuration tag names (spec/design: words). */
const UNTAGGED: Readonly<Record<number, string>> = {
  4: 'SysmonState',
  16: 'SysmonConfig',
  255: 'SysmonError',
};

/** Events that Sysmon for Linux can produce (sysmon-semantics, sections 11 and 12). */
const LINUX = new Set([1, 3, 4, 5, 9, 10, 11, 16, 23, 255]);

/** groupBy: what a person wants to see first. tuneBy: those and all else that an allow-list may use. */
const GROUPING: Readonly<Record<number, readonly [groupBy: string, tuneBy: string]>> = {
  1: [
    'ParentImage Image',
    'CommandLine OriginalFileName Company Product CurrentDirectory User IntegrityLevel ParentCommandLine ParentUser',
  ],
  2: ['Image', 'TargetFilename User'],
  3: [
    'Image DestinationPort',
    'User Protocol Initiated SourceIp SourcePort DestinationIp DestinationHostname DestinationPortName',
  ],
  4: ['State', 'Version SchemaVersion'],
  5: ['Image', 'User'],
  6: ['ImageLoaded', 'Signed Signature SignatureStatus'],
  7: ['Image ImageLoaded', 'OriginalFileName Company Product Signed Signature SignatureStatus User'],
  8: ['SourceImage TargetImage', 'StartModule StartFunction SourceUser TargetUser'],
  9: ['Image Device', 'User'],
  10: ['SourceImage TargetImage', 'GrantedAccess CallTrace SourceUser TargetUser'],
  11: ['Image', 'TargetFilename User'],
  12: ['Image EventType', 'TargetObject User'],
  13: ['Image', 'EventType TargetObject Details User'],
  14: ['Image', 'EventType TargetObject NewName User'],
  15: ['Image', 'TargetFilename Contents User'],
  16: ['Configuration', 'ConfigurationFileHash'],
  17: ['Image PipeName', 'EventType User'],
  18: ['Image PipeName', 'EventType User'],
  19: ['User Name', 'EventType Operation EventNamespace Query'],
  20: ['User Name', 'EventType Operation Type Destination'],
  21: ['User Consumer', 'EventType Operation Filter'],
  22: ['Image', 'QueryName QueryStatus QueryResults User'],
  23: ['Image', 'TargetFilename IsExecutable Archived User'],
  24: ['Image', 'Session ClientInfo Archived User'],
  25: ['Image Type', 'User'],
  26: ['Image', 'TargetFilename IsExecutable User'],
  27: ['Image', 'TargetFilename User'],
  28: ['Image', 'TargetFilename IsExecutable User'],
  29: ['Image', 'TargetFilename User'],
  255: ['ID', 'Description'],
};

const { schemas, note } = JSON.parse(readFileSync('spec/schemas.json', 'utf8')) as Schemas;
const versions = Object.keys(schemas);
const newest = versions.at(-1)!;

const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
const list = (names: readonly string[]): string => `[${names.map(quote).join(', ')}]`;

/** Schemas in which consecutive layouts are equal share one entry, so that the table shows each change once. */
function layouts(id: string): string[] {
  const out: string[] = [];
  let last = '';
  for (const version of versions) {
    const event = schemas[version]!.events[id];
    if (!event) continue;
    const fields = event.fields.map(([name, type]) => `[${quote(name)}, ${quote(type)}]`).join(', ');
    const body = `manifestVersion: ${event.manifestVersion}, tag: ${event.tag === null ? 'null' : quote(event.tag)}, default: ${event.default === null ? 'null' : quote(event.default)}, fields: [${fields}]`;
    if (body !== last) out.push(`{ since: ${quote(version)}, ${body} }`);
    last = body;
  }
  return out;
}

const types = Object.entries(schemas[newest]!.events).map(([id, event]) => {
  const [groupBy, more] = GROUPING[Number(id)]!.map((names) => names.split(' ')) as [string[], string[]];
  const known = new Set(event.fields.map(([name]) => name));
  for (const name of [...groupBy, ...more])
    if (!known.has(name)) throw new Error(`event ${id} has no field ${name}`);
  return `{
    id: ${id}, name: ${quote(event.tag ?? UNTAGGED[Number(id)]!)}, tag: ${event.tag === null ? 'null' : quote(event.tag)}, title: ${quote(event.template)},
    default: ${event.default === null ? 'null' : quote(event.default)}, platforms: ${list(LINUX.has(Number(id)) ? ['windows', 'linux'] : ['windows'])},
    groupBy: ${list(groupBy)}, tuneBy: ${list([...groupBy, ...more])},
    layouts: [${layouts(id).join(',\n')}],
  }`;
});

writeFileSync(
  'src/events/event-table.ts',
  `// Generated from spec/schemas.json by scripts/generate-event-table.ts; do not edit.
// ${note}
import type { EventType } from './event-type.ts';

/** Every event type of the newest schema, by ascending id. */
export const EVENT_TYPES: readonly EventType[] = [${types.join(',\n')}];
`,
);

/** `[[since, value], …]` where a value changes from one schema version to the next; null where there is none. */
function changes(valueOf: (version: string) => string | null): string {
  const out: string[] = [];
  let last: string | null = null;
  for (const version of versions) {
    const value = valueOf(version);
    if (value !== last) out.push(`[${quote(version)}, ${value === null ? 'null' : quote(value)}]`);
    last = value;
  }
  return `[${out.join(', ')}]`;
}

/** Options that a configuration may hold: an element of their own name, or with Config behind it. */
function optionContent(version: string, name: string): string | null {
  const option = schemas[version]!.options[name];
  if (!option || option.noconfig === 'true' || (option.rule === 'true' && option.forceconfig !== 'true'))
    return null;
  return option.argument === 'none' ? 'empty' : 'text';
}

/** Fields of a tag; a tag of several events takes those of all. */
function tagFields(version: string, tag: string): string | null {
  const events = Object.values(schemas[version]!.events).filter((event) => event.tag === tag);
  const names = new Set(events.flatMap((event) => event.fields.map(([name]) => name)));
  return events.length === 0 ? null : [...names].join(' ');
}

const optionNames = new Set(versions.flatMap((version) => Object.keys(schemas[version]!.options)));
const tagNames = new Set(
  versions.flatMap((version) =>
    Object.values(schemas[version]!.events).flatMap(({ tag }) => (tag === null ? [] : [tag])),
  ),
);
const optionRows = [...optionNames].flatMap((name) => {
  const forced = versions.some((version) => schemas[version]!.options[name]?.forceconfig === 'true');
  const contents = changes((version) => optionContent(version, name));
  return contents === '[]'
    ? []
    : [`  [${quote(forced ? `${name}Config` : name)}, ${quote(name)}, ${contents}],`];
});

writeFileSync(
  'src/config/grammar-table.ts',
  `// Generated from spec/schemas.json by scripts/generate-event-table.ts; do not edit.

/** Schema versions that the facts cover, oldest first. */
export const VERSIONS = ${list(versions)} as const;

/** A value from a schema version on, until the next; null: there is none. */
type Changes = readonly (readonly [since: string, value: string | null])[];

/** Option elements: name of the element, of the option, and what it may hold (text, empty). */
export const OPTIONS: readonly (readonly [element: string, name: string, content: Changes])[] = [
${optionRows.join('\n')}
];

/** Tags of sections, with their fields. */
export const TAGS: readonly (readonly [tag: string, fields: Changes])[] = [
${[...tagNames].map((tag) => `  [${quote(tag)}, ${changes((version) => tagFields(version, tag))}],`).join('\n')}
];

/** Every condition that the newest Sysmon knows: conditions do not depend on the schema version. */
export const CONDITIONS = ${list(schemas[newest]!.conditions)} as const;
`,
);

const rows = Object.entries(schemas[newest]!.events).map(([id, event]) => {
  const [groupBy, more] = GROUPING[Number(id)]!;
  const since = versions.find((version) => schemas[version]!.events[id] !== undefined)!;
  const logged = event.tag === null ? 'always' : event.default === 'include' ? 'yes' : 'no';
  const platforms = LINUX.has(Number(id)) ? 'Windows, Linux' : 'Windows';
  const grouped = groupBy.split(' ').join(', ');
  return `| ${id} | ${event.tag ?? UNTAGGED[Number(id)]} | ${event.template} | ${since} | ${logged} | ${platforms} | ${grouped} | ${more.split(' ').join(', ')} |`;
});
writeFileSync(
  'docs/events.md',
  `# Event types

Generated from \`spec/schemas.json\` by \`npm run generate\`. _Since_ is the first schema version with the event; _by
default_ says whether Sysmon logs it where no section of a configuration names it. \`ask\` groups by the fields of
_grouped by_; an allow-list may use those of _also_ as well.

| id | name | what it says | since | by default | platforms | grouped by | also |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`,
);
