/** A rule's logsource -> where its events are, and how it reads them. */
import { type Event, fieldsOf, foldAscii, isSysmon } from '../events/index.ts';
import { ANY_CHANNEL, type EventSource } from '../predicate/index.ts';
import { AUDIT_TWINS, type AuditTwin } from './audit-twin.ts';
import { fieldReader, isOfRecord, squeeze, valuesOf } from './event-fields.ts';
import { LINUX_IDS, SERVICE_CATEGORIES, SERVICE_CHANNELS, SYSMON_CATEGORIES } from './logsource-table.ts';
import type { Logsource } from './rule.ts';

export interface ResolvedLogsource {
  readonly sources: readonly EventSource[];
  /** Whether `matches` asks for more than an event's provider, channel and id. */
  readonly asksRecord: boolean;
  matches(event: Event): boolean;
  /**
   * Reads a field by the rule's name for it: exactly, else folded; `EventID`, `Channel`, `Provider_Name` and `Computer` too.
   * `EventID` is always the event's id.
   */
  reader(field: string): (event: Event) => string | undefined;
  /** False for a field that no event of it has, by all that is known of its types; of most logs nothing is. */
  mayHave(field: string): boolean;
  /** All that a keyword is looked for in. */
  values(event: Event): Iterable<string>;
}

/** Why no event that can be read is of a logsource: what was expected, what was found. */
export interface UnsupportedLogsource {
  readonly unsupported: string;
}

/** Never throws. */
export function resolveLogsource(logsource: Logsource): ResolvedLogsource | UnsupportedLogsource {
  const product = named(logsource.product);
  const category = named(logsource.category);
  const service = named(logsource.service);
  if (product !== null && product !== 'windows' && product !== 'linux') {
    return unsupported(`product windows, or linux with Sysmon for Linux`, `product ${quote(product)}`);
  }
  if (category === null && service === null) {
    if (product === 'windows') return everything();
    return unsupported(
      product === 'linux'
        ? 'a category that Sysmon for Linux writes (the other logs of Linux are not read)'
        : 'a category, a product or a service',
      product === 'linux' ? 'product "linux" alone' : 'none of them',
    );
  }
  if (product === 'linux') return linux(category, service);
  if (category === null) return ofService(service!);
  return ofCategory(category, service, product);
}

function linux(category: string | null, service: string | null): ResolvedLogsource | UnsupportedLogsource {
  if (service !== null && service !== 'sysmon') {
    return unsupported(
      'service sysmon or none on Linux (its other logs are not read)',
      `service ${quote(service)}`,
    );
  }
  const ids =
    category === null ? null : (own(SYSMON_CATEGORIES, category)?.filter((id) => LINUX_IDS.has(id)) ?? []);
  if (ids?.length === 0) {
    return unsupported('a category that Sysmon for Linux writes', `category ${quote(category!)}`);
  }
  return resolved({ sysmon: { ids, provider: 'linux' }, channels: [], ids: null, twin: null });
}

function ofService(service: string): ResolvedLogsource | UnsupportedLogsource {
  if (service === 'sysmon') {
    return resolved({ sysmon: { ids: null, provider: 'windows' }, channels: [], ids: null, twin: null });
  }
  const channels = own(SERVICE_CHANNELS, service);
  if (!channels) return unsupported("a service of Windows' event logs", `service ${quote(service)}`);
  return resolved({ sysmon: null, channels, ids: null, twin: null });
}

function ofCategory(
  category: string,
  service: string | null,
  product: string | null,
): ResolvedLogsource | UnsupportedLogsource {
  const inService = own(SERVICE_CATEGORIES, category);
  if (inService && (service === null || service === inService.service)) {
    return resolved({
      sysmon: null,
      channels: own(SERVICE_CHANNELS, inService.service)!,
      ids: inService.ids,
      twin: null,
    });
  }
  const ids = service === null || service === 'sysmon' ? own(SYSMON_CATEGORIES, category) : undefined;
  const twin = service === null || service === 'security' ? own(AUDIT_TWINS, category) : undefined;
  if (!ids && !twin) {
    const where = service === null ? '' : ` of service ${quote(service)}`;
    return unsupported(
      "a category of Sysmon's, PowerShell's or the Security log's events",
      `category ${quote(category)}${where}`,
    );
  }
  return resolved({
    sysmon: ids ? { ids, provider: product === 'windows' ? 'windows' : 'any' } : null,
    channels: [],
    ids: null,
    twin: twin ?? null,
  });
}

