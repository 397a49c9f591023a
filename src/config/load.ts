/** The engine's loading pipeline, stage by stage (sysmon-semantics, section 1). */
import type { Code } from '../events/index.ts';
import {
  type Block,
  type BlockProblem,
  type BoundEvent,
  boundEvents,
  buildBlocks,
  sectionsOf,
} from './blocks.ts';
import { type ConfigDocument, type Position, positions, readDocument } from './document.ts';
import { decodeConfig, type Decoded } from './encoding.ts';
import { type Grammar, readVersion, type SchemaVersion, selectGrammar, versionText } from './grammar.ts';
import { violationsOf } from './validation.ts';

export interface ConfigDiagnostic extends Position {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** A configuration that could be read as XML with the root Sysmon, accepted or not. */
export interface Config {
  readonly source: Decoded;
  readonly document: ConfigDocument;
  /** As written, read as a number; null where the engine crashes on it. */
  readonly schemaVersion: SchemaVersion | null;
  readonly grammar: Grammar | null;
  /** Filters in all sections of the document, those that Sysmon drops among them. */
  readonly filterCount: number;
  /** Events as the binary knows them. */
  readonly events: readonly BoundEvent[];
  /** What the engine evaluates; empty where the configuration is rejected. */
  readonly active: readonly Block[];
  readonly positionOf: (offset: number) => Position;
}

export interface ParsedConfig {
  readonly accepted: boolean;
  /** Null where the text is no XML or its root is not Sysmon. */
  readonly config: Config | null;
  /** What a loader tells its user, in order. */
  readonly messages: readonly string[];
  readonly diagnostics: readonly ConfigDiagnostic[];
  /** Options that are set, by their names; null for one that is on and has no value. */
  readonly options: Readonly<Record<string, string | null>>;
  readonly blocks: readonly {
    readonly eventId: number;
    readonly tag: string;
    readonly onmatch: 'include' | 'exclude';
    readonly combine: 'and' | 'or';
    readonly filters: number;
  }[];
}

export interface ParseOptions {
  /** Schema of the Sysmon that would load the configuration. Default: 4.91. */
  readonly binarySchema?: string;
}

/** How far into a text the engine looks for the end of an XML declaration. */
const DECLARATION_WITHIN = 2048;
/** So many diagnostics of each severity are told; more are counted. */
const MAX_TOLD = 1000;
const MAX_MESSAGE = 2000;

/** Reads a configuration as Sysmon would load it. Never throws on content; what the real loader dies of is an error. */
export function parseConfig(
  input: string | Uint8Array,
  { binarySchema = '4.91' }: ParseOptions = {},
): ParsedConfig {
  const binary = readVersion(binarySchema);
  if (!binary) throw new RangeError(`expected a schema version such as 4.91, found "${binarySchema}"`);
  const source: Decoded =
    typeof input === 'string'
      ? { text: input.replace(/^\uFEFF/, ''), encoding: 'utf-8', byteOrderMark: input.startsWith('\uFEFF') }
      : decodeConfig(input);
  const { text } = source;
  const positionOf = positions(text);
  const messages: string[] = [];
  const diagnostics: ConfigDiagnostic[] = [];
  const told = { error: 0, warning: 0 };
  const say = (code: Code, severity: ConfigDiagnostic['severity'], offset: number, said: string): void => {
    told[severity] += 1;
    if (told[severity] > MAX_TOLD) return;
    const message = said.length > MAX_MESSAGE ? `${said.slice(0, MAX_MESSAGE)}…` : said;
    const { line, column } = positionOf(offset);
    diagnostics.push({ code, severity, message, line, column, offset });
    messages.push(`${line}:${column}: ${message}`);
  };
  let config: Config | null = null;
  const rejected = (): ParsedConfig => {
    if (told.error > MAX_TOLD) messages.push(`and ${told.error - MAX_TOLD} more`);
    return { accepted: false, config, messages, diagnostics, options: {}, blocks: [] };
  };

  if (text.length < 2) {
    say('config-not-xml', 'error', 0, 'expected a configuration, found an empty file');
    return rejected();
  }
  if (source.broken !== undefined) {
    say('config-not-xml', 'error', Math.max(0, text.indexOf('\uFFFD')), source.broken);
    return rejected();
  }
  const document = readDocument(text);
  if ('code' in document) {
    say(document.code, 'error', document.offset, document.message);
    return rejected();
  }
  const { root } = document;
  if (root.name !== 'Sysmon') {
    say('config-root', 'error', root.start, `expected the root element Sysmon, found ${root.name}`);
    return rejected();
  }
  const written = root.attributes.get('schemaversion');
  const version = readVersion(written ?? '');
  const grammar = version && version.major > 0 ? selectGrammar(version, binary) : null;
  const filterCount = sectionsOf(root)
    .flatMap(({ children }) => children)
    .reduce((sum, child) => sum + (child.name === 'Rule' ? child.children.length : 1), 0);
  config = {
    source,
    document,
    schemaVersion: version,
    grammar,
    filterCount,
    events: boundEvents(binary),
    active: [],
    positionOf,
  };

  if (!version) {
    const found = written === undefined ? 'none' : `"${written}"`;
    say(
      'config-schemaversion',
      'error',
      root.start,
      `expected schemaversion="4.xx", found ${found}: Sysmon crashes on it`,
    );
    return rejected();
  }
  if (version.major <= 0) {
    say(
      'config-schemaversion',
      'error',
      root.start,
      `expected a schemaversion from 4.00 on, found "${written}"`,
    );
    return rejected();
  }
  messages.push(`the configuration is of schema ${versionText(version)}`);
  if (versionText(version) !== versionText(binary))
    messages.push(`this Sysmon is of schema ${versionText(binary)}`);
  if (!grammar) {
    const message = `schema ${versionText(version)} is not supported by a Sysmon of schema ${versionText(binary)}: expected 4.00 or newer`;
    say('config-schemaversion', 'error', root.start, message);
    return rejected();
  }
  if (document.doctype >= 0) {
    say(
      'config-doctype',
      'error',
      document.doctype,
      'a configuration must not bring its own DOCTYPE: Sysmon puts one in front',
    );
    return rejected();
  }
  if (/^\s*<\?xml\s/.test(text) && text.indexOf('?>') > DECLARATION_WITHIN) {
    say(
      'config-not-xml',
      'error',
      0,
      `expected the XML declaration to end within ${DECLARATION_WITHIN} bytes`,
    );
    return rejected();
  }
  const violations = violationsOf(root, grammar);
  for (const { element, message } of violations) say('config-grammar', 'error', element.start, message);
  if (violations.length > 0) return rejected();

  const { blocks, problems } = buildBlocks(root, version, config.events);
  for (const problem of problems) sayProblem(problem);
  if (problems.some(({ fatal }) => fatal)) return rejected();
  messages.push('the configuration is valid');
  return {
    accepted: true,
    config: { ...config, active: blocks },
    messages,
    diagnostics,
    options: optionsOf(document, grammar, blocks),
    blocks: blocks.map(({ eventId, tag, onmatch, combine, filters }) => ({
      eventId,
      tag,
      onmatch,
      combine,
      filters: filters.length,
    })),
  };

  function sayProblem({ code, element, message, fatal }: BlockProblem): void {
    say(code, fatal ? 'error' : 'warning', element.start, message);
  }
}

/** Options of the command line that are named like the tag whose events they switch on. */
const SWITCHED = ['NetworkConnect', 'ImageLoad', 'DnsQuery', 'ProcessAccess'];

/** Options in document order; the first one without any text ends them all silently (sysmon-semantics, section 4). */
function optionsOf(
  { root }: ConfigDocument,
  grammar: Grammar,
  blocks: readonly Block[],
): Record<string, string | null> {
  const names = new Map(grammar.options.map(({ element, name }) => [element, name]));
  const options: Record<string, string | null> = {};
  for (const child of root.children) {
    const name = names.get(child.name);
    if (name === undefined) continue;
    if (child.text === '') break;
    options[name] = child.text;
  }
  // Sources that are switched on by having sections that can log.
  for (const tag of SWITCHED) {
    const last = blocks.findLast((block) => block.tag === tag);
    if (last && !(last.onmatch === 'include' && last.filters.length === 0)) options[tag] ??= null;
    else if (last) delete options[tag];
  }
  return options;
}
