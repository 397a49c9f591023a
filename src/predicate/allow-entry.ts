/** An entry of an allow-list, as tuning finds it and writers write it. */

/** A condition in Sysmon's words; the value is literal text, as most often spelt. */
export interface AllowCondition {
  readonly field: string;
  readonly condition: 'is' | 'begin with' | 'end with' | 'contains';
  readonly value: string;
}
