/**
 * Tally files, `noisefloor.tally/1`: gzip of JSON Lines (docs/tally.md). The same tally gives the same bytes; a file that
 * comes from outside is bounded and checked, and is read whole or not at all.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { typeKey } from '../events/index.ts';
import { QuestionError } from '../predicate/index.ts';
import { asList, asObject, count, counts, type Json, memberOf, Mismatch, text, within } from './codec.ts';
import type { TallyFacts } from './facts.ts';
import { boundGroups, groupKey, MAX_GROUPS } from './groups.ts';
import { MAX_SKIPPED } from './merge.ts';
import { compareText } from './marks.ts';
import { HOST_BOUNDS } from './others.ts';
import { compareDiagnostics, MAX_PLACES } from './places.ts';
import { channel, facts as factsShape, group, host, totals } from './shape.ts';
import type { HostTally, Tally } from './tally.ts';

const SCHEMA = 'noisefloor.tally/1';

/** Bytes of a tally file before gzip; of one of its lines; values in all of them; nesting of values. */
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_LINE = 64 * 1024 * 1024;
const MAX_VALUES = 32 * 1024 * 1024;
const MAX_DEPTH = 16;
/** Halvings of a 32-bit hash. */
const MAX_HALVINGS = 32;

/** A tally and what is known of its question. */
export interface FiledTally {
  readonly facts: TallyFacts;
  readonly tally: Tally;
}

/** The bytes of a tally file. Throws QuestionError for a tally that is larger than a file may be. */
export function encodeTally({ facts, tally }: FiledTally): Uint8Array {
  const lines: Buffer[] = [];
  let bytes = 0;
  const add = (...line: readonly Json[]): void => {
    const written = Buffer.from(`${JSON.stringify(line)}\n`);
    bytes += written.length;
    if (bytes > MAX_BYTES || written.length > MAX_LINE) throw tooLarge('this tally');
    lines.push(written);
  };
  for (const [key, each] of sorted(tally.hosts)) {
    add('host', key, host.write(each));
    for (const [own, its] of sorted(each.channels)) add('channel', own, channel.write(its));
  }
  for (const [key, slots] of sorted(tally.others)) add('others', key, counts.write(slots));
  for (const [, each] of sorted(tally.groups)) add('group', group.write(each));
  const header = {
    schema: SCHEMA,
    lines: lines.length,
    facts: factsShape.write(facts),
    totals: totals.write(bounded(tally)),
  };
  const zipped = gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...lines]));
  // The system that wrote it (RFC 1952): unknown, so that all write the same.
  zipped[9] = 255;
  return zipped;
}

function sorted<T>(map: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}

/** Lists that may be longer than is shown, depending on how a tally was added up, are cut. */
function bounded(tally: Tally): Tally {
  const skipped = tally.skipped.toSorted(
    (a, b) => compareText(a.path, b.path) || compareText(a.reason, b.reason),
  );
  const diagnostics = [...tally.diagnostics].map(([code, all]): Parameters<Tally['diagnostics']['set']> => [
    code,
    { ...all, first: all.first.toSorted(compareDiagnostics).slice(0, MAX_PLACES) },
  ]);
  return {
    ...tally,
    diagnostics: new Map(diagnostics),
    skipped: skipped.slice(0, MAX_SKIPPED),
    skippedMore: tally.skippedMore + Math.max(0, skipped.length - MAX_SKIPPED),
  };
}

/**
 * Reads the bytes of a tally file, gzipped or not. Throws QuestionError (`tally-broken`, `tally-version`,
 * `tally-too-large`) that names the place in `source`; nothing in a file makes it throw anything else.
 */
export function decodeTally(bytes: Uint8Array, source: string): FiledTally {
  const inflated = inflate(bytes, source);
  let number = 0;
  try {
    const lines = linesOf(inflated, source);
    const first = lines.next();
    number = 1;
    const header = asObject(first.done ? undefined : first.value);
    checkSchema(memberOf(header, 'schema'), source);
    const facts = within('facts', () => factsShape.read(memberOf(header, 'facts')));
    const tally: Tally = {
      ...within('totals', () => totals.read(memberOf(header, 'totals'))),
      hosts: new Map(),
      groups: new Map(),
      others: new Map(),
    };
    if (tally.halvings > MAX_HALVINGS) throw new Mismatch(`at most ${MAX_HALVINGS} halvings`, tally.halvings);
    let current: HostTally | null = null;
    for (const line of lines) {
      number += 1;
      current = addLine(tally, facts, current, asList(line));
    }
    const promised = count.read(memberOf(header, 'lines'));
    if (promised !== number - 1) throw new Mismatch(`${promised} lines after the first`, number - 1);
    boundGroups(tally);
    return { facts, tally };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const path = error.path.length === 0 ? '' : `${error.path.join('.')}: `;
    throw broken(
      source,
      `line ${Math.max(1, number)}: ${path}expected ${error.expected}, found ${error.found}`,
    );
  }
}

