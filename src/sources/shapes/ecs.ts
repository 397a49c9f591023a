/**
 * Where Winlogbeat's and Elastic Agent's Sysmon pipelines put the fields that they take out of `winlog.event_data`
 * (elastic/beats, x-pack/winlogbeat/module/sysmon), read backwards.
 */
import { fieldsOf, foldAscii, parseTime } from '../../events/index.ts';
import { isObject } from '../json-value.ts';
import type { JsonObject } from './shape.ts';

/** Field -> the places that may hold it, the likeliest first. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  RuleName: ['rule.name'],
  ProcessGuid: ['process.entity_id'],
  ProcessId: ['process.pid'],
  Image: ['process.executable'],
  CommandLine: ['process.command_line', 'process.args'],
  CurrentDirectory: ['process.working_directory'],
  ParentProcessGuid: ['process.parent.entity_id'],
  ParentProcessId: ['process.parent.pid'],
  ParentImage: ['process.parent.executable'],
  ParentCommandLine: ['process.parent.command_line', 'process.parent.args'],
  SourceProcessGuid: ['process.entity_id'],
  SourceProcessGUID: ['process.entity_id'],
  SourceProcessId: ['process.pid'],
  SourceThreadId: ['process.thread.id'],
  SourceImage: ['process.executable'],
  TargetProcessGuid: ['Target.process.entity_id'],
  TargetProcessGUID: ['Target.process.entity_id'],
  TargetProcessId: ['Target.process.pid'],
  TargetImage: ['Target.process.executable'],
  OriginalFileName: [
    'file.pe.original_file_name',
    'dll.pe.original_file_name',
    'process.pe.original_file_name',
  ],
  Company: ['file.pe.company', 'dll.pe.company', 'process.pe.company'],
  Description: ['file.pe.description', 'dll.pe.description', 'process.pe.description'],
  FileVersion: ['file.pe.file_version', 'dll.pe.file_version', 'process.pe.file_version'],
  Product: ['file.pe.product', 'dll.pe.product', 'process.pe.product'],
  Signed: ['file.code_signature.signed', 'dll.code_signature.signed'],
  Signature: ['file.code_signature.subject_name', 'dll.code_signature.subject_name'],
  SignatureStatus: ['file.code_signature.status', 'dll.code_signature.status'],
  ImageLoaded: ['file.path', 'dll.path'],
  TargetFilename: ['file.path'],
  Device: ['file.path'],
  PipeName: ['file.name'],
  TargetObject: ['registry.path'],
  Protocol: ['network.transport'],
  SourceIp: ['source.ip'],
  SourceHostname: ['source.domain'],
  SourcePort: ['source.port'],
  DestinationIp: ['destination.ip'],
  DestinationHostname: ['destination.domain'],
  DestinationPort: ['destination.port'],
  DestinationPortName: ['network.protocol'],
  QueryName: ['dns.question.name'],
  Destination: ['process.executable'],
  Archived: ['sysmon.file.archived'],
  IsExecutable: ['sysmon.file.is_executable'],
  ID: ['error.code'],
};

/** Fields that the pipelines did not move but rewrote. */
const REWRITTEN: Readonly<Record<string, (doc: JsonObject) => unknown>> = {
  UtcTime: (doc) => {
    // Only where the pipeline ran is @timestamp the event's own time.
    const time =
      valueAt(doc, 'event.module') === 'sysmon' || 'process' in doc ? doc['@timestamp'] : undefined;
    return typeof time === 'string' && !Number.isNaN(parseTime(time)) ? time : undefined;
  },
  User: (doc) => {
    const [domain, name] = [valueAt(doc, 'user.domain'), valueAt(doc, 'user.name')];
    if (typeof name !== 'string') return undefined;
    return typeof domain === 'string' && domain !== '' ? `${domain}\\${name}` : name;
  },
  Hashes: hashesOf,
  Hash: hashesOf,
  Initiated: (doc) => {
    const direction = String(valueAt(doc, 'network.direction'));
    if (/^(?:egress|outbound)$/.test(direction)) return 'true';
    return /^(?:ingress|inbound)$/.test(direction) ? 'false' : undefined;
  },
  SourceIsIpv6: isIpv6,
  DestinationIsIpv6: isIpv6,
  Details: detailsOf,
  QueryStatus: (doc) => {
    const status = valueAt(doc, 'sysmon.dns.status');
    return typeof status === 'string' ? (DNS_STATUS.get(status) ?? status) : status;
  },
  QueryResults: queryResultsOf,
  Type: (doc) => {
    const message = valueAt(doc, 'event.code') === '25' ? doc['message'] : undefined;
    return typeof message === 'string' && !message.includes(':') ? message : undefined;
  },
};

