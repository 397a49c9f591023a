/** Paths, names of files, wildcards and quotes (sysmon-lint-rules, D36, D37 and D42). */
import { foldAscii } from '../../events/index.ts';
import type { Config } from '../load.ts';
import {
  type FilterElement,
  filterElements,
  FREE_FIELDS,
  IMAGE_FIELDS,
  itemsOf,
  LIST_CONDITIONS,
  PATH_FIELDS,
} from './filter-elements.ts';
import { onmatchOf } from './loading-rules.ts';
import { contentSpan, setAttribute, setText } from './place.ts';
import type { Finding, LintRule } from './rule.ts';

/** A file's name with an extension, and nothing of its path. */
const FILE_NAME: RegExp = /^[^\\/:*?"<>|;%]+\.[A-Za-z]\w{0,4}$/;

/** Programs that stand in System32 and SysWOW64 both, and that rules are often about. */
const TWINS: ReadonlySet<string> = new Set(
  'bitsadmin certutil cmd cmstp cscript cmdkey mshta msiexec net net1 powershell reg regsvr32 rundll32 sc schtasks svchost wmic wscript'
    .split(' ')
    .map((name) => `${name}.exe`),
);

export const PATH_RULES: readonly LintRule[] = [
  {
    code: 'wildcard',
    severity: 'warning',
    title: 'a wildcard or a regular expression, which stands for itself',
    fact: 'There are neither wildcards nor regular expressions: every character of a value stands for itself (sysmon-semantics, 7.2).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const { field, text } = filter;
        const found = itemsOf(filter)
          .map((item) => wildcardOf(field, item))
          .find((part) => part !== null);
        if (found === undefined || found === null) continue;
        const message = `${found} stands for itself in "${cut(text)}": there are no wildcards; use begin with, end with, contains or contains all`;
        yield {
          ...contentSpan(config.source.text, filter.element),
          message,
          ...unwildcarded(config, filter),
        };
      }
    },
  },
  {
    code: 'image-is-name',
    severity: 'warning',
    title: 'a bare file name where the field holds a full path',
    fact: 'Image, ParentImage, SourceImage, TargetImage, ImageLoaded and TargetFilename hold full paths: a bare name never equals one. Only the condition image compares with the part behind the last \\ (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const filter of filterElements(config)) {
        const { field, condition, element, text, section } = filter;
        if (!PATH_FIELDS.has(field) || !['is', 'is not', 'is any', 'begin with'].includes(condition ?? ''))
          continue;
        const bare = itemsOf(filter).filter((item) => FILE_NAME.test(item.trim()));
        if (bare.length === 0) continue;
        const span = contentSpan(config.source.text, element);
        const holds = `${field} holds a full path, which ${condition === 'begin with' ? 'never begins with' : 'never equals'} "${cut(bare[0]!)}"`;
        if (condition === 'is' || condition === 'begin with') {
          const splices = [setAttribute(config.source.text, element, 'condition', 'image')];
          // In an exclude section it would begin to hide events: for a person to decide.
          const fix = {
            title: 'write condition="image"',
            splices,
            safe: condition === 'is' && onmatchOf(section) === 'include',
          };
          yield { ...span, message: `${holds}: write condition="image"`, fix };
        } else if (condition === 'is not') {
          const value = setText(config.source.text, element, `\\${text.trim()}`);
          const splices = [
            setAttribute(config.source.text, element, 'condition', 'not end with'),
            ...(value ? [value] : []),
          ];
          const message = `${holds}, so is not matches always: write not end with "\\${cut(text.trim())}"`;
          yield {
            ...span,
            message,
            ...(value ? { fix: { title: 'write condition="not end with"', splices, safe: true } } : {}),
          };
        } else {
          const message = `${holds}: write full paths, or one filter with condition="image" for each name`;
          yield { ...span, message };
        }
      }
    },
  },
  {
    code: 'image-with-folder',
    severity: 'warning',
    title: 'condition image with part of a path',
    fact: 'With a \\ in its text, image compares with the whole value, as is does (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const { condition, text, element, field } of filterElements(config)) {
        if (condition !== 'image' || !text.includes('\\') || !PATH_FIELDS.has(field)) continue;
        if (/^(?:[A-Za-z]:|\\\\|%|\\Device\\|\\\?)/i.test(text)) continue;
        const message = `image with a \\ compares with the whole path, which never is "${cut(text)}": write end with`;
        const splices = [setAttribute(config.source.text, element, 'condition', 'end with')];
        const fix = { title: 'write condition="end with"', splices, safe: text.startsWith('\\') };
        yield { ...contentSpan(config.source.text, element), message, fix };
      }
    },
  },
  {
    code: 'image-slashes',
    severity: 'warning',
    title: 'condition image with a bare name in a configuration for Linux',
    fact: 'image looks for the part behind the last \\ on Linux too: on a path with / it compares with the whole value (sysmon-semantics, 7.4).',
    *check({ config }) {
      const filters = filterElements(config);
      const linux = filters.some(({ field, text }) => IMAGE_FIELDS.has(field) && /^\/[\w.-]+\//.test(text));
      if (!linux) return;
      for (const { condition, text, element, field } of filters) {
        if (
          condition !== 'image' ||
          !IMAGE_FIELDS.has(field) ||
          !/^[\w.+-]+$/.test(text) ||
          /\.exe$/i.test(text)
        )
          continue;
        const message = `a path with / has no part behind a \\, so image never matches "${cut(text)}": write end with "/${cut(text)}"`;
        const value = setText(config.source.text, element, `/${text}`);
        const splices = [
          setAttribute(config.source.text, element, 'condition', 'end with'),
          ...(value ? [value] : []),
        ];
        yield {
          ...contentSpan(config.source.text, element),
          message,
          ...(value ? { fix: { title: 'write condition="end with"', splices, safe: true } } : {}),
        };
      }
    },
  },
  {
    code: 'end-without-separator',
    severity: 'info',
    title: 'end with a file name but no \\ before it',
    fact: 'end with is a plain test of the last characters: cmd.exe is the end of xcmd.exe, too (sysmon-semantics, 7.4).',
    *check({ config }) {
      for (const { condition, text, element, field } of filterElements(config)) {
        if ((condition !== 'end with' && condition !== 'not end with') || !PATH_FIELDS.has(field)) continue;
        if (!/^[A-Za-z0-9][^\\/:*?"<>|;%]*\.[A-Za-z]\w{1,3}$/.test(text)) continue;
        const value = setText(config.source.text, element, `\\${text}`);
        yield {
          ...contentSpan(config.source.text, element),
          message: `${condition} "${cut(text)}" is met by "x${cut(text)}" as well: write "\\${cut(text)}" if the whole name is meant`,
          ...(value ? { fix: { title: 'put \\ before the name', splices: [value], safe: false } } : {}),
        };
      }
    },
  },
  {
    code: 'quotes-in-path',
    severity: 'warning',
    title: 'quotes in a path',
    fact: 'A path that Sysmon logs has no quotes around it; quotes in a filter stand for themselves (sysmon-semantics, 7.2).',
    *check({ config }) {
      for (const { condition, text, element, field } of filterElements(config)) {
        if (!PATH_FIELDS.has(field) || condition === undefined || !/["\u201c\u201d]/.test(text)) continue;
        const plain = text.replaceAll(/["\u201c\u201d]/g, '');
        const splice = setText(config.source.text, element, plain);
        yield {
          ...contentSpan(config.source.text, element),
          message: `${field} never holds quotes: write the path without them`,
          ...(splice && plain.trim() !== ''
            ? { fix: { title: 'remove the quotes', splices: [splice], safe: true } }
            : {}),
        };
      }
    },
  },
  {
    code: 'command-line-unquoted',
    severity: 'info',
    title: 'a command line whose program has blanks in its path but no quotes',
    fact: 'CommandLine is the line as it was started, with its quotes and doubled blanks: a program whose path has blanks is nearly always started with quotes around it (sysmon-semantics, 7.1).',
    *check({ config }) {
      for (const { condition, text, element, field } of filterElements(config)) {
        if (field !== 'CommandLine' && field !== 'ParentCommandLine') continue;
        if (condition !== 'is' && condition !== 'begin with') continue;
        const program = /^[A-Za-z]:\\[^"]*?\.exe(?=\s|$)/i.exec(text)?.[0];
        if (program === undefined || !program.includes(' ')) continue;
        const message = `${condition} compares with a line without quotes around "${cut(program)}": write &quot; around it if it is started with quotes`;
        yield { ...contentSpan(config.source.text, element), message };
      }
    },
  },
  {
    code: 'system32-only',
    severity: 'info',
    title: 'a program in System32 that has a twin in SysWOW64',
    fact: '32-bit programs on 64-bit Windows start the twin in C:\\Windows\\SysWOW64: a filter on the path in System32 does not match it (sysmon-semantics, 7.4: is compares the whole text).',
    *check({ config }) {
      const filters = filterElements(config).filter(({ section }) => onmatchOf(section) === 'include');
      const all = new Set(filters.flatMap((filter) => itemsOf(filter).map((item) => foldAscii(item))));
      for (const filter of filters) {
        if (!IMAGE_FIELDS.has(filter.field) || filter.condition?.includes('not')) continue;
        for (const item of itemsOf(filter)) {
          // No path is longer, and the expression below is slow on what is.
          if (item.length > 1024) continue;
          const match = /^(.*\\system32\\)(?:.*\\)?([^\\]+)$/i.exec(item);
          if (!match || !TWINS.has(foldAscii(match[2]!))) continue;
          const twin = foldAscii(item).replace('\\system32\\', '\\syswow64\\');
          if (all.has(twin)) continue;
          const message = `"${cut(item)}" has a twin in SysWOW64 that this does not match: add it`;
          yield { ...contentSpan(config.source.text, filter.element), message };
        }
      }
    },
  },
];

/** What reads like a wildcard or a regular expression in a value, or null. */
function wildcardOf(field: string, item: string): string | null {
  const expression = /\.\*|\\d[+*]|\[[a-z0]-[z9]\]|\(\?[:i]/i.exec(item)?.[0];
  // In a command line and in a query * and ? are the user's own, and so is *.*.
  if (FREE_FIELDS.has(field))
    return expression !== undefined && !/(?:^|[\s\\/"*])\.\*|\*\.\*/.test(item) ? expression : null;
  if (expression !== undefined) return expression;
  if (field === 'Hashes' || field === 'Hash') return null;
  // \??\ and \\?\ begin paths of the kernel; * is a key of its own in the registry.
  const plain = item
    .replace(/^\\[\\?]\?\\/, '')
    .replaceAll(/(^|\\)\*(?=\\|$)/g, field === 'TargetObject' || field === 'NewName' ? '$1' : '$&');
  return /[*?]/.exec(plain)?.[0] ?? null;
}

/** A repair for * at the ends of one value, as a file system would read it. */
function unwildcarded(
  config: Config,
  { element, text, condition, field }: FilterElement,
): Pick<Finding, 'fix'> {
  if (condition === undefined || LIST_CONDITIONS.has(condition) || FREE_FIELDS.has(field)) return {};
  const match = /^(\*?)([^*?]+)(\*?)$/.exec(text);
  if (!match || !/^(?:is|image|contains|begin with|end with)$/.test(condition)) return {};
  const [, before, middle, behind] = match as unknown as [string, string, string, string];
  const anchored = condition !== 'contains';
  const to = !anchored || (before && behind) ? 'contains' : before ? 'end with' : 'begin with';
  const value = setText(config.source.text, element, middle);
  if (!value) return {};
  const splices = [
    ...(to === condition ? [] : [setAttribute(config.source.text, element, 'condition', to)]),
    value,
  ];
  return {
    fix: {
      title: `write ${to} "${cut(middle)}"`,
      splices,
      safe: condition === 'is' || condition === 'contains',
    },
  };
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 28)}…${text.slice(-28)}` : text;
}
