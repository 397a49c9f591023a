/** Each rule of logic and security on a configuration that breaks it, and on one that does not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareConfigs } from '../../src/config/compare.ts';
import { type Config, evaluate, parseConfig } from '../../src/config/index.ts';
import { LOGIC_RULES } from '../../src/config/lint/logic-rules.ts';
import type { Finding } from '../../src/config/lint/rule.ts';
import { SECURITY_RULES } from '../../src/config/lint/security-rules.ts';
import { applySplices } from '../../src/config/splice.ts';
import { SHARED } from '../builders/shared.ts';

const RULES = [...LOGIC_RULES, ...SECURITY_RULES];

interface Told extends Finding {
  readonly code: string;
}

function lint(text: string): Told[] {
  const parsed = parseConfig(text);
  assert.ok(parsed.accepted, `${text}\n${parsed.messages.join('\n')}`);
  const context = { parsed, config: parsed.config!, blocks: parsed.config!.active, today: '2026-01-01' };
  return RULES.flatMap(({ code, check }) => [...check(context)].map((finding) => ({ code, ...finding })));
}

const wrap = (sections: string, relation = 'or'): string =>
  `<Sysmon schemaversion="4.90"><EventFiltering><RuleGroup groupRelation="${relation}">${sections}</RuleGroup></EventFiltering></Sysmon>`;
const bare = (sections: string, options = ''): string =>
  `<Sysmon schemaversion="4.90">${options}<EventFiltering>${sections}</EventFiltering></Sysmon>`;
const include = (filters: string, tag = 'ProcessCreate'): string =>
  `<${tag} onmatch="include">${filters}</${tag}>`;
const exclude = (filters: string, tag = 'ProcessCreate'): string =>
  `<${tag} onmatch="exclude">${filters}</${tag}>`;
const image = (condition: string, text: string, name = ''): string =>
  `<Image condition="${condition}"${name === '' ? '' : ` name="${name}"`}>${text}</Image>`;
const line = (condition: string, text: string): string =>
  `<CommandLine condition="${condition}">${text}</CommandLine>`;
const all = (filters: string, name = 'r'): string =>
  `<Rule groupRelation="and" name="${name}">${filters}</Rule>`;
const five = ['NetworkConnect', 'DriverLoad', 'CreateRemoteThread', 'FileCreate']
  .map((tag) => `<${tag} onmatch="include"><Image>C:\\a.exe</Image></${tag}>`)
  .join('')
  .replace(
    '<DriverLoad onmatch="include"><Image>C:\\a.exe</Image>',
    '<DriverLoad onmatch="include"><Signed>false</Signed>',
  )
  .replace(/(<CreateRemoteThread[^>]*>)<Image>(.*?)<\/Image>/, '$1<SourceImage>$2</SourceImage>');
const registry = (target: string): string =>
  `<RegistryEvent onmatch="include"><TargetObject condition="contains">${target}</TargetObject></RegistryEvent>`;

const cases: readonly (readonly [code: string, bad: string, good: string])[] = [
  [
    'section-and-silently',
    bare(include(image('is', 'a') + line('is', 'b'))),
    bare(include(image('is', 'a') + image('is', 'b'))),
  ],
  [
    'never-matches',
    wrap(include(all(image('is', 'a') + image('is', 'b')))),
    wrap(include(all(image('contains', 'a') + image('contains', 'b')))),
  ],
  [
    'never-matches',
    wrap(include(all(image('image', 'a.exe') + image('end with', 'b.exe')))),
    wrap(include(all(image('image', 'a.exe') + image('begin with', 'b')))),
  ],
  [
    'never-matches',
    // Each two go together, the three do not.
    wrap(
      include(
        all(
          image('begin with', 'C:\\Users\\') +
            image('image', 'a.exe') +
            image('excludes any', '\\Users\\a.exe;\\a.exe'),
        ),
      ),
    ),
    wrap(include(all(image('begin with', 'C:\\Users\\') + image('image', 'a.exe') + image('excludes', 'b')))),
  ],
  [
    'never-matches',
    wrap(include(all(image('is any', 'a;b') + image('is any', 'b;c') + image('is any', 'a;c')))),
    wrap(include(all(image('is any', 'a;b') + image('is any', 'b;c') + image('is any', 'a;b;c')))),
  ],
  [
    'never-matches',
    wrap(
      include(`${image('is', 'a')}<Rule>${line('is', 'b')}${image('is', 'c')}</Rule>${line('is', 'd')}`),
      'and',
    ),
    wrap(
      include(`${image('is', 'a')}<Rule>${line('is', 'b')}${image('is', 'c')}</Rule>${line('is', 'b')}`),
      'and',
    ),
  ],
  [
    'nearly-always-true',
    wrap(include(image('is not', 'a') + line('is', 'b'))),
    wrap(include(image('is not', 'a'))),
  ],
  [
    'nearly-always-true',
    wrap(include(image('excludes', 'a') + image('excludes', 'b') + line('is', 'c')), 'and'),
    wrap(include(image('excludes', 'a') + line('is', 'c')), 'and'),
  ],
  ['excludes-all', wrap(include(line('excludes all', 'a;b'))), wrap(include(line('excludes any', 'a;b')))],
  [
    'excludes-without-include',
    wrap(include('') + exclude(image('is', 'a'))),
    wrap(exclude(image('is', 'a'))),
  ],
  ['excludes-everything', wrap(exclude(image('contains', ''))), wrap(exclude(image('contains', 'a')))],
  [
    'include-excluded',
    wrap(exclude(image('end with', 'a.exe')) + include(image('image', 'a.exe') + image('is', 'b'))),
    wrap(exclude(image('image', 'a.exe')) + include(image('end with', 'a.exe'))),
  ],
  [
    'include-excluded',
    wrap(exclude(line('contains any', 'x;y')) + include(all(image('is', 'b') + line('is', 'axa')))),
    wrap(
      exclude(all(line('contains', 'x') + image('is', 'c'))) +
        include(all(image('is', 'b') + line('is', 'axa'))),
    ),
  ],
  [
    'include-excluded',
    // Each of the two leaves some of its events; both together leave none.
    wrap(exclude(line('contains', 'x') + line('excludes', 'x')) + include(image('is', 'b'))),
    wrap(
      exclude(line('contains', 'x') + line('excludes', 'xy')) +
        include(all(image('is', 'b') + line('contains', 'xy'))),
    ).replace('contains">x<', 'contains">xyz<'),
  ],
  [
    'include-excluded',
    wrap(
      exclude(
        all(image('is', 'b') + line('contains', 'x')) + all(image('is', 'b') + line('excludes', 'xx')),
      ) + include(image('is', 'b')),
    ),
    wrap(
      exclude(
        all(image('is', 'b') + line('contains', 'xx')) + all(image('is', 'b') + line('excludes', 'x')),
      ) + include(image('is', 'b')),
    ),
  ],
  [
    'name-shadowed',
    wrap(
      include(
        all(image('is', 'b') + line('contains', 'x'), 'one') +
          all(image('is', 'b') + line('excludes', 'x'), 'two') +
          image('is', 'b', 'three'),
      ),
    ),
    wrap(
      include(
        all(image('is', 'b') + line('contains', 'x'), 'one') +
          all(image('is', 'b') + line('excludes', 'x'), 'two') +
          image('is', 'c', 'three'),
      ),
    ),
  ],
  [
    'filter-redundant',
    wrap(
      exclude(
        all(image('is', 'b') + line('contains', 'x')) +
          all(image('is', 'b') + line('excludes', 'x')) +
          image('is', 'b'),
      ),
    ),
    wrap(
      exclude(all(image('is', 'b') + line('contains', 'x')) + all(image('is', 'b') + line('excludes', 'y'))),
    ),
  ],
  [
    'name-shadowed',
    wrap(include(image('contains', 'a', 'one') + image('is', 'xax', 'two'))),
    wrap(include(image('is', 'xax', 'two') + image('contains', 'a', 'one'))),
  ],
  [
    'name-shadowed',
    wrap(include(image('is', 'xax', 'two'))).replace(
      '</EventFiltering>',
      `${include(image('contains', 'a', 'one'))}</EventFiltering>`,
    ),
    wrap(include(image('contains', 'a', 'one'))).replace(
      '</EventFiltering>',
      `${include(image('is', 'xax', 'two'))}</EventFiltering>`,
    ),
  ],
  [
    'filter-redundant',
    wrap(exclude(image('is', 'C:\\a.exe') + image('begin with', 'C:\\'))),
    wrap(exclude(image('is', 'C:\\a.exe') + image('begin with', 'D:\\'))),
  ],
  [
    'filter-redundant',
    wrap(include(image('is', 'a') + image('is', 'A'))),
    wrap(include(image('is', 'a', 'x') + image('contains', 'a', 'y'))),
  ],
  [
    'neither-matches',
    wrap(include(image('is', 'a')) + exclude(image('is', 'b'))),
    wrap(include(image('is', 'a'))),
  ],
  ['types-not-mentioned', bare(five + include(image('is', 'a'))), bare(include(image('is', 'a')))],
  ['include-empty', bare(include('')), bare(exclude(''))],
  [
    'field-of-one-event',
    wrap(include('<User>a</User>', 'RegistryEvent')),
    wrap(include('<Image>a</Image>', 'RegistryEvent')),
  ],
  [
    'field-of-one-event',
    wrap(include('<Name>a</Name>', 'WmiEvent')),
    wrap(include('<Query>a</Query>', 'WmiEvent')),
  ],
  ['name-of-exclude', wrap(exclude(image('is', 'a', 'x'))), wrap(include(image('is', 'a', 'x')))],
  [
    'name-overwritten',
    wrap(include(all(image('is', 'a', 'one') + line('is', 'b')))),
    wrap(include(all(image('is', 'a') + line('is', 'b')))),
  ],
  [
    'name-stale',
    wrap(include(all(image('is', 'a') + line('is', 'b')) + image('contains', 'a'))),
    wrap(include(all(image('is', 'a') + line('is', 'b')) + image('contains', 'a', 'z'))),
  ],
  [
    'exclude-by-name',
    wrap(exclude(image('image', 'svchost.exe'))),
    wrap(exclude(image('is', 'C:\\Windows\\System32\\svchost.exe'))),
  ],
  [
    'exclude-by-name',
    wrap(exclude(image('end with', '\\svchost.exe'))),
    wrap(exclude(all(image('end with', '\\svchost.exe') + line('is', 'b')))),
  ],
  [
    'exclude-by-command-line',
    wrap(exclude(line('contains', '--quiet'))),
    wrap(exclude(line('is', 'a --quiet'))),
  ],
  ['exclude-by-metadata', wrap(exclude('<Company>Acme</Company>')), wrap(include('<Company>Acme</Company>'))],
  [
    'exclude-writable-folder',
    wrap(exclude(image('begin with', 'C:\\Users\\'))),
    wrap(exclude(image('begin with', 'C:\\Program Files\\'))),
  ],
  [
    'exclude-by-fragment',
    wrap(exclude(image('contains', '\\Google\\Update\\'))),
    wrap(exclude(image('begin with', 'C:\\Program Files\\Google\\Update\\'))),
  ],
  [
    'exclude-short-text',
    wrap(exclude(image('contains', 'vm'))),
    wrap(exclude(image('contains', '\\vmware\\'))),
  ],
  [
    'exclude-interpreter',
    wrap(exclude(image('is', 'C:\\Windows\\System32\\cmd.exe'))),
    wrap(exclude(image('is', 'C:\\Windows\\System32\\smss.exe'))),
  ],
  [
    'exclude-security-tool',
    wrap(exclude(image('end with', '\\Sysmon64.exe'))),
    wrap(include(image('end with', '\\Sysmon64.exe'))),
  ],
  [
    'exclude-domain-open',
    wrap(exclude('<QueryName condition="end with">microsoft.com</QueryName>', 'DnsQuery')),
    wrap(exclude('<QueryName condition="end with">.microsoft.com</QueryName>', 'DnsQuery')),
  ],
  ['sysmon-unwatched', wrap(five + registry('\\Run\\')), wrap(five + registry('\\Services\\Sysmon'))],
  [
    'block-all-but',
    wrap(exclude(image('is', 'C:\\a.exe'), 'FileBlockExecutable')),
    wrap(include(image('is', 'C:\\a.exe'), 'FileBlockExecutable')),
  ],
  ['logs-everything', bare('<ImageLoad onmatch="exclude"/>'), bare('<DriverLoad onmatch="exclude"/>')],
  [
    'many-contains',
    wrap(include(Array.from({ length: 1000 }, (_, i) => line('contains', `x${i}y`)).join(''))),
    wrap(include(line('contains', 'x'))),
  ],
  [
    'hashes-costly',
    bare('', '<HashAlgorithms>*</HashAlgorithms>'),
    bare('', '<HashAlgorithms>SHA256</HashAlgorithms>'),
  ],
  ['lookups-costly', bare('', '<DnsLookup>true</DnsLookup>'), bare('', '<DnsLookup>false</DnsLookup>')],
  [
    'archive-fills-disk',
    wrap(include(image('is', 'a'), 'FileDelete')),
    wrap(include(image('is', 'a'), 'FileDeleteDetected')),
  ],
];

test('each rule tells of the bad configuration and not of the good one', () => {
  for (const [code, bad, good] of cases) {
    assert.ok(
      lint(bad).some((told) => told.code === code),
      `${code} is told of ${bad}`,
    );
    assert.ok(!lint(good).some((told) => told.code === code), `${code} is not told of ${good}`);
  }
  const untested = RULES.map(({ code }) => code).filter((code) => !cases.some(([tested]) => tested === code));
  assert.deepEqual(untested, []);
});

test('codes are unique, and facts cite the semantics', () => {
  assert.equal(new Set(RULES.map(({ code }) => code)).size, RULES.length);
  for (const { code, fact } of RULES) assert.match(fact, /\(sysmon-semantics, \d/, code);
});

test('a filter that another makes needless is told once, and of two equal ones one', () => {
  const told = lint(wrap(include(image('is', 'a') + image('is', 'A') + image('is', 'b'))));
  assert.deepEqual(
    told.map(({ code }) => code),
    ['filter-redundant'],
  );
});

test('what is needless because of a filter that is warned of is told, and not removed', () => {
  const fixesOf = (filters: string): readonly boolean[] =>
    lint(wrap(include(filters)))
      .filter(({ code }) => code === 'filter-redundant')
      .map(({ fix }) => fix !== undefined);
  assert.deepEqual(fixesOf(image('is', 'C:\\a.exe') + image('begin with', 'C:\\')), [true]);
  assert.deepEqual(fixesOf(image('is', 'C:\\a.exe') + image('is not', 'C:\\b.exe')), [false]);
  assert.deepEqual(fixesOf(image('is', 'C:\\a.exe') + image('excludes', 'b')), [false]);
  assert.deepEqual(fixesOf(image('is not', 'a') + image('is not', 'A')), [true]);
});

test('a later filter does not make an earlier one needless where another name stands between', () => {
  const told = lint(
    wrap(include(image('is', 'axb', 'n') + image('contains', 'x', 'm') + image('contains', 'a', 'n'))),
  );
  assert.deepEqual(told, []);
});

test('several exclude filters that take all events of an include filter are counted and named', () => {
  const [told] = lint(
    wrap(
      exclude(all(image('is', 'b') + line('contains', 'x')) + all(image('is', 'b') + line('excludes', 'x'))) +
        include(image('is', 'b')),
    ),
  ).filter(({ code }) => code === 'include-excluded');
  assert.match(
    told!.message,
    /logs nothing: 2 filters \(.*at 1:\d+, .*at 1:\d+\) together take all its events/,
  );
  assert.equal(told!.witness!.Image, 'b');
});

/** All texts of up to six characters over those of the conditions below; a longer one is not needed for them. */
const TEXTS: string[] = [''];
for (let from = 0; TEXTS.length < 1000;) {
  const to = TEXTS.length;
  for (; from < to; from += 1) for (const character of ['a', 'b', '\\']) TEXTS.push(TEXTS[from]! + character);
}
TEXTS[0] = '-';

