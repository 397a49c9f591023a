/** What the benchmark reads, made in a folder of its own; what can't be made here is null, with the reason. */
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { CHUNK_SIZE, FILE_HEADER_SIZE, lastRecordId } from '../src/evtx/index.ts';
import { isOnPath, output, type Program } from './process.ts';

const SHARED = process.env['NOISEFLOOR_SHARED'] ?? '../shared';
const CONFIG = join(SHARED, 'data/config/olafhartong+sysmon-modular/sysmonconfig.xml');
const RULES = join(SHARED, 'data/sigma-rules.tar.gz');
const ONE_RULE = /create_remote_thread.*\.yml$/;
const JSON_LOGS = join(SHARED, 'data/json');

/** A log on disk and its size in bytes. */
export interface Input {
  readonly path: string;
  readonly bytes: number;
}

export interface Inputs {
  /** An event log. */
  readonly log: Input;
  /** The beginning of it, for slow readers. */
  readonly small: Input;
  /** One chunk of it, for what is but start-up. */
  readonly chunk: Input;
  /** A folder of files that hold one of its chunks each, and how many they are. */
  readonly files: Input & { readonly count: number };
  /** The merged configuration of sysmon-modular. */
  readonly config: string | null;
  /** A folder of Sigma rules, and one of them. */
  readonly rules: { readonly all: string; readonly one: string } | null;
  /** JSON lines, by the shape that they have. */
  readonly json: Readonly<Record<string, Input>>;
  /** Names of what is missing. */
  readonly missing: readonly string[];
}

export interface Sizes {
  readonly slowMegabytes: number;
  readonly files: number;
  readonly jsonMegabytes: number;
}

/** A log of about so many megabytes, from the shared tool; null without it. */
export function grownLog(folder: string, megabytes: number): string | null {
  const grow = join(SHARED, 'tools/grow-evtx');
  if (!existsSync(grow)) return null;
  const log = join(folder, 'grown.evtx');
  output({ file: grow, args: [log, String(megabytes)] });
  return log;
}

export function makeInputs(folder: string, log: string, sizes: Sizes): Inputs {
  const missing: string[] = [];
  const have = <T>(name: string, value: T | null): T | null => {
    if (value === null) missing.push(name);
    return value;
  };
  const bytes = readFileSync(log);
  const part = (name: string, chunks: number): Input =>
    written(join(folder, name), [withChunks(bytes, 0, chunks)]);
  return {
    log: inputOf(log),
    small: part('small.evtx', Math.ceil((sizes.slowMegabytes * 1e6) / CHUNK_SIZE)),
    chunk: part('chunk.evtx', 1),
    files: smallFiles(join(folder, 'files'), bytes, sizes.files),
    config: have("sysmon-modular's configuration", existsSync(CONFIG) ? CONFIG : null),
    rules: have('Sigma rules', unpackedRules(join(folder, 'sigma'))),
    json: {
      ...jsonLog(folder, 'NXLog', '"SourceModuleType":"im_msvistalog"', sizes.jsonMegabytes, missing),
      ...jsonLog(folder, 'Winlogbeat', '"beat":"winlogbeat"', sizes.jsonMegabytes, missing),
    },
    missing,
  };
}

function inputOf(path: string): Input {
  return { path, bytes: statSync(path).size };
}

function written(path: string, parts: readonly (Uint8Array | string)[]): Input {
  const file = openSync(path, 'w');
  for (const part of parts) writeSync(file, Buffer.from(part));
  return inputOf(path);
}

/** Chunks of a log as a log, under a header that is right for them. */
function withChunks(log: Buffer, first: number, count: number): Buffer {
  const start = FILE_HEADER_SIZE + first * CHUNK_SIZE;
  const chunks = log.subarray(start, start + count * CHUNK_SIZE);
  const whole = Math.floor(chunks.length / CHUNK_SIZE);
  const header = Buffer.from(log.subarray(0, FILE_HEADER_SIZE));
  const last = lastRecordId(chunks.subarray((whole - 1) * CHUNK_SIZE)) ?? 0;
  header.writeBigUInt64LE(0n, 8);
  header.writeBigUInt64LE(BigInt(whole - 1), 16);
  header.writeBigUInt64LE(BigInt(last) + 1n, 24);
  header.writeUInt16LE(whole, 42);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, chunks]);
}

function smallFiles(folder: string, log: Buffer, wanted: number): Inputs['files'] {
  mkdirSync(folder);
  const count = Math.min(wanted, Math.floor((log.length - FILE_HEADER_SIZE) / CHUNK_SIZE));
  for (let i = 0; i < count; i++)
    writeFileSync(join(folder, `${String(i).padStart(5, '0')}.evtx`), withChunks(log, i, 1));
  return { path: folder, bytes: count * (FILE_HEADER_SIZE + CHUNK_SIZE), count };
}

function unpackedRules(folder: string): Inputs['rules'] {
  if (!existsSync(RULES) || !isOnPath('tar')) return null;
  mkdirSync(folder);
  output({ file: 'tar', args: ['-xzf', RULES, '-C', folder] });
  const one = readdirSync(folder, { recursive: true })
    .map(String)
    .sort()
    .find((name) => ONE_RULE.test(name));
  return one === undefined ? null : { all: folder, one: join(folder, one) };
}

/** Lines of one shape out of all archives, repeated with other record numbers until they come to the size. */
function jsonLog(
  folder: string,
  name: string,
  mark: string,
  megabytes: number,
  missing: string[],
): Readonly<Record<string, Input>> {
  const lines: string[] = [];
  let size = 0;
  for (const archive of existsSync(JSON_LOGS) ? readdirSync(JSON_LOGS).sort() : []) {
    if (size > megabytes * 1e6) break;
    const path = join(JSON_LOGS, archive);
    const unpack: Program = archive.endsWith('.zip')
      ? { file: 'unzip', args: ['-p', path] }
      : { file: 'tar', args: ['-xzOf', path] };
    if (!isOnPath(unpack.file)) continue;
    for (const line of output(unpack).split('\n')) {
      if (!line.includes(mark)) continue;
      lines.push(line);
      size += line.length + 1;
    }
  }
  if (lines.length === 0) {
    missing.push(`JSON of ${name}`);
    return {};
  }
  const texts = Array.from({ length: Math.max(1, Math.round((megabytes * 1e6) / size)) }, (_, turn) =>
    lines
      .slice(0, Math.ceil(lines.length * Math.min(1, (megabytes * 1e6) / size)))
      .map((line) => `${renumbered(line, turn)}\n`)
      .join(''),
  );
  return { [name]: written(join(folder, `${name}.jsonl`), texts) };
}

function renumbered(line: string, turn: number): string {
  return line.replaceAll(
    /("RecordNumber":|"record_number":"|"record_id":)(\d+)/g,
    (_, name: string, number: string) => `${name}${Number(number) + turn * 1e9}`,
  );
}
