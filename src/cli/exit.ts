/** Exit codes, and what is said when a command can't answer. */
import { ConfigError, EditError } from '../config/index.ts';
import type { Diagnostic } from '../events/index.ts';
import { MonitorError } from '../monitor/index.ts';
import { QuestionError } from '../predicate/index.ts';
import { safeText } from '../report/index.ts';

export const EXIT = { answered: 0, gate: 1, usage: 2, noExposure: 3 } as const;

/** Says on stderr why a command ended; the exit code for it. A fault of our own keeps its stack. */
export function reportFailure(error: unknown): number {
  if (
    error instanceof QuestionError ||
    error instanceof ConfigError ||
    error instanceof EditError ||
    error instanceof MonitorError
  ) {
    process.stderr.write(`noisefloor: ${error.code}: ${safeText(error.message)}\n`);
    return EXIT.usage;
  }
  throw error;
}

/** Said on stderr where no record was read. */
export const NOTHING_READABLE = 'noisefloor: nothing-readable: no record could be read from these logs\n';

/** A diagnostic of a reader, or of an answer. */
type Placed = Pick<Diagnostic, 'code' | 'message' | 'where'> & { readonly severity: string };

/** One diagnostic as a line for stderr. */
export function diagnosticLine({ code, severity, message, where }: Placed): string {
  const place = [
    ...(where.source === undefined ? [] : [safeText(where.source)]),
    ...(where.line === undefined ? [] : [`line ${where.line}`]),
    ...(where.offset === undefined ? [] : [`offset ${where.offset}`]),
    ...(where.record === undefined ? [] : [`record ${where.record}`]),
  ].join(', ');
  return `noisefloor: ${severity}: ${code}: ${place === '' ? '' : `${place}: `}${safeText(message)}\n`;
}