/** Adds what one line says. Returns the host whose channels may follow. */
function addLine(
  tally: Tally,
  facts: TallyFacts,
  current: HostTally | null,
  line: readonly Json[],
): HostTally | null {
  const [kind, ...rest] = line;
  switch (kind) {
    case 'host': {
      const key = text.read(rest[0]);
      if (tally.hosts.has(key)) throw new Mismatch('each host once', key);
      if (tally.hosts.size > HOST_BOUNDS.hosts) throw new Mismatch(`at most ${HOST_BOUNDS.hosts} hosts`, key);
      const added: HostTally = { ...host.read(rest[1]), channels: new Map() };
      tally.hosts.set(key, added);
      return added;
    }
    case 'channel': {
      const key = text.read(rest[0]);
      if (!current) throw new Mismatch('a host before its channels', kind);
      if (current.channels.has(key)) throw new Mismatch('each channel once', key);
      if (current.channels.size > HOST_BOUNDS.channels)
        throw new Mismatch(`at most ${HOST_BOUNDS.channels} channels`, key);
      current.channels.set(key, channel.read(rest[1]));
      return current;
    }
    case 'others': {
      const key = text.read(rest[0]);
      if (!tally.hosts.has(key) || tally.others.has(key)) throw new Mismatch('one of the hosts, once', key);
      tally.others.set(key, counts.read(rest[1]));
      return null;
    }
    case 'group': {
      const added = group.read(rest[0]);
      const type = typeKey(added.channel, added.eventId);
      const fields = tally.by.get(type);
      if (fields?.length !== added.key.length)
        throw new Mismatch(`values of the fields by which ${type} is grouped`, added.key);
      if (added.rules.some((index) => index >= facts.rules.length))
        throw new Mismatch(`indices of ${facts.rules.length} rules`, added.rules.join(', '));
      for (const key of added.hosts.keys())
        if (!tally.hosts.has(key)) throw new Mismatch('one of the hosts', key);
      const key = groupKey(added.rules, type, added.key);
      if (tally.groups.has(key)) throw new Mismatch('each group once', key);
      if (tally.groups.size > MAX_GROUPS) throw new Mismatch(`at most ${MAX_GROUPS} groups`, key);
      tally.groups.set(key, added);
      return null;
    }
    default:
      throw new Mismatch('host, channel, others or group', kind);
  }
}

function inflate(bytes: Uint8Array, source: string): Buffer {
  const plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (plain[0] !== 0x1f || plain[1] !== 0x8b) {
    if (plain.length > MAX_BYTES) throw tooLarge(source);
    return plain;
  }
  try {
    return gunzipSync(plain, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(source);
    throw broken(source, `expected gzip data up to its end, found: ${message}`);
  }
}

function* linesOf(bytes: Buffer, source: string): Generator<Json> {
  let values = 0;
  for (let at = 0, number = 1; at < bytes.length; number++) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0)
      throw broken(source, `line ${number}: expected a line break at its end, found the end of the file`);
    if (end - at > MAX_LINE) throw tooLarge(source);
    const line = bytes.subarray(at, end);
    values += valuesOf(line, number, source);
    if (values > MAX_VALUES) throw tooLarge(source);
    try {
      yield JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)) as Json;
    } catch (error) {
      throw broken(source, `line ${number}: expected JSON in UTF-8, found ${(error as Error).message}`);
    }
    at = end + 1;
  }
}

/** About how many values a line holds. Looked at before it is parsed: a few bytes of JSON take many of memory. */
function valuesOf(line: Uint8Array, number: number, source: string): number {
  let depth = 0;
  let values = 1;
  let inText = false;
  for (let at = 0; at < line.length; at++) {
    const byte = line[at];
    if (inText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inText = false;
      continue;
    }
    if (byte === 0x22) inText = true;
    else if (byte === 0x2c) values += 1;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_DEPTH)
        throw broken(source, `line ${number}: expected values nested at most ${MAX_DEPTH} deep, found more`);
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return values;
}

function checkSchema(schema: Json, source: string): void {
  if (schema === SCHEMA) return;
  if (typeof schema !== 'string' || !/^noisefloor\.tally\/\d{1,6}$/.test(schema))
    throw new Mismatch(`the schema ${SCHEMA}`, schema);
  throw new QuestionError(
    'tally-version',
    `${source}: expected ${SCHEMA}, found ${schema}: a later noisefloor wrote it; update this one, or write the tally again from its logs`,
  );
}

function broken(source: string, what: string): QuestionError {
  return new QuestionError(
    'tally-broken',
    `${source}: ${what}: this is no tally file, or it was cut or changed; write it again with noisefloor ask --tally`,
  );
}

function tooLarge(source: string): QuestionError {
  return new QuestionError(
    'tally-too-large',
    `${source}: expected at most ${MAX_BYTES / 2 ** 20} MiB of text (${MAX_LINE / 2 ** 20} in a line) and ${MAX_VALUES} values, found more: use fewer hosts or fields in one tally`,
  );
}
