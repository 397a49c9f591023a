/** Allow-lists for elsewhere: what is written means what the entries say, whatever stands in them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { addAllowEntries, parseConfig } from '../../src/config/index.ts';
import { foldAscii } from '../../src/events/index.ts';
import { type AllowCondition, type AllowEntry, NO_NOTE, QuestionError } from '../../src/predicate/index.ts';
import { writeCsv, writeExceptions, writeJson, writeKql, writeSpl } from '../../src/report/index.ts';

import { writeSigmaFilter } from '../../src/sigma/index.ts';
import { ROOT } from '../builders/shared.ts';

const CSRSS: AllowEntry = {
  eventId: 8,
  conditions: [
    { field: 'SourceImage', condition: 'is', value: 'C:\\Windows\\System32\\csrss.exe' },
    { field: 'TargetImage', condition: 'end with', value: '\\a "b".exe' },
    { field: 'StartModule', condition: 'is', value: '-' },
  ],
  note: {
    reason: 'console\r\n[x]\\',
    evidence: '=82 events',
    room: 'kernel',
    owner: 'ops',
    ticket: 'T-1',
    expires: '2027-01-31',
  },
};

test('a macro for Splunk', () => {
  assert.equal(
    writeSpl(
      [
        { ...CSRSS, note: { ...NO_NOTE, reason: 'a\r\n[x]\\' } },
        { ...CSRSS, note: NO_NOTE },
      ],
      'threads',
    ),
    `# 1: a [x]
# 2: allowed
[threads]
definition = NOT ( \\
  (EventCode=8 SourceImage="C:\\\\Windows\\\\System32\\\\csrss.exe" TargetImage="*\\\\a \\"b\\".exe" (StartModule="-" OR NOT StartModule=*)) OR \\
  (EventCode=8 SourceImage="C:\\\\Windows\\\\System32\\\\csrss.exe" TargetImage="*\\\\a \\"b\\".exe" (StartModule="-" OR NOT StartModule=*)) )
iseval = 0
`,
  );
  assert.match(writeSpl([]), /definition = \*\n/);
  for (const value of ['a*b', 'a`b', 'a\nb', '\uD800']) {
    assert.throws(
      () => writeSpl([{ ...CSRSS, conditions: [{ field: 'SourceImage', condition: 'is', value }] }]),
      (error: unknown) => error instanceof QuestionError && error.code === 'allow-unwritable',
    );
  }
  assert.throws(() => writeSpl([], 'a]\n[b'), /name of a macro/);
});

test('a query for Sentinel', () => {
  assert.deepEqual(writeKql([CSRSS]).split('\n').slice(2), [
    '// console [x]\\ | evidence: =82 events | room: kernel | owner: ops | ticket: T-1 | expires: 2027-01-31',
    `| where not(EventID == 8 and ['SourceImage'] =~ "C:\\\\Windows\\\\System32\\\\csrss.exe" and ['TargetImage'] endswith "\\\\a \\"b\\".exe" and (isempty(['StartModule']) or ['StartModule'] =~ "-"))`,
    '',
  ]);
  const hostile = [{ field: 'SourceImage', condition: 'contains' as const, value: '"\n| x \u202E😀' }];
  assert.match(writeKql([{ ...CSRSS, conditions: hostile }]), /contains "\\"\\u000a\| x \\u202e😀"\)\n$/);
});

test('exceptions for Elastic', () => {
  const lines = writeExceptions([CSRSS]).trimEnd().split('\n');
  const [list, item, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(more.length, 0);
  assert.equal(list!['type'], 'detection');
  assert.equal(item!['list_id'], list!['list_id']);
  assert.equal(item!['expire_time'], '2027-01-31T23:59:59.999Z');
  assert.deepEqual(item!['entries'], [
    { field: 'event.code', operator: 'included', type: 'match', value: '8' },
    {
      field: 'process.executable',
      operator: 'included',
      type: 'match',
      value: 'C:\\Windows\\System32\\csrss.exe',
    },
    {
      field: 'winlog.event_data.TargetImage',
      operator: 'included',
      type: 'wildcard',
      value: '*\\\\a "b".exe',
    },
    { field: 'winlog.event_data.StartModule', operator: 'excluded', type: 'exists' },
  ]);
  const one = (
    eventId: number,
    field: string,
    condition: AllowCondition['condition'],
    value: string,
  ): string => writeExceptions([{ eventId, conditions: [{ field, condition, value }], note: NO_NOTE }]);
  assert.match(
    one(1, 'User', 'is', 'NT AUTHORITY\\SYSTEM'),
    /user\.domain.*NT AUTHORITY.*user\.name.*SYSTEM/,
  );
  assert.throws(() => one(1, 'User', 'contains', 'SYSTEM'), QuestionError);
  assert.throws(() => one(1, 'Hashes', 'is', 'MD5=1'), QuestionError);
  assert.throws(() => one(3, 'DestinationIp', 'begin with', '10.'), QuestionError);
  assert.throws(() => one(13, 'Details', 'is', 'DWORD (0x00000001)'), QuestionError);
  assert.throws(() => one(1, 'CommandLine', 'contains', ' '), QuestionError);
  assert.equal(one(1, 'Image', 'is', 'a'), one(1, 'Image', 'is', 'a'));
});

/** RFC 4180, by hand. */
function cells(text: string): string[][] {
  const rows: string[][] = [[]];
  let [cell, quoted] = ['', false];
  for (let i = 0; i < text.length; i++) {
    const unit = text[i]!;
    if (quoted) {
      if (unit !== '"') cell += unit;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else quoted = false;
    } else if (unit === '"') quoted = true;
    else if (unit === ',' || (unit === '\r' && text[i + 1] === '\n')) {
      rows.at(-1)!.push(cell);
      cell = '';
      if (unit === '\r') {
        rows.push([]);
        i++;
      }
    } else cell += unit;
  }
  assert.deepEqual(rows.pop(), []);
  return rows;
}

