export type { Answer } from '../analysis/index.ts';
export type { Tally } from '../tally/index.ts';
export { ask, type AskOptions } from './ask.ts';
export { dump, type DumpOptions } from './dump.ts';
