/** `noisefloor watch CONFIG --json`, as a person runs it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../builders/shared.ts';
import { SKIP_LIVE } from './live-part.ts';
import type { SeenEvent } from './logged.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { logsAll } from './service.ts';
import { fact, runTrigger } from './trigger.ts';

let programs: Programs;
before(() => {
  if (!SKIP_LIVE) programs = buildPrograms();
});
after(() => programs?.remove());

test(
  'watch CONFIG --json: the injection is a line on stdout, and Ctrl-C ends it with exit code 0',
  { skip: SKIP_LIVE },
  async () => {
    const config = join(programs.folder, 'question.xml');
    writeFileSync(config, logsAll('CreateRemoteThread'));
    const child = spawn(process.execPath, [join(ROOT, 'dist/src/cli/main.js'), 'watch', config, '--json']);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let [out, err] = ['', ''];
    const until = (what: string, is: () => boolean): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => (is() ? resolve() : undefined);
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void ended.then(() => reject(new Error(`${what} was not seen: ${err}`)));
      });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    await until('the start', () => out.includes('"State":"Started"'));
    const args = ({ target }: Programs): readonly string[] => ['vm-write', target];
    const run = runTrigger({ name: 'vm-write', args, expected: () => [] }, programs);
    await until('the injection', () => out.includes(`"TargetProcessId":"${fact(run, 'target')}"`));
    child.kill('SIGINT');
    assert.equal(await ended, 0);
    const events = out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SeenEvent);
    const ours = events.filter(({ fields }) => fields['SourceProcessId'] === String(run.pid));
    assert.deepEqual(
      ours.map(({ eventId, fields }) => [eventId, fields['SourceImage'], fields['TargetImage']]),
      [[8, programs.trigger, programs.target]],
    );
  },
);
