/** The configuration that asks a question: it logs the asked event types, and nothing else. */
import { EVENT_TYPE_TEXTS, EVENT_TYPES, type EventType, eventType } from '../events/index.ts';
import { compareVersions, grammarOf, readVersion } from './grammar.ts';
import { VERSIONS } from './grammar-table.ts';

export interface AskConfigOptions {
  /** One of `ASK_SCHEMAS`, from `minimumSchema` on. Default: that, so that most Sysmons load it. */
  readonly schema?: string;
  /** Also logs the end of one routine system program, so that a log without the asked events shows that it was kept. */
  readonly heartbeat?: boolean;
  /** Entries of an allow-list will be put into the sections that were asked for: the comments say so. */
  readonly allowList?: boolean;
}

export interface AskConfig {
  /** Lines end with LF. */
  readonly text: string;
  readonly schema: string;
  /** What somebody should know before loading it: what it does beside logging. */
  readonly warnings: readonly string[];
}

/** Schema versions that a configuration can be written for. */
export const ASK_SCHEMAS: readonly string[] = VERSIONS.filter((version) => version >= '4.00');

/**
 * Its end is the heartbeat. Services that run on demand end, and their svchost.exe with them, on every edition (Server
 * Core, too) and with nobody logged on; programs of apps and sessions (backgroundTaskHost.exe) don't.
 */
const HEARTBEAT = 'svchost.exe';
const HEARTBEAT_TAG = 'ProcessTerminate';

/** What a type does beside being logged, told in the comments; `warn` ones also before. */
const EFFECTS: Readonly<Record<number, { readonly text: string; readonly warn: boolean }>> = {
  7: { text: 'Very frequent: raise the size of the event log, or it holds an hour.', warn: false },
  10: { text: 'Very frequent: raise the size of the event log, or it holds an hour.', warn: false },
  12: { text: 'Very frequent: raise the size of the event log, or it holds a few hours.', warn: false },
  13: { text: 'Very frequent: raise the size of the event log, or it holds a few hours.', warn: false },
  23: {
    text: 'Sysmon keeps a copy of every deleted file, and the disk fills up: FileDeleteDetected (26) logs the same without copies. Where both are logged, 26 never occurs.',
    warn: true,
  },
  24: { text: 'Sysmon keeps a copy of all that is put on the clipboard, passwords included.', warn: true },
  27: {
    text: 'Sysmon BLOCKS every executable that any program writes: updates and installers fail. FileExecutableDetected (29) logs the same and blocks nothing.',
    warn: true,
  },
  28: { text: 'Sysmon BLOCKS every program that overwrites a file before deleting it.', warn: true },
};

/** The oldest schema version, from 4.00 on, by which the events of these ids, and no others, can be logged. */
export function minimumSchema(eventIds: readonly number[]): string {
  const needed = eventIds.map((id) => {
    const { tag, layouts } = eventType(id)!;
    // Telling the events of a tag apart takes the field EventType.
    const whole = tag === null || idsOf(tag).every((other) => eventIds.includes(other));
    const layout = layouts.find(
      ({ fields, tag: named }) => named === tag && (whole || fields.some(([field]) => field === 'EventType')),
    );
    return layout!.since;
  });
  return ['4.00', ...needed].reduce((a, b) => (isBefore(a, b) ? b : a));
}

