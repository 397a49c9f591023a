// Everything between a fresh clone and a built project: the packages of package-lock.json, then the build.
// Runs before `npm test` and `npm run demo`; does nothing that is done already.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 15)) {
  console.error(`noisefloor needs Node 20.15 or newer, found ${process.versions.node}`);
  process.exit(2);
}

function run(what, command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) return;
  console.error(`setup: ${what} failed${error ? `: ${error.message}` : ''}`);
  process.exit(1);
}

const installed = join('node_modules', '.package-lock.json');
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs) {
  console.error('setup: installing packages');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
  if (npm) run('npm ci', process.execPath, [npm, ...args]);
  else run('npm ci', 'npm', args);
}
run('build', process.execPath, [join('scripts', 'build.mjs')]);
