/** Where a configuration does not mean what it seems to say (sysmon-lint-rules, part C). */
import { DEAD_FILTER_RULES } from './dead-filters.ts';
import { NAME_RULES } from './name-rules.ts';
import type { LintRule } from './rule.ts';
import { SECTION_RULES } from './section-rules.ts';

export const LOGIC_RULES: readonly LintRule[] = [...SECTION_RULES, ...DEAD_FILTER_RULES, ...NAME_RULES];
