/** A path -> a configuration that Sysmon would accept. */
import { readFileSync, statSync } from 'node:fs';
import {
  type Config,
  type ConfigDiagnostic,
  ConfigError,
  parseConfig,
  type ParsedConfig,
} from '../config/index.ts';
import { QuestionError } from '../predicate/index.ts';

/** A configuration is small; what is larger is none, and is not read. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface LoadedConfig {
  readonly parsed: ParsedConfig;
  readonly config: Config;
  readonly warnings: readonly ConfigDiagnostic[];
}

/** Reads a configuration. Throws QuestionError for what is none, ConfigError with the first reason against one. */
export function loadConfig(path: string, schema?: string): LoadedConfig {
  if (schema !== undefined && !/^\d{1,2}\.\d{1,2}$/.test(schema)) {
    throw new QuestionError('schema-syntax', `expected a schema version such as 4.91, found "${schema}"`);
  }
  const parsed = parseConfig(readConfig(path), schema === undefined ? {} : { binarySchema: schema });
  const { accepted, config, diagnostics } = parsed;
  if (accepted && config) return { parsed, config, warnings: diagnostics };
  const { code, line, column, message } = diagnostics.find(({ severity }) => severity === 'error')!;
  throw new ConfigError(code, path, line, column, message);
}

/** The bytes of a configuration. Throws QuestionError where there are none, ConfigError where there are too many. */
export function readConfig(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= MAX_BYTES) return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new QuestionError('config-unreadable', `${path}: expected a Sysmon configuration, but ${reason}`);
  }
  throw new ConfigError('config-too-large', path, 1, 1, `expected at most ${MAX_BYTES} bytes`);
}
