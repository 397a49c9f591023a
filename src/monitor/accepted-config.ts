/** A configuration, checked before anything is changed for it. */
import { createHash } from 'node:crypto';
import {
  type Config,
  declaredVersion,
  lint,
  type LintFinding,
  parseConfig,
  type ParsedConfig,
} from '../config/index.ts';
import { ALWAYS_LOGGED, eventType } from '../events/index.ts';
import { loggedTypes, readConfig } from '../run/index.ts';
import { MonitorError } from './error.ts';
import { LINUX_EVENT_IDS } from './program/probes.ts';

export interface AcceptedConfig {
  /** What was checked is what is installed, even if the file changes in between. */
  readonly bytes: Uint8Array;
  readonly config: Config;
  readonly options: ParsedConfig['options'];
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Types that it logs and this machine can give, ascending. */
  readonly eventIds: readonly number[];
}

/** Findings told one by one; `check` tells them all. */
const MAX_TOLD = 20;

/**
 * Reads and checks a configuration, and says what it finds as Sysmon would, and which of its event types Linux has
 * not. Throws QuestionError or ConfigError for what can't be read, MonitorError for what Sysmon would not load and for
 * what would log nothing here.
 */
export function acceptConfig(path: string, say: (line: string) => void): AcceptedConfig {
  const bytes = readConfig(path);
  const parsed = parseConfig(bytes);
  const { accepted, findings } = lint(parsed);
  const version = parsed.config && declaredVersion(parsed.config);
  if (version !== null) say(`Loading configuration file with schema version ${version}`);
  const told = findings.filter(({ severity }) => severity !== 'info');
  for (const finding of told.slice(0, MAX_TOLD)) say(findingLine(path, finding));
  if (told.length > MAX_TOLD)
    say(`and ${told.length - MAX_TOLD} more: noisefloor check ${path} tells them all`);
  if (!accepted || !parsed.config) {
    const first = findings.find(({ severity }) => severity === 'error');
    const reason = first ? `: line ${first.line}: ${first.message}` : '';
    throw new MonitorError('monitor-config', `${path}: Sysmon would not load this configuration${reason}`);
  }
  say('Configuration file validated.');
  const eventIds = linuxTypes(parsed.config, say);
  if (eventIds.length === 0) {
    throw new MonitorError(
      'monitor-config',
      `${path}: the configuration logs no event type that this machine can give, so there is nothing to watch`,
    );
  }
  return { bytes, config: parsed.config, options: parsed.options, sha256: sha256(bytes), eventIds };
}

/** SHA-256 as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function findingLine(path: string, { line, column, severity, code, message }: LintFinding): string {
  return `${path}:${line}:${column}: ${severity} ${code}: ${message}`;
}

function linuxTypes(config: Config, say: (line: string) => void): number[] {
  const logged = [...loggedTypes(config)]
    .filter(([id, how]) => how !== 'none' && !ALWAYS_LOGGED.has(id))
    .map(([id]) => id)
    .sort((a, b) => a - b);
  const [here, not] = [
    logged.filter((id) => LINUX_EVENT_IDS.includes(id)),
    logged.filter((id) => !LINUX_EVENT_IDS.includes(id)),
  ];
  if (here.length > 0) say(`Logged on this machine: ${here.map(typeName).join(', ')}`);
  for (const id of not) say(`${typeName(id)}: not on Linux, its filters do nothing`);
  return here;
}

/** `8 CreateRemoteThread`. */
export function typeName(id: number): string {
  return `${id} ${eventType(id)?.name ?? '(unknown)'}`;
}
