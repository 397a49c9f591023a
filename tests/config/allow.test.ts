/** Allow-list entries in a configuration: events that meet one are hidden, and nothing else changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addAllowEntries,
  allowsConditions,
  type Config,
  EditError,
  evaluate,
  parseConfig,
} from '../../src/config/index.ts';
import { foldAscii } from '../../src/events/index.ts';
import { type AllowCondition, type AllowEntry, NO_NOTE } from '../../src/predicate/index.ts';
import { engineCases } from '../builders/engine-cases.ts';
import { realConfigs } from '../builders/real-configs.ts';

function entryOf(
  eventId: number,
  ...conditions: readonly (readonly [string, string, string?])[]
): AllowEntry {
  return {
    eventId,
    conditions: conditions.map(([field, value, condition = 'is']) => ({
      field,
      value,
      condition: condition as AllowCondition['condition'],
    })),
    note: NO_NOTE,
  };
}

function configOf(text: string | Uint8Array): Config {
  const { config, accepted, messages } = parseConfig(text);
  assert.ok(config && accepted, messages.join('\n'));
  return config;
}

const inFiltering = (...lines: string[]): string =>
  [
    '<Sysmon schemaversion="4.90">',
    '  <EventFiltering>',
    ...lines,
    '  </EventFiltering>',
    '</Sysmon>',
    '',
  ].join('\n');

const A = entryOf(8, ['SourceImage', 'C:\\a & b.exe'], ['TargetImage', '\\x.exe', 'end with']);
const COMMENT = '<!-- noisefloor: allowed -->';
const RULE = (indent: string): string[] =>
  [
    COMMENT,
    '<Rule groupRelation="and">',
    '  <SourceImage condition="is">C:\\a &amp; b.exe</SourceImage>',
    '  <TargetImage condition="end with">\\x.exe</TargetImage>',
    '</Rule>',
  ].map((line) => indent + line);

const LAYOUTS: [name: string, before: string[], after: string[]][] = [
  [
    'an exclude section of alternatives gets one more',
    [
      '    <RuleGroup groupRelation="or">',
      '      <CreateRemoteThread onmatch="exclude">',
      '        <SourceImage>b</SourceImage> <!-- b -->',
      '      </CreateRemoteThread>',
      '    </RuleGroup>',
    ],
    [
      '    <RuleGroup groupRelation="or">',
      '      <CreateRemoteThread onmatch="exclude">',
      '        <SourceImage>b</SourceImage> <!-- b -->',
      ...RULE('        '),
      '      </CreateRemoteThread>',
      '    </RuleGroup>',
    ],
  ],
  [
    'an empty section is put into a group of alternatives',
    ['    <CreateRemoteThread onmatch="exclude"/>'],
    [
      '    <RuleGroup groupRelation="or">',
      '    <CreateRemoteThread onmatch="exclude">',
      ...RULE('      '),
      '    </CreateRemoteThread>',
      '    </RuleGroup>',
    ],
  ],
  [
    'filters on several fields stay together in a Rule',
    [
      "    <CreateRemoteThread default='include'>",
      '      <SourceImage>b</SourceImage>',
      '      <TargetImage>c</TargetImage>',
      '    </CreateRemoteThread>',
    ],
    [
      '    <RuleGroup groupRelation="or">',
      "    <CreateRemoteThread default='include'>",
      '      <Rule groupRelation="and">',
      '      <SourceImage>b</SourceImage>',
      '      <TargetImage>c</TargetImage>',
      '      </Rule>',
      ...RULE('      '),
      '    </CreateRemoteThread>',
      '    </RuleGroup>',
    ],
  ],
  [
    'a group of several sections is parted around it',
    [
      '    <RuleGroup name="g" groupRelation="and">',
      '      <ProcessCreate onmatch="include"/>',
      '      <CreateRemoteThread onmatch="exclude"><SourceImage>b</SourceImage></CreateRemoteThread>',
      '      <FileCreate onmatch="include"/>',
      '    </RuleGroup>',
    ],
    [
      '    <RuleGroup name="g" groupRelation="and">',
      '      <ProcessCreate onmatch="include"/>',
      '      </RuleGroup>',
      '    <RuleGroup name="g" groupRelation="or">',
      `      <CreateRemoteThread onmatch="exclude"><SourceImage>b</SourceImage>${RULE('')
        .map((line) => line.trim())
        .join('')
        .replace('<Rule ', '<Rule name="" ')}</CreateRemoteThread>`,
      '    </RuleGroup>',
      '    <RuleGroup name="g" groupRelation="and">',
      '      <FileCreate onmatch="include"/>',
      '    </RuleGroup>',
    ],
  ],
  [
    'an include section gets an exclude section beside it',
    ['    <CreateRemoteThread onmatch="include"><SourceImage>b</SourceImage></CreateRemoteThread>'],
    [
      '    <CreateRemoteThread onmatch="include"><SourceImage>b</SourceImage></CreateRemoteThread>',
      '    <RuleGroup groupRelation="or">',
      '      <CreateRemoteThread onmatch="exclude">',
      ...RULE('        '),
      '      </CreateRemoteThread>',
      '    </RuleGroup>',
    ],
  ],
];

for (const [name, before, after] of LAYOUTS) {
  test(name, () => {
    const text = addAllowEntries(configOf(inFiltering(...before)), [A]);
    assert.deepEqual(text.split('\n'), inFiltering(...after).split('\n'));
  });
}

function refused(text: string, entry: AllowEntry, expected: RegExp): void {
  assert.throws(
    () => addAllowEntries(configOf(text), [entry]),
    (error: unknown) =>
      error instanceof EditError && error.code === 'config-edit-allow' && expected.test(error.message),
  );
}

test('what would change other events is refused', () => {
  const only = '<CreateRemoteThread onmatch="exclude">%</CreateRemoteThread>';
  const filled = (content: string): string => inFiltering(only.replace('%', content));
  refused(
    filled('<SourceImage>a</SourceImage><SourceImage>b</SourceImage><TargetImage>c</TargetImage>'),
    A,
    /second exclude section/,
  );
  const rule = (image: string): string => `<Rule><SourceImage>${image}</SourceImage></Rule>`;
  refused(filled(rule('a') + rule('b')), A, /write them as one Rule/);
  refused(inFiltering('<CreateRemoteThread onmatch="include"/>'), A, /nothing to hide/);
  refused(inFiltering(), entryOf(7, ['Image', 'x']), /does not log ImageLoad/);
  refused(filled(''), entryOf(8, ['SourceImage', '%TEMP%\\x.exe']), /variable/);
  refused(filled(''), entryOf(8, ['SourceImage', ' ']), /blanks/);
  refused(filled(''), entryOf(8, ['RuleName', 'x']), /RuleName/);
  refused(filled(''), entryOf(8, ['Image', 'x']), /no field Image/);
  refused(filled(''), entryOf(16, ['Configuration', 'x']), /always logs/);
  refused(
    filled('').replace('4.90', '4.50'),
    entryOf(8, ['SourceUser', 'x']),
    /4\.50 has no SourceUser.*"4\.8/,
  );
  const registry = inFiltering('<RegistryEvent onmatch="exclude"><User>x</User></RegistryEvent>');
  refused(registry, entryOf(13, ['Details', 'x']), /bind/);
  refused(filled('<Nonsense/>').replace('<Nonsense/>', ''), entryOf(99, ['Image', 'x']), /no such event/);
  assert.throws(() => addAllowEntries(configOf(filled('')), [entryOf(8)]), /no conditions/);
});

test('an entry for one event does not hide those that share its tag', () => {
  const config = configOf(
    addAllowEntries(configOf(inFiltering('<RegistryEvent onmatch="exclude"/>')), [
      entryOf(13, ['TargetObject', 'HKLM\\a']),
      entryOf(12, ['TargetObject', 'HKLM\\b']),
      entryOf(14, ['TargetObject', 'HKLM\\c']),
    ]),
  );
  const hidden: [number, string, string, boolean][] = [
    [12, 'CreateKey', 'HKLM\\a', true],
    [13, 'SetValue', 'HKLM\\a', false],
    [14, 'RenameKey', 'HKLM\\a', true],
    [12, 'DeleteValue', 'HKLM\\b', false],
    [13, 'SetValue', 'HKLM\\b', true],
    [14, 'RenameValue', 'HKLM\\b', true],
    [12, 'CreateKey', 'HKLM\\c', true],
    [14, 'RenameKey', 'HKLM\\c', false],
    [14, 'RenameValue', 'hklm\\C', false],
  ];
  for (const [EventID, EventType, TargetObject, logged] of hidden) {
    assert.equal(
      evaluate(config, { EventID, EventType, TargetObject }).logged,
      logged,
      `${EventID} ${EventType} ${TargetObject}`,
    );
  }
});

test('which fields an entry can ask for is what adding one for each of them says', () => {
  const registry = (field: string): string =>
    `<RuleGroup groupRelation="or"><RegistryEvent onmatch="exclude"><${field}>a</${field}></RegistryEvent></RuleGroup>`;
  const fields = ['TargetObject', 'Details', 'NewName', 'User', 'SourceUser', 'SourceImage'];
  const asked = (filters: string, schema: string, eventId: number): string[] => {
    const config = configOf(inFiltering(filters).replace('4.90', schema));
    const allows = allowsConditions(config, eventId);
    const adds = fields.filter((field) => {
      try {
        return addAllowEntries(config, [entryOf(eventId, [field, 'x'])]) !== '';
      } catch (error) {
        assert.ok(error instanceof EditError);
        return false;
      }
    });
    const found = fields.filter((field) => allows({ field, condition: 'is', value: 'x' }));
    assert.deepEqual(found, adds.length === 0 ? fields : adds);
    return found;
  };
  // Where 12, to which the section is bound, has the user, 13 has the details.
  assert.deepEqual(asked(registry('TargetObject'), '4.90', 13), ['TargetObject']);
  assert.deepEqual(asked(registry('Details'), '4.90', 13), ['TargetObject', 'Details', 'User']);
  assert.deepEqual(asked(registry('TargetObject'), '4.70', 12), ['TargetObject']);
  const threads = '<CreateRemoteThread onmatch="exclude"><StartModule>a</StartModule></CreateRemoteThread>';
  assert.deepEqual(asked(threads, '4.90', 8), ['SourceUser', 'SourceImage']);
  assert.deepEqual(asked(threads, '4.70', 8), ['SourceImage']);
  const allows = allowsConditions(configOf(inFiltering(threads)), 8);
  for (const [value, can] of [
    ['C:\\a.exe', true],
    [' ', false],
    ['%TEMP%\\a.exe', false],
  ] as const)
    assert.equal(allows({ field: 'SourceImage', condition: 'is', value }), can, value);
  // Not for a field's sake.
  assert.deepEqual(asked('<CreateRemoteThread onmatch="include"/>', '4.90', 8), fields);
});

test('a comment says why, whatever it is given', () => {
  const hostile = 'a--> <x/> ]]> --- \u0000\u202E\uD800 | expires: 2000-01-01 \n-';
  const note = { ...NO_NOTE, reason: hostile, owner: hostile, ticket: 'T-1', expires: '2027-01-31' };
  const text = addAllowEntries(configOf(inFiltering('<CreateRemoteThread onmatch="exclude"/>')), [
    { ...A, note },
  ]);
  const { document } = configOf(text);
  assert.equal(
    document.comments[0]!.text,
    ' noisefloor: a- -> <x/> ]]> - - - / expires: 2000-01-01 - | owner: a- -> <x/> ]]> - - - / expires: 2000-01-01 - | ticket: T-1 | expires: 2027-01-31 ',
  );
  const latin1 = Buffer.from(
    `<?xml version="1.0" encoding="ISO-8859-1"?>${inFiltering('<CreateRemoteThread onmatch="exclude"/>')}`,
    'latin1',
  );
  assert.match(
    addAllowEntries(configOf(latin1), [{ ...A, note: { ...note, reason: 'Ωä' } }]),
    /noisefloor: \?ä/,
  );
});

/** What an entry asks, by hand. */
function meets(
  event: Readonly<Record<string, string | number>>,
  { eventId, conditions }: AllowEntry,
): boolean {
  return (
    event['EventID'] === eventId &&
    conditions.every(({ field, condition, value }) => {
      const found = foldAscii(String(event[field] ?? '') || '-');
      const wanted = foldAscii(value);
      if (condition === 'is') return found === wanted;
      if (condition === 'contains') return found.includes(wanted);
      return condition === 'begin with' ? found.startsWith(wanted) : found.endsWith(wanted);
    })
  );
}

