// `npm run build`: src -> dist. The compiler makes modules and their types, which are the library, the tests and the
// scripts; scripts/bundle.mjs makes the command line out of those modules.
import { spawnSync } from 'node:child_process';
import { bundle } from './bundle.mjs';

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) process.exit(status ?? 1);
await bundle();
