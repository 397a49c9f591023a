/** An allow-list as a list of exceptions to Elastic's detection rules, as its import takes it. */
import { createHash } from 'node:crypto';
import {
  type AllowCondition,
  type AllowEntry,
  allowEntryText,
  QuestionError,
  allowNoteText,
  checkAllowEntry,
} from '../../predicate/index.ts';
import { terminalSafe } from '../../lines/index.ts';

interface Clause {
  readonly field: string;
  readonly operator: 'included' | 'excluded';
  readonly type: 'match' | 'wildcard' | 'exists';
  readonly value?: string;
}

/**
 * Fields of Sysmon -> fields of ECS. Source: the ingest pipeline for Sysmon of Winlogbeat and of the Windows
 * integration, by what it renames. What it leaves alone stays below `winlog.event_data`.
 */
const FIELDS: Readonly<Record<string, string>> = {
  Image: 'process.executable',
  SourceImage: 'process.executable',
  Destination: 'process.executable',
  CommandLine: 'process.command_line',
  CurrentDirectory: 'process.working_directory',
  ProcessGuid: 'process.entity_id',
  SourceProcessGuid: 'process.entity_id',
  SourceProcessGUID: 'process.entity_id',
  ParentImage: 'process.parent.executable',
  ParentCommandLine: 'process.parent.command_line',
  ParentProcessGuid: 'process.parent.entity_id',
  OriginalFileName: 'process.pe.original_file_name',
  TargetFilename: 'file.path',
  Device: 'file.path',
  ImageLoaded: 'file.path',
  PipeName: 'file.name',
  TargetObject: 'registry.path',
  Details: 'registry.data.strings',
  SourceHostname: 'source.domain',
  DestinationHostname: 'destination.domain',
  SourceIp: 'source.ip',
  DestinationIp: 'destination.ip',
  SourcePort: 'source.port',
  DestinationPort: 'destination.port',
  Protocol: 'network.transport',
  QueryName: 'dns.question.name',
  ProcessId: 'process.pid',
  ParentProcessId: 'process.parent.pid',
};

/** Fields that are no text there: only whole values can be compared. */
const TYPED: ReadonlySet<string> = new Set([
  'source.ip',
  'destination.ip',
  'source.port',
  'destination.port',
  'process.pid',
  'process.parent.pid',
]);

/** What the pipeline removes, or turns into something else. */
const GONE: ReadonlySet<string> = new Set(
  'RuleName UtcTime Hash Hashes Initiated SourceIsIpv6 DestinationIsIpv6 SourcePortName DestinationPortName SourceProcessId SourceThreadId QueryStatus QueryResults Archived IsExecutable Type'.split(
    ' ',
  ),
);

/**
 * Lines of JSON: the list, then an item for each entry, which ends when the entry does. The ids are made of the content.
 * Elastic compares letters as they are written here. Throws QuestionError for what its pipeline for Sysmon does not keep.
 */
export function writeExceptions(
  entries: readonly AllowEntry[],
  name: string = 'noisefloor allow-list',
): string {
  const items = entries.map((entry) => {
    checkAllowEntry(entry);
    return { entry, clauses: clausesOf(entry) };
  });
  const listId = `noisefloor-${hashOf(JSON.stringify([name, items]))}`;
  const shared = { namespace_type: 'single', os_types: [], tags: ['noisefloor'] };
  const lines: object[] = [
    {
      list_id: listId,
      name: name.trim() || 'noisefloor allow-list',
      description: `written by noisefloor; entries: ${entries.length}`,
      type: 'detection',
      version: 1,
      ...shared,
    },
    ...items.map(({ entry, clauses }, i) => ({
      list_id: listId,
      item_id: `${listId}-${i + 1}`,
      name: allowEntryText(entry),
      description: allowNoteText(entry.note),
      type: 'simple',
      entries: clauses,
      comments: [],
      ...(entry.note.expires === '' ? {} : { expire_time: `${entry.note.expires}T23:59:59.999Z` }),
      ...shared,
    })),
  ];
  return lines.map((line) => `${terminalSafe(JSON.stringify(line))}\n`).join('');
}

function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

function clausesOf(entry: AllowEntry): Clause[] {
  const code: Clause = {
    field: 'event.code',
    operator: 'included',
    type: 'match',
    value: String(entry.eventId),
  };
  return [code, ...entry.conditions.flatMap((condition) => clauseOf(entry, condition))];
}

function clauseOf(entry: AllowEntry, { field, condition, value }: AllowCondition): Clause[] {
  const refuse = (why: string): QuestionError =>
    new QuestionError(
      'allow-unwritable',
      `${allowEntryText(entry)}: ${why}; use another field, or write a Sigma filter`,
    );
  if (GONE.has(field)) throw refuse(`Elastic's pipeline for Sysmon does not keep ${field} as it is`);
  if (value.trim() === '') throw refuse('Elastic takes no value that is blank alone');
  if (/\p{Surrogate}/u.test(value)) throw refuse(`${field} holds half a character, which JSON can't say`);
  if (field === 'User') return userOf(condition, value, refuse);
  if (field === 'Details' && /^[DQ]WORD \(/i.test(value))
    throw refuse("Elastic's pipeline for Sysmon turns numbers in Details into decimal ones");
  const to =
    field === 'OriginalFileName' && entry.eventId === 7
      ? 'file.pe.original_file_name'
      : (FIELDS[field] ?? `winlog.event_data.${field === 'TargetProcessGuid' ? 'TargetProcessGUID' : field}`);
  // The pipeline drops fields that are "-".
  if (condition === 'is' && value === '-') return [{ field: to, operator: 'excluded', type: 'exists' }];
  if (condition === 'is') return [{ field: to, operator: 'included', type: 'match', value }];
  if (TYPED.has(to)) throw refuse(`${to} is no text in Elastic: expected the condition "is"`);
  const text = value.replace(/[\\*?]/g, '\\$&');
  const before = condition === 'begin with' ? '' : '*';
  const behind = condition === 'end with' ? '' : '*';
  return [{ field: to, operator: 'included', type: 'wildcard', value: before + text + behind }];
}

/** `DOMAIN\name` is taken apart there. */
function userOf(
  condition: AllowCondition['condition'],
  value: string,
  refuse: (why: string) => QuestionError,
): Clause[] {
  if (condition === 'is' && value === '-')
    return [{ field: 'user.name', operator: 'excluded', type: 'exists' }];
  const [domain, name, ...more] = value.split('\\');
  if (condition !== 'is' || !domain || !name || more.length > 0)
    throw refuse('Elastic keeps User as a domain and a name: expected the condition "is" and DOMAIN\\name');
  return [
    { field: 'user.domain', operator: 'included', type: 'match', value: domain },
    { field: 'user.name', operator: 'included', type: 'match', value: name },
  ];
}
