/**
 * A second evaluator, written from sysmon-semantics alone and with no thought of speed: no index, no compilation, every
 * filter tried in turn. Tests hold the product's own equal to it.
 */
import type { Block, Config, Filter } from '../../src/config/index.ts';

export type Fields = Readonly<Record<string, string>>;

const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Items of `contains` and `excludes` lists (7.4). */
function items(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  for (;;) {
    const at = rest.indexOf(';');
    if (at < 0) return [...found, rest];
    found.push(at === 0 ? rest : rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
}

function meets(condition: string, value: string, text: string): boolean {
  switch (condition) {
    case 'is':
      return value === text;
    case 'is not':
      return value !== text;
    case 'is any':
      return text.split(';').includes(value);
    case 'contains':
      return value.includes(text);
    case 'excludes':
      return !value.includes(text);
    case 'contains any':
      return items(text).some((item) => value.includes(item));
    case 'excludes any':
      return !items(text).some((item) => value.includes(item));
    case 'contains all':
      return items(text).every((item) => value.includes(item));
    case 'excludes all':
      return !items(text).every((item) => value.includes(item));
    case 'begin with':
      return value.startsWith(text);
    case 'not begin with':
      return !value.startsWith(text);
    case 'end with':
      return value.endsWith(text);
    case 'not end with':
      return !value.endsWith(text);
    case 'less than':
      return value < text;
    case 'more than':
      return value > text;
    case 'image':
      return text.includes('\\') ? value === text : value.split('\\').at(-1) === text;
    default:
      throw new Error(condition);
  }
}

/** Verdict, RuleName and the filter that decided for an event of one id (sections 6, 8, 9). */
export function naiveEvaluate(
  config: Config,
  eventId: number,
  event: Fields,
): { logged: boolean; ruleName: string; filter: Filter | null } {
  if ([4, 16, 255].includes(eventId)) return { logged: true, ruleName: '-', filter: null };
  const type = config.events.find(({ id }) => id === eventId);
  if (!type) return { logged: false, ruleName: '-', filter: null };
  const blocks = config.active.filter(({ tag }) => tag === type.tag);
  if (blocks.length === 0) return { logged: type.default === 'include', ruleName: '-', filter: null };
  let name = '';
  let last: Filter | null = null;
  const matches = (filter: Filter): boolean => {
    if (type.fields[filter.index] !== filter.field) return false;
    const written = filter.field === 'RuleName' ? '' : (event[filter.field] ?? '');
    if (!meets(filter.condition, fold(written === '' ? '-' : written), fold(filter.text))) return false;
    if (filter.name !== '') name = filter.name;
    last = filter;
    return true;
  };
  const group = (filters: readonly Filter[]): boolean => {
    for (const filter of filters) {
      const met = matches(filter);
      if (filter.ruleMode === 'or' && met) return true;
      if (filter.ruleMode === 'and' && !met) return false;
    }
    return filters[0]!.ruleMode === 'and';
  };
  const block = ({ combine, filters }: Block): boolean => {
    const passed = new Set<string>();
    for (let i = 0; i < filters.length;) {
      const { rule, field } = filters[i]!;
      let end = i + 1;
      if (rule) while (filters[end]?.rule === rule) end += 1;
      if (combine === 'and' && !rule && passed.has(field)) {
        i = end;
        continue;
      }
      const met = rule ? group(filters.slice(i, end)) : matches(filters[i]!);
      if (combine === 'or' && met) return true;
      if (combine === 'and' && rule && !met) return false;
      if (combine === 'and' && !rule) {
        if (met) passed.add(field);
        else if (!filters.slice(i + 1).some((later) => later.rule === null && later.field === field))
          return false;
      }
      i = end;
    }
    return combine === 'and' && filters.length > 0;
  };
  for (const onmatch of ['exclude', 'include']) {
    for (const each of blocks.filter((one) => one.onmatch === onmatch).toReversed()) {
      if (!block(each)) continue;
      const logged = onmatch === 'include';
      return { logged, ruleName: logged && name !== '' ? name : '-', filter: last };
    }
  }
  return { logged: blocks.length === 1 && blocks[0]!.onmatch === 'exclude', ruleName: '-', filter: null };
}
