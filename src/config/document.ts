/** A Sysmon configuration as it is written: its sections with their places. */
import type { Code } from '../events/index.ts';
import { SaxesParser } from 'saxes';
import { ConfigError } from './error.ts';

export interface Section {
  /** Tag of an event type, such as `CreateRemoteThread`. */
  readonly tag: string;
  readonly onmatch: 'include' | 'exclude';
  /** From 1, of the tag's `<`. */
  readonly line: number;
  readonly column: number;
  /** The first filter or rule in it, or null where it is empty. */
  readonly filter: { readonly name: string; readonly line: number; readonly column: number } | null;
}

export interface ConfigDocument {
  readonly schemaVersion: string;
  readonly sections: readonly Section[];
}

interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

interface OpenTag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** A configuration is small; anything larger is no configuration. */
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 64;

/** UTF-8 by default, UTF-16 by its mark or its zero bytes (sysmon-semantics, section 1). */
export function decodeConfig(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES) {
    throw new ConfigError(
      'config-too-large',
      file,
      1,
      1,
      `expected at most ${MAX_BYTES} bytes, found ${bytes.length}`,
    );
  }
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (a !== undefined && a !== 0 && b === 0) return new TextDecoder('utf-16le').decode(bytes);
  return new TextDecoder().decode(bytes);
}

/** Whether a text is meant as a Sysmon configuration: its first element is `Sysmon`. */
export function looksLikeConfig(text: string): boolean {
  return /^\uFEFF?\s*(?:<\?[^>]*\?>\s*|<!--[^]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<Sysmon[\s>/]/.test(
    text.slice(0, 65_536),
  );
}

/** Reads a configuration. Throws ConfigError with the place of what is wrong. */
export function readDocument(text: string, file: string): ConfigDocument {
  const parser = new SaxesParser({ fileName: file, position: true, xmlns: false } as const);
  const path: string[] = [];
  const sections: { -readonly [K in keyof Section]: Section[K] }[] = [];
  let schemaVersion: string | undefined;
  let start: Position = { line: 1, column: 1, offset: 0 };
  const fail = (code: Code, message: string): never => {
    throw new ConfigError(code, file, start.line, start.column, message);
  };

  parser.on('error', (error) => {
    throw new ConfigError(
      'config-not-xml',
      file,
      parser.line,
      parser.column + 1,
      `expected well-formed XML: ${reason(error)}`,
    );
  });
  parser.on('doctype', () =>
    fail('config-doctype', 'a configuration must not bring its own DOCTYPE: Sysmon refuses it'),
  );
  parser.on('opentagstart', (tag) => {
    const offset = text.lastIndexOf(`<${tag.name}`, parser.position);
    start = advance(text, start, offset);
  });
  parser.on('opentag', (tag) => {
    if (path.length >= MAX_DEPTH) fail('config-nesting', `expected at most ${MAX_DEPTH} nested elements`);
    const parent = path.join('/');
    if (parent === '') {
      if (tag.name !== 'Sysmon') fail('config-root', `expected the root element Sysmon, found ${tag.name}`);
      schemaVersion = tag.attributes['schemaversion'];
    } else if (parent === 'Sysmon/EventFiltering' || parent === 'Sysmon/EventFiltering/RuleGroup') {
      if (tag.name !== 'RuleGroup')
        sections.push({
          tag: tag.name,
          onmatch: onmatchOf(tag, fail),
          line: start.line,
          column: start.column,
          filter: null,
        });
    } else if (/^Sysmon\/EventFiltering\/(?:RuleGroup\/)?[^/]+$/.test(parent)) {
      sections.at(-1)!.filter ??= { name: tag.name, line: start.line, column: start.column };
    }
    path.push(tag.name);
  });
  parser.on('closetag', () => void path.pop());
  parser.write(text.replace(/^\uFEFF/, ' ')).close();

  if (schemaVersion === undefined || !/^\s*\+?\d/.test(schemaVersion)) {
    start = { line: 1, column: 1, offset: 0 };
    fail(
      'config-schemaversion',
      `expected <Sysmon schemaversion="4.xx">, found ${schemaVersion === undefined ? 'no schemaversion' : `"${schemaVersion}"`}`,
    );
  }
  return { schemaVersion: schemaVersion!, sections };
}

/** `onmatch`, or its older spelling `default`, which names the opposite (sysmon-semantics, 5.2). */
function onmatchOf(tag: OpenTag, fail: (code: Code, message: string) => never): 'include' | 'exclude' {
  const { onmatch, default: legacy } = tag.attributes;
  if ((onmatch === undefined) === (legacy === undefined)) {
    fail(
      'config-onmatch',
      `expected onmatch="include" or onmatch="exclude" on ${tag.name}, found ${onmatch === undefined ? 'neither onmatch nor default' : 'both onmatch and default'}`,
    );
  }
  const value = onmatch ?? legacy;
  if (value !== 'include' && value !== 'exclude') {
    fail(
      'config-onmatch',
      `expected onmatch="include" or onmatch="exclude" on ${tag.name}, found "${value}"`,
    );
  }
  return (value === 'include') === (onmatch !== undefined) ? 'include' : 'exclude';
}

/** The place of an offset that lies at or after another place. */
function advance(text: string, from: Position, offset: number): Position {
  let { line, column } = from;
  for (let i = from.offset; i < offset; i++) {
    if (text.charCodeAt(i) === 10) {
      line += 1;
      column = 1;
    } else column += 1;
  }
  return { line, column, offset };
}

/** saxes puts its own place before the message; ours stands there already. */
function reason(error: Error): string {
  return error.message.replace(/^.*?:\d+:\d+: /, '');
}
