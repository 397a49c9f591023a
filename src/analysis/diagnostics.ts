/** What the answer has to say beside its numbers: what reading lost, and how far the numbers carry. */
import {
  type Code,
  type Diagnostic,
  type EventType,
  eventType,
  firstLayoutWith,
  type Place,
} from '../events/index.ts';
import { ANY_CHANNEL } from '../predicate/index.ts';
import {
  compareDiagnostics,
  compareText,
  HOST_BOUNDS,
  MAX_PLACES,
  type Met,
  OTHERS,
  type Tally,
} from '../tally/index.ts';
import type { Answer } from './answer.ts';
import { HOUR_MS } from './cells.ts';
import { machineNotes } from './machines.ts';
import type { QuestionFacts } from './question-facts.ts';

type AnswerDiagnostic = Answer['diagnostics'][number];

/** Fewer hosts than this do not stand for others. */
const FLEET = 5;

/** Sorted by code, then by source. */
export function diagnosticsOf(tally: Tally, question: QuestionFacts, answer: Bearing): AnswerDiagnostic[] {
  return [...read(tally), ...bearing(tally, question, answer)].sort(
    (a, b) => compareText(a.code, b.code) || compareDiagnostics(a, b),
  );
}

/** One for each code and source, at its first place; what a tally only counted comes as one without a place. */
function read(tally: Tally): AnswerDiagnostic[] {
  const list: AnswerDiagnostic[] = [];
  for (const [code, { count, first }] of tally.diagnostics) {
    // A tally may keep more places than these, which ones depending on how it was merged.
    const places = first.toSorted(compareDiagnostics).slice(0, MAX_PLACES);
    const bySource = new Map<string, { diagnostic: Diagnostic; count: number }>();
    for (const diagnostic of places) {
      // What has no place is told apart by what it says.
      const source = diagnostic.where.source ?? `\0${diagnostic.message}`;
      const known = bySource.get(source);
      if (known) known.count += 1;
      else bySource.set(source, { diagnostic, count: 1 });
    }
    for (const { diagnostic, count: times } of bySource.values()) {
      const { severity, message, where } = diagnostic;
      list.push({ code, severity, message, where, count: times });
    }
    const rest = count - places.length;
    const severity = places[0]?.severity ?? 'warning';
    const message = 'more of these, whose places were not kept';
    if (rest > 0) list.push({ code, severity, message, where: {}, count: rest });
  }
  return list;
}

/** What is known of the answer so far. */
interface Bearing extends Pick<Answer, 'exposure' | 'matches' | 'blind'> {
  /** Time taken out of sessions because the machine can't have been on: in how many pieces, and milliseconds. */
  /** Hosts of whose logs records were picked. */
  readonly picked: readonly string[];
  readonly silences: { readonly count: number; readonly length: number };
}

