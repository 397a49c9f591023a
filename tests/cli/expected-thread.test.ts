/** The thread that a command line is about to need is told by its arguments alone, and a wrong guess changes no answer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { expectedTask } from '../../src/cli/expected-thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-expected-'));
after(() => rmSync(folder, { recursive: true }));

const MIB = 2 ** 20;
/** A file of so many mebibytes that takes no room. */
function log(megabytes: number): string {
  const path = join(folder, `${megabytes}.evtx`);
  writeFileSync(path, '');
  truncateSync(path, megabytes * MIB);
  return path;
}

test('two logs, or one that is large, are for threads', () => {
  assert.equal(expectedTask(['ask', '8', log(64), '--threads', '2']), 'count');
  assert.equal(expectedTask(['dump', log(32), log(33), '--threads=2', '--format', 'jsonl']), 'dump');
  const unasked = availableParallelism() > 1 ? 'count' : null;
  assert.equal(expectedTask(['ask', '8', log(512)]), unasked);
});

test('none is started for what one thread reads', () => {
  for (const args of [
    [],
    ['--help'],
    ['ask'],
    ['ask', '8', log(1024), '--threads', '1'],
    ['ask', '8', log(63), '--threads', '2'],
    ['ask', '8', log(511)],
    ['ask', '8', join(folder, 'none.evtx'), '--threads', '2'],
    ['ask', '8', folder, '--threads', '2'],
    ['ask', folder, log(1024)],
    ['tune', '8', log(1024)],
    ['dump', '\0', '--threads', '2'],
    ['dump', log(1024), '--threads', '2', ...Array.from({ length: 20 }, () => '--strict')],
  ])
    assert.equal(expectedTask(args), null, args.join(' '));
});
