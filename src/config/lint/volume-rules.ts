/** What fills logs and disks, and what costs time (sysmon-lint-rules, part F). */
import { foldAscii } from '../../events/index.ts';
import { meaningOf } from '../meaning.ts';
import type { LintRule } from './rule.ts';
import { findingAt, findingAtName, tagSections } from './sections.ts';

/** Types of which a busy machine has thousands a minute. */
const LOUD: ReadonlySet<string> = new Set([
  'ImageLoad',
  'ProcessAccess',
  'RegistryEvent',
  'FileCreate',
  'RawAccessRead',
]);

/** Filters on parts of values from which on their number is worth a word. */
const MANY = 1000;

export const VOLUME_RULES: readonly LintRule[] = [
  {
    code: 'logs-everything',
    severity: 'info',
    title: 'all events of a type that is loud',
    fact: 'A single exclude section that excludes nothing logs every event of its type (sysmon-semantics, 6.1).',
    *check({ config }) {
      for (const { tag, events, blocks } of tagSections(config)) {
        if (!LOUD.has(tag)) continue;
        const all = events.every((event) => {
          const { rest, excludes } = meaningOf(config, event);
          return rest && excludes.length === 0;
        });
        if (all)
          yield findingAtName(
            blocks.at(-1)!.section,
            `this logs every ${tag}, of which there are very many; exclude what is routine, or include what is asked for`,
          );
      }
    },
  },
  {
    code: 'many-contains',
    severity: 'info',
    title: 'very many filters on parts of values',
    fact: 'Filters are tried one after the other, on each event of their type (sysmon-semantics, 6.3).',
    *check({ blocks }) {
      const filters = blocks.flatMap((block) => block.filters);
      const parts = filters.filter(({ condition }) => /contains|excludes/.test(condition));
      if (parts.length < MANY) return;
      yield findingAt(
        parts[0]!.element,
        `${parts.length} filters look for parts of values, and each costs time on every event of its type; "begin with", "end with" and "is" cost less`,
      );
    },
  },
  {
    code: 'hashes-costly',
    severity: 'info',
    title: 'hashes that cost time',
    fact: 'Each hash of HashAlgorithms is computed for each process, module and driver; IMPHASH parses the file as well (sysmon-semantics, 4).',
    *check({ parsed, config }) {
      const value = foldAscii(parsed.options['HashAlgorithms'] ?? '');
      const element = optionElement(config, 'HashAlgorithms');
      if (!element || !(value === '*' || value === 'all')) return;
      yield findingAt(
        element,
        'every hash is computed for each process, module and driver; SHA256 and IMPHASH are what detections ask for',
      );
    },
  },
  {
    code: 'lookups-costly',
    severity: 'info',
    title: 'look-ups that leave the machine',
    fact: 'CheckRevocation asks the issuers of certificates, DnsLookup asks a name server for each address (sysmon-semantics, 4).',
    *check({ parsed, config }) {
      for (const name of ['CheckRevocation', 'DnsLookup']) {
        const element = optionElement(config, name);
        const value = parsed.options[name];
        if (!element || !value || /^(?:false|0|null|disabled)$/i.test(value)) continue;
        yield findingAt(
          element,
          `${name} asks other machines for each file or address: slow where they are far or the machine is offline`,
        );
      }
    },
  },
  {
    code: 'archive-fills-disk',
    severity: 'info',
    title: 'deleted files are kept',
    fact: 'FileDelete keeps a copy of each deleted file in ArchiveDirectory, without a limit; FileDeleteDetected logs alone (sysmon-semantics, 10).',
    *check({ config }) {
      for (const { tag, events, blocks } of tagSections(config)) {
        if (tag !== 'FileDelete') continue;
        const { rest, includes } = meaningOf(config, events[0]!);
        if (!rest && includes.length === 0) continue;
        yield findingAtName(
          blocks.at(-1)!.section,
          'each file whose deletion is logged here is kept, until the disk is full; FileDeleteDetected logs it and keeps nothing',
        );
      }
    },
  },
];

function optionElement(
  config: Parameters<typeof meaningOf>[0],
  option: string,
): (typeof config.document.root.children)[number] | undefined {
  const name = config.grammar?.options.find((known) => known.name === option)?.element;
  return config.document.root.children.findLast((child) => child.name === name);
}
