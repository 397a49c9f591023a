/** Opens a log, whatever it is, and reads it to its end: batches of events, and diagnostics for all that went wrong. */
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Diagnostic } from '../events/index.ts';
import type { Archive } from './archive.ts';
import type { Batch } from './batch.ts';
import { type Blocks, ByteCursor, fileBlocks, type Reading, readFailed, streamBlocks } from './blocks.ts';
import type { WrittenBatch } from './clock-repair.ts';
import { EVERY_RECORD, Scanner } from '../evtx/index.ts';
import { isBareChunk, readEvtxBlocks, readEvtxFile } from './evtx.ts';
import { type Log, noLogIn } from './log.ts';
import { type TextKind, textParts } from './mixed.ts';
import type { LogRange } from './range.ts';
import { HEAD_BYTES, READABLE, type Recognised, recognise } from './recognise.ts';
import { decodeText, findEncoding, type TextChunk } from './text.ts';

export interface ReadOptions {
  /** Check every checksum of an event log, and not only after an anomaly. */
  readonly verify: boolean;
  /** Read what stands behind damage in an event log, too. */
  readonly recover?: boolean;
  /** A part of an event log, from `splitLog`; null for the whole. */
  readonly range?: LogRange | null;
  /** Reads event logs, and says which of their records are wanted. Default: one that wants all, for this log alone. */
  readonly scanner?: Scanner;
}

type KnownOptions = ReadOptions & Required<Pick<ReadOptions, 'scanner'>>;

function known(options: ReadOptions): KnownOptions {
  return { ...options, scanner: options.scanner ?? new Scanner(() => EVERY_RECORD) };
}

/** Archives in archives: `a.tar.gz!b.zip!c.evtx` is read, a further archive inside `b.zip` is not. */
const MAX_LAYERS = 2;

