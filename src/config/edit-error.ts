import type { Code } from '../events/index.ts';

/** A change to a configuration that can't be made: its target does not exist, or its text is no XML. */
export class EditError extends Error {
  override readonly name: string = 'EditError';
  readonly code: Extract<Code, `config-edit-${string}`>;
  /** UTF-16 units into the configuration's text. */
  readonly offset: number;

  constructor(code: EditError['code'], offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}