/** Writes the smallest configuration that logs the events of these ids and no others but 4, 16 and 255. */
export function askConfig(eventIds: readonly number[], options: AskConfigOptions = {}): AskConfig {
  const minimum = minimumSchema(eventIds);
  const schema = options.schema ?? minimum;
  if (!ASK_SCHEMAS.includes(schema) || isBefore(schema, minimum)) {
    throw new RangeError(`expected a schema from ${minimum} to ${ASK_SCHEMAS.at(-1)}, found "${schema}"`);
  }
  const types = EVENT_TYPES.filter(({ id }) => eventIds.includes(id));
  const tags = tagsOf(schema);
  const asked = tags.filter((tag) => types.some((type) => type.tag === tag));
  const beats = options.heartbeat === true && !asked.includes(HEARTBEAT_TAG);
  const off = tags.filter((tag) => !asked.includes(tag) && !(beats && tag === HEARTBEAT_TAG));
  const lines = [
    `<Sysmon schemaversion="${schema}">`,
    ...comment('  ', [
      `Question: how often does ${types.map(nameOf).join(', ')} occur in normal use?`,
      (options.allowList ? 'Written by noisefloor tune.' : 'Written by noisefloor config.') +
        ' This logs every such event' +
        (options.allowList ? ' that the allow-list below leaves' : '') +
        " and nothing else, but for Sysmon's own events 4, 16 and 255, which it always logs" +
        (beats ? ', and for the heartbeat below.' : '.'),
      `Any Sysmon of schema ${schema} or newer takes it: sysmon -c FILE (sysmon -i FILE where none is installed). Use the machine as usual, with some reboots, and then ask: ${types.map(({ id }) => `noisefloor ask ${id} LOG`).join(', ')}`,
    ]),
    ...(asked.includes('ClipboardChange')
      ? [...comment('  ', ['Without this, Sysmon does not watch the clipboard.']), '  <CaptureClipboard/>']
      : []),
    '  <EventFiltering>',
  ];
  if (asked.length > 0) {
    lines.push(
      ...comment('    ', [
        options.allowList
          ? 'Asked for. An exclude section says what is not logged: here the entries of the allow-list, each with its reason. Everything else is.'
          : 'Asked for. An exclude section says what is not logged; this one excludes nothing, so everything is.',
      ]),
    );
  }
  for (const tag of asked) lines.push(...askedSection(tag, types));
  if (beats) {
    lines.push(
      '',
      ...comment('    ', [
        `Heartbeat: the end of each ${HEARTBEAT}. A machine without any asked event writes nothing, as one that is switched off does; this shows that it was on, and Sysmon with it. ${HEARTBEAT} hosts the services of Windows, and those that run on demand end with theirs, usually several times an hour, on every edition and with nobody logged on.`,
      ]),
      `    <${HEARTBEAT_TAG} onmatch="include">`,
      `      <Image condition="image">${HEARTBEAT}</Image>`,
      `    </${HEARTBEAT_TAG}>`,
    );
  }
  const on = off.filter((tag) => typesOf(tag).some((type) => type.default === 'include'));
  const rest = off.filter((tag) => !on.includes(tag));
  const sections: [string, string[]][] = [
    [
      'Not asked for, but on by default, so they must be named to be off. An include section says what is logged; this one includes nothing.',
      on,
    ],
    [
      `Not asked for, and off by default: named so that nobody has to know that. What came after schema ${schema} is off by default, too.`,
      rest,
    ],
  ];
  for (const [why, names] of sections) {
    if (names.length === 0) continue;
    lines.push('', ...comment('    ', [why]));
    for (const tag of names)
      lines.push(`    <${tag} onmatch="include"/> ${`<!-- ${idsOf(tag).join(', ')} -->`}`);
  }
  lines.push('  </EventFiltering>', '</Sysmon>', '');
  const warnings = types.flatMap((type) => {
    const effect = EFFECTS[type.id];
    return effect?.warn ? [`${nameOf(type)}: ${effect.text}`] : [];
  });
  return { text: lines.join('\n'), schema, warnings };
}

/** A section that logs those events of a tag that are asked for. */
function askedSection(tag: string, asked: readonly EventType[]): string[] {
  const own = asked.filter((type) => type.tag === tag);
  const others = typesOf(tag).filter((type) => !own.includes(type));
  const said = own.map((type) => `${type.id}: ${type.title}. ${EFFECTS[type.id]?.text ?? ''}`.trim());
  if (others.length === 0) return [...comment('    ', said), `    <${tag} onmatch="exclude"/>`];
  // Event 12 has many texts; it is what the others leave over.
  const excludes = own.some(({ id }) => EVENT_TYPE_TEXTS[id] === undefined);
  const texts = (excludes ? others : own).flatMap(({ id }) => EVENT_TYPE_TEXTS[id]!);
  const why = `${others.map(({ id }) => id).join(' and ')} ${others.length > 1 ? 'share' : 'shares'} this section and ${others.length > 1 ? 'are' : 'is'} not asked for: EventType tells them apart.`;
  return [
    ...comment('    ', [...said, why]),
    `    <${tag} onmatch="${excludes ? 'exclude' : 'include'}">`,
    ...texts.map((text) => `      <EventType condition="is">${text}</EventType>`),
    `    </${tag}>`,
  ];
}

/** Tags of a schema version, by the first event's id. The grammar has some before the events came; those are left out. */
function tagsOf(schema: string): string[] {
  const grammar = grammarOf(schema)!;
  const tags = EVENT_TYPES.filter(
    ({ tag, layouts }) =>
      tag !== null &&
      grammar.tags.has(tag) &&
      !isBefore(schema, layouts.find((layout) => layout.tag === tag)!.since),
  ).map(({ tag }) => tag!);
  return [...new Set(tags)];
}

function typesOf(tag: string): EventType[] {
  return EVENT_TYPES.filter((type) => type.tag === tag);
}

function idsOf(tag: string): number[] {
  return typesOf(tag).map(({ id }) => id);
}

function nameOf({ name, id }: EventType): string {
  return `${name} (event ${id})`;
}

function isBefore(a: string, b: string): boolean {
  return compareVersions(readVersion(a)!, readVersion(b)!) < 0;
}

const WIDTH = 100;

/** Paragraphs as one comment, wrapped. They are ours and hold no `--`. */
function comment(indent: string, paragraphs: readonly string[]): string[] {
  const one = `${indent}<!-- ${paragraphs.join(' ')} -->`;
  if (paragraphs.length === 1 && one.length <= WIDTH) return [one];
  const lines = [`${indent}<!--`];
  for (const paragraph of paragraphs) {
    let line = `${indent} `;
    for (const word of paragraph.split(' ')) {
      if (line.length + 1 + word.length > WIDTH) {
        lines.push(line);
        line = `${indent} `;
      }
      line += ` ${word}`;
    }
    lines.push(line);
  }
  return [...lines, `${indent}-->`];
}
