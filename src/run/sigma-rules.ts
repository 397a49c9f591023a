/** A Sigma rule, or a folder of rules, as the rules of a question. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import {
  type Diagnostic,
  type Event,
  type EventKind,
  eventType,
  foldAscii,
  isSysmon,
  typeKey,
} from '../events/index.ts';
import { READ_ALL } from '../evtx/index.ts';
import {
  type Correlation,
  type Counted,
  type EventSource,
  isOfKind,
  QuestionError,
  type QuestionRule,
} from '../predicate/index.ts';
import {
  fieldsNamed,
  itemsOf,
  type Logsource,
  mayBeRead,
  parseRule,
  type PlacedRule,
  resolveLogsource,
  type ResolvedLogsource,
  ruleSet,
  type SigmaCorrelation,
  type SigmaDiagnostic,
  type SigmaFilter,
  type SigmaRule,
} from '../sigma/index.ts';
import { correlate } from './sigma-correlations.ts';
import { ruleFiles } from './sigma-files.ts';

export interface SigmaRules {
  readonly rules: readonly QuestionRule[];
  /** Indices of the rules that match, ascending. */
  readonly decide: (event: Event) => readonly number[];
  /** Fields by which an event is grouped where nothing else is asked for. */
  readonly fields: (kind: EventKind) => readonly string[];
  /** See `Question.reads`. */
  readonly reads: (kind: EventKind, field: string) => number;
  /** See `RuleSet.names`. */
  readonly names: (kind: EventKind, field: string) => boolean;
  readonly eventIds: readonly number[];
  readonly sources: readonly EventSource[];
  /** What makes the question this one: all texts, by the order of their files, or what stands for them. */
  readonly text: string;
  readonly correlations: readonly Correlation[];
  /** What an event counts for; null without correlations. */
  readonly counts: ((event: Event) => readonly Counted[]) | null;
  /** Documents that are left out, and rules that no log here can match, with the reason. */
  readonly problems: readonly Diagnostic[];
}

