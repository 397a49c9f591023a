/** What `check` found as JSON: `noisefloor.check/1`. */
import type { CheckAnswer } from './checked-config.ts';
import { terminalSafe } from '../lines/index.ts';

/** Indented JSON with a line break at its end. Offsets are UTF-16 units, lines and columns count from 1. */
export function renderCheckJson({ binarySchema, files }: CheckAnswer): string {
  const answer = {
    schema: 'noisefloor.check/1',
    binarySchema,
    files: files.map(({ path, schema, result, fixed, notFixed }) => ({
      path,
      accepted: result.accepted,
      schemaversion: schema,
      minimum: result.minimum,
      counts: result.counts,
      findings: result.findings.map((finding) => ({
        code: finding.code,
        severity: finding.severity,
        line: finding.line,
        column: finding.column,
        start: finding.start,
        end: finding.end,
        message: finding.message,
        fix: finding.fix ?? null,
        witness: finding.witness ?? null,
      })),
      omitted: result.omitted,
      fixed,
      notFixed,
    })),
  };
  return `${terminalSafe(JSON.stringify(answer, null, 2))}\n`;
}
