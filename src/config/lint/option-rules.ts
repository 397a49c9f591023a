/** Options and their values (sysmon-lint-rules, A10, A11 and B16). */
import { EVENT_TYPES, foldAscii } from '../../events/index.ts';
import type { ConfigElement } from '../document.ts';
import type { Config } from '../load.ts';
import { contentSpan, removeElement, setText, startTagSpan, valueSpan } from './place.ts';
import { nearest } from './nearest.ts';
import type { Finding, LintRule } from './rule.ts';

const HASHES = ['sha1', 'sha-1', 'md5', 'md-5', 'sha256', 'sha-256', 'imphash', 'imp-hash'];

/** Option elements of the configuration's grammar, in document order. */
function optionElements({ document, grammar }: Config): ConfigElement[] {
  const names = new Set(grammar?.options.map(({ element }) => element));
  return document.root.children.filter(({ name }) => names.has(name));
}

function named(config: Config, wanted: string): ConfigElement[] {
  return optionElements(config).filter(({ name, text }) => name === wanted && text !== '');
}

const EVENT_FIELDS: ReadonlySet<string> = new Set(
  EVENT_TYPES.flatMap(({ layouts }) => layouts.at(-1)!.fields.map(([name]) => name)),
);

function withText(config: Config, element: ConfigElement, to: string, safe: boolean): Pick<Finding, 'fix'> {
  const splice = setText(config.source.text, element, to);
  return splice ? { fix: { title: `write ${to}`, splices: [splice], safe } } : {};
}

