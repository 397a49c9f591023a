export type { Answer, Blindspots, Tuning } from '../analysis/index.ts';
export type { Tally } from '../tally/index.ts';
export { ask, type AskOptions } from './ask.ts';
export { blindspots, type BlindspotsOptions } from './blindspots.ts';
export { check, type CheckOptions, type CheckOutcome } from './check.ts';
export { questionConfig, type QuestionConfigOptions } from './config.ts';
export { diff, type DiffOptions } from './diff.ts';
export { type Dump, dump, type DumpOptions, type LineFormat } from './dump.ts';
export {
  explain,
  type ExplainBatch,
  type ExplainedEvent,
  type ExplainOptions,
  type Explanations,
} from './explain.ts';
export { loadConfig, type LoadedConfig, readConfig } from './load-config.ts';
export { loggedTypes } from './logged-types.ts';
export { merge, type MergeOptions } from './merge.ts';
export { expectOutput, expectReplaceable, writeOutput } from './output-file.ts';
export { runSuite, type SuiteOptions } from './suite.ts';
export { type Watch, watch, type WatchOptions } from './watch.ts';
export { type WatchArgument, watchArgument } from './watch-argument.ts';
export { tune, type TuneOptions } from './tune.ts';
export { expectThread, type Task } from './start-thread.ts';
export { threadCount } from './thread-count.ts';