test('CSV and JSON are read back, and CSV runs nothing', () => {
  const rows = cells(writeCsv([CSRSS, { ...CSRSS, note: NO_NOTE }]));
  assert.deepEqual(rows[0], [
    'entry',
    'eventId',
    'field',
    'condition',
    'value',
    'reason',
    'evidence',
    'room',
    'owner',
    'ticket',
    'expires',
  ]);
  assert.deepEqual(
    rows.map((row) => row[0]),
    ['entry', '1', '1', '1', '2', '2', '2'],
  );
  assert.deepEqual(rows[2]!.slice(2), [
    'TargetImage',
    'end with',
    '\\a "b".exe',
    'console\r\n[x]\\',
    "'=82 events",
    'kernel',
    'ops',
    'T-1',
    '2027-01-31',
  ]);
  assert.equal(rows[3]![4], '-');
  const { schema, entries } = JSON.parse(writeJson([CSRSS])) as { schema: string; entries: unknown };
  assert.equal(schema, 'noisefloor.allow-list/1');
  assert.deepEqual(entries, [CSRSS]);
});

test('CSV refuses a value that it would show in another way', () => {
  for (const [character, isPlain] of [
    ['é', true],
    ['\n', true],
    ['\u200b', false],
    ['\u202e', false],
    ['\u001b', false],
    ['\ud800', false],
  ] as const) {
    const value = `C:\\a${character}b.exe`;
    const entry: AllowEntry = { ...CSRSS, conditions: [{ field: 'SourceImage', condition: 'is', value }] };
    if (isPlain) assert.equal(cells(writeCsv([entry]))[1]![4], value);
    else assert.throws(() => writeCsv([entry]), /CSV shows characters of SourceImage in another way/);
  }
});

