import { compareText, OTHERS, type Tally } from '../tally/index.ts';
import type { Answer, Rate } from './answer.ts';
import { blindOf } from './blind.ts';
import { budgetOf } from './budget.ts';
import { fieldsOf, withCorrelations } from './correlations.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { type Exposure, exposureOf } from './exposure.ts';
import { forecastOf } from './forecast.ts';
import { calendarDays } from './forecast-days.ts';
import { gapsOf, recordIdGaps } from './gaps.ts';
import { groupsOf, shownGroups } from './groups.ts';
import { duration } from './intervals.ts';
import {
  excludedOf,
  HitCounter,
  type Hits,
  type HostSlots,
  matchedByHost,
  matchesOf,
  occasionsOf,
} from './hits.ts';
import type { QuestionFacts } from './question-facts.ts';
import { ratesOfHits } from './hit-rates.ts';
import { countsByRule, perTypeOf, rulesOf } from './rules.ts';
import { volumeOf } from './volume.ts';
import { timelineOf } from './timeline.ts';
import { unseenOf } from './unseen.ts';
import { type WatchedHost, watchedHosts } from './watched-host.ts';

/**
 * The answer that a tally gives to its question. Pure: the same tally and question give the same answer. With no
 * exposure at all every rate is null; it never throws on what a log may hold.
 */
export function analyse(given: Tally, asked: QuestionFacts): Answer {
  const { correlations } = asked;
  const tally = withCorrelations(given, correlations);
  const question = { ...asked, by: fieldsOf(asked.by, correlations) };
  const matched = matchedByHost(tally);
  const hosts = watchedHosts(tally.hosts, question, matched);
  const counter = new HitCounter(hosts, question);
  const hits = counter.hitsOf(matchesOf(tally));
  const hidden = question.hides ? counter.hitsOf(excludedOf(tally)) : null;
  const all = hidden ? counter.hitsOf(chain(matchesOf(tally), excludedOf(tally))) : hits;
  const exposure = exposureOf(hosts, all, question);
  const rate = ratesOfHits(hits, exposure);
  const shown = shownGroups(tally, question);
  const days = calendarDays(hosts, hits, question);
  const matches = {
    events: hits.events,
    occasions: occasionsOf(hits),
    hosts: hits.hosts.size,
    byPhase: hits.byPhase,
  };
  const blind = blindOf(tally.hosts, question);
  const { name, kind, eventIds } = question;
  const { files, bytes, records, unreadable, duplicates } = tally;
  return {
    schema: 'noisefloor.answer/1',
    question: { name, kind, eventIds },
    read: {
      files,
      bytes,
      records,
      unreadable,
      duplicates,
      recordIdGaps: recordIdGaps(tally.hosts),
      gaps: gapsOf(tally.hosts),
      skipped: skippedOf(tally),
    },
    exposure: exposure.summary,
    matches,
    rate: {
      ...rate,
      forecast: question.forecast ? forecastOf(question.forecast, days, exposure) : null,
    },
    budget:
      question.budget &&
      budgetOf(
        question.budget,
        { rate, exposure: exposure.summary, matches },
        ratesByRule(tally, question, counter, exposure),
      ),
    groups: groupsOf(shown, tally, counter, question),
    unseen: unseenOf(shown, tally, question, exposure, days),
    timeline: timelineOf(
      matchesOf(tally),
      counter.spanOf(matchesOf(tally)),
      exposure.span,
      [...exposure.boots.values()].flatMap((boots) => [...boots.values()]),
      question,
    ),
    rules: rulesOf(tally, question, counter, { hosts, matched, hours: exposure.summary.hours }),
    perType: perTypeOf(tally, question, counter),
    volume: hasVolume(tally, question) ? volumeOf(tally, exposure.most.hours, rate.eventsPerHostHour) : null,
    blind,
    excluded: hidden && {
      events: hidden.events,
      occasions: occasionsOf(hidden),
      byPhase: hidden.byPhase,
      before: before(all, exposure),
    },
    diagnostics: diagnosticsOf(tally, question, {
      exposure: exposure.summary,
      matches,
      blind,
      silences: silencesOf(hosts),
      picked: [...hosts.values()].flatMap((host) => (host.watch?.picked ? [host.name] : [])),
    }),
  };
}

/** How often each of the question's rules occurs, in its order, out of what the question was exposed to. */
function ratesByRule(
  tally: Tally,
  question: QuestionFacts,
  counter: HitCounter,
  exposure: Exposure,
): readonly (Rate | null)[] {
  const counts = countsByRule(tally, question);
  const rateOf = (slots: readonly HostSlots[]): Rate | null =>
    ratesOfHits(counter.hitsOf(slots), exposure).occasionsPerHostHour;
  // That of thousands of rules which nothing matched is worked out once.
  const ofNone = rateOf([]);
  return question.rules.map((_, index) => {
    const slots = counts.get(index);
    return slots ? rateOf(slots) : ofNone;
  });
}

/** Not where a tally was narrowed: it does not keep the sizes of single events. */
function hasVolume({ diagnostics }: Tally, { kind }: QuestionFacts): boolean {
  return kind === 'sysmon-config' && !diagnostics.has('tally-volume');
}

/** Time taken out of sessions because the machine can't have been on, milliseconds, and in how many pieces. */
function silencesOf(hosts: ReadonlyMap<string, WatchedHost>): {
  readonly count: number;
  readonly length: number;
} {
  const all = [...hosts.values()].flatMap(({ watch }) => watch?.silences ?? []);
  return { count: all.length, length: duration(all) };
}

function* chain(...parts: readonly Iterable<HostSlots>[]): Generator<HostSlots> {
  for (const part of parts) yield* part;
}

function before(all: Hits, exposure: Exposure): NonNullable<Answer['excluded']>['before'] {
  const {
    alertsPer1000HostsPerDay: _,
    meanOfHosts: _mean,
    clustering: _clustering,
    ...rest
  } = ratesOfHits(all, exposure);
  return { events: all.events, occasions: occasionsOf(all), ...rest };
}

const MAX_SKIPPED = 1000;

/** The first skipped files by path, then one row that counts the rest. */
function skippedOf({ skipped, skippedMore }: Tally): Answer['read']['skipped'] {
  const sorted = skipped.toSorted((a, b) => compareText(a.path, b.path));
  const more = skippedMore + Math.max(0, sorted.length - MAX_SKIPPED);
  const rest = more === 0 ? [] : [{ path: OTHERS, reason: `${more} more files, none of them a log` }];
  return [...sorted.slice(0, MAX_SKIPPED), ...rest];
}
