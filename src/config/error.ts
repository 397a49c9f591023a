import type { Code } from '../events/index.ts';

/** A configuration that can't be used. Line and column count from 1. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly code: Code;
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(code: Code, file: string, line: number, column: number, message: string) {
    super(`${file}:${line}:${column}: ${message}`);
    this.code = code;
    this.file = file;
    this.line = line;
    this.column = column;
  }
}
