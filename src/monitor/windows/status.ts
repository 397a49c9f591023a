/** How Sysmon does on this machine: what `noisefloor status` shows on Windows. */
import { MonitorError } from '../error.ts';
import type { ActiveConfig } from './active.ts';
import { type ChannelState, channelState, endOf, SYSMON_CHANNEL } from './channel.ts';
import { activeConfig, type SysmonOptions } from './install.ts';
import { thisMachine } from './machine.ts';
import { sysmonService, type SysmonService } from './service.ts';

export interface SysmonStatus {
  readonly schema: 'noisefloor.sysmon-status/1';
  readonly service: SysmonService | null;
  readonly driver: string | null;
  /** As Sysmon said of itself when it last started. */
  readonly version: string | null;
  readonly schemaVersion: string | null;
  readonly channel: ChannelState | null;
  readonly active: ActiveConfig | null;
  /** What could not be asked, and what is not as it should be. */
  readonly problems: readonly string[];
}

/** Looks at service, channel and active configuration, and says it in lines. Without Sysmon `service` is null. */
export async function sysmonStatus({
  sysmon,
  say,
  machine = thisMachine(),
}: SysmonOptions): Promise<SysmonStatus> {
  const problems: string[] = [];
  const service = await sysmonService(machine, sysmon);
  let channel: ChannelState | null = null;
  try {
    channel = await channelState(machine, SYSMON_CHANNEL);
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    if (service !== null || error.code !== 'live-no-channel') problems.push(error.message);
  }
  const active = service === null ? null : await activeConfig(machine, sysmon ?? service.image);
  if (active !== null && active.hash === null && active.sections === null)
    problems.push('Sysmon does not tell its configuration: only an administrator may ask');
  if (service !== null && service.state !== 'RUNNING')
    problems.push(`the service ${service.name} does not run`);
  if (channel?.whenFull === 'stops')
    problems.push('the event log stops when it is full: what comes then is lost');
  if (channel?.enabled === false) problems.push('the event log is switched off');
  const started =
    channel === null ? null : await endOf(machine, SYSMON_CHANNEL, true, '*[System[(EventID=4)]]');
  const status: SysmonStatus = {
    schema: 'noisefloor.sysmon-status/1',
    service,
    driver: active?.driver ?? null,
    version: started?.fields.get('Version') ?? null,
    schemaVersion: started?.fields.get('SchemaVersion') ?? null,
    channel,
    active,
    problems,
  };
  for (const line of linesOf(status)) say(line);
  return status;
}

function linesOf({
  service,
  driver,
  version,
  schemaVersion,
  channel,
  active,
  problems,
}: SysmonStatus): string[] {
  const row = (name: string, value: string | null): string[] =>
    value === null ? [] : [`${`${name}:`.padEnd(16)}${value}`];
  const end = (one: ChannelState['oldest']): string | null =>
    one && `${one.time ?? 'no time'}, record ${one.record ?? '-'}`;
  const filters = active?.sections?.reduce((sum, section) => sum + section.filters.length, 0) ?? 0;
  return [
    ...(service === null
      ? ['Sysmon is not installed on this machine.']
      : row('Service', `${service.name}, ${service.state ?? 'state unknown'}, ${service.image}`)),
    ...row('Driver', driver),
    ...row('Version', version && `${version}${schemaVersion === null ? '' : `, schema ${schemaVersion}`}`),
    ...row(
      'Event log',
      channel && `${megabytes(channel.size)} of ${megabytes(channel.maxSize)}, ${full(channel)}`,
    ),
    ...row('Oldest record', channel && end(channel.oldest)),
    ...row('Newest record', channel && end(channel.newest)),
    ...row('Configuration', active && (active.file ?? (active.sections === null ? null : 'of no file'))),
    ...row('Its hash', active && active.hash),
    ...row(
      'Its rules',
      active?.sections
        ? `${active.sections.length} sections, ${filters} filters, schema ${active.schema ?? '-'}`
        : null,
    ),
    ...problems.map((problem) => `Problem: ${problem}`),
  ];
}

const FULL = {
  overwrites: 'the oldest records are overwritten',
  archives: 'full logs are archived',
  stops: 'it stops when full',
};

function full({ whenFull }: ChannelState): string {
  return whenFull === null ? 'what happens when full is unknown' : FULL[whenFull];
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '?' : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
