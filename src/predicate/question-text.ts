/** The canonical text of a question: equal for equal questions, and it can be taken apart to say what differs. */
import { boundKey, foldAscii } from '../events/index.ts';
import { parseFieldTest } from './field-test.ts';

/** What a question asks for. How events are grouped is no part of it: the same events count, however they are shown. */
export interface QuestionParts {
  /** The event types, the configuration or the rules. */
  readonly subject: string;
  /** Tests as `canonicalTest` writes them, sorted, each once. */
  readonly where: readonly string[];
  readonly not: readonly string[];
  /** Milliseconds since 1970 UTC, closed; -Infinity and Infinity where nothing was asked for. */
  readonly from: number;
  readonly to: number;
}

/** A configuration may be of megabytes; past this its beginning and a digest stand for it. */
const MAX_SUBJECT = 16 * 1024;

export function questionText(parts: QuestionParts): string {
  return JSON.stringify([
    boundKey(parts.subject, MAX_SUBJECT),
    canonicalTests(parts.where),
    canonicalTests(parts.not),
    Number.isFinite(parts.from) ? parts.from : null,
    Number.isFinite(parts.to) ? parts.to : null,
  ]);
}

/** Null for a text that `questionText` did not write: tally files come from outside. */
export function questionParts(text: string): QuestionParts | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 5) return null;
  const [subject, where, not, from, to] = parts as unknown[];
  if (typeof subject !== 'string' || !isTexts(where) || !isTexts(not)) return null;
  if (!(from === null || Number.isSafeInteger(from)) || !(to === null || Number.isSafeInteger(to)))
    return null;
  return {
    subject,
    where,
    not,
    from: from === null ? -Infinity : (from as number),
    to: to === null ? Infinity : (to as number),
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function canonicalTests(tests: readonly string[]): string[] {
  return [...new Set(tests.map(canonicalTest))].sort();
}

/** A test in the one spelling that all equal ones share; it compiles to the same test. */
function canonicalTest(test: string): string {
  const { field, modifier, value } = parseFieldTest(test, '--where');
  return `${foldAscii(field)}|${modifier}=${modifier === 're' ? value : foldAscii(value)}`;
}