const TYPES: Readonly<Record<number, readonly string[]>> = {
  12: ['CreateKey', 'DeleteKey', 'CreateValue', 'DeleteValue'],
  13: ['SetValue'],
  14: ['RenameKey', 'RenameValue'],
  17: ['CreatePipe'],
  18: ['ConnectPipe'],
  19: ['WmiFilterEvent'],
  20: ['WmiConsumerEvent'],
  21: ['WmiBindingEvent'],
};

/** Numbers below `below`, from a seed. */
type Pick = (below: number) => number;

function picker(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const one = <T>(pick: Pick, from: readonly T[]): T => from[pick(from.length)]!;

type Made = { EventID: number } & Record<string, string | number>;

/** An event made of what a configuration's filters look for. */
function eventFor(config: Config, pick: Pick): Made {
  const tags = [...new Set(config.active.map(({ tag }) => tag))];
  const tag = tags.length === 0 || pick(10) === 0 ? 'CreateRemoteThread' : one(pick, tags);
  const type = one(
    pick,
    config.events.filter((event) => event.tag === tag),
  );
  const filters = config.active.filter((block) => block.tag === tag).flatMap((block) => block.filters);
  const event: Made = { EventID: type.id };
  for (const field of type.fields) {
    const types = TYPES[type.id];
    if (field === 'EventType' && types) {
      event[field] = one(pick, types);
      continue;
    }
    const texts = filters.filter((filter) => filter.field === field).map(({ text }) => text);
    if (field === 'RuleName' || (texts.length === 0 && pick(2) === 0)) continue;
    const wanted = one(pick, [...texts, 'C:\\Windows\\System32\\svchost.exe', 'a']);
    const part = one(pick, wanted.split(';'));
    event[field] = one(pick, [part, part, `x${part}`, `${part}x`, '']);
  }
  return event;
}

function entryFor(event: Made, pick: Pick): AllowEntry | null {
  const fields = Object.keys(event).filter(
    (field) => field !== 'EventID' && !/^\s*$|%/.test(String(event[field])),
  );
  if (fields.length === 0) return null;
  const chosen = new Set(Array.from({ length: 1 + pick(3) }, () => one(pick, fields)));
  const conditions = [...chosen].map((field): AllowCondition => {
    const whole = String(event[field]);
    const condition = one(pick, ['is', 'begin with', 'end with', 'contains'] as const);
    const half = Math.ceil(whole.length / 2);
    const cut = condition === 'begin with' ? whole.slice(0, half) : whole.slice(-half);
    return { field, condition, value: cut.trim() === '' || condition === 'is' ? whole : cut };
  });
  return { eventId: event.EventID, conditions, note: NO_NOTE };
}

/** Null where it is refused. */
function withEntries(config: Config, entries: readonly AllowEntry[]): string | null {
  try {
    return addAllowEntries(config, entries);
  } catch (error) {
    assert.ok(error instanceof EditError && error.code === 'config-edit-allow', String(error));
    return null;
  }
}

/** Whether all of a text still stands in another, in its order; a RuleGroup's `and` may have become `or`. */
function keepsAll(before: string, after: string): boolean {
  const [old, now] = [before, after].map((text) =>
    text.replace(/(groupRelation\s*=\s*["'])(?:and|or)(?=["'])/g, '$1'),
  );
  let at = 0;
  for (let i = 0; i < now!.length && at < old!.length; i++) if (now![i] === old![at]) at += 1;
  return at === old!.length;
}

/** How many entries could be added, of how many. */
function holds(config: Config, seed: number, told: { added: number; of: number }): void {
  const pick = picker(seed);
  const made = Array.from({ length: 12 }, () => eventFor(config, pick));
  const wanted = made.slice(0, 1 + pick(4)).flatMap((event) => entryFor(event, pick) ?? []);
  const entries = wanted.filter((entry) => withEntries(config, [entry]) !== null);
  told.of += wanted.length;
  if (entries.length === 0) return;
  const text = withEntries(config, entries);
  if (text === null) return;
  told.added += entries.length;
  const after = configOf(text);
  assert.ok(keepsAll(config.source.text, text), `something is lost\n${config.source.text}\n${text}`);
  for (const event of made) {
    const old = evaluate(config, event);
    const now = evaluate(after, event);
    const hidden = entries.some((entry) => meets(event, entry));
    const said = (): string => `${JSON.stringify({ event, entries })}\n${text}`;
    if (now.logged !== (old.logged && !hidden)) assert.fail(said());
    if (now.logged && now.ruleName !== old.ruleName) assert.fail(`another name: ${said()}`);
  }
}

test("events that meet an entry are hidden, and no other: the engine's cases", () => {
  const configs = [...engineCases()]
    .filter(([file]) => !/validation|schema|options/.test(file))
    .flatMap(([, cases]) => cases)
    .filter(({ expected }) => expected.ok && expected.blocks.length > 0)
    .map(({ config }) => config)
    .flatMap((text) => {
      const { accepted, config } = parseConfig(text);
      return accepted && config ? [config] : [];
    });
  const told = { added: 0, of: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...configs), fc.integer(), (config, seed) => holds(config, seed, told)),
    { numRuns: 800 },
  );
  assert.ok(3 * told.added > told.of, `${told.added} added of ${told.of}`);
});

test('events that meet an entry are hidden, and no other: real configurations', (t) => {
  const configs = realConfigs().flatMap(({ bytes }) => {
    const { accepted, config } = parseConfig(bytes);
    return accepted && config && bytes.length < 200_000 ? [config] : [];
  });
  if (configs.length === 0) return t.skip('no real configurations');
  const told = { added: 0, of: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...configs), fc.integer(), (config, seed) => holds(config, seed, told)),
    { numRuns: 100 },
  );
  assert.ok(3 * told.added > told.of, `${told.added} added of ${told.of}`);
});