const filter = fc
  .tuple(
    fc.constantFrom(
      'is',
      'contains',
      'excludes',
      'begin with',
      'end with',
      'not begin with',
      'not end with',
      'image',
    ),
    fc.constantFrom('a', 'b', 'ab'),
  )
  .map(([condition, text]) => image(condition, text));
const conjunction = fc.array(filter, { minLength: 2, maxLength: 3 }).map((filters) => all(filters.join('')));

test('an include filter is told to be dead exactly where no text there is logged by it', () => {
  const seen = { never: 0, excluded: 0, alive: 0 };
  fc.assert(
    fc.property(
      fc.oneof(filter, conjunction),
      fc.array(fc.oneof(filter, conjunction), { minLength: 1, maxLength: 4 }),
      (own, others) => {
        const told = lint(wrap(exclude(others.join('')) + include(own))).map(({ code }) => code);
        const logs = (text: string): boolean =>
          TEXTS.some((Image) => evaluate(parsed(text), { EventID: 1, Image }).logged);
        const parsed = (text: string): Config => {
          let config = configs.get(text);
          if (!config) configs.set(text, (config = parseConfig(text).config!));
          return config;
        };
        const configs = new Map<string, Config>();
        const never = own.startsWith('<Rule') && !logs(wrap(include(own)));
        const hides = wrap(exclude(others.join('')) + include(own));
        const excluded = !never && !logs(hides);
        // A Rule among the exclude filters may be one that never matches.
        if (never) assert.ok(told.includes('never-matches'));
        else if (!others.some((other) => other.startsWith('<Rule')))
          assert.ok(!told.includes('never-matches'));
        if (!never) assert.equal(told.includes('include-excluded'), excluded, hides);
        seen[never ? 'never' : excluded ? 'excluded' : 'alive'] += 1;
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(seen.never > 20 && seen.excluded > 20 && seen.alive > 100, JSON.stringify(seen));
});

/** Witnesses are events: what the finding says of them is seen by evaluating them. */
function checkWitness(text: string, { code, witness, start }: Told): void {
  if (!witness) return;
  const { EventID, ...fields } = witness;
  const { logged, ruleName } = evaluate(parseConfig(text).config!, { EventID: Number(EventID), ...fields });
  assert.equal(logged, code === 'name-stale', `${code} at ${start}`);
  if (code === 'name-stale') assert.notEqual(ruleName, '-');
}

test(
  'witnesses and safe fixes of real configurations hold',
  { skip: SHARED === null && 'no ../shared' },
  () => {
    const root = join(SHARED!, 'data/config');
    let [witnesses, fixes] = [0, 0];
    for (const file of readdirSync(root, { recursive: true }).map(String)) {
      if (!file.endsWith('.xml')) continue;
      const before = parseConfig(readFileSync(join(root, file)));
      if (!before.accepted) continue;
      const { text } = before.config!.source;
      const findings = lint(text);
      for (const told of findings) {
        checkWitness(text, told);
        if (told.witness) witnesses += 1;
      }
      const splices = findings.flatMap(({ fix }) => (fix?.safe ? fix.splices : []));
      fixes += splices.length;
      if (splices.length === 0) continue;
      const after = parseConfig(applySplices(text, splices));
      assert.ok(after.accepted, file);
      assert.ok(compareConfigs(before, after).same, file);
    }
    assert.ok(witnesses > 20 && fixes > 20, `${witnesses} witnesses, ${fixes} fixes`);
  },
);
