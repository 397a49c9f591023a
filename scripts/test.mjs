// `npm test`: all of tests/**/*.test.ts, built; or only those whose path contains one of the arguments.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemPackages } from './system-packages.mjs';

systemPackages();
if (!process.env.NOISEFLOOR_SHARED && !existsSync('../shared/data')) {
  console.log('SKIPPING tests on real logs: there is no ../shared/data');
}
const wanted = process.argv.slice(2);
const files = readdirSync('tests', { recursive: true })
  .map(String)
  .filter(
    (file) =>
      file.endsWith('.test.ts') &&
      (wanted.length === 0 || wanted.some((part) => join('tests', file).includes(part))),
  )
  .sort()
  .map((file) => join('dist', 'tests', file.replace(/\.ts$/, '.js')));
const args = ['--enable-source-maps', '--test', '--test-reporter=spec', ...files];
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);
