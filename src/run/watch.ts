/** `watch`: events as they come, which of them to show, and the answer so far. */
import type { Standing, WatchedEvent } from '../report/index.ts';
import { ALWAYS_LOGGED, type Diagnostic, type Event, isSysmon } from '../events/index.ts';
import type { Question } from '../predicate/index.ts';
import { Counter } from '../tally/index.ts';
import { answerOf, factsOf } from './ask.ts';
import { groupOf, seenGroups, shownValues } from './novel.ts';
import { type QuestionText, resolveQuestion } from './resolve.ts';
import { statedBy } from './stated.ts';

export interface WatchOptions extends Pick<QuestionText, 'where' | 'not'> {
  /** Occasions that are allowed. Default: `1/host-day`. */
  readonly budget?: string;
  /** Tallies and logs: only events of groups that are in none of them are shown. */
  readonly new?: readonly string[];
}

/** What one step of reading brought, such as a batch of `followLog`. */
interface Arrived {
  readonly source: string;
  readonly events: readonly Event[];
  readonly diagnostics: readonly Diagnostic[];
  readonly bytes: number;
}

export interface Watch {
  /** Counts what has come. What of it is to be shown, what Sysmon says of itself among it. */
  take(arrived: Arrived): readonly WatchedEvent[];
  /** The answer so far: what `ask` would say of the same events. It takes a while where there are many groups. */
  standing(): Standing;
}

/** Groups that are remembered, to tell when one is seen for the first time. */
const MAX_KNOWN = 100_000;
const DEFAULT_BUDGET = '1/host-day';

/**
 * Prepares to watch for what a question asks; null asks for all that Sysmon writes, and shows what others write as well.
 * Throws QuestionError or ConfigError for what can't be asked, and for what `new` can't tell.
 */
export async function watch(text: string | null, options: WatchOptions = {}): Promise<Watch> {
  const { budget = DEFAULT_BUDGET, new: paths = [], ...narrowed } = options;
  const asked: QuestionText =
    text === null ? { question: '', about: 'all', ...narrowed } : { question: text, ...narrowed };
  const question = await resolveQuestion(asked);
  const stated = await statedBy({ budget });
  const seen = paths.length === 0 ? null : await seenGroups(asked, question, paths);
  const showsOthers = text === null && seen === null && !narrowed.where?.length && !narrowed.not?.length;
  const counter = new Counter(question);
  for (const problem of question.problems) counter.addDiagnostic(problem);
  const known = new Set<string>();
  let lastNew: Standing['lastNew'] = null;
  let [unseen, source] = [0, ''];

  function watched(event: Event, from: string): WatchedEvent | null {
    const decided = question.decide(event);
    const matches = decided.length > 0 && question.hides?.(event) !== true;
    if (!matches || question.concerns?.(event) === false) {
      return showsOthers || isOfItself(event) ? shown(event, from, '', false, !showsOthers) : null;
    }
    const group = groupOf(question, event);
    const isNew = !known.has(group) && known.size < MAX_KNOWN;
    if (isNew) known.add(group);
    if (seen?.has(group)) return null;
    if (isNew) {
      lastNew = { time: event.time, values: shownValues(question, event).map(([, value]) => value) };
      unseen += 1;
    }
    return shown(event, from, ruleOf(question, decided, event), isNew);
  }

  return {
    take(arrived) {
      if (arrived.source !== source && arrived.events.length > 0) {
        source = arrived.source;
        counter.addFile();
      }
      const events: WatchedEvent[] = [];
      for (const event of arrived.events) {
        counter.addEvent(event);
        const one = watched(event, arrived.source);
        if (one !== null) events.push(one);
      }
      // After the events: what their fields brought to light stands here, too.
      for (const diagnostic of arrived.diagnostics) counter.addDiagnostic(diagnostic);
      counter.addBytes(arrived.bytes);
      return events;
    },
    standing() {
      const { tally } = counter.finish();
      const answer = answerOf(tally, factsOf(question, tally), stated);
      return { answer, lastNew, newGroups: seen === null ? null : unseen };
    },
  };
}

function shown(event: Event, source: string, rule: string, first: boolean, ofItself = false): WatchedEvent {
  return { event, source, rule, first, ofItself };
}

/** Whether Sysmon, or the sensor, speaks of itself: starts and stops, its configuration, what it lost. */
function isOfItself({ provider, eventId }: Event): boolean {
  return isSysmon(provider) && ALWAYS_LOGGED.has(eventId);
}

/** What decided, where the question has more than one rule; else what Sysmon wrote. */
function ruleOf(question: Question, decided: readonly number[], event: Event): string {
  if (question.kind !== 'event-type') return question.rules[decided[0]!]?.name ?? '';
  const written = event.fields.get('RuleName') ?? '';
  return written === '-' ? '' : written;
}
