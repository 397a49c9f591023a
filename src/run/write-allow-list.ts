/** An allow-list into a file, in the format that the file's name asks for; what can be read back is evaluated first. */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import type { Tuning } from '../analysis/index.ts';
import {
  addAllowEntries,
  allowsConditions,
  ASK_SCHEMAS,
  askConfig,
  EditError,
  encodeConfig,
  minimumSchema,
  parseConfig,
} from '../config/index.ts';
import {
  type AllowCondition,
  type AllowEntry,
  NO_NOTE,
  type Question,
  QuestionError,
} from '../predicate/index.ts';
import { writeCsv, writeExceptions, writeJson, writeKql, writeSpl } from '../report/index.ts';
import { parseRule, writeSigmaFilter } from '../sigma/index.ts';
import { loadConfig } from './load-config.ts';

/** Who answers for the entries, and until when. */
export interface Ownership {
  readonly owner: string;
  readonly ticket: string;
  /** `YYYY-MM-DD`; empty for no end. */
  readonly expires: string;
}

/** A file that was made, and how to ask the same question of it. */
export interface WrittenList {
  readonly bytes: Uint8Array;
  /** Makes what asks the question with the list in force, in an empty folder: its path. Null: it can't be evaluated here. */
  readonly asQuestion: ((folder: string) => string) | null;
}

const FORMATS =
  '.xml (Sysmon), .yml (Sigma filter), .csv, .json, .spl (Splunk), .kql (Sentinel), .ndjson (Elastic)';

const ENDINGS = ['.xml', '.yml', '.yaml', '.csv', '.json', '.spl', '.kql', '.ndjson'];

/** Throws QuestionError for a name that asks for no known format, or for one that can't hold a list of this question. */
export function checkFormat(path: string, kind: Question['kind']): void {
  const ending = extname(path).toLowerCase();
  if (!ENDINGS.includes(ending))
    throw new QuestionError('out-format', `--out ${path}: expected a name that ends with ${FORMATS}`);
  if (ending === '.xml' && (kind === 'sigma-rule' || kind === 'sigma-rules'))
    throw new QuestionError(
      'out-format',
      `--out ${path}: a Sysmon configuration can't hold a Sigma rule, so an exclusion in it would hide more than this rule's alerts: expected a Sigma filter (.yml)`,
    );
}

/** Whether an entry for events of an id can have a condition in the format of that name, which `checkFormat` takes. */
export function conditionsSaid(
  path: string,
  question: Question,
  questionText: string,
): (eventId: number, condition: AllowCondition) => boolean {
  if (extname(path).toLowerCase() === '.xml') {
    const { config } =
      question.kind === 'sysmon-config'
        ? loadConfig(questionText)
        : parseConfig(askConfig(question.eventIds, { schema: ASK_SCHEMAS.at(-1)!, allowList: true }).text);
    const byType = new Map(question.eventIds.map((id) => [id, allowsConditions(config!, id)]));
    return (eventId, condition) => byType.get(eventId)?.(condition) ?? true;
  }
  const write = writerOf(path, question.name);
  return (eventId, condition) => {
    try {
      return write([{ eventId, conditions: [condition], note: NO_NOTE }]) !== '';
    } catch (error) {
      if (error instanceof QuestionError) return false;
      throw error;
    }
  };
}

/** Writes entries alone, as the file's name asks for. */
function writerOf(path: string, name: string): (entries: readonly AllowEntry[]) => string {
  switch (extname(path).toLowerCase()) {
    case '.yml':
    case '.yaml':
      return (entries) => writeSigmaFilter({ title: name, rules: null, entries });
    case '.csv':
      return writeCsv;
    case '.json':
      return writeJson;
    case '.spl':
      return writeSpl;
    case '.kql':
      return writeKql;
    default:
      return (entries) => writeExceptions(entries, `noisefloor: ${name}`);
  }
}

/** `path` is one that `checkFormat` takes. Throws QuestionError for what the format can't say. */
export function writtenList(
  path: string,
  tuning: Tuning,
  question: Question,
  questionText: string,
  ownership: Ownership,
): WrittenList {
  const other = tuning.allowList.find(({ channel }) => channel !== '');
  if (other && ['.xml', '.yml', '.yaml'].includes(extname(path).toLowerCase()))
    throw new QuestionError(
      'allow-unwritable',
      `--out ${path}: an entry is about event ${other.eventId} of ${other.channel}, and this format is written for Sysmon's events: expected ${FORMATS}`,
    );
  const entries = tuning.allowList.map((entry): AllowEntry => ({
    eventId: entry.eventId,
    conditions: entry.conditions,
    note: {
      reason: entry.reason,
      evidence: evidenceOf(tuning, entry.suppresses),
      room: entry.room,
      ...ownership,
    },
  }));
  switch (extname(path).toLowerCase()) {
    case '.xml':
      return asConfig(entries, question, questionText);
    case '.yml':
    case '.yaml':
      return asFilter(entries, question, questionText);
    default:
      return { bytes: Buffer.from(writerOf(path, question.name)(entries), 'utf8'), asQuestion: null };
  }
}

