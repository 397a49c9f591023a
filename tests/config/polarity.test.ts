import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  ConfigError,
  decodeConfig,
  loggedTypes,
  looksLikeConfig,
  readDocument,
} from '../../src/config/index.ts';
import { ROOT } from '../builders/shared.ts';

const sysmon = (sections: string): string =>
  `<Sysmon schemaversion="4.90">\n<EventFiltering>\n${sections}\n</EventFiltering>\n</Sysmon>`;
const ids = (text: string): number[] =>
  loggedTypes(readDocument(text, 'c.xml'), 'c.xml').map(({ type }) => type.id);

test("the post's own configuration logs event 8 and nothing else that can be filtered", () => {
  const text = readFileSync(join(ROOT, 'spec/create-remote-thread.xml'), 'utf8');
  assert.deepEqual(ids(text), [8]);
  const [logged] = loggedTypes(readDocument(text, 'c.xml'), 'c.xml');
  assert.deepEqual([logged!.section!.line, logged!.section!.column], [12, 7]);
});

test('empty sections: include logs nothing, exclude logs all, two of one tag log nothing, none is the default', () => {
  assert.deepEqual(ids(sysmon('')), [1, 5]);
  assert.deepEqual(ids(sysmon('<ImageLoad onmatch="exclude"/>')), [1, 5, 7]);
  assert.deepEqual(
    ids(sysmon('<ProcessCreate onmatch="include"/><ProcessTerminate onmatch="include"/>')),
    [],
  );
  assert.deepEqual(ids(sysmon('<RegistryEvent onmatch="exclude"/>')), [1, 5, 12, 13, 14]);
  assert.deepEqual(ids(sysmon('<ImageLoad onmatch="exclude"/><ImageLoad onmatch="exclude"/>')), [1, 5]);
  assert.deepEqual(ids(sysmon('<ImageLoad default="include"/>')), [1, 5, 7]);
  assert.deepEqual(
    ids(sysmon('<RuleGroup groupRelation="or"><ImageLoad onmatch="exclude"/></RuleGroup>')),
    [1, 5, 7],
  );
});

test('UTF-16 with and without a mark is read', () => {
  const text = sysmon('<ImageLoad onmatch="exclude"/>');
  for (const bytes of [Buffer.from(`\uFEFF${text}`, 'utf16le'), Buffer.from(text, 'utf16le')]) {
    assert.deepEqual(ids(decodeConfig(bytes, 'c.xml')), [1, 5, 7]);
  }
});

test('what can not be used is refused with its code and place', () => {
  const refusal = (text: string): [string, number, number] | null => {
    try {
      ids(text);
      return null;
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return [error.code, error.line, error.column];
    }
  };
  assert.deepEqual(
    refusal(sysmon('<ImageLoad onmatch="include">\n  <Image condition="is">x</Image></ImageLoad>')),
    ['config-filter', 4, 3],
  );
  assert.deepEqual(refusal(sysmon('<ImageLode onmatch="include"/>')), ['config-unknown-tag', 3, 1]);
  assert.deepEqual(refusal(sysmon('<ImageLoad/>')), ['config-onmatch', 3, 1]);
  assert.deepEqual(refusal(sysmon('<ImageLoad onmatch="Include"/>')), ['config-onmatch', 3, 1]);
  assert.equal(refusal('<Sysmon schemaversion="4.90">')![0], 'config-not-xml');
  assert.equal(refusal('<Sysmon><EventFiltering/></Sysmon>')![0], 'config-schemaversion');
  assert.equal(refusal('<Other/>')![0], 'config-root');
  assert.equal(refusal(`<!DOCTYPE Sysmon>${sysmon('')}`)![0], 'config-doctype');
  assert.equal(refusal(`<Sysmon schemaversion="4.9">${'<a>'.repeat(100)}`)![0], 'config-nesting');
});

test('a configuration is told from other XML by its content', () => {
  assert.ok(looksLikeConfig('<?xml version="1.0"?>\n<!-- <x> -->\n<Sysmon schemaversion="4.1">'));
  assert.ok(!looksLikeConfig('<Events><Event/></Events>'));
});
