/**
 * Mutants of event logs, a minute long: no crash, no hang, and the scan reads what the plain reader reads. The seed is
 * always the same, and so are the inputs as far as the same code is reached; NOISEFLOOR_FUZZ_SECONDS says how long.
 * `npm run fuzz` goes on with other seeds. docs/fuzzing.md
 */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFailure } from './input.ts';
import { fuzz } from './run.ts';
import { seedChunks } from './seeds.ts';

const seconds = Number(process.env['NOISEFLOOR_FUZZ_SECONDS'] ?? 60);

/** An input that hangs is found by its own watch; this is for what stands around it, and for busy machines. */
const options = { skip: seconds > 0 ? false : 'no seconds', timeout: 1000 * (seconds + 600) };

test(`event logs are fuzzed for ${seconds} s`, options, async (t) => {
  const { failure, inputs, records, planned, blocks } = await fuzz(
    { seconds, seed: 1, seeds: seedChunks(false) },
    () => {},
  );
  t.diagnostic(`${inputs} inputs, ${records} records, ${blocks.reached} of ${blocks.known} blocks`);
  if (failure !== null) {
    const path = join(tmpdir(), 'noisefloor-fuzz.json');
    writeFailure(path, failure);
    assert.fail(`${failure.reason}\nto read it again: npm run fuzz ${path}`);
  }
  assert.ok(planned > 0.5 * records, `${planned} of ${records} records by plan`);
  assert.ok(blocks.reached > 0.8 * blocks.known, JSON.stringify(blocks));
});
