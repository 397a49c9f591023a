// `npm run build`: src -> dist. The compiler makes modules and their types, which are the library, the tests and the
// scripts; AssemblyScript's makes the kernels; scripts/bundle.mjs makes the command line out of those modules.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) process.exit(status ?? 1);

/** Of each kernel, beside the module that loads it: newer than all that kernels are made of, or made anew. */
const KERNELS = { lines: 'dist/src/lines', scan: 'dist/src/evtx' };
const sources = [...readdirSync('kernel').map((file) => join('kernel', file)), 'package-lock.json'];
for (const [name, folder] of Object.entries(KERNELS)) {
  const out = join(folder, `${name}.wasm`);
  const made = existsSync(out) ? statSync(out).mtimeMs : 0;
  if (sources.every((file) => statSync(file).mtimeMs <= made)) continue;
  const asc = await import('assemblyscript/asc');
  const options = ['--config', 'kernel/asconfig.json', '--outFile', out];
  const { error, stderr } = await asc.main([`kernel/${name}.ts`, ...options]);
  if (error) {
    console.error(String(stderr));
    process.exit(1);
  }
}

await bundle();
