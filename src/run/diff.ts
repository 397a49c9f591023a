/** `diff`: two configurations in, what changed in meaning out; with logs, the events gained and lost. */
import { compareConfigs, type Config, decideFor } from '../config/index.ts';
import { type Diagnostic, type Event, eventType, formatTime, isSysmon } from '../events/index.ts';
import type { Difference, LogDifference, LogExample, LogGroup } from '../report/index.ts';
import { dump, type DumpOptions } from './dump.ts';
import { loadConfig } from './load-config.ts';

export interface DiffOptions extends DumpOptions {
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
}

/** Examples that are kept for a group and direction. */
const EXAMPLES = 3;

/** Groups that are told apart; events of further ones are counted by their type alone. */
const MOST_GROUPS = 100_000;

/**
 * Compares two configurations. Throws ConfigError for one that is rejected, QuestionError for bad options or a file
 * that can't be read.
 */
export async function diff(
  oldPath: string,
  newPath: string,
  logs: readonly string[] = [],
  { onDiagnostic, ...options }: DiffOptions = {},
): Promise<Difference> {
  const [old, now] = [loadConfig(oldPath).parsed, loadConfig(newPath).parsed];
  const comparison = compareConfigs(old, now);
  const log =
    logs.length === 0 ? null : await compareOn(old.config!, now.config!, logs, options, onDiagnostic);
  return { oldPath, newPath, comparison, log };
}

type Counting = { -readonly [K in keyof LogGroup]: LogGroup[K] } & { examples: LogExample[] };

async function compareOn(
  old: Config,
  now: Config,
  logs: readonly string[],
  options: DumpOptions,
  onDiagnostic: DiffOptions['onDiagnostic'],
): Promise<LogDifference> {
  const groups = new Map<string, Counting>();
  const types = new Map<
    number,
    { eventId: number; events: number; old: number; new: number; renamed: number }
  >();
  const renamed = new Map<string, { eventId: number; old: string; new: string; events: number }>();
  let lost = 0;
  for await (const batch of dump(logs, options).batches()) {
    for (const diagnostic of batch.diagnostics) {
      lost += diagnostic.lost;
      onDiagnostic?.(diagnostic);
    }
    for (const event of batch.events) {
      if (!isSysmon(event.provider)) continue;
      const read = (field: string): string | undefined => event.fields.get(field);
      const before = decideFor(old, event.eventId)(read);
      const after = decideFor(now, event.eventId)(read);
      const { eventId } = event;
      let type = types.get(eventId);
      if (!type) types.set(eventId, (type = { eventId, events: 0, old: 0, new: 0, renamed: 0 }));
      type.events += 1;
      if (before.logged) type.old += 1;
      if (after.logged) type.new += 1;
      if (before.logged !== after.logged) {
        count(groups, batch.source, event, after.logged ? 'gained' : 'lost');
      } else if (before.logged && before.ruleName !== after.ruleName) {
        type.renamed += 1;
        const key = JSON.stringify([eventId, before.ruleName, after.ruleName]);
        const names = renamed.get(key) ?? { eventId, old: before.ruleName, new: after.ruleName, events: 0 };
        names.events += 1;
        renamed.set(key, names);
      }
    }
  }
  return {
    types: [...types.values()].sort((a, b) => a.eventId - b.eventId),
    groups: [...groups.values()].sort((a, b) => b.events - a.events),
    renamed: [...renamed.values()].sort((a, b) => b.events - a.events),
    lost,
  };
}

function count(groups: Map<string, Counting>, source: string, event: Event, change: 'gained' | 'lost'): void {
  const values = (eventType(event.eventId)?.groupBy ?? []).map((field) => [
    field,
    event.fields.get(field) ?? '-',
  ]);
  let key = JSON.stringify([event.eventId, change, values]);
  if (!groups.has(key) && groups.size >= MOST_GROUPS) {
    values.length = 0;
    key = JSON.stringify([event.eventId, change, values]);
  }
  let group = groups.get(key);
  if (!group) {
    const fields = Object.fromEntries(values) as Record<string, string>;
    group = { eventId: event.eventId, change, key: fields, events: 0, examples: [] };
    groups.set(key, group);
  }
  group.events += 1;
  if (group.examples.length >= EXAMPLES) return;
  const { record, time, host, eventId } = event;
  const example = { source, record, time: Number.isNaN(time) ? null : formatTime(time), host, eventId };
  group.examples.push({ ...example, fields: Object.fromEntries(event.fields) });
}
