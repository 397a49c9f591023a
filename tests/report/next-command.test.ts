import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Answer } from '../../src/analysis/index.ts';
import { renderAnswer } from '../../src/report/index.ts';
import { quoted } from '../../src/report/next-command.ts';
import { BLIND, BUSY, UNEXPOSED } from '../builders/answers.ts';

type Options = readonly (readonly [string, string])[];

function commandOf(
  answer: Answer,
  logs: readonly string[] = ['.'],
  questionText = '8',
  options: Options = [],
): string {
  const text = renderAnswer(answer, { colour: false, width: 80, logs, questionText, options });
  return (
    text
      .split('\n')
      .find((line) => /^(?:noisefloor|--not) /.test(line))
      ?.trim() ?? ''
  );
}

function fromSource(source: string): Answer {
  const [first, ...rest] = BUSY.groups;
  return {
    ...BUSY,
    groups: [{ ...first!, key: { SourceImage: source, TargetImage: 'x' }, events: 70 }, ...rest.slice(1)],
  };
}

test('the top source is excluded next', () => {
  assert.equal(commandOf(BUSY), String.raw`noisefloor ask 8 . --not "SourceImage|endswith=\csrss.exe"`);
});

test('logs are quoted where a shell needs it', () => {
  assert.match(commandOf(BUSY, ['a b', 'C:\\a.evtx']), /ask 8 "a b" "C:\\a\.evtx" --not/);
  assert.match(commandOf(BUSY, ['%4Op.evtx']), /ask 8 "%4Op\.evtx" --not/);
});

test('where the whole command is too long, or no shell-proof text, the filter stands alone', () => {
  for (const log of ['a$(reboot)', '-rf', '%A%', 'x'.repeat(100), '\u001b'])
    assert.equal(commandOf(BUSY, [log]), String.raw`--not "SourceImage|endswith=\csrss.exe"`);
  assert.match(commandOf(BLIND, ['a$(reboot)']), /^noisefloor dump LOG\.\.\. --event 16$/);
  assert.match(commandOf(UNEXPOSED, ['.'], '$(reboot)'), /^noisefloor ask QUESTION \. --exposure 120h$/);
});

test('options that were given are given again, as far as the command has them', () => {
  const options: Options = [
    ['--from', '2024-06-05'],
    ['--exposure', '5h'],
  ];
  const filter = String.raw`--not "SourceImage|endswith=\csrss.exe"`;
  assert.equal(
    commandOf(BUSY, ['.'], '8', options.slice(0, 1)),
    `noisefloor ask 8 . --from 2024-06-05 ${filter}`,
  );
  // What has no room is still to be added to what was typed.
  assert.equal(commandOf(BUSY, ['.'], '8', [...options, ['--by', 'TargetImage']]), filter);
  const dumped = { ...BUSY, groups: [] };
  assert.equal(commandOf(dumped, ['.'], '8', options), 'noisefloor dump . --from 2024-06-05 --event 8');
  assert.equal(
    commandOf(dumped, ['x'.repeat(60)], '8', options),
    'noisefloor dump LOG... --from 2024-06-05 --event 8',
  );
  assert.equal(
    commandOf(dumped, ['.'], '8', [['--where', `Image=${'x'.repeat(60)}`]]),
    'noisefloor dump LOG... --where ... --event 8',
  );
  const rules = {
    ...dumped,
    question: { ...BUSY.question, kind: 'sigma-rules' as const, eventIds: [1, 2, 3, 4, 5, 16] },
  };
  const [group] = BUSY.groups;
  const found = [1, 16, 16].map((eventId, i) => ({
    ...group!,
    eventId,
    key: { Image: `$(${i})` },
    events: 1,
  }));
  const matches = { ...BUSY.matches, events: 3 };
  assert.equal(commandOf({ ...rules, matches, groups: found }), 'noisefloor dump . --event 16 --event 1');
});

test('a value that is anything but harmless text is never put into a command', () => {
  for (const name of [
    '$(reboot).exe',
    '`reboot`',
    'a"b.exe',
    "a'b.exe",
    'a%PATH%.exe',
    'a!b',
    'a&b',
    'a;b',
    'а.exe',
    '“a”',
    'a\u001b[0m',
  ])
    assert.doesNotMatch(commandOf(fromSource(`C:\\Temp\\${name}`)), /--not/, name);
  assert.match(
    commandOf(fromSource('C:\\Program Files (x86)\\a-b_c.exe')),
    /--not "SourceImage\|endswith=\\a-b_c\.exe"/,
  );
  assert.match(commandOf(fromSource('System')), /--not "SourceImage=System"/);
});

test('a POSIX shell takes a quoted word as that word', { skip: process.platform === 'win32' }, () => {
  const word = fc.string({
    unit: fc.constantFrom('a', ' ', '\\', '$', '`', '"', "'", '!', '%', '|', '&', ';', '*', '~', '-', '漢'),
    minLength: 1,
    maxLength: 12,
  });
  const words = fc.sample(word, { numRuns: 2000, seed: 8 }).filter((text) => quoted(text) !== null);
  assert.ok(words.length > 20);
  const script = words.map((text) => `printf '%s\\n' ${quoted(text)}`).join('\n');
  assert.deepEqual(
    execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n'),
    words,
  );
});
