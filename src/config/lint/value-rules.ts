/** Values and fields that mean less than they seem (sysmon-lint-rules, D41 and D43 to D46); joins all rules of D. */
import type { ConfigElement } from '../document.ts';
import { filterElements, FREE_FIELDS, LIST_CONDITIONS } from './filter-elements.ts';
import { LIST_RULES } from './list-rules.ts';
import { PADDING_RULES } from './padding-rules.ts';
import { PATH_RULES } from './path-rules.ts';
import { contentSpan, escapeXml, nameSpan, startTagSpan, valueSpan } from './place.ts';
import type { LintContext, LintRule, Finding } from './rule.ts';
import { TYPED_VALUE_RULES } from './typed-value-rules.ts';

const LATE: ReadonlySet<string> = new Set(['Signed', 'Signature', 'SignatureStatus']);
const OFTEN_MISSING: ReadonlySet<string> = new Set(['StartModule', 'StartFunction']);
const HOST_NAMES: ReadonlySet<string> = new Set(['DestinationHostname', 'SourceHostname']);

/** Escaped characters that were escaped again, by what they stand for. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
]);

const OWN_RULES: readonly LintRule[] = [
  {
    code: 'environment-variable',
    severity: 'info',
    title: 'an environment variable in a value',
    fact: "On Windows a value with % is expanded in the event's user session, by the service and never by the driver's own filter, and nothing over 259 characters matches; on Linux % is a plain character (sysmon-semantics, 7.2).",
    *check({ config }) {
      for (const { text, element, condition } of filterElements(config)) {
        const found = condition && /%%?[A-Za-z_][\w()]*%%?/.exec(text)?.[0];
        if (!found) continue;
        const message = `${found} is expanded for the session of each event on Windows, and not at all on Linux: write the path where it is fixed`;
        yield { ...contentSpan(config.source.text, element), message };
      }
    },
  },
  {
    code: 'value-empty',
    severity: 'warning',
    title: 'a filter without a value',
    fact: 'A missing value is "-" and never empty, so is and is any never match an empty text, and is not always does; contains, begin with and end with always match it, and their negations never do (sysmon-semantics, 7.1 and 7.4).',
    *check({ config }) {
      for (const { text, element, condition, field } of filterElements(config)) {
        if (text !== '' || condition === undefined || element.children.length > 0) continue;
        const advice =
          condition === 'is' || condition === 'is not'
            ? 'write "-" for a missing value'
            : 'write a value or remove it';
        const message = `${field} ${condition} "" ${emptyEffect(condition)}: ${advice}`;
        yield { ...startTagSpan(element), message };
      }
    },
  },
  {
    code: 'field-late',
    severity: 'info',
    title: 'a filter on a signature',
    fact: "Signatures are looked up by the service after the driver has taken the event, so such a filter can't spare the work (sysmon-lint-rules, D44).",
    check: (context) =>
      oncePerSection(
        context,
        LATE,
        (field) => `${field} is known late: such a filter lowers the number of events, not the load`,
      ),
  },
  {
    code: 'field-often-missing',
    severity: 'info',
    title: 'a filter on where a thread starts',
    fact: 'StartModule and StartFunction are "-" where the start address is in no module or has no exported name, and a missing value is "-" to a filter (sysmon-semantics, 7.1; sysmon-lint-rules, D44).',
    check: (context) =>
      oncePerSection(
        context,
        OFTEN_MISSING,
        (field) =>
          `${field} is "-" for threads that start outside of a module's exports: filter on "-" as well if they count`,
      ),
  },
  {
    code: 'host-name-unreliable',
    severity: 'info',
    title: "a filter on a connection's host name",
    fact: 'Host names of connections come from a reverse lookup of the address: without DnsLookup, or where it fails, the field is "-" (sysmon-semantics, 4; sysmon-lint-rules, D44).',
    check: (context) =>
      oncePerSection(
        context,
        HOST_NAMES,
        (field) =>
          `${field} is a reverse lookup, which the owner of the address chooses: filter on addresses and ports, or use DnsQuery`,
      ),
  },
  {
    code: 'letter-not-ascii',
    severity: 'info',
    title: 'a letter beyond ASCII in a value',
    fact: 'Only A to Z and a to z are certain to be compared in any case (sysmon-semantics, 7.3).',
    *check({ config }) {
      for (const { text, element } of filterElements(config)) {
        const found = /[^\p{ASCII}]/u.test(text) ? /(?=[^\p{ASCII}])\p{L}/u.exec(text)?.[0] : undefined;
        if (found === undefined || found.toLowerCase() === found.toUpperCase()) continue;
        const message = `"${found}" may be compared in its own case alone: add a filter for the other case, or avoid the letter`;
        yield { ...contentSpan(config.source.text, element), message };
      }
    },
  },
  {
    code: 'escaped-twice',
    severity: 'warning',
    title: 'an entity that was escaped twice',
    fact: 'XML decodes entities once: &amp;amp; is the text &amp; in the value (sysmon-semantics, 7.2).',
    *check({ config }) {
      const { text: source } = config.source;
      for (const { text, element, field } of filterElements(config)) {
        const found = /&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/i.exec(text)?.[0];
        if (found === undefined) continue;
        const span = contentSpan(source, element);
        const message = `the value holds the text "${found}": it was escaped twice`;
        const plain = text.replaceAll(/&(?:amp|lt|gt|quot|apos);/g, (entity) => ENTITIES.get(entity)!);
        const rewritable = !/<|&#/.test(source.slice(span.start, span.end)) && plain !== text;
        const splices = [{ ...span, text: escapeXml(plain) }];
        const safe = !FREE_FIELDS.has(field);
        yield {
          ...span,
          message,
          ...(rewritable ? { fix: { title: 'unescape it once', splices, safe } } : {}),
        };
      }
    },
  },
  {
    code: 'separator-escaped',
    severity: 'warning',
    title: 'a ; written as a reference in a list',
    fact: 'Lists are split after references are decoded: &#59; separates items just as ; does (sysmon-semantics, 7.2 and 7.4).',
    *check({ config }) {
      for (const { element, condition } of filterElements(config)) {
        if (condition === undefined || !LIST_CONDITIONS.has(condition)) continue;
        const span = valueSpan(config.source.text, element);
        const found = /&#(?:0*59|x0*3b);/i.exec(config.source.text.slice(span.start, span.end))?.[0];
        if (found === undefined) continue;
        yield { ...span, message: `${found} separates items of this list as ; does: no item can hold a ;` };
      }
    },
  },
];

/** Rules about values: D of sysmon-lint-rules. */
export const VALUE_RULES: readonly LintRule[] = [
  ...PADDING_RULES,
  ...LIST_RULES,
  ...PATH_RULES,
  ...TYPED_VALUE_RULES,
  ...OWN_RULES,
];

function emptyEffect(condition: string): string {
  switch (condition) {
    case 'is':
    case 'is any':
    case 'excludes':
    case 'excludes any':
    case 'excludes all':
    case 'not begin with':
    case 'not end with':
    case 'less than':
      return 'never matches';
    case 'image':
      return 'matches only a value that ends with \\';
    default:
      return 'always matches';
  }
}

/** The first filter on each of these fields in each section: more would tell nothing new. */
function* oncePerSection(
  { config }: LintContext,
  fields: ReadonlySet<string>,
  message: (field: string) => string,
): Generator<Finding> {
  const seen = new Map<ConfigElement, Set<string>>();
  for (const { field, section, element } of filterElements(config)) {
    if (!fields.has(field)) continue;
    const told = seen.get(section) ?? new Set();
    seen.set(section, told);
    if (told.has(field)) continue;
    told.add(field);
    yield { ...nameSpan(element), message: message(field) };
  }
}
