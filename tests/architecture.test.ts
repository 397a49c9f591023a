/** The house, held by its import lines: a file imports from floors below its own, or from its own folder. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './builders/shared.ts';

const FLOORS: Readonly<Record<string, number>> = {
  events: 0,
  evtx: 0,
  predicate: 1,
  room: 1,
  decide: 1,
  lines: 2,
  sources: 2,
  tally: 2,
  config: 3,
  sigma: 3,
  store: 3,
  analysis: 4,
  report: 5,
  run: 6,
  web: 7,
  monitor: 7,
  cli: 8,
};
const BANNED = ['utils', 'helpers', 'common', 'core', 'lib'];

const src = join(ROOT, 'src');
const files = readdirSync(src, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    normalize(join(dirname(file), match[1]!)),
  );
}

test('every folder of src is a floor, and none is a drawer', () => {
  for (const file of files) {
    const [folder] = file.split('/');
    assert.ok(FLOORS[folder!] !== undefined, `${file}: ${folder} is no floor`);
    for (const word of BANNED) assert.ok(!file.split(/[/.]/).includes(word), `${file} is named ${word}`);
  }
});

test('imports go down, and through the door of another floor', () => {
  for (const file of files) {
    const [own] = file.split('/') as [string];
    for (const target of importsOf(file)) {
      const [floor] = target.split('/') as [string];
      if (floor === own) continue;
      assert.ok(
        FLOORS[floor]! < FLOORS[own]!,
        `${file} (floor ${FLOORS[own]}) imports ${target} (floor ${FLOORS[floor]})`,
      );
      assert.equal(target, `${floor}/index.ts`, `${file} imports ${target} and not ${floor}/index.ts`);
    }
  }
});

test('an index only re-exports', () => {
  for (const file of files.filter((name) => name.endsWith('index.ts'))) {
    const code = readFileSync(join(src, file), 'utf8').replaceAll(
      /export (?:type )?\{[^}]*\} from '[^']+';/g,
      '',
    );
    assert.equal(
      code.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '').trim(),
      '',
      `${file} holds more than re-exports`,
    );
  }
});

test('a file over 400 lines says at its top why', () => {
  for (const file of files.filter((name) => name !== 'events/event-table.ts')) {
    const lines = readFileSync(join(src, file), 'utf8').split('\n');
    if (lines.length > 400)
      assert.match(
        lines.slice(0, 12).join('\n'),
        /lines|long|one file/i,
        `${file} has ${lines.length} lines`,
      );
  }
});
