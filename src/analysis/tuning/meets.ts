/** Whether groups meet the conditions of an entry. Values are folded, and very long ones were cut: of these not all is known. */
import { foldAscii, isCutKey } from '../../events/index.ts';
import type { AllowCondition } from '../../predicate/index.ts';
import type { NoiseGroup } from './noise.ts';

export type Meets = 'yes' | 'no' | 'maybe';

/** A missing value is `-`, as Sysmon has it. */
export function valueMeets(value: string | null, condition: AllowCondition): Meets {
  return valueTest(condition)(value);
}

/** The same of all of these conditions, for many values. */
export function valuesMeeting(conditions: readonly AllowCondition[]): (value: string | null) => Meets {
  const tests = conditions.map(valueTest);
  return (value) => allOf(tests, (test) => test(value));
}

function valueTest({ condition, value: written }: AllowCondition): (value: string | null) => Meets {
  const wanted = foldAscii(written);
  const meets = {
    is: (found: string) => found === wanted,
    'begin with': (found: string) => found.startsWith(wanted),
    'end with': (found: string) => found.endsWith(wanted),
    contains: (found: string) => found.includes(wanted),
  }[condition];
  return (value) => {
    const found = value ?? '-';
    if (isCutKey(found)) return cutMeets(found, condition, wanted);
    return meets(found) ? 'yes' : 'no';
  };
}

/** Only the beginning of the value is known. */
function cutMeets(kept: string, condition: AllowCondition['condition'], wanted: string): Meets {
  const start = kept.slice(0, kept.lastIndexOf('…#'));
  const common = Math.min(start.length, wanted.length);
  if (condition === 'end with') return 'maybe';
  if (condition === 'contains') return start.includes(wanted) ? 'yes' : 'maybe';
  if (start.slice(0, common) !== wanted.slice(0, common)) return 'no';
  return condition === 'begin with' && wanted.length <= start.length ? 'yes' : 'maybe';
}

/** Whether an entry hides a group for sure: it meets all conditions, each of a field of its own or of one together. */
export function hidingTest({
  eventId,
  channel,
  conditions,
}: Pick<NoiseGroup, 'eventId' | 'channel'> & {
  readonly conditions: readonly AllowCondition[];
}): (group: NoiseGroup) => boolean {
  const tests = conditions.map((condition) => ({ field: condition.field, test: valueTest(condition) }));
  return (group) =>
    group.eventId === eventId &&
    group.channel === channel &&
    tests.every(({ field, test }) => test(group.values[group.fields.indexOf(field)] ?? null) === 'yes');
}

/** `no` where one says so, else `maybe` where one says so. */
function allOf<T>(tests: readonly T[], ask: (test: T) => Meets): Meets {
  let sure = true;
  for (const test of tests) {
    const meets = ask(test);
    if (meets === 'no') return 'no';
    if (meets === 'maybe') sure = false;
  }
  return sure ? 'yes' : 'maybe';
}
