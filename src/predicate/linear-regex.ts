/** Regular expressions that take linear time. */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

export type LinearPattern = Pick<RE2JS, 'matcher'>;

const require = createRequire(import.meta.url);

/** RE2 syntax; throws an error that says what is wrong. */
export function compileLinear(source: string): LinearPattern {
  // Loaded by the first expression: the engine's tables take as long as all else that a small question needs.
  const engine = require('re2js') as typeof import('re2js');
  return engine.RE2JS.compile(source);
}