test('an entry that says nothing is written nowhere', () => {
  for (const write of [writeCsv, writeJson, writeSpl, writeKql, writeExceptions]) {
    const refuse = (entry: AllowEntry): void => assert.throws(() => write([entry]), QuestionError);
    refuse({ ...CSRSS, conditions: [] });
    refuse({ ...CSRSS, conditions: [{ field: 'SourceImage', condition: 'contains', value: '' }] });
    refuse({ ...CSRSS, conditions: [{ field: 'a" OR *', condition: 'is', value: 'x' }] });
    refuse({ ...CSRSS, note: { ...NO_NOTE, expires: '2027-02-30' } });
  }
});

type Fields = Readonly<Record<string, string>>;
type Test = (event: Fields) => boolean;

/** A search of Splunk: `and` by standing side by side, OR, NOT, brackets, `Field="text"` with `*`. */
function readSpl(conf: string): Test {
  const source = /^definition = ([^]*)\niseval/m.exec(conf)![1]!.replaceAll('\\\n', '');
  const tokens = source.match(/[()]|OR\b|NOT\b|\w+=(?:"(?:\\[^]|[^"\\])*"|[\w*]+)/g)!;
  assert.equal(tokens.join('').replaceAll(' ', ''), source.replaceAll(' ', ''), 'all is read');
  let at = 0;
  const either = (): Test => {
    const all = [both()];
    while (tokens[at] === 'OR') {
      at += 1;
      all.push(both());
    }
    return (event) => all.some((one) => one(event));
  };
  const both = (): Test => {
    const all = [single()];
    while (at < tokens.length && tokens[at] !== ')' && tokens[at] !== 'OR') all.push(single());
    return (event) => all.every((one) => one(event));
  };
  const single = (): Test => {
    const token = tokens[at++]!;
    if (token === 'NOT') {
      const of = single();
      return (event) => !of(event);
    }
    if (token === '(') {
      const of = either();
      assert.equal(tokens[at++], ')');
      return of;
    }
    const [, field, text] = /^(\w+)=([^]*)$/.exec(token)! as unknown as [string, string, string];
    const parts = text.replace(/^"([^]*)"$/, '$1').match(/\\[^]|[^]/g) ?? [];
    const written = parts
      .map((part) =>
        part === '*'
          ? '[^]*'
          : part
              .at(-1)!
              .replace(/[^a-zA-Z0-9]/, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
      )
      .join('');
    const pattern = new RegExp(`^${written}$`);
    return (event) => event[field] !== undefined && pattern.test(foldedText(event[field], written));
  };
  const all = either();
  assert.equal(at, tokens.length);
  return all;
}

/** The value in the case in which the pattern is written: the test's texts differ in `a` and `A` alone. */
function foldedText(value: string, source: string): string {
  return source.includes('A') ? value.replaceAll('a', 'A') : value.replaceAll('A', 'a');
}

/** `| where not(a and b ...)`, by its own small grammar. */
function readKql(query: string): Test {
  const all = query
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('//'))
    .map((line): Test => {
      const inner = /^\| where not\(EventID == 8 and (.*)\)$/.exec(line)![1]!;
      const term =
        /\(isempty\(\['(\w+)'\]\) or \['\w+'\] =~ "-"\)|\['(\w+)'\] (=~|startswith|endswith|contains) "((?:\\.|[^"\\])*)"/g;
      const tests: Test[] = [];
      const rest = inner.replace(term, (_, missing?: string, field = '', operator = '', text = '') => {
        if (missing !== undefined) {
          tests.push((event) => ['', '-'].includes(event[missing] ?? ''));
          return '';
        }
        const wanted = foldAscii(JSON.parse(`"${text}"`) as string);
        tests.push((event) => {
          const found = foldAscii(event[field] ?? '');
          if (operator === '=~') return found === wanted;
          if (operator === 'contains') return found.includes(wanted);
          return operator === 'startswith' ? found.startsWith(wanted) : found.endsWith(wanted);
        });
        return '';
      });
      assert.match(rest, /^( and )*$/);
      return (event) => !tests.every((one) => one(event));
    });
  return (event) => all.every((one) => one(event));
}