/** Fields that tell one event from another, of types that Sysmon does not write. By `typeKey`. */
const GROUP_BY: Readonly<Record<string, readonly string[]>> = {
  'security/4624': ['TargetUserName', 'LogonType'],
  'security/4625': ['TargetUserName', 'LogonType'],
  'security/4648': ['TargetUserName', 'ProcessName'],
  'security/4656': ['ProcessName', 'ObjectName'],
  'security/4657': ['ProcessName', 'ObjectName'],
  'security/4663': ['ProcessName', 'ObjectName'],
  'security/4672': ['SubjectUserName'],
  'security/4688': ['ParentProcessName', 'NewProcessName'],
  'security/4697': ['ServiceName', 'ServiceFileName'],
  'security/4698': ['TaskName'],
  'security/5156': ['Application', 'DestPort'],
  'security/5145': ['ShareName', 'RelativeTargetName'],
  'system/7036': ['param1', 'param2'],
  'system/7045': ['ServiceName', 'ImagePath'],
  'microsoft-windows-powershell/operational/4104': ['Path'],
};
/** Of other types, so many of the fields that the rules name. */
const MOST_FIELDS = 4;
/** A file past this is no rule. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The documents of a file, or of a folder's files. */
interface SigmaDocuments {
  readonly rules: readonly SigmaRule[];
  readonly filters: readonly SigmaFilter[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly refused: readonly SigmaDiagnostic[];
  /** All texts, by the order of their files. */
  readonly texts: readonly string[];
}

function readSigma(path: string): SigmaDocuments {
  const texts: string[] = [];
  const rules: SigmaRule[] = [];
  const filters: SigmaFilter[] = [];
  const correlations: SigmaCorrelation[] = [];
  const refused: SigmaDiagnostic[] = [];
  const reader = new TextReader();
  for (const file of ruleFiles(path)) {
    const text = reader.read(file);
    if (typeof text !== 'string') {
      refused.push(text);
      continue;
    }
    texts.push(text);
    const parsed = parseRule(text, { file });
    // Other YAML lies beside rules: a document of a folder that has none of a rule's parts is none of ours.
    rules.push(...parsed.rules);
    filters.push(...parsed.filters);
    correlations.push(...parsed.correlations);
    refused.push(...parsed.diagnostics);
  }
  if (rules.length === 0) {
    const [first] = refused;
    if (first)
      throw new QuestionError(first.code, `${first.file}:${first.line}:${first.column}: ${first.message}`);
    throw new QuestionError('sigma-missing', `${path}: expected a Sigma rule, found none`);
  }
  return { rules, filters, correlations, refused, texts };
}

/** Rules with where their events are; `placed` in the order of `rules`. */
export interface PlacedRules {
  readonly rules: readonly SigmaRule[];
  readonly placed: readonly PlacedRule[];
  /** Documents that are left out, and rules that no log here can match, with the reason. */
  readonly problems: readonly Diagnostic[];
}

/** Throws QuestionError where there is no rule. */
export function placedRules(path: string): PlacedRules {
  return placedOf(readSigma(path));
}

function placedOf({ rules, filters, refused }: SigmaDocuments): PlacedRules {
  const problems = refused.map((one) => warning(one.code, one, one.message));
  const logsources = new Map<string, ResolvedLogsource>();
  const placed = rules.map((rule): PlacedRule => {
    const key = JSON.stringify([rule.logsource.category, rule.logsource.product, rule.logsource.service]);
    let logsource = logsources.get(key);
    if (!logsource) {
      const resolved = resolveLogsource(rule.logsource);
      logsource = 'unsupported' in resolved ? NOWHERE : resolved;
      logsources.set(key, logsource);
    }
    if (logsource === NOWHERE) problems.push(elsewhere(rule));
    problems.push(...unknownFields(rule, logsource));
    const of = filters.filter((filter) => isFor(filter, rule)).map(({ detection }) => detection);
    return { detection: rule.detection, filters: of, logsource };
  });
  return { rules, placed, problems };
}

/** Reads rules. Throws QuestionError where there is none that can be asked. */
export function sigmaRules(path: string): SigmaRules {
  const documents = readSigma(path);
  const { texts } = documents;
  const { rules, placed, problems: found } = placedOf(documents);
  const problems = [...found];
  const correlated = correlate(documents.correlations, rules, placed, rules.length);
  problems.push(...correlated.problems);
  const asked = rules.map((rule, index): QuestionRule => {
    const { title, id, file, line, level, tags } = rule;
    return { name: title, id, file, line, level, tags, sources: placed[index]!.logsource.sources };
  });
  correlated.read.forEach(({ title, id, file, line, level, tags }, index) => {
    const own = distinct(correlated.bases[index]!.flatMap((base) => asked[base]!.sources));
    asked.push({ name: title, id, file, line, level, tags, sources: own });
  });
  const sources = distinct(asked.flatMap((rule) => rule.sources));
  const all = ruleSet(placed);
  const { silent } = correlated;
  const counted = mayBeRead(documents.correlations.flatMap(fieldsCounted));
  let matching: readonly number[] = [];
  return {
    rules: asked,
    decide: (event) => {
      matching = all(event);
      return silent.size > 0 && matching.some((index) => silent.has(index))
        ? matching.filter((index) => !silent.has(index))
        : matching;
    },
    correlations: correlated.correlations,
    counts: correlated.correlations.length === 0 ? null : (event) => correlated.counted(event, matching),
    reads: (kind, field) => (counted(field) ? READ_ALL : all.reads(kind, field)),
    names: all.names,
    fields: groupFields(placed),
    eventIds: [...new Set(sources.flatMap(({ eventIds }) => eventIds ?? []))].sort((a, b) => a - b),
    sources,
    text: textOf(texts),
    problems,
  };
}

/** Texts of more characters than this are told by a digest: thousands of rules are megabytes. */
const MANY_CHARACTERS = 16 * 1024;

/** The same for the same texts, and for no others. */
function textOf(texts: readonly string[]): string {
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  if (characters <= MANY_CHARACTERS) return JSON.stringify(texts);
  // Where each ends is told, too: texts that are cut elsewhere are others.
  const digest = createHash('sha256').update(texts.map(({ length }) => length).join());
  for (const text of texts) digest.update(text);
  return `${texts.length} files #${digest.digest('hex')}`;
}

/** The names by which a correlation counts. */
function fieldsCounted({ groupBy, fields, aliases }: SigmaCorrelation): string[] {
  const others = [...aliases.values()].flatMap((names) => [...names.values()]);
  return [...[...groupBy, ...fields].map(({ text }) => text), ...others];
}

function distinct(sources: readonly EventSource[]): EventSource[] {
  // Most are the very same: rules of one logsource share theirs.
  return [...new Map([...new Set(sources)].map((one) => [JSON.stringify(one), one])).values()];
}

/** The logsource of rules for logs that are not read here: no event is of it. */
const NOWHERE: ResolvedLogsource = {
  sources: [],
  asksRecord: false,
  matches: () => false,
  reader: () => () => undefined,
  mayHave: () => true,
  values: () => [],
};

function elsewhere(rule: SigmaRule): Diagnostic {
  const resolved = resolveLogsource(rule.logsource);
  const reason = 'unsupported' in resolved ? resolved.unsupported : '';
  return warning(
    'sigma-logsource',
    { ...rule.logsource, file: rule.file },
    `${rule.title}: ${reason}: no event here is of this rule`,
  );
}

/** Fields that no event of the rule's logsource has, at the place of the first. */
function unknownFields({ title, file, detection }: SigmaRule, logsource: ResolvedLogsource): Diagnostic[] {
  const unknown = itemsOf(detection).filter(({ field }) => field !== null && !logsource.mayHave(field));
  const [first] = unknown;
  if (!first) return [];
  const names = [...new Set(unknown.map(({ field }) => JSON.stringify(field)))];
  const message = `${title}: no event of its logsource has ${names.length === 1 ? 'a field' : 'fields'} ${names.join(', ')}, by what Sysmon and Windows' auditing write: such an event meets none of their values`;
  return [warning('sigma-field', { ...first, file }, message)];
}

function warning(
  code: Diagnostic['code'],
  place: Pick<SigmaDiagnostic, 'file' | 'line' | 'column'>,
  message: string,
): Diagnostic {
  const { file, line, column } = place;
  return { code, severity: 'warning', message, where: { source: file, line, column }, lost: 0 };
}

/** Nearly every rule fits. */
const PART = 64 * 1024;

/** Reads file after file into one place: there are thousands of small ones. */
class TextReader {
  private bytes = Buffer.allocUnsafe(PART);

