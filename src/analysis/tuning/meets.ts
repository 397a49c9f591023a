/** Whether groups meet the conditions of an entry. Values are folded, and very long ones were cut: of these not all is known. */
import { foldAscii, isCutKey } from '../../events/index.ts';
import type { AllowCondition } from '../../predicate/index.ts';
import type { NoiseGroup } from './noise.ts';

export type Meets = 'yes' | 'no' | 'maybe';

/** A missing value is `-`, as Sysmon has it. */
export function valueMeets(value: string | null, { condition, value: written }: AllowCondition): Meets {
  const wanted = foldAscii(written);
  const found = value ?? '-';
  if (isCutKey(found)) return cutMeets(found, condition, wanted);
  switch (condition) {
    case 'is':
      return found === wanted ? 'yes' : 'no';
    case 'begin with':
      return found.startsWith(wanted) ? 'yes' : 'no';
    case 'end with':
      return found.endsWith(wanted) ? 'yes' : 'no';
    case 'contains':
      return found.includes(wanted) ? 'yes' : 'no';
  }
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

/** Whether the events of a group meet all conditions. */
export function groupMeets(group: NoiseGroup, conditions: readonly AllowCondition[]): Meets {
  let sure = true;
  for (const condition of conditions) {
    const meets = valueMeets(group.values[group.fields.indexOf(condition.field)] ?? null, condition);
    if (meets === 'no') return 'no';
    if (meets === 'maybe') sure = false;
  }
  return sure ? 'yes' : 'maybe';
}