/** The fields of a Sysmon event that `data`, its event_data, lacks and the document has elsewhere. */
export function* ecsFields(
  document: JsonObject,
  eventId: number,
  data: JsonObject,
): Generator<readonly [name: string, value: unknown]> {
  const present = new Set(Object.keys(data).map(foldAscii));
  for (const name of fieldsOf(eventId)?.keys() ?? []) {
    if (present.has(foldAscii(name))) continue;
    const value = REWRITTEN[name]?.(document) ?? firstAt(document, PLACES[name] ?? []);
    if (value === undefined || value === null) continue;
    yield [name, Array.isArray(value) && name.endsWith('CommandLine') ? value.join(' ') : value];
  }
}

/** The value at a dotted path, nested or with the path as the key. */
function valueAt(document: JsonObject, path: string): unknown {
  let value: unknown = document;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value ?? document[path];
}

function firstAt(document: JsonObject, paths: readonly string[]): unknown {
  for (const path of paths) {
    const value = valueAt(document, path);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** In Sysmon's own order; the pipelines keep the digits in lower case. */
function hashesOf(document: JsonObject): string | undefined {
  const hashes: string[] = [];
  for (const algorithm of ['sha1', 'md5', 'sha256', 'imphash']) {
    for (const owner of ['process', 'file', 'dll']) {
      const value = valueAt(document, `${owner}.${algorithm === 'imphash' ? 'pe' : 'hash'}.${algorithm}`);
      if (typeof value !== 'string' || value === '') continue;
      hashes.push(`${algorithm.toUpperCase()}=${value.toUpperCase()}`);
      break;
    }
  }
  return hashes.length === 0 ? undefined : hashes.join(',');
}

function isIpv6(document: JsonObject): string | undefined {
  const type = valueAt(document, 'network.type');
  return type === 'ipv6' || type === 'ipv4' ? String(type === 'ipv6') : undefined;
}

/** `DWORD (0x00000004)`; a QWORD's upper half is lost on the way, so that it stays missing. */
function detailsOf(document: JsonObject): string | undefined {
  const strings = valueAt(document, 'registry.data.strings');
  const value: unknown = Array.isArray(strings) ? strings[0] : strings;
  if (typeof value !== 'string') return undefined;
  const type = String(valueAt(document, 'registry.data.type'));
  if (/QWORD/.test(type)) return undefined;
  const number = /DWORD/.test(type) && /^\d{1,10}$/.test(value) ? Number(value) : null;
  return number === null ? value : `DWORD (0x${number.toString(16).padStart(8, '0')})`;
}

const DNS_STATUS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    SUCCESS: '0',
    ERROR_INVALID_NAME: '123',
    ERROR_CANCELLED: '1223',
    ERROR_TIMEOUT: '1460',
    DNS_ERROR_RCODE_SERVER_FAILURE: '9002',
    DNS_ERROR_RCODE_NAME_ERROR: '9003',
    DNS_ERROR_RCODE_REFUSED: '9005',
    DNS_INFO_NO_RECORDS: '9501',
    DNS_REQUEST_PENDING: '9506',
    DNS_ERROR_NAME_DOES_NOT_EXIST: '9714',
  }),
);
const DNS_TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    NS: 2,
    CNAME: 5,
    SOA: 6,
    PTR: 12,
    MX: 15,
    TXT: 16,
    SRV: 33,
  }),
);

/** `type:  5 name;::ffff:192.0.2.1;` */
function queryResultsOf(document: JsonObject): string | undefined {
  const answers = valueAt(document, 'dns.answers');
  if (!Array.isArray(answers)) return undefined;
  const results = answers.filter(isObject).map(({ type, data }) => {
    if (type === 'A') return `::ffff:${String(data)};`;
    const number = typeof type === 'string' ? DNS_TYPES.get(type) : undefined;
    return number === undefined ? `${String(data)};` : `type:  ${number} ${String(data)};`;
  });
  return results.length === 0 ? undefined : results.join('');
}