interface Where {
  readonly sysmon: {
    readonly ids: readonly number[] | null;
    readonly provider: 'windows' | 'linux' | 'any';
  } | null;
  /** Of other providers, with their ids; null for all. */
  readonly channels: readonly string[];
  readonly ids: readonly number[] | null;
  readonly twin: AuditTwin | null;
}

const SECURITY = 'security';

function resolved({ sysmon, channels, ids, twin }: Where): ResolvedLogsource {
  const folded = channels.map(foldAscii);
  const sources: EventSource[] = [
    ...(sysmon ? [ofSysmon(sysmon)] : []),
    ...folded.map((channel) => ({ channel, eventIds: ids })),
    ...(twin ? [{ channel: SECURITY, eventIds: [twin.eventId] }] : []),
  ];
  const isTwin = (event: Event): boolean =>
    twin !== null && event.eventId === twin.eventId && foldAscii(event.channel) === SECURITY;
  return {
    sources,
    asksRecord: twin !== null && twin.where !== null,
    matches: (event) => {
      if (isSysmon(event.provider)) {
        if (sysmon === null || !(sysmon.ids?.includes(event.eventId) ?? true)) return false;
        return sysmon.provider === 'any' || isLinux(event.provider) === (sysmon.provider === 'linux');
      }
      if (isTwin(event)) return twin!.where?.(event) ?? true;
      if (folded.length === 0 || !(ids?.includes(event.eventId) ?? true)) return false;
      return folded.includes(foldAscii(event.channel));
    },
    reader: (field) => {
      const plain = fieldReader(field);
      const audit = twin?.fields.get(foldAscii(field));
      if (!audit) return plain;
      return (event) => (isSysmon(event.provider) ? plain(event) : (audit(event) ?? plain(event)));
    },
    mayHave: mayHave(sysmon?.ids ?? null, twin, folded.length === 0),
    values: valuesOf,
  };
}

/** `isAll`: no other channels are of the logsource. */
function mayHave(
  ids: readonly number[] | null,
  twin: AuditTwin | null,
  isAll: boolean,
): ResolvedLogsource['mayHave'] {
  if (ids === null || !isAll) return () => true;
  const names = [...ids.flatMap((id) => [...fieldsOf(id)!.keys()]), ...(twin?.own ?? [])];
  const known = new Set(names.map(foldAscii));
  return (field) => {
    const folded = foldAscii(field);
    return [folded, squeeze(folded)].some(
      (name) => known.has(name) || twin?.fields.has(name) || isOfRecord(name),
    );
  };
}

function ofSysmon({ ids, provider }: NonNullable<Where['sysmon']>): EventSource {
  return { channel: null, eventIds: ids, ...(provider === 'any' ? {} : { system: provider }) };
}

/** Product windows alone: every record, wherever it stands. */
function everything(): ResolvedLogsource {
  return {
    sources: [
      { channel: null, eventIds: null, system: 'windows' },
      { channel: ANY_CHANNEL, eventIds: null },
    ],
    asksRecord: false,
    matches: (event) => !isLinux(event.provider),
    reader: fieldReader,
    mayHave: () => true,
    values: valuesOf,
  };
}

function isLinux(provider: string): boolean {
  return foldAscii(provider) === 'linux-sysmon';
}

/** Folded; null where there is none. */
function named(text: string | null): string | null {
  const name = foldAscii((text ?? '').trim());
  return name === '' ? null : name;
}

/** A row of a table, and nothing that every object has. */
function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function unsupported(expected: string, found: string): UnsupportedLogsource {
  return { unsupported: `expected ${expected}, found ${found}` };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}
