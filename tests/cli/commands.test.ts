/** The help of the whole tool, which loads no command, says what each command says of itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS, commandsFor } from '../../src/cli/commands.ts';

test('the listed commands are those of their files', async () => {
  for (const { name, takes, summary, load } of COMMANDS) {
    const command = await load();
    const args = command.usage().replace('[options]', '').trim();
    assert.deepEqual([command.name(), args, command.summary()], [name, takes, summary]);
    assert.ok(command.options.length > 0, `${name} is listed with [options]`);
  }
});

test('only the command that is named is loaded', async () => {
  const whole = async (...args: string[]): Promise<string[]> =>
    (await commandsFor(args)).filter(({ options }) => options.length > 0).map((command) => command.name());
  assert.deepEqual(await whole('--help'), []);
  assert.deepEqual(await whole('help', 'diff'), ['diff']);
  assert.deepEqual(await whole('config', 'ask'), ['config']);
  assert.deepEqual(await whole('no-such-command'), []);
});