export const OPTION_RULES: readonly LintRule[] = [
  {
    code: 'hash-algorithm',
    severity: 'error',
    title: 'a hash algorithm that Sysmon does not know',
    fact: 'HashAlgorithms is * or all, or a list of sha1, md5, sha256 and imphash split at commas, in any case, without trimming of blanks; one unknown name fails the whole command (sysmon-semantics, 4).',
    *check({ config }) {
      for (const element of named(config, 'HashAlgorithms')) {
        const plain = foldAscii(element.text);
        if (plain === '*' || plain === 'all') continue;
        const items = element.text.split(',');
        const wrong = items.filter((item) => !HASHES.includes(foldAscii(item)));
        if (wrong.length === 0) continue;
        const mended = items.map((item) => item.trim()).filter((item) => item !== '');
        const known = mended.length > 0 && mended.every((item) => [...HASHES, '*'].includes(foldAscii(item)));
        const found = wrong.map((item) => `"${item.slice(0, 40)}"`).join(', ');
        const trim = known ? ': blanks and empty items count' : '';
        yield {
          ...contentSpan(config.source.text, element),
          message: `expected SHA1, MD5, SHA256, IMPHASH split at commas, or *, found ${found}${trim}`,
          ...(known ? withText(config, element, mended.includes('*') ? '*' : mended.join(','), true) : {}),
        };
      }
    },
  },
  {
    code: 'archive-directory',
    severity: 'error',
    title: 'an ArchiveDirectory that is a path',
    fact: 'ArchiveDirectory is the name of one folder in the root of each volume; with a \\ in it the command fails (sysmon-semantics, 4).',
    *check({ config }) {
      for (const element of named(config, 'ArchiveDirectory')) {
        if (!element.text.includes('\\')) continue;
        const parts = element.text
          .trim()
          .replace(/^[A-Za-z]:/, '')
          .split('\\')
          .filter((part) => part !== '');
        const name = parts.length === 1 ? parts[0]! : null;
        yield {
          ...contentSpan(config.source.text, element),
          message: `expected the name of one folder without \\, found "${element.text}"`,
          ...(name === null ? {} : withText(config, element, name, true)),
        };
      }
    },
  },
  {
    code: 'field-sizes',
    severity: 'error',
    title: 'FieldSizes that Sysmon refuses',
    fact: 'FieldSizes is a list of Field:N split at commas: letters, digits, comma and colon alone, a field that some event has, in its own case, and N from 1 on; anything else fails the command (sysmon-semantics, 4).',
    *check({ config }) {
      for (const element of named(config, 'FieldSizes')) {
        const wrong = element.text
          .split(',')
          .map(sizeFault)
          .find((fault) => fault !== null);
        if (wrong === undefined) continue;
        const trimmed = element.text.replaceAll(/\s+/g, '');
        const mended = trimmed.split(',').every((item) => sizeFault(item) === null);
        yield {
          ...contentSpan(config.source.text, element),
          message: wrong,
          ...(mended ? withText(config, element, trimmed, true) : {}),
        };
      }
    },
  },
  {
    code: 'option-stops-options',
    severity: 'warning',
    title: 'an option without text, which ends the reading of options',
    fact: 'Options are read in document order, those behind EventFiltering too; the first one with no text at all ends that silently, so it and all later ones are ignored (sysmon-semantics, 4).',
    *check({ config }) {
      const options = optionElements(config);
      const at = options.findIndex(({ text }) => text === '');
      const later = options.slice(at + 1).filter(({ text }) => text !== '');
      if (at < 0 || later.length === 0) return;
      const element = options[at]!;
      const names = later.map(({ name }) => name).join(', ');
      const { text } = config.source;
      // Old versions honour an empty CaptureClipboard, so what is wanted of it is not plain.
      const clipboard = element.name === 'CaptureClipboard';
      const advice = clipboard ? 'move it behind all other options' : 'give it a value or remove it';
      yield {
        ...startTagSpan(element),
        message: `${element.name} has no text, so Sysmon ignores it and the later ${names}: ${advice}`,
        fix: {
          title: `remove the empty ${element.name}`,
          splices: [removeElement(text, element)],
          safe: !clipboard,
        },
      };
    },
  },
  {
    code: 'option-sets-nothing',
    severity: 'info',
    title: 'an option without text, which sets nothing',
    fact: 'An option with no text at all sets nothing, whatever its name says: <CheckRevocation/> does not turn it on (sysmon-semantics, 4 and 16).',
    *check({ config }) {
      const options = optionElements(config);
      const at = options.findIndex(({ text }) => text === '');
      if (at < 0 || options.slice(at + 1).some(({ text }) => text !== '')) return;
      for (const element of options.slice(at)) {
        const message = `${element.name} has no text and sets nothing: Sysmon keeps its default`;
        yield { ...startTagSpan(element), message };
      }
    },
  },
  {
    code: 'option-repeated',
    severity: 'warning',
    title: 'an option that is set twice',
    fact: 'Of an option that is written several times, the last one wins (sysmon-semantics, 4).',
    *check({ config }) {
      const options = optionElements(config);
      for (const [index, element] of options.entries()) {
        const again = options.slice(index + 1).find(({ name }) => name === element.name);
        if (!again || element.text === '' || again.text === '') continue;
        const { line } = config.positionOf(again.start);
        const message = `${element.name} is set again on line ${line}, and the last one wins: remove one`;
        yield { ...valueSpan(config.source.text, element), message };
      }
    },
  },
];

/** What is wrong with one item of FieldSizes, or null. */
function sizeFault(item: string): string | null {
  const match = /^([A-Za-z0-9]+):([A-Za-z0-9]+)$/.exec(item);
  if (!match)
    return `expected Field:N, such as CommandLine:100, without blanks, found "${item.slice(0, 60)}"`;
  const [, field, size] = match as unknown as [string, string, string];
  if (!EVENT_FIELDS.has(field)) {
    const near = nearest(field, EVENT_FIELDS);
    return `no event has a field ${field}${near ? `: did you mean ${near.name}?` : ''}`;
  }
  const number = Number.parseInt(size, 10);
  return number > 0 ? null : `expected a size from 1 on for ${field}, found ${size}`;
}
