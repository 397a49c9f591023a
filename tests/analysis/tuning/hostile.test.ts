/** Values out of a log are anybody's: whatever they are, tuning ends, prints nothing that a terminal obeys, and its files say what it found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addAllowEntries, askConfig, decideFor, EditError, parseConfig } from '../../../src/config/index.ts';
import { analyse, tune } from '../../../src/analysis/index.ts';
import { type AllowEntry, NO_NOTE, QuestionError } from '../../../src/predicate/index.ts';
import { renderTuning, renderTuningJson } from '../../../src/report/index.ts';
import { channelOf, groupOf, hostOf, questionOf, SYSMON, tallyOf } from '../../builders/tally.ts';

const piece = fc.constantFrom(
  'C:\\Windows\\',
  'System32\\',
  'a.exe',
  '%TEMP%',
  '--',
  '<x a="b">',
  ']]>',
  '\u001b[31m',
  '\u202e',
  '\u0000',
  '\n',
  '"',
  '*',
  '?',
  ';',
  ' ',
  '\ud800',
  '…#',
  '\u00e9',
  'Users\\u\\',
  '1.2.3',
  'D:\\',
  '\\\\srv\\',
);
const value = fc.oneof(
  { arbitrary: fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')), weight: 6 },
  { arbitrary: fc.constantFrom('-', '', 'x'.repeat(3000)), weight: 1 },
);

test('hostile values end in a list that hides what it says, or in none', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 }), (keys) => {
      const tally = tallyOf(
        { h: hostOf({ [SYSMON]: channelOf([['2024-03-04 00:00', '2024-03-04 19:59']], { 8: 6, 1: 5000 }) }) },
        keys.map((written, hour) =>
          groupOf(
            written.map((one) => one.toLowerCase()),
            { h: { [`2024-03-04 ${String(hour).padStart(2, '0')}:01`]: 1 } },
            { spellings: new Map([[JSON.stringify(written), 1]]) },
          ),
        ),
      );
      const question = questionOf();
      const tuning = tune({
        tally,
        question,
        answer: analyse(tally, question),
        attacks: null,
        labels: [],
        budget: null,
        maxEntries: null,
        acl: undefined,
        reach: null,
        says: () => true,
      });
      const text = renderTuning(tuning, { colour: false, width: 80 });
      assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
      assert.doesNotMatch(renderTuningJson(tuning).replaceAll('\n', ''), /\p{Cc}/u);
      if (tuning.allowList.length === 0) return;
      const entries = tuning.allowList.map(({ eventId, conditions }): AllowEntry => ({
        eventId,
        conditions,
        note: NO_NOTE,
      }));
      const { config } = parseConfig(askConfig([8], { schema: '4.90' }).text);
      let written: string;
      try {
        written = addAllowEntries(config!, entries);
      } catch (error) {
        if (error instanceof EditError || error instanceof QuestionError) return;
        throw error;
      }
      const decide = decideFor(parseConfig(written).config!, 8);
      const logged = keys.filter(
        ([source, target]) =>
          decide((field) => (field === 'SourceImage' ? source : field === 'TargetImage' ? target : undefined))
            .logged,
      );
      assert.equal(logged.length, tuning.after.inSample.events);
    }),
    { numRuns: 300 },
  );
});
