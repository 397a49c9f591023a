import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { cut, cutMiddle, displayWidth, pad, safeText } from '../../src/report/index.ts';

/** Texts of the kind that break terminals. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001b',
      '\r',
      '\n',
      '\u009b',
      '\u007f',
      '\u202e',
      '\u2066',
      '\u200b',
      '\ufeff',
      '\ud800',
      '\udc00',
    ),
    fc.constantFrom(
      '漢',
      '😀',
      'e\u0301',
      '\u0301',
      '\u{1f468}\u200d\u{1f469}',
      '\u{e0041}',
      '\ufe0f',
      ' ',
      '\\',
      '/',
    ),
    fc.constantFrom('a', 'Z', '0', '.', '-'),
  ),
  maxLength: 60,
});

test('a safe text holds nothing that a terminal would obey or hide', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      assert.doesNotMatch(
        safeText(text),
        /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u,
      );
      assert.equal(safeText(safeText(text)), safeText(text));
    }),
  );
});

test('what is unsafe is shown, and the rest left alone', () => {
  assert.equal(safeText('\u001b[31mred'), '\\u{1b}[31mred');
  assert.equal(safeText('gpj.\u202eexe'), 'gpj.\\u{202e}exe');
  assert.equal(safeText('a\ud800b'), 'a\\u{d800}b');
  assert.equal(safeText('C:\\Users\\Zoë\\漢字\\😀.exe'), 'C:\\Users\\Zoë\\漢字\\😀.exe');
  assert.equal(safeText(`a${'\u0301'.repeat(6)}`), `a${'\u0301'.repeat(4)}\\u{301}\\u{301}`);
});

test('wide characters take two columns, combining marks none', () => {
  assert.equal(displayWidth('abc'), 3);
  assert.equal(displayWidth('漢字'), 4);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(displayWidth('😀'), 2);
  assert.equal(displayWidth('ｗ'), 2);
  assert.equal(displayWidth('Zoë'), 3);
});

test('cut and pad keep to the width', () => {
  fc.assert(
    fc.property(nasty.map(safeText), fc.integer({ min: 0, max: 40 }), (text, width) => {
      assert.ok(displayWidth(cut(text, width)) <= width);
      assert.ok(displayWidth(cutMiddle(text, width)) <= width);
      assert.ok(displayWidth(pad(cut(text, width), width)) === width);
      assert.ok(pad(text, width).startsWith(text));
      if (displayWidth(text) <= width) assert.equal(cutMiddle(text, width), text);
    }),
  );
});

test('a path that is cut keeps its file name', () => {
  const path = 'C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe';
  assert.match(cutMiddle(path, 30), /^C:\\.*….*\\vmtoolsd\.exe$/);
  assert.match(cutMiddle(path, 15), /^C…\\vmtoolsd\.exe$/);
  assert.match(cutMiddle('/usr/lib/very/long/way/to/the/daemon', 20), /….*\/daemon$/);
});
