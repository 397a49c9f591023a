/** A configuration that can't be used. `code` is one of docs/errors.md; line and column count from 1. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;

  constructor(code: string, file: string, line: number, column: number, message: string) {
    super(`${file}:${line}:${column}: ${message}`);
    this.code = code;
    this.file = file;
    this.line = line;
    this.column = column;
  }
}
