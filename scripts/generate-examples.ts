/** Writes examples/: logs that are modelled, not recorded. Run with `npm run generate`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exampleFiles } from '../tests/builders/modelled-examples.ts';
import { ROOT } from '../tests/builders/shared.ts';

for (const [path, bytes] of exampleFiles()) {
  const target = join(ROOT, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
}
