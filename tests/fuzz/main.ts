/**
 * `npm run fuzz [SECONDS] [SEED]`: fuzzes the EVTX reader, 60 seconds if nothing else is said. Without a seed each run
 * is another. `npm run fuzz FILE`: reads what an earlier run has written.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differsAsFile } from './files.ts';
import { firstDifference, readFailure, writeFailure } from './input.ts';
import { Random } from './random.ts';
import { fuzz } from './run.ts';
import { seedChunks } from './seeds.ts';
import type { Report } from './worker.ts';

const [first = '60', second] = process.argv.slice(2);
process.exitCode = existsSync(first) ? await again(first) : await run(Number(first), second);

async function run(seconds: number, given: string | undefined): Promise<number> {
  const seed = given === undefined ? Date.now() % 2 ** 31 : Number(given);
  if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
    console.error('expected seconds and a seed, or a file: npm run fuzz [SECONDS] [SEED]');
    return 2;
  }
  const line = ({ inputs, files, blocks, kept }: Report, passed: number): string =>
    `${inputs} inputs (${(inputs / passed).toFixed(0)}/s) and ${files} files, ${kept} kept, ${blocks.reached} of ${blocks.known} blocks`;
  const begun = Date.now();
  const result = await fuzz({ seconds, seed, seeds: seedChunks(true) }, (report) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${line(report, (Date.now() - begun) / 1000)} `);
  });
  console.log(
    `${process.stdout.isTTY ? '\n' : ''}seed ${seed}: ${line({ ...result, done: true }, result.seconds)}`,
  );
  console.log(
    `${result.planned} of ${result.records} records by plan; ${result.bounded} inputs past a bound of the plain reader`,
  );
  if (result.failure === null) return 0;
  const path = `fuzz-${seed}.json`;
  writeFailure(path, result.failure);
  console.log(`${result.failure.reason}\nwritten to ${path}; to read it again: npm run fuzz ${path}`);
  return 1;
}

async function again(path: string): Promise<number> {
  const { reason, inputs, file } = readFailure(path);
  console.log(`then: ${reason}`);
  const begun = Date.now();
  const now = file
    ? await differsAsFile(file.bytes, join(tmpdir(), `${process.pid}.evtx`), file, new Random(file.seed))
    : firstDifference(inputs);
  console.log(`now, in ${Date.now() - begun} ms: ${now ?? 'no difference'}`);
  return now === null ? 0 : 1;
}
