export { type Block, type Filter, sectionsOf } from './blocks.ts';
export { ConfigError } from './error.ts';
export { becauseOf, decideFor, type Decision, evaluate } from './evaluate.ts';
export { type Config, type ConfigDiagnostic, parseConfig, type ParsedConfig } from './load.ts';
