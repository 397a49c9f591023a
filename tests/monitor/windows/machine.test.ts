/** How programs are run: their ends, and what they can't do to the one who runs them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { thisMachine } from '../../../src/monitor/windows/machine.ts';

const elsewhere = process.platform === 'win32' && 'needs /bin/sh';
const shell = (script: string): readonly string[] => ['-c', script];

test('a program ends with its code and what it printed', { skip: elsewhere }, async () => {
  const ran = await thisMachine().run('/bin/sh', shell('echo one; echo two >&2; exit 5'));
  assert.deepEqual(ran, { status: 5, text: 'one\n', errorText: 'two\n', failure: null });
});

test(
  'a program that is not there, hangs or is no longer wanted is a failure',
  { skip: elsewhere },
  async () => {
    const { run } = thisMachine();
    const none = await run('/no/such/program', []);
    assert.deepEqual([none.status, none.failure], [null, 'there is no /no/such/program']);
    const hangs = await run('/bin/sh', shell('exec sleep 1000'), { timeoutMs: 20 });
    assert.deepEqual([hangs.status, hangs.failure], [null, 'it did not end within 0.02 s']);
    for (const signal of [AbortSignal.abort(), AbortSignal.timeout(20)]) {
      const ended = await run('/bin/sh', shell('exec sleep 1000'), { signal });
      assert.deepEqual([ended.status, ended.failure], [null, 'it was ended']);
    }
  },
);

test('a program that asks for input gets none', { skip: elsewhere }, async () => {
  const { text } = await thisMachine().run('/bin/sh', shell('read answer || echo none'));
  assert.equal(text, 'none\n');
});

test('a command file is not given what the shell would read in its own way', async () => {
  for (const bad of ['a"b', 'a\nb', '%PATH%']) {
    const { status, failure } = await thisMachine().run(String.raw`C:\Sysmon64.cmd`, [bad]);
    assert.equal(status, null);
    assert.match(failure!, /can't be given safely/);
  }
});
