// `npm run build`: src -> dist. The compiler makes modules and their types, which are the library, the tests and the
// scripts; AssemblyScript's makes the kernel; scripts/bundle.mjs makes the command line out of those modules.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { bundle } from './bundle.mjs';

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) process.exit(status ?? 1);

const kernel = 'dist/src/lines/kernel.wasm';
const made = existsSync(kernel) ? statSync(kernel).mtimeMs : 0;
const sources = ['kernel/json-lines.ts', 'kernel/asconfig.json', 'package-lock.json'];
if (sources.some((file) => statSync(file).mtimeMs > made)) {
  const asc = await import('assemblyscript/asc');
  const { error, stderr } = await asc.main(['kernel/json-lines.ts', '--config', 'kernel/asconfig.json']);
  if (error) {
    console.error(String(stderr));
    process.exit(1);
  }
}

await bundle();
