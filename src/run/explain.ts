/** `explain`: a configuration and logs in; for each of Sysmon's events, whether it would be logged, and why. */
import {
  type Config,
  type ConfigDiagnostic,
  type Explain,
  explainFor,
  type Explanation,
  unknownFields,
} from '../config/index.ts';
import { type Diagnostic, type Event, isSysmon } from '../events/index.ts';
import type { ExplainSummary } from '../report/index.ts';
import { dump, type DumpOptions } from './dump.ts';
import { loadConfig } from './load-config.ts';

export interface ExplainOptions extends DumpOptions {
  /** Schema version of the Sysmon that would load the configuration. Default: 4.91. */
  readonly schema?: string;
  /** Only events that no filter decided and that are not logged: a user might have expected them to be. */
  readonly undecided?: boolean;
}

export interface ExplainedEvent {
  /** Valid until the next batch is asked for. */
  readonly event: Event;
  readonly explanation: Explanation;
  /** Fields of the event that this Sysmon does not know. */
  readonly unknownFields: readonly string[];
}

export interface ExplainBatch {
  readonly source: string;
  readonly events: readonly ExplainedEvent[];
  readonly diagnostics: readonly Diagnostic[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface Explanations {
  readonly config: Config;
  /** What Sysmon would say and go on: sections that it drops. */
  readonly warnings: readonly ConfigDiagnostic[];
  /** Counts what was read so far. */
  readonly summary: () => ExplainSummary;
  batches(): AsyncGenerator<ExplainBatch>;
}

/** Kinds of decision that nobody wrote down for this event. */
const UNDECIDED: ReadonlySet<string> = new Set(['default', 'no-match', 'unknown-event']);

/** Prepares explanations. Throws ConfigError for a configuration that is rejected, QuestionError for bad options. */
export function explain(
  configPath: string,
  logs: readonly string[],
  { schema, undecided = false, ...narrowed }: ExplainOptions = {},
): Explanations {
  const { config, warnings } = loadConfig(configPath, schema);
  const events = dump(logs, narrowed);
  const compiled = new Map<number, Explain>();
  const explainOne = (event: Event): ExplainedEvent => {
    let one = compiled.get(event.eventId);
    if (!one) compiled.set(event.eventId, (one = explainFor(config, event.eventId)));
    return {
      event,
      explanation: one((field) => event.fields.get(field)),
      unknownFields: unknownFields(config, event.eventId, event.fields.keys()),
    };
  };
  const counts = new Counts();
  return {
    config,
    warnings,
    summary: () => counts.summary(configPath),
    async *batches() {
      for await (const batch of events.batches()) {
        const explained: ExplainedEvent[] = [];
        for (const event of batch.events) {
          if (!isSysmon(event.provider)) continue;
          const one = explainOne(event);
          const shown = !undecided || isUndecided(one.explanation);
          counts.add(one, shown);
          if (shown) explained.push(one);
        }
        yield { ...batch, events: explained };
      }
    },
  };
}

function isUndecided({ logged, because }: Explanation): boolean {
  return !logged && UNDECIDED.has(because.kind);
}

/** What a summary counts; its size is bounded by the configuration and by the number of event ids. */
class Counts {
  private readonly byType = new Map<number, { eventId: number; events: number; logged: number }>();
  private readonly byPlace = new Map<string, ExplainSummary['byPlace'][number] & { events: number }>();
  private shown = 0;

  add({ event: { eventId }, explanation: { logged, because } }: ExplainedEvent, shown: boolean): void {
    let type = this.byType.get(eventId);
    if (!type) this.byType.set(eventId, (type = { eventId, events: 0, logged: 0 }));
    type.events += 1;
    if (logged) type.logged += 1;
    if (shown) this.shown += 1;
    // Without a place in the text it is the type that tells one from another.
    const key = `${logged} ${because.line}:${because.column} ${because.line === 0 ? eventId : because.kind}`;
    const place = this.byPlace.get(key);
    if (place) place.events += 1;
    else this.byPlace.set(key, { ...because, eventId, logged, events: 1 });
  }

  summary(configPath: string): ExplainSummary {
    const types = [...this.byType.values()].sort((a, b) => a.eventId - b.eventId);
    return {
      configPath,
      events: types.reduce((sum, { events }) => sum + events, 0),
      logged: types.reduce((sum, { logged }) => sum + logged, 0),
      shown: this.shown,
      byType: types,
      byPlace: [...this.byPlace.values()].sort(
        (a, b) => b.events - a.events || a.line - b.line || a.column - b.column || a.eventId - b.eventId,
      ),
    };
  }
}