  /** The text of a file, or why it is none. */
  read(file: string): string | SigmaDiagnostic {
    const refused = (code: SigmaDiagnostic['code'], message: string): SigmaDiagnostic => {
      return { code, file, line: 1, column: 1, message };
    };
    let length: number;
    try {
      length = this.bytesOf(file);
    } catch (error) {
      return refused('sigma-unreadable', `expected a rule that can be read: ${(error as Error).message}`);
    }
    if (length > MAX_BYTES)
      return refused('sigma-too-large', `expected a rule of at most ${MAX_BYTES} bytes`);
    const bytes = this.bytes.subarray(0, length);
    if (isUtf8(bytes)) return bytes.toString('utf8');
    return refused('sigma-unreadable', 'expected text as UTF-8, found other bytes: save the rule as UTF-8');
  }

  /** How many there are; no more than one past the most are read. */
  private bytesOf(file: string): number {
    const fd = openSync(file, 'r');
    try {
      let length = 0;
      while (length <= MAX_BYTES) {
        if (length === this.bytes.length)
          this.bytes = Buffer.concat([this.bytes], Math.min(2 * length, MAX_BYTES + 1));
        const read = readSync(fd, this.bytes, length, this.bytes.length - length, null);
        if (read === 0) break;
        length += read;
      }
      return length;
    } finally {
      closeSync(fd);
    }
  }
}

/** A filter is for the rules that it names, or for all, of its own logsource; what it leaves open fits any. */
function isFor({ rules, logsource }: SigmaFilter, rule: SigmaRule): boolean {
  const named = rules === null || rules.includes(rule.id) || (rule.name !== '' && rules.includes(rule.name));
  const fits = (key: keyof Logsource): boolean =>
    logsource[key] === null || foldAscii(logsource[key]) === foldAscii(rule.logsource[key] ?? '');
  return named && fits('category') && fits('product') && fits('service');
}

/** Of Sysmon's types what the event table names; of others the table above, else what the rules of that type ask for. */
function groupFields(placed: readonly PlacedRule[]): (kind: EventKind) => readonly string[] {
  const named = new Map<string, readonly string[]>();
  return (event) => {
    if (isSysmon(event.provider)) return eventType(event.eventId)?.groupBy ?? [];
    const channel = foldAscii(event.channel);
    const type = typeKey(channel, event.eventId);
    if (Object.hasOwn(GROUP_BY, type)) return GROUP_BY[type]!;
    let fields = named.get(type);
    if (!fields) {
      const of = placed.filter(({ logsource }) =>
        logsource.sources.some((one) => isOfKind(one, channel, event.eventId)),
      );
      fields = [...new Set(of.flatMap(({ detection }) => fieldsNamed(detection)))]
        .filter((field) => foldAscii(field) !== 'eventid' && foldAscii(field) !== 'provider_name')
        .slice(0, MOST_FIELDS);
      if (named.size < 10_000) named.set(type, fields);
    }
    return fields;
  };
}
