/** Fields of Sysmon's events that a question tests: older versions of Sysmon, and other tools, write fewer of them. */
import { type Event, type EventKind, fieldsOf, isSysmon, typeKey } from '../events/index.ts';
import type { DataPlan } from '../evtx/index.ts';
import type { Question } from '../predicate/index.ts';

/** Whether events of a type had a field: those that were read all had it, none did, or some. */
export type Met = 'all' | 'none' | 'some';

/** By type (`typeKey`) and field. */
export type FieldsMet = Map<string, Map<string, Met>>;

/** Notes which of the tested fields events have. */
export class FieldWatch {
  readonly #question: Pick<Question, 'tested'>;
  readonly #met: FieldsMet;
  /** By event id of Sysmon: the fields in question, and what is known of them. */
  readonly #types: ({ readonly fields: readonly string[]; readonly met: Map<string, Met> } | undefined)[] =
    [];

  constructor(question: Pick<Question, 'tested'>, met: FieldsMet) {
    this.#question = question;
    this.#met = met;
  }

  note(event: Event): void {
    this.#note(event, (field) => event.fields.has(field));
  }

  /** Notes what all records have that a plan reads; false where only each of them tells. */
  notePlan(kind: EventKind, { byName, fields }: DataPlan): boolean {
    return this.#note(kind, (field) => {
      const index = byName.get(field);
      return index === undefined ? false : fields[index]!.dependency < 0 || null;
    });
  }

  #note(kind: EventKind, has: (field: string) => boolean | null): boolean {
    const { eventId } = kind;
    // What a log says of itself is no reason to keep more than Sysmon has types.
    if (!isSysmon(kind.provider) || fieldsOf(eventId) === undefined) return true;
    const { fields, met } = (this.#types[eventId] ??= this.#typeOf(kind));
    let isTold = true;
    for (const field of fields) {
      const is = has(field);
      if (is === null) isTold = false;
      else addMet(met, field, is ? 'all' : 'none');
    }
    return isTold;
  }

  #typeOf(kind: EventKind): { fields: readonly string[]; met: Map<string, Met> } {
    const fields = this.#question.tested(kind);
    const met = new Map<string, Met>();
    if (fields.length > 0) this.#met.set(typeKey('', kind.eventId), met);
    return { fields, met };
  }
}

/** Adds what is known of fields in one tally to that of another. */
export function mergeFieldsMet(into: FieldsMet, from: FieldsMet): void {
  for (const [type, fields] of from) {
    const known = into.get(type);
    if (known) for (const [field, met] of fields) addMet(known, field, met);
    else into.set(type, fields);
  }
}

function addMet(known: Map<string, Met>, field: string, met: Met): void {
  const before = known.get(field);
  if (before === undefined) known.set(field, met);
  else if (before !== met) known.set(field, 'some');
}