function bearing(
  tally: Tally,
  question: QuestionFacts,
  { exposure, matches, blind, silences, picked }: Bearing,
): AnswerDiagnostic[] {
  const list: AnswerDiagnostic[] = [];
  const say = (code: Code, severity: Diagnostic['severity'], message: string, count = 1): void => {
    const where: Place = {};
    list.push({ code, severity, message, where, count });
  };
  for (const [host, { channels }] of tally.hosts) {
    for (const { runs, withoutId } of channels.values()) {
      if (withoutId === 0 || runs.first.length === 0) continue;
      const message = `${withoutId} records of ${host} have no record id beside others that have: where they are the same events, they count twice; give one of the logs`;
      say('records-without-id', 'warning', message);
    }
  }
  const late = lateOf(tally);
  if (late !== null) {
    const { records, of, longest, hosts } = late;
    say(
      'records-late',
      'warning',
      `${records} of ${of} records of ${namesOf(hosts)} stand in their logs more than a minute from their events' own times, up to ${spanText(longest)}: ` +
        'the log was forwarded, or picked out of another one; hours, phases and rates are by the times in the log, so give the logs of the hosts themselves',
    );
  }
  if (exposure.hoursAtMost === 0) {
    say(
      'exposure-zero',
      'warning',
      `expected records of ${expectedRecords(question)} over some time, found none or single moments: there is no rate, which is not a rate of zero; ` +
        'read such a log, or state the hours with --exposure',
    );
  } else if (exposure.hosts < FLEET) {
    const found = exposure.hosts === 1 ? 'one host is' : `${exposure.hosts} hosts are`;
    say(
      'one-host',
      'info',
      `${found} not a fleet: expect other hosts to differ by more than the intervals say`,
    );
  }
  const stated = exposure.perHost.length > 0 && exposure.perHost.every(({ method }) => method === 'given');
  // The first and the last of them may be watched in part.
  if (stated && matches.occasions > Math.ceil(exposure.hours) + exposure.hosts) {
    say(
      'exposure-short',
      'warning',
      `events fell into ${matches.occasions} host-hours, which is more than the ${exposure.hours} that --exposure states: state the hours of each host (HOST=120h, or 120h for every one)`,
    );
  }
  if (
    exposure.perHost.some(({ method, hours, hoursAtMost }) => method === 'bounded' || hours < hoursAtMost)
  ) {
    say(
      'exposure-bounded',
      'info',
      'little but the events asked for shows that a machine was on, so the exposure is a range, from activity alone to ' +
        'whole sessions; a log with other regular events (such as ProcessTerminate of a routine program) makes it exact, ' +
        'the System log with its stop marks narrows it, --exposure states it',
    );
  }
  if (matches.events === 0 && exposure.hoursAtMost > 0) {
    const unsure = blind.length > 0 ? ', and only if the configuration logs them at all (see blind)' : '';
    say(
      'no-such-event',
      'info',
      `no event matches: the high end of each rate is what the exposure rules out, one-sided with 95 % confidence${unsure}`,
    );
  }
  if (!exposure.sample) {
    say(
      'not-an-exposure-sample',
      'warning',
      `records were picked out of the logs of ${namesOf(picked)} (many of their ids are missing all over): what was left out, and for how long anyone watched, is not known; ` +
        'rates are of what is here, and there is no forecast; give the whole log, or state the hours with --exposure',
    );
  }
  if (silences.count > 0) {
    const hours = Math.round(silences.length / HOUR_MS);
    say(
      'session-silent',
      'info',
      `${hours} hours within sessions are taken out: logs that else hold many records an hour hold none for hours, or any log for more than a year, as of a machine that was suspended or whose clock was set`,
      silences.count,
    );
  }
  const steps = clockSteps(tally);
  if (steps.count > 0) {
    const most = Math.round(steps.largest / 60_000);
    say(
      'clock-stepped',
      'warning',
      `clocks were set by more than a minute (System event 1, or event 255 of the sensor), by up to ${most} minutes: times around it are off by as much`,
      steps.count,
    );
  }
  for (const id of question.eventIds) {
    if (question.logged?.get(id) !== 'part') continue;
    say(
      'log-config-part',
      'info',
      `the configuration of --log-config has filters for event ${id}: events that they left out are in no log, and in no rate`,
    );
  }
  for (const { severity, message } of fieldNotes(tally)) say('fields-missing', severity, message);
  for (const { code, message } of machineNotes(tally.hosts)) say(code, 'warning', message);
  if (tally.sightingsMore > 0) {
    say(
      'correlations-capped',
      'warning',
      `${tally.sightingsMore} events that correlations count were more than are kept, or have no time: correlations fired at least as often as is said`,
    );
  }
  if (tally.halvings > 0) {
    say(
      'groups-capped',
      'warning',
      'more groups than 100,000, or longer ones than fit: those left out are counted in (others), and in no rule or type of several',
    );
  }
  if (tally.hosts.has(OTHERS)) {
    say(
      'hosts-capped',
      'warning',
      `more than ${HOST_BOUNDS.hosts} hosts: the rest counts as one, (others), so that its hours are too few`,
    );
  }
  const crowded = [...tally.hosts].filter(([host, { channels }]) => host !== OTHERS && channels.has(OTHERS));
  if (crowded.length > 0) {
    say(
      'channels-capped',
      'warning',
      `more than ${HOST_BOUNDS.channels} channels on ${crowded[0]![0]}: the rest counts as one, (others), without its record ids`,
      crowded.length,
    );
  }
  const twins = twinsOf(tally);
  const [twin] = twins;
  if (twin) {
    say(
      'host-short-and-full-name',
      'warning',
      `${twin.short} and ${twin.full} may be one machine, but count as two: hosts and host-hours would then be too many`,
      twins.length,
    );
  }
  return list;
}