function evidenceOf(
  { exposure }: Tuning,
  { events, occasions, hosts }: Tuning['allowList'][number]['suppresses'],
): string {
  const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
  return `${many(events, 'event')} in ${occasions} of ${many(exposure.cells, 'watched host-hour')}, on ${hosts} of ${many(exposure.hosts, 'host')}`;
}

/** The configuration that asks the question, with the entries in it. */
function asConfig(entries: readonly AllowEntry[], question: Question, questionText: string): WrittenList {
  const bytes =
    question.kind === 'sysmon-config'
      ? inConfig(questionText, entries)
      : inNewConfig(entries, question.eventIds);
  return {
    bytes,
    asQuestion: (folder) => {
      const file = join(folder, 'tuned.xml');
      writeFileSync(file, bytes);
      return file;
    },
  };
}

function inConfig(path: string, entries: readonly AllowEntry[]): Uint8Array {
  const { config } = loadConfig(path);
  return encodeConfig({ ...config.source, text: addAllowEntries(config, entries) });
}

/** The oldest schema that knows the fields of the entries, so that most Sysmons load it. */
function inNewConfig(entries: readonly AllowEntry[], eventIds: readonly number[]): Uint8Array {
  const schemas = ASK_SCHEMAS.slice(ASK_SCHEMAS.indexOf(minimumSchema(eventIds)));
  for (const [index, schema] of schemas.entries()) {
    const { config } = parseConfig(askConfig(eventIds, { schema, allowList: true }).text);
    try {
      return Buffer.from(addAllowEntries(config!, entries), 'utf8');
    } catch (error) {
      if (!(error instanceof EditError) || index === schemas.length - 1) throw error;
    }
  }
  throw new RangeError('there is always a schema');
}

function asFilter(entries: readonly AllowEntry[], question: Question, questionText: string): WrittenList {
  const sigma = question.kind === 'sigma-rule' || question.kind === 'sigma-rules';
  const title = `Allow-list of ${question.name}`;
  if (!sigma) {
    const filter = writeSigmaFilter({ title, rules: null, entries });
    return {
      bytes: Buffer.from(filter, 'utf8'),
      asQuestion: (folder) => {
        writeFileSync(join(folder, 'filter.yml'), filter);
        writeFileSync(join(folder, 'rule.yml'), ruleFor(filter, question.eventIds));
        return folder;
      },
    };
  }
  const names = question.rules
    .filter((_, index) => !question.correlations.some(({ rule }) => rule === index))
    .map(({ id, name }) => id || name);
  const single = question.kind === 'sigma-rule' && statSync(questionText).isFile();
  const logsource = single ? parseRule(readFileSync(questionText, 'utf8')).rules[0]?.logsource : undefined;
  const filter = writeSigmaFilter({
    title,
    rules: names,
    ...(logsource
      ? {
          logsource: { product: logsource.product, category: logsource.category, service: logsource.service },
        }
      : {}),
    entries,
  });
  return {
    bytes: Buffer.from(filter, 'utf8'),
    asQuestion: (folder) => {
      const target = single ? join(folder, basename(questionText)) : join(folder, 'rules');
      cpSync(questionText, target, { recursive: true });
      writeFileSync(join(folder, 'noisefloor-filter.yml'), filter);
      return folder;
    },
  };
}

/** A rule for every event of these ids, of the filter's logsource. */
function ruleFor(filter: string, eventIds: readonly number[]): string {
  const { product, category, service } = parseRule(filter).filters[0]!.logsource;
  const logsource = JSON.stringify({
    ...(product ? { product } : {}),
    ...(category ? { category } : {}),
    ...(service ? { service } : {}),
  });
  return `title: asked\nid: 00000000-0000-4000-8000-000000000000\nlogsource: ${logsource}\ndetection:\n  all:\n    EventID: ${JSON.stringify(eventIds)}\n  condition: all\n`;
}

/** Runs something with a folder of its own, which is gone afterwards. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
