/** The unit that is written: paths are words of their own, and systemd takes every line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { servicePaths } from '../../src/monitor/index.ts';
import { unitText } from '../../src/monitor/service/unit.ts';

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-unit-'));
after(() => rmSync(folder, { recursive: true }));

const PROGRAMS = { node: '/usr/bin/node', main: '/opt/noisefloor/main.js', bpftrace: '/usr/bin/bpftrace' };
const lineOf = (text: string, name: string): string =>
  text.split('\n').find((line) => line.startsWith(`${name}=`)) ?? '';

test('it runs the sensor on the installed copy', () => {
  const text = unitText(servicePaths(''), PROGRAMS);
  assert.equal(
    lineOf(text, 'ExecStart'),
    'ExecStart=:"/usr/bin/node" "--max-old-space-size=128" "--max-semi-space-size=2" "/opt/noisefloor/main.js" "watch" "/etc/noisefloor/config.xml" "--service"',
  );
  assert.equal(lineOf(text, 'Environment'), '');
});

test('quotes, blanks and percent signs in paths are only characters', () => {
  const text = unitText(servicePaths(''), {
    ...PROGRAMS,
    node: '/opt/a "b" 100%s\\n/node',
    main: '/x/$HOME/%h.js',
  });
  // systemd.syntax(7), systemd.service(5): C-style escapes in quotes, %% for a percent sign; the colon keeps $ as it is.
  assert.ok(
    lineOf(text, 'ExecStart').startsWith(
      'ExecStart=:"/opt/a \\"b\\" 100%%s\\\\n/node" "--max-old-space-size=128" "--max-semi-space-size=2" "/x/$HOME/%%h.js" ',
    ),
    text,
  );
});

test('a bpftrace that systemd would not find is put on its PATH', () => {
  const text = unitText(servicePaths(''), { ...PROGRAMS, bpftrace: '/opt/my tracer/bin/bpftrace' });
  assert.match(lineOf(text, 'Environment'), /^Environment="PATH=\/opt\/my tracer\/bin:.*:\/usr\/bin:/);
});

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;

test('systemd finds nothing wrong with it', { skip: !analyze && 'needs systemd-analyze' }, () => {
  // It looks whether the program can be run, and so tells whether the path arrived as it is.
  const bin = join(folder, '100%s of it');
  mkdirSync(bin);
  const node = join(bin, 'no de');
  writeFileSync(node, '#!/bin/sh\n');
  chmodSync(node, 0o755);
  const verify = (text: string): { readonly code: number | null; readonly said: string } => {
    const unit = join(folder, 'noisefloor.service');
    writeFileSync(unit, text);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
      encoding: 'utf8',
    });
    return {
      code: status,
      said: stderr
        .split('\n')
        .filter((line) => line.includes('noisefloor'))
        .join('\n'),
    };
  };
  const text = unitText(servicePaths(''), { ...PROGRAMS, node });
  assert.deepEqual(verify(text), { code: 0, said: '' });
  // And it would have said so.
  assert.match(verify(text.replace('100%%s', '100%s')).said, /not executable/);
  assert.match(verify(text.replace('Restart=', 'Restrat=')).said, /Restrat/);
});
