/** One rule as a test, for those who have events of their own. */
import type { Event } from '../events/index.ts';
import { Compiler } from './compile.ts';
import { CurrentEvent } from './current-event.ts';
import { resolveLogsource } from './logsource.ts';
import type { SigmaRule } from './rule.ts';

/** An event as plain text: `EventID`, `Channel`, `Provider_Name`, `Computer`, and its fields by name. */
export type EventFields = Readonly<Record<string, string | number | undefined>>;

const SYSMON = 'Microsoft-Windows-Sysmon';
const SYSMON_CHANNEL = 'Microsoft-Windows-Sysmon/Operational';

/**
 * Compiles a rule to a test of an event of the reader's, or of plain fields. Plain fields without a channel and a
 * provider are taken for Sysmon's. A rule for logs that are not read here (see docs/sigma.md) matches nothing.
 */
export function compileRule(rule: SigmaRule): (event: Event | EventFields) => boolean {
  const logsource = resolveLogsource(rule.logsource);
  if ('unsupported' in logsource) return () => false;
  const current = new CurrentEvent((field) => logsource.reader(field));
  const test = new Compiler(current, logsource).detection(rule.detection);
  return (given) => {
    const event = isEvent(given) ? given : eventOf(given);
    if (!logsource.matches(event)) return false;
    current.event = event;
    return test();
  };
}

function isEvent(event: Event | EventFields): event is Event {
  return (event as Partial<Event>).fields instanceof Map;
}

/** Plain fields as an event: Sysmon's where they name no channel and no provider. */
export function eventOf(plain: EventFields): Event {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(plain, name) ? plain[name] : undefined;
    return value === undefined ? undefined : String(value);
  };
  const fields = Object.keys(plain).flatMap((name): [string, string][] => {
    const value = text(name);
    return value === undefined || RECORD.has(name) ? [] : [[name, value]];
  });
  const channel = text('Channel');
  return {
    record: null,
    time: Number.NaN,
    host: text('Computer') ?? '',
    provider: text('Provider_Name') ?? (channel === undefined || channel === SYSMON_CHANNEL ? SYSMON : ''),
    channel: channel ?? SYSMON_CHANNEL,
    eventId: Number(text('EventID') ?? Number.NaN),
    version: null,
    fields: new Map(fields),
  };
}

const RECORD: ReadonlySet<string> = new Set(['EventID', 'Channel', 'Provider_Name', 'Computer']);
