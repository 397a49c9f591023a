// `npm run build`: src -> dist. The compiler makes modules and their types, which are the library, the tests and the
// scripts; AssemblyScript's makes the kernel; scripts/bundle.mjs makes the command line out of those modules.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { bundle } from './bundle.mjs';

function compile(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

compile('node_modules/typescript/bin/tsc', '-p', '.');

const kernel = 'dist/src/lines/kernel.wasm';
const made = existsSync(kernel) ? statSync(kernel).mtimeMs : 0;
const sources = ['kernel/json-lines.ts', 'kernel/asconfig.json', 'package-lock.json'];
if (sources.some((file) => statSync(file).mtimeMs > made)) {
  compile('node_modules/assemblyscript/bin/asc.js', 'kernel/json-lines.ts', '--config', 'kernel/asconfig.json');
}

await bundle();
