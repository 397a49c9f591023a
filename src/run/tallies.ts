/** Tally files: read, checked against the question, narrowed to it, and added up. */
import { readFileSync, statSync } from 'node:fs';
import { formatTime } from '../events/index.ts';
import { type Question, QuestionError, type QuestionParts, questionParts } from '../predicate/index.ts';
import type { FoundLogs } from '../sources/index.ts';
import {
  addDiagnostics,
  alignGroups,
  decodeTally,
  encodeTally,
  type FiledTally,
  mergeInto,
  missingField,
  narrow,
  type Overlap,
  overlapsOf,
  rowsOf,
  type Tally,
} from '../tally/index.ts';
import { writeOutput } from './output-file.ts';

/** A tally file; what is larger is none, and is not read. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Reads a tally file. Throws QuestionError for what is none, or can't be read. */
export function readTally(path: string): FiledTally {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES)
      throw new QuestionError(
        'tally-too-large',
        `${path}: expected at most ${MAX_BYTES} bytes, found ${size}`,
      );
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof QuestionError) throw error;
    throw new QuestionError(
      'tally-broken',
      `${path}: expected a tally file that can be read: ${(error as Error).message}`,
    );
  }
  return decodeTally(bytes, path);
}

/** Writes a tally file. Throws QuestionError where the system does not let it. */
export function writeTally(path: string, filed: FiledTally): void {
  writeOutput('--tally', path, encodeTally(filed));
}

/**
 * The part of a tally file that a question asks for: the question is the tally's, or a narrower one. Throws
 * QuestionError that names what differs, the field that the tally lacks, or what it can't tell.
 */
export function tallyFor(question: Question, { facts, tally }: FiledTally, source: string): Tally {
  const [asked, held] = [partsOf(question.text, 'the question'), partsOf(tally.question, source)];
  const wider = differenceFrom(held, asked);
  if (wider) {
    throw new QuestionError('tally-question', `${source} ${wider}: ask what it holds, or give the logs`);
  }
  const narrowing = {
    where: asked.where.filter((test) => !held.where.includes(test)),
    not: asked.not.filter((test) => !held.not.includes(test)),
    from: asked.from > held.from ? asked.from : null,
    to: asked.to < held.to ? asked.to : null,
  };
  const { where, from, to } = narrowing;
  // Of Sigma's logs not every field is known: any may be tested that the tally has.
  narrow(tally, question.kind.startsWith('sigma') ? [] : question.eventIds, narrowing, source);
  for (const [type, fields] of tally.by) {
    const missing = question.shows(type, fields).filter((field) => !fields.includes(field));
    if (missing.length > 0) throw missingField(source, type, missing, fields, '--by');
  }
  const fewer = where.length > 0 || from !== null || to !== null;
  const known = !fewer || facts.kind !== 'sysmon-config';
  if (!known) {
    const message = `the size of single events is not kept in ${source}: with --where, --from or --to the volume can't be told`;
    addDiagnostics(tally, 'tally-volume', {
      count: 1,
      lost: 0,
      first: [{ code: 'tally-volume', severity: 'info', message, where: { source }, lost: 0 }],
    });
  }
  return { ...tally, question: question.text };
}

/**
 * The tallies among the logs that were found, narrowed to the question and added up; null where there is none. One of
 * another question that only stands in a folder is skipped.
 */
export function sumOfTallies(
  question: Question,
  { logs }: Pick<FoundLogs, 'logs'>,
  allowOverlap: boolean,
): { readonly sum: Tally | null; readonly source: string; readonly skipped: Tally['skipped'] } {
  const skipped: Tally['skipped'] = [];
  const used: string[] = [];
  let sum: Tally | null = null;
  for (const { path, explicit, kind } of logs) {
    if (kind !== 'tally') continue;
    const filed = readTally(path);
    try {
      const tally = tallyFor(question, filed, path);
      if (sum) addTally(sum, tally, path, allowOverlap);
      else sum = tally;
      used.push(path);
    } catch (error) {
      if (explicit || !(error instanceof QuestionError && error.code === 'tally-question')) throw error;
      skipped.push({ path, reason: error.message });
    }
  }
  const source = used.length > 3 ? `one of ${used.length} tallies` : used.join(' or ');
  return { sum, source, skipped };
}

function partsOf(text: string, source: string): QuestionParts {
  const parts = questionParts(text);
  if (parts) return parts;
  throw new QuestionError(
    'tally-broken',
    `${source}: expected the text of a question, found "${text.slice(0, 60)}"`,
  );
}

/** What the held question leaves out that the asked one wants, in words; null where it holds all. */
function differenceFrom(held: QuestionParts, asked: QuestionParts): string | null {
  if (held.subject !== asked.subject) {
    return `is a tally of ${subjectText(held.subject)}, and asked is ${subjectText(asked.subject)}`;
  }
  const where = held.where.find((test) => !asked.where.includes(test));
  if (where !== undefined) return `has only events with --where "${where}", which is not asked`;
  const not = held.not.find((test) => !asked.not.includes(test));
  if (not !== undefined) return `has hidden events with --not "${not}", which is not asked`;
  if (asked.from < held.from) return `begins with --from ${formatTime(held.from)}, and asked is more`;
  if (asked.to > held.to) return `ends with --to ${formatTime(held.to)}, and asked is more`;
  return null;
}

function subjectText(subject: string): string {
  return /^event-type [\d,]+$/.test(subject)
    ? subject.replace('-', ' ')
    : `another ${subject.split(' ')[0]} than this`;
}

/** How the question of a tally differs from that of others, in words; null where it does not. */
export function differenceOf(first: string, second: string, source: string): string | null {
  if (first === second) return null;
  const [a, b] = [partsOf(first, 'a tally'), partsOf(second, source)];
  const wider = differenceFrom(b, a);
  if (wider !== null) return wider;
  const narrower = differenceFrom(a, b);
  return narrower === null ? 'asks something else' : `is wider: the other ${narrower}`;
}

/** Record ids that are listed; the rest is counted. */
const LISTED = 20;

/**
 * Adds a tally to another, which changes. Throws QuestionError where record ids stand in both: their events would count
 * twice, unless `allowOverlap`.
 */
export function addTally(into: Tally, from: Tally, source: string, allowOverlap: boolean): void {
  if (!allowOverlap) {
    const overlaps = overlapsOf(into, from);
    if (overlaps.length > 0) throw overlapError(source, overlaps);
  }
  alignGroups(into, from);
  mergeInto(into, from);
}

function overlapError(source: string, overlaps: readonly Overlap[]): QuestionError {
  const lines = overlaps.flatMap(({ host, channel, runs }) =>
    rowsOf(runs).map(
      ({ first, last }) =>
        `${host}, ${channel}, ${first === last ? `record ${first}` : `records ${first} to ${last}`}`,
    ),
  );
  const more = lines.length > LISTED ? `; and ${lines.length - LISTED} more` : '';
  return new QuestionError(
    'tally-overlap',
    `${source} holds record ids that were added before, whose events would count twice: ${lines.slice(0, LISTED).join('; ')}${more}. ` +
      'Leave one of them out; --allow-overlap adds them all the same (where a host was set up anew under its old name, say)',
  );
}