/** Reads one log. Never throws for what the system or the content does: that is a diagnostic, and what was read stands. */
export async function* readLog(log: Log, given: ReadOptions): AsyncGenerator<Batch> {
  const options = known(given);
  if (log.kind === 'evtx') {
    yield* readEvtxFile(log, options.scanner, {
      verify: options.verify,
      recover: options.recover ?? false,
      range: options.range ?? null,
    });
    return;
  }
  const reading: Reading = { trouble: [], bytesRead: 0 };
  const source = log.path;
  let handle: FileHandle | null = null;
  let blocks: AsyncGenerator<Uint8Array> | null = null;
  let reported = 0;
  try {
    if (source === '-') {
      blocks = streamBlocks(source, process.stdin, reading);
    } else if (log.kind === 'unknown') {
      blocks = streamBlocks(source, createReadStream(source), reading);
    } else {
      handle = await openFile(source);
      blocks = fileBlocks(source, handle, reading);
    }
    const file = handle === null ? null : { handle, size: log.size };
    const survey = file === null ? null : (member: string) => surveyText(log, member);
    if (blocks !== null) {
      const input: Input = {
        source,
        blocks,
        file,
        explicit: log.explicit,
        layers: 0,
        unpacked: false,
        survey,
      };
      for await (const batch of readBlocks(input, options, reading)) {
        yield { ...batch, bytes: reading.bytesRead - reported };
        reported = reading.bytesRead;
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    reading.trouble.push(readFailed(source, reading.bytesRead, error));
  } finally {
    // A stream that nobody reads to its end would keep the process waiting for it.
    await blocks?.return(undefined);
    await handle?.close().catch(() => undefined);
  }
  yield { source, events: [], diagnostics: reading.trouble, bytes: reading.bytesRead - reported };
}

/** Event logs, which most are, are not opened so. */
async function openFile(path: string): Promise<FileHandle> {
  return await (await import('node:fs/promises')).open(path, 'r');
}

interface Input {
  readonly source: string;
  readonly blocks: Blocks;
  readonly file: Archive['file'];
  /** What is of an unknown kind is a problem where the user named it, else only skipped. */
  readonly explicit: boolean;
  /** Archives around it. */
  readonly layers: number;
  /** Whether the innermost of them is a gzip file: a tar archive in it is one archive to everybody. */
  readonly unpacked: boolean;
  /** Reads the log again for the Sysmon events of one text in it; null where it can be read but once. */
  readonly survey: ((source: string) => AsyncGenerator<WrittenBatch>) | null;
  /** Of such a reading, what is looked for; nothing else is read then. */
  readonly only?: string;
}

async function* readBlocks(input: Input, options: KnownOptions, reading: Reading): AsyncGenerator<Batch> {
  const { source, layers } = input;
  const cursor = new ByteCursor(input.blocks);
  const head = await cursor.peek(HEAD_BYTES);
  const recognised = recognise(head);
  const blocks = cursor.upTo(Number.POSITIVE_INFINITY);
  const text = (invalid: 'replace' | 'latin1'): AsyncGenerator<TextChunk> =>
    decodeText(source, blocks, { ...findEncoding(head), invalid }, reading);
  switch (recognised.kind) {
    case 'evtx':
      yield* readEvtxBlocks(source, blocks, options.scanner, {
        verify: options.verify,
        recover: options.recover ?? false,
        bare: isBareChunk(head),
      });
      break;
    case 'json':
    case 'xml':
    case 'syslog':
      // Sysmon for Linux writes ISO 8859-1 into a stream of UTF-8.
      yield* readText(input, text(recognised.kind === 'syslog' ? 'latin1' : 'replace'), recognised.kind);
      break;
    case 'segment':
      yield* (await import('./segment.ts')).readSegment(source, blocks);
      break;
    case 'zip':
    case 'gzip':
    case 'tar': {
      const archive: Archive = { source, kind: recognised.kind, blocks, file: input.file };
      const around = recognised.kind === 'tar' && input.unpacked ? layers - 1 : layers;
      yield* readArchive(archive, { ...input, layers: around }, options, reading);
      break;
    }
    default:
      yield notRead(input, recognised);
  }
  yield { source, events: [], diagnostics: reading.trouble.splice(0), bytes: 0 };
}

type TextReader = (source: string, chunks: AsyncIterable<TextChunk>) => AsyncGenerator<WrittenBatch>;

/** Loaded when such a text is met: most logs are of one kind. */
const TEXT_READERS: Readonly<Record<TextKind, () => Promise<TextReader>>> = {
  json: async () => (await import('./json.ts')).readJson,
  xml: async () => (await import('./xml.ts')).readXml,
  syslog: async () => (await import('./syslog.ts')).readSyslog,
};

/** Reads a text log; of a second reading for its Sysmon events, these with their times as written. */
async function* readText(
  { source, survey, only }: Input,
  text: AsyncIterable<TextChunk>,
  kind: TextKind,
): AsyncGenerator<Batch> {
  if (only !== undefined) {
    yield* readParts(source, fromSysmon(text), kind);
    return;
  }
  // It knows the shapes of lines, which event logs need not.
  const { repairClocks } = await import('./clock-repair.ts');
  yield* repairClocks(source, readParts(source, text, kind), survey === null ? null : () => survey(source));
}

/** Reads a text, whose shape may change on the way. */
async function* readParts(
  source: string,
  text: AsyncIterable<TextChunk>,
  kind: TextKind,
): AsyncGenerator<WrittenBatch> {
  for await (const part of textParts(text, kind)) {
    const read = await TEXT_READERS[part.kind]();
    for await (const batch of read(source, part.chunks)) {
      yield part.line === 1
        ? batch
        : { ...batch, diagnostics: batch.diagnostics.map((one) => later(one, part.line)) };
    }
  }
}

/** More than an event that names Sysmon has before its name, in characters. */
const BEFORE_SYSMON = 64 * 1024;

/** A text from a line on that stands before the first event of Sysmon: finding none costs little. */
async function* fromSysmon(text: AsyncIterable<TextChunk>): AsyncGenerator<TextChunk> {
  let before = '';
  let found = false;
  for await (const chunk of text) {
    if (found) {
      yield chunk;
      continue;
    }
    const all = before + chunk.text;
    const at = all.indexOf('Sysmon', Math.max(0, before.length - 'Sysmon'.length));
    found = at >= 0;
    const start = found ? at - BEFORE_SYSMON : all.length - BEFORE_SYSMON;
    before = start <= 0 ? all : all.slice(all.indexOf('\n', start) + 1);
    if (found) yield { text: before, bytes: 0 };
  }
}

/** The batches of one text in a log, read once more: of its Sysmon events and what stands among them. */
async function* surveyText(log: Log, only: string): AsyncGenerator<WrittenBatch> {
  const reading: Reading = { trouble: [], bytesRead: 0 };
  const { path: source, size, explicit } = log;
  const handle = await openFile(source);
  const blocks = fileBlocks(source, handle, reading);
  const file = { handle, size };
  try {
    const input: Input = { source, blocks, file, explicit, layers: 0, unpacked: false, survey: null, only };
    yield* readBlocks(input, known({ verify: false }), reading);
  } finally {
    await blocks.return(undefined);
    await handle.close().catch(() => undefined);
  }
}

/** A diagnostic of a part, placed in the whole. */
function later(diagnostic: Diagnostic, line: number): Diagnostic {
  const { where } = diagnostic;
  if (where.line === undefined) return diagnostic;
  return { ...diagnostic, where: { ...where, line: where.line + line - 1 } };
}

async function* readArchive(
  archive: Archive,
  { source, explicit, layers, survey, only }: Input,
  options: KnownOptions,
  reading: Reading,
): AsyncGenerator<Batch> {
  if (layers >= MAX_LAYERS) {
    yield skip(source, `an archive inside ${MAX_LAYERS} others: unpack the outer one and give the inner`);
    return;
  }
  const { membersOf } = await import('./archive.ts');
  let [members, logs] = [0, 0];
  for await (const { name, blocks, unread } of membersOf(archive, reading)) {
    const unpacked = archive.kind === 'gzip';
    const inner = unpacked ? source : `${source}!${name}`;
    if (only !== undefined && only !== inner && !only.startsWith(`${inner}!`)) continue;
    members += 1;
    if (blocks === null) {
      yield skip(inner, unread ?? 'no file');
      continue;
    }
    const input: Input = {
      source: inner,
      blocks,
      file: null,
      explicit: unpacked && explicit,
      layers: layers + 1,
      unpacked,
      survey,
      ...(only === undefined ? {} : { only }),
    };
    let isLog = true;
    for await (const batch of readBlocks(input, options, reading)) {
      if (batch.skipped?.some(({ path }) => path === inner)) isLog = false;
      yield batch;
    }
    if (isLog) logs += 1;
  }
  // What stands in it was skipped, as in a folder; of an archive that was asked for that is said.
  if (logs > 0 || !explicit || layers > 0 || archive.kind === 'gzip' || only !== undefined) return;
  yield { source, events: [], diagnostics: [noLogIn('archive', source, members)], bytes: 0 };
}

function notRead({ source, explicit }: Input, { found, kind }: Recognised): Batch {
  const isTally = kind === 'tally';
  const what = isTally
    ? 'a tally, which holds counts and no events, and is read only as a file of its own'
    : found;
  if (!explicit) return skip(source, what);
  const code = isTally ? 'tally-inside' : found === 'an empty file' ? 'log-empty-file' : 'log-unknown-kind';
  const problem: Diagnostic = {
    code,
    severity: 'error',
    message: `expected ${READABLE}, found ${what}`,
    where: { source },
    lost: 0,
  };
  return { source, events: [], diagnostics: [problem], bytes: 0 };
}

function skip(path: string, reason: string): Batch {
  return { source: path, events: [], diagnostics: [], bytes: 0, skipped: [{ path, reason }] };
}
