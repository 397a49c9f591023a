/** All rules over one configuration. */
import type { Position } from '../document.ts';
import type { ConfigDiagnostic, ParsedConfig } from '../load.ts';
import { type MinimumSchema, minimumSchema } from './minimum-schema.ts';
import type { Finding, LintContext, Severity } from './rule.ts';
import { LINT_RULES, REFUSED, SAID_BETTER } from './rules.ts';
import { whyNotXml } from './not-xml.ts';

export interface LintFinding extends Finding, Position {
  readonly code: string;
  readonly severity: Severity;
}

export interface LintResult {
  /** Whether the Sysmon that the configuration was parsed for would take it, its option values included. */
  readonly accepted: boolean;
  /** By place, then code; at most MAX_FINDINGS. */
  readonly findings: readonly LintFinding[];
  /** Findings past that bound. */
  readonly omitted: number;
  /** Of all findings, those omitted included. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** Null where the text is no configuration. */
  readonly minimum: MinimumSchema | null;
}

export const MAX_FINDINGS = 1000;

export interface LintOptions {
  /** The day for which entries may have expired: `YYYY-MM-DD`. Default: today, in UTC. */
  readonly today?: string | undefined;
}

/** Runs every rule. Bounded: what is past the bound is counted. */
export function lint(parsed: ParsedConfig, options: LintOptions = {}): LintResult {
  const { config } = parsed;
  const { today = new Date().toISOString().slice(0, 10) } = options;
  const found: LintFinding[] = [];
  if (config) {
    const context: LintContext = { parsed, config, blocks: config.active, today };
    for (const { code, severity, check } of LINT_RULES) {
      for (const finding of check(context)) {
        found.push({ ...finding, ...config.positionOf(finding.start), code, severity });
      }
    }
  }
  const codes = new Set(found.map(({ code }) => code));
  for (const diagnostic of parsed.diagnostics) {
    if (!SAID_BETTER[diagnostic.code]?.some((code) => codes.has(code))) found.push(ofLoader(diagnostic));
  }
  found.sort(
    (a, b) => a.start - b.start || a.end - b.end || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of found) counts[severity] += 1;
  return {
    accepted: parsed.accepted && ![...codes].some((code) => REFUSED.has(code)),
    // Errors are never the ones left out.
    findings: found.length <= MAX_FINDINGS ? found : bounded(found),
    omitted: Math.max(0, found.length - MAX_FINDINGS),
    counts,
    minimum: config && minimumSchema(config),
  };
}

/** The gravest findings, in their order of place. */
function bounded(found: readonly LintFinding[]): LintFinding[] {
  const grave = (severity: Severity): LintFinding[] =>
    found.filter((finding) => finding.severity === severity);
  const kept = new Set([...grave('error'), ...grave('warning'), ...grave('info')].slice(0, MAX_FINDINGS));
  return found.filter((finding) => kept.has(finding));
}

function ofLoader({ code, severity, message, line, column, offset }: ConfigDiagnostic): LintFinding {
  const hint = code === 'config-not-xml' ? whyNotXml(message) : null;
  return {
    code,
    severity,
    line,
    column,
    start: offset,
    end: offset,
    message: hint ? `${message}; ${hint}` : message,
  };
}
