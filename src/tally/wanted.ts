/** Which records a tally needs to see, and not only to count: those in question, those that may be marks, and samples. */
import { ALWAYS_LOGGED, type EventKind, foldAscii, isSysmon } from '../events/index.ts';
import {
  EACH,
  EVERY_RECORD,
  type Origin,
  READ_ALL,
  READ_NOTHING,
  READ_START,
  type Reads,
  type Wanted,
} from '../evtx/index.ts';
import { isOfChannel, type Question } from '../predicate/index.ts';
import type { FieldWatch } from './fields-met.ts';
import { MARK_IDS } from './marks.ts';
import { MACHINE_FIELDS, ONE_IN } from './sightings.ts';
import { SLOT_MS } from './tally.ts';

export function wantedOf(question: Question, { provider, channel }: Origin, fields: FieldWatch): Wanted {
  const sysmon = isSysmon(provider);
  // The sensor on Linux tells its boot with every record.
  if (sysmon && /^l/i.test(provider)) return EVERY_RECORD;
  const named = sysmon ? null : foldAscii(channel);
  const eventIds = new Uint8Array(65_536);
  for (const source of question.sources) {
    if (!isOfChannel(source, named)) continue;
    if (source.eventIds === null) eventIds.fill(1);
    else for (const id of source.eventIds) eventIds[id] = 1;
  }
  // What these say may be more than a question reads of them: where hosts started and stopped, and what was lost.
  for (const id of sysmon ? ALWAYS_LOGGED : MARK_IDS) eventIds[id] = EACH;
  const kindOf = (eventId: number): EventKind => ({ provider, channel, eventId });
  /** What a question says that it reads, and what is read to count what it finds. */
  const withOwn = (reads: Question['reads']): Reads | undefined =>
    reads === null
      ? undefined
      : (eventId, field) => {
          const kind = kindOf(eventId);
          if (question.by(kind).includes(field)) return READ_ALL;
          return reads(kind, field) | (sysmon && MACHINE_FIELDS.includes(field) ? READ_START : READ_NOTHING);
        };
  const { filtered } = question;
  return {
    eventIds,
    oneIn: sysmon ? ONE_IN : 0,
    reads: withOwn(question.reads),
    filtered:
      filtered === null
        ? undefined
        : {
            filterOf: (eventId) => filtered.filterOf(kindOf(eventId)),
            reads: withOwn(filtered.reads),
          },
    meet: (eventId, plan) => fields.notePlan(kindOf(eventId), plan),
    measures: measures(question),
    within: isTold(question) ? 0 : SLOT_MS,
  };
}

/** Whether it is asked how much the events take that are found: of a configuration, which says what is kept. */
export function measures({ kind }: Question): boolean {
  return kind === 'sysmon-config';
}

/** Whether each record has to be told, and not only how many there are of a kind in a slot of time. */
function isTold({ counts, from, to }: Question): boolean {
  return counts !== null || Number.isFinite(from) || Number.isFinite(to);
}
