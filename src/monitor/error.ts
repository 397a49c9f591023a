import type { Code } from '../events/index.ts';

/** Something without which the monitor can't be started, installed, changed or removed. */
export class MonitorError extends Error {
  override readonly name: string = 'MonitorError';
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}
