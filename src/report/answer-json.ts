/** An answer as JSON: the frozen `noisefloor.answer/1`, its keys in the order of the contract. */
import type { Answer } from '../analysis/index.ts';
import { terminalSafe } from '../lines/index.ts';

const PHASES = 'boot logon resume shutdown steady unknown';

/** Keys in their order, by the path of their object; what a later version adds follows in its own order. */
const ORDER: Readonly<Record<string, string>> = {
  '': 'schema question read exposure matches rate budget groups unseen timeline rules perType volume blind excluded diagnostics',
  question: 'name kind eventIds',
  read: 'files bytes records unreadable duplicates recordIdGaps gaps skipped',
  'read.gaps': 'host channel class gaps records',
  'read.skipped': 'path reason',
  exposure: 'hosts hours hoursAtMost cells cellsAtMost boots method sample perHost',
  'exposure.perHost': 'host hours hoursAtMost cells cellsAtMost boots method first last',
  matches: 'events occasions hosts byPhase',
  'matches.byPhase': PHASES,
  rate: 'occasionsPerHostHour steadyOccasionsPerHostHour eventsPerHostHour occasionsPerBoot alertsPer1000HostsPerDay meanOfHosts clustering forecast',
  'rate.clustering': 'by dispersion pValue reason',
  budget: 'text limit upper met moreHostHours rules',
  'budget.rules': 'upper met',
  groups: 'eventId key events occasions hosts byPhase first last',
  'groups.byPhase': PHASES,
  'rate.forecast': 'days hosts alerts cannotSay',
  unseen: 'groups nextCell nextHost groupsAtLeast curve sentence',
  'unseen.curve': 'cells groups low high extrapolated',
  timeline: 'time events boots',
  rules: 'name id file line level tags hours events occasions hosts',
  perType: 'eventId events occasions',
  blind: 'eventId reason',
  excluded: 'events occasions byPhase before',
  'excluded.byPhase': PHASES,
  'excluded.before':
    'events occasions occasionsPerHostHour steadyOccasionsPerHostHour eventsPerHostHour occasionsPerBoot',
  diagnostics: 'code severity message where count',
  'diagnostics.where': 'source offset line column record',
};

const RATE = 'estimate low high confidence method';

/** The answer as indented JSON with a line break at its end. The same answer gives the same bytes. */
export function renderAnswerJson(answer: Answer): string {
  return `${terminalSafe(JSON.stringify(ordered(answer, ''), null, 2))}\n`;
}

function ordered(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item, path));
  // The key of a group holds names out of the question, in the question's order.
  if (value === null || typeof value !== 'object' || path === 'groups.key') return value;
  const rank = (ORDER[path] ?? RATE).split(' ');
  const place = (name: string): number => (rank.includes(name) ? rank.indexOf(name) : rank.length);
  const entries = Object.entries(value).sort(([a], [b]) => place(a) - place(b));
  return Object.fromEntries(
    entries.map(([name, part]) => [name, ordered(part, path === '' ? name : `${path}.${name}`)]),
  );
}
