import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFieldTest, QuestionError } from '../../src/predicate/index.ts';
import { event } from '../builders/events.ts';

const csrss = event({
  fields: { SourceImage: 'C:\\Windows\\System32\\CSRSS.exe', TargetImage: 'C:\\İ.exe', StartModule: '' },
});
const passes = (text: string, ids: readonly number[] = [8]): boolean =>
  compileFieldTest(text, ids, '--where')(csrss);

test('modifiers compare text with A to Z folded', () => {
  assert.ok(passes('SourceImage=c:\\windows\\system32\\csrss.EXE'));
  assert.ok(passes('SourceImage|endswith=\\csrss.exe'));
  assert.ok(passes('SourceImage|startswith=C:\\WINDOWS'));
  assert.ok(passes('SourceImage|contains=system32'));
  assert.ok(!passes('SourceImage|contains=syswow64'));
  assert.ok(!passes('TargetImage=c:\\i̇.exe'), 'only A to Z fold');
});

test('regular expressions are case-sensitive unless they say so, and take linear time', () => {
  assert.ok(!passes('SourceImage|re=csrss'));
  assert.ok(passes('SourceImage|re=(?i)csrss\\.exe$'));
  const long = event({ fields: { SourceImage: `${'a'.repeat(50_000)}!`, TargetImage: '' } });
  assert.equal(compileFieldTest('SourceImage|re=^(a+)+$', [8], '--where')(long), false);
});

test('a missing field matches nothing; an empty one equals empty text', () => {
  assert.ok(!passes('SourceUser='));
  assert.ok(passes('StartModule='));
});

test('field names are those of the asked types, however they are written', () => {
  assert.ok(passes('sourceimage|endswith=csrss.exe'));
  assert.ok(passes('computer=host'));
  assert.ok(passes('Whatever=x', []) === false);
});

test('what is no test is refused with what was expected', () => {
  const refusal = (text: string): string => {
    try {
      passes(text);
    } catch (error) {
      assert.ok(error instanceof QuestionError);
      return error.code;
    }
    return 'accepted';
  };
  assert.equal(refusal('SourceImage'), 'where-syntax');
  assert.equal(refusal('=x'), 'where-syntax');
  assert.equal(refusal('SourceImage|sounds=x'), 'where-modifier');
  assert.equal(refusal('Nothing=x'), 'where-field');
  assert.equal(refusal('SourceImage|re=('), 'where-regex');
  assert.equal(refusal('SourceImage=*\\csrss.exe'), 'where-wildcard');
});