/** Fields that the question tests and that events lack. */
function fieldNotes({ fieldsMet }: Tally): Pick<Diagnostic, 'severity' | 'message'>[] {
  return [...fieldsMet].flatMap(([key, fields]) => {
    // A tally may be of a later release, which knows more types, or say anything.
    const known = eventType(Number(key));
    const of = (met: Met): { field: string; since: string | null }[] =>
      [...fields]
        .sort(([a], [b]) => compareText(a, b))
        .flatMap(([field, is]) =>
          is === met ? [{ field, since: known ? sinceOf(known, field) : null }] : [],
        );
    const none = of('none');
    // Some tools leave out what is empty: only of a field that Sysmon did not always write it tells something.
    const some = of('some').filter(({ since }) => since !== null);
    const type = known ? `${known.id} (${known.name})` : key;
    return [
      ...(none.length > 0 ? [fieldNote('warning', `no event ${type} that was read has`, none)] : []),
      ...(some.length > 0 ? [fieldNote('info', `some events ${type} lack`, some)] : []),
    ];
  });
}

function fieldNote(
  severity: Diagnostic['severity'],
  what: string,
  fields: readonly { readonly field: string; readonly since: string | null }[],
): Pick<Diagnostic, 'severity' | 'message'> {
  const names = fields.map(({ field, since }) => (since === null ? field : `${field} (schema ${since})`));
  const message = `${what} ${names.join(', ')}: what the question asks of that was decided without a value`;
  return { severity, message };
}

/** The first schema in which a type has a field; null where it had it from the start. */
function sinceOf(type: EventType, field: string): string | null {
  const layout = firstLayoutWith(type, field);
  return layout === undefined || layout === type.layouts[0] ? null : layout.since;
}

/** A machine that starts writes a few records of its start late: what comes to less than this share is not told. */
const LATE_SHARE = 0.01;

/** Records of channels in which more than a few are late; null where there is none. */
function lateOf({ hosts }: Tally): { records: number; of: number; longest: number; hosts: string[] } | null {
  const found = { records: 0, of: 0, longest: 0, hosts: [] as string[] };
  for (const [host, { channels }] of hosts) {
    const late = [...channels.values()].filter((one) => one.late > LATE_SHARE * one.records);
    if (late.length === 0) continue;
    found.hosts.push(host);
    for (const one of late) {
      found.records += one.late;
      found.of += one.records;
      found.longest = Math.max(found.longest, one.delay);
    }
  }
  return found.records === 0 ? null : found;
}

function spanText(milliseconds: number): string {
  const [minutes, hours] = [milliseconds / 60_000, milliseconds / HOUR_MS];
  if (minutes < 120) return `${Math.round(minutes)} minutes`;
  return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}

/** The first few of some hosts. */
function namesOf(hosts: readonly string[]): string {
  const shown = hosts.slice(0, 5).join(', ');
  return hosts.length > 5 ? `${shown} and ${hosts.length - 5} more hosts` : shown;
}

/** In whose records the question's events would stand. */
function expectedRecords({ sources }: QuestionFacts): string {
  const named = [
    ...new Set(
      sources.map(({ channel }) => {
        if (channel === ANY_CHANNEL) return 'any other channel';
        return channel ?? 'Sysmon (Microsoft-Windows-Sysmon/Operational)';
      }),
    ),
  ];
  if (named.length === 0) return 'a log that is read here';
  return named.length <= 3
    ? named.join(' or ')
    : `${named.slice(0, 3).join(', ')} or ${named.length - 3} more channels`;
}

/** Clocks that were set by more than a minute. */
function clockSteps({ hosts }: Tally): { readonly count: number; readonly largest: number } {
  let [count, largest] = [0, 0];
  for (const { marks } of hosts.values()) {
    for (const { kind, time, since } of marks) {
      const step = kind === 'clock-set' && since !== null ? Math.abs(time - since) : 0;
      if (step <= 60_000) continue;
      count += 1;
      largest = Math.max(largest, step);
    }
  }
  return { count, largest };
}

/** Hosts that occur under their short name as well as under a full one. */
function twinsOf(tally: Tally): { readonly short: string; readonly full: string }[] {
  const twins: { short: string; full: string }[] = [];
  for (const full of [...tally.hosts.keys()].sort()) {
    const short = full.slice(0, Math.max(0, full.indexOf('.')));
    // 10.1.2.3 is no full name of a host 10.
    if (short !== '' && !/^\d+$/.test(short) && tally.hosts.has(short)) twins.push({ short, full });
  }
  return twins;
}