function meets(event: Fields, { conditions }: AllowEntry): boolean {
  return conditions.every(({ field, condition, value }) => {
    const found = foldAscii(event[field] ?? '-');
    const wanted = foldAscii(value);
    if (condition === 'is') return found === wanted;
    if (condition === 'contains') return found.includes(wanted);
    return condition === 'begin with' ? found.startsWith(wanted) : found.endsWith(wanted);
  });
}

const FIELDS = ['SourceImage', 'TargetImage'];
const PIECES = ['a', 'A', '\\', '"', "'", ' ', ')', '(', '|', '?', '$', '[', 'ä', '%'];
const text = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
/** In one spelling, so that the test's small evaluator can fold by it. */
const spelt = text.map((one) => one.replaceAll('A', 'a'));
const entries: fc.Arbitrary<AllowEntry[]> = fc.array(
  fc
    .array(
      fc.record({
        field: fc.constantFrom(...FIELDS),
        condition: fc.constantFrom<AllowCondition['condition']>('is', 'begin with', 'end with', 'contains'),
        value: fc.oneof({ weight: 5, arbitrary: spelt }, { weight: 1, arbitrary: fc.constant('-') }),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((conditions) => ({ eventId: 8, conditions, note: { ...NO_NOTE, reason: conditions[0]!.value } })),
  { minLength: 1, maxLength: 3 },
);

test('what Splunk and Sentinel are given passes what meets no entry', () => {
  const told = { passed: 0, hidden: 0 };
  fc.assert(
    fc.property(
      entries,
      fc.array(fc.record({ SourceImage: text, TargetImage: text }, { requiredKeys: ['TargetImage'] })),
      (list, random) => {
        const readers = [readSpl(writeSpl(list)), readKql(writeKql(list))];
        const met = list.map(({ conditions }) => ({
          SourceImage: 'a',
          TargetImage: 'a',
          ...Object.fromEntries(conditions.map(({ field, value }) => [field, value.replaceAll('a', 'A')])),
        }));
        for (const event of [...random, ...met] as Fields[]) {
          // Only "is" asks for what is missing.
          if (
            !('SourceImage' in event) &&
            list.some(({ conditions }) =>
              conditions.some(({ condition, value }) => condition !== 'is' && value === '-'),
            )
          )
            continue;
          const passes = !list.some((one) => meets(event, one));
          told[passes ? 'passed' : 'hidden'] += 1;
          for (const reads of readers)
            assert.equal(
              reads({ ...event, EventCode: '8' }),
              passes,
              `${JSON.stringify({ event, list })}\n${writeSpl(list)}\n${writeKql(list)}`,
            );
        }
      },
    ),
    { numRuns: 600 },
  );
  assert.ok(told.passed > 100 && told.hidden > 100, JSON.stringify(told));
});

test('docs/tune-output.md shows what is written', () => {
  const page = readFileSync(join(ROOT, 'docs/tune-output.md'), 'utf8');
  const shown = [...page.matchAll(/^```\w+\n([^]*?)^```$/gm)].map((match) => match[1]!);
  const list = (JSON.parse(shown.at(-1)!) as { entries: AllowEntry[] }).entries;
  const written = [
    addAllowEntries(parseConfig(shown[0]!).config!, list),
    writeSigmaFilter({
      title: 'Known remote threads',
      rules: ['2e7e2b1c-5d3c-4f4e-9d8a-0d8f6f0b7a11'],
      entries: list,
    }),
    writeSpl(list),
    writeKql(list),
    writeExceptions(list),
    writeCsv(list).replaceAll('\r', ''),
    writeJson(list),
  ];
  assert.deepEqual(shown.slice(1), written);
});
