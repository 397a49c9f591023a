/** `--from` and `--to`, and the times of labels. */
import { isDay, parseTime } from '../events/index.ts';
import { QuestionError } from '../predicate/index.ts';

/** Milliseconds since 1970 of `--from` and `--to`, closed; infinite where not given. */
export function timeRange(asked: {
  readonly from?: string;
  readonly to?: string;
}): [from: number, to: number] {
  const from = asked.from === undefined ? -Infinity : timeOf(asked.from, '--from', 0);
  const to = asked.to === undefined ? Infinity : timeOf(asked.to, '--to', 86_400_000 - 1);
  if (from > to) throw new QuestionError('time-range', `--from ${asked.from} is after --to ${asked.to}`);
  return [from, to];
}

function timeOf(text: string, option: string, rest: number): number {
  const day = /^\s*\d{4}-\d{2}-\d{2}\s*$/.test(text);
  const [, date] = /^\s*(\d{4}-\d{2}-\d{2})(?!\d)/.exec(text) ?? [];
  // The thirtieth of February would be the first of March.
  const isInCalendar = date === undefined || isDay(date);
  const time = isInCalendar ? parseTime(day ? `${date} 00:00` : text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new QuestionError(
      'time-syntax',
      `${option} ${text}: expected a time such as 2026-03-14, 2026-03-14T08:30Z or 2026-03-14T08:30:00+01:00`,
    );
  }
  return day ? time + rest : time;
}
