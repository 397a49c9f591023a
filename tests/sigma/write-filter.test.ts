/** Sigma filters that are written are read back, and drop what meets an entry and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldAscii } from '../../src/events/index.ts';
import { type AllowCondition, type AllowEntry, NO_NOTE } from '../../src/predicate/index.ts';
import { compileRule, parseRule, type SigmaFilter, writeSigmaFilter } from '../../src/sigma/index.ts';

function readBack(text: string): SigmaFilter {
  const { filters, diagnostics } = parseRule(text);
  assert.deepEqual(diagnostics, [], text);
  assert.equal(filters.length, 1);
  return filters[0]!;
}

/** Whether an event passes the filter. */
function passing(text: string): (event: Readonly<Record<string, string | number>>) => boolean {
  return compileRule({ ...readBack(text), level: '', status: '', tags: [] });
}

test('a filter as people read it', () => {
  const text = writeSigmaFilter({
    title: 'Allow-list: remote threads',
    rules: ['6f3e2987-db24-4c78-a860-b4f4095a7095'],
    entries: [
      {
        eventId: 8,
        conditions: [
          { field: 'SourceImage', condition: 'is', value: 'C:\\Windows\\System32\\csrss.exe' },
          { field: 'TargetImage', condition: 'begin with', value: "C:\\What's [new]?\\*" },
        ],
        note: {
          reason: 'console\nwindows',
          evidence: '82 events, 1 host',
          room: 'kernel',
          owner: 'ops | x',
          ticket: 'T-1',
          expires: '2027-01-01',
        },
      },
    ],
  });
  assert.equal(
    text.replace(/^id: '([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})'$/m, 'id: ...'),
    `title: 'Allow-list: remote threads'
id: ...
logsource:
  product: 'windows'
  category: 'create_remote_thread'
filter:
  rules:
    - '6f3e2987-db24-4c78-a860-b4f4095a7095'
  # console windows | evidence: 82 events, 1 host | room: kernel | owner: ops / x | ticket: T-1 | expires: 2027-01-01
  allowed_1:
    SourceImage: 'C:\\\\Windows\\\\System32\\\\csrss.exe'
    TargetImage|startswith: 'C:\\\\What''s [new]\\?\\\\\\*'
  condition: 'not allowed_1'
`,
  );
});

test('the logsource is that of the event types; several need a filter each', () => {
  const of = (...ids: readonly number[]): SigmaFilter =>
    readBack(
      writeSigmaFilter({
        title: 't',
        rules: null,
        entries: ids.map((eventId) => ({
          eventId,
          conditions: [{ field: 'Image', condition: 'is', value: 'x' }],
          note: NO_NOTE,
        })),
      }),
    );
  assert.deepEqual(
    [[1], [13], [12], [12, 13], [23], [26], [24], [17, 18]].map((ids) => of(...ids).logsource.category),
    [
      'process_creation',
      'registry_set',
      'registry_event',
      'registry_event',
      'file_delete',
      'file_delete_detected',
      'clipboard_capture',
      'pipe_created',
    ],
  );
  assert.equal(of(8).rules, null);
  assert.throws(() => of(1, 8), /one logsource/);
  assert.throws(() => of(), /at least one entry/);
});

const PIECES = [
  'a',
  'B',
  'é',
  '\\',
  '*',
  '?',
  '"',
  "'",
  ' ',
  '#',
  ': ',
  '\n',
  '-',
  '%',
  '😀',
  '\u202E',
  '\t',
  '~',
  '|',
];
const text = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((all) => all.join(''));
const FIELDS = ['SourceImage', 'TargetImage', 'StartFunction'];

const entry: fc.Arbitrary<AllowEntry> = fc
  .uniqueArray(
    fc.record({
      field: fc.constantFrom(...FIELDS),
      condition: fc.constantFrom<AllowCondition['condition']>('is', 'begin with', 'end with', 'contains'),
      value: text,
    }),
    { minLength: 1, maxLength: 4, selector: ({ field, condition }) => `${field} ${condition === 'is'}` },
  )
  .map((conditions) => ({ eventId: 8, conditions, note: { ...NO_NOTE, reason: conditions[0]!.value } }));

function meets(event: Readonly<Record<string, string | number>>, { conditions }: AllowEntry): boolean {
  return conditions.every(({ field, condition, value }) => {
    const found = foldAscii(String(event[field]));
    const wanted = foldAscii(value);
    if (condition === 'is') return found === wanted;
    if (condition === 'contains') return found.includes(wanted);
    return condition === 'begin with' ? found.startsWith(wanted) : found.endsWith(wanted);
  });
}

test('an event that meets an entry is dropped, and no other', () => {
  const told = { dropped: 0, kept: 0 };
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 3 }),
      fc.array(fc.record(Object.fromEntries(FIELDS.map((field) => [field, text]))), { maxLength: 5 }),
      (entries, events) => {
        const passes = passing(writeSigmaFilter({ title: entries[0]!.note.reason, rules: ['x'], entries }));
        const met = entries.map(({ conditions }) => ({
          ...Object.fromEntries(FIELDS.map((field) => [field, 'x'])),
          ...Object.fromEntries(conditions.map(({ field, value }) => [field, value.toUpperCase()])),
        }));
        for (const event of [...events, ...met]) {
          const hidden = entries.some((one) => meets(event, one));
          told[hidden ? 'dropped' : 'kept'] += 1;
          assert.equal(passes({ EventID: 8, ...event }), !hidden, JSON.stringify({ event, entries }));
        }
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(told.dropped > 100 && told.kept > 100, JSON.stringify(told));
});

test('events of other types in the category stay', () => {
  const passes = passing(
    writeSigmaFilter({
      title: 't',
      rules: null,
      entries: [
        { eventId: 17, conditions: [{ field: 'PipeName', condition: 'is', value: '-' }], note: NO_NOTE },
      ],
    }),
  );
  assert.equal(passes({ EventID: 17, PipeName: '-' }), false);
  assert.equal(passes({ EventID: 17, PipeName: '' }), false);
  assert.equal(passes({ EventID: 17 }), false);
  assert.equal(passes({ EventID: 17, PipeName: 'a' }), true);
  assert.equal(passes({ EventID: 18, PipeName: '-' }), true);
});

test('the same filter has the same id, another one another', () => {
  const idOf = (value: string): string =>
    readBack(
      writeSigmaFilter({
        title: 't',
        rules: null,
        entries: [
          { eventId: 8, conditions: [{ field: 'SourceImage', condition: 'is', value }], note: NO_NOTE },
        ],
      }),
    ).id;
  assert.equal(idOf('a'), idOf('a'));
  assert.notEqual(idOf('a'), idOf('b'));
  assert.match(idOf('a'), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
