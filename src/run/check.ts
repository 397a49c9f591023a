/** Reads configurations, checks them, and makes safe repairs. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import {
  applySplices,
  declaredVersion,
  decodeConfig,
  encodeConfig,
  lint,
  type LintResult,
  parseConfig,
  type ParsedConfig,
  safeFixes,
} from '../config/index.ts';
import type { Diagnostic } from '../events/index.ts';
import type { CheckAnswer, CheckedConfig, FixedFinding } from '../report/index.ts';
import { filesIn } from './files-in.ts';

export interface CheckOptions {
  /** Schema of the Sysmon to check for. Default: 4.91. */
  readonly schema?: string;
  /** Makes safe repairs and writes the files back. */
  readonly fix?: boolean;
  /** `YYYY-MM-DD`: entries of an allow-list expire. Default: today, in UTC. */
  readonly today?: string;
}

export interface CheckOutcome extends CheckAnswer {
  /** Files and folders that could not be read. */
  readonly unreadable: readonly Pick<Diagnostic, 'code' | 'severity' | 'message' | 'where'>[];
}

/** A repair may make room for another; more rounds than rules would be a circle. */
const MAX_ROUNDS = 20;

/**
 * Checks files, and all .xml files in folders that hold a configuration; `-` is standard input. Nothing throws:
 * what can't be read is told beside.
 */
export function check(
  paths: readonly string[],
  { schema = '4.91', fix = false, today }: CheckOptions = {},
): CheckOutcome {
  const files: CheckedConfig[] = [];
  const unreadable: CheckOutcome['unreadable'][number][] = [];
  const fail = (source: string, message: string): void => {
    unreadable.push({ code: 'config-unreadable', severity: 'error', message, where: { source } });
  };
  const one = (path: string, named: boolean): boolean => {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path === '-' ? 0 : path);
    } catch (error) {
      fail(path, `expected a file that can be read: ${(error as Error).message}`);
      return true;
    }
    const parsed = parseConfig(bytes, { binarySchema: schema });
    // A folder may hold other XML than configurations.
    if (!named && parsed.diagnostics[0]?.code === 'config-root') return false;
    files.push(
      fix && path !== '-'
        ? repaired(path, bytes, parsed, schema, today)
        : checked(path, parsed, lint(parsed, { today }), bytes),
    );
    return true;
  };
  for (const path of paths) {
    let inside: string[] | null;
    try {
      inside = path !== '-' && statSync(path).isDirectory() ? filesIn(path, /\.xml$/i) : null;
    } catch (error) {
      fail(path, `expected a file or a folder that can be read: ${(error as Error).message}`);
      continue;
    }
    if (inside === null) one(path, true);
    else if (inside.filter((file) => one(file, false)).length === 0)
      fail(path, 'expected .xml files with Sysmon configurations in this folder, found none');
  }
  return { binarySchema: schema, files, unreadable };
}

function checked(
  path: string,
  { config }: ParsedConfig,
  result: LintResult,
  bytes: Uint8Array,
  fixed: readonly FixedFinding[] = [],
  notFixed: string | null = null,
): CheckedConfig {
  const schema = config && declaredVersion(config);
  const text = config?.source.text ?? decodeConfig(bytes).text;
  return { path, text, schema, result, fixed, notFixed };
}

function repaired(
  path: string,
  bytes: Uint8Array,
  parsed: ParsedConfig,
  schema: string,
  today: string | undefined,
): CheckedConfig {
  const before = lint(parsed, { today });
  const { config } = parsed;
  const untouched = (reason: string | null): CheckedConfig =>
    checked(path, parsed, before, bytes, [], reason);
  if (!config || safeFixes(before.findings).splices.length === 0) return untouched(null);
  const { source } = config;
  const fixed: FixedFinding[] = [];
  let [now, result, text] = [parsed, before, source.text];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { findings, splices } = safeFixes(result.findings);
    if (splices.length === 0) break;
    const next = applySplices(text, splices);
    const bytesNext = encodeConfig({ ...source, text: next });
    const parsedNext = parseConfig(bytesNext, { binarySchema: schema });
    const resultNext = lint(parsedNext, { today });
    // A repair must never cost what loads now.
    if (!parsedNext.config || (result.accepted && !resultNext.accepted)) break;
    fixed.push(...findings.map(({ code, line, column, fix }) => ({ code, line, column, title: fix!.title })));
    [now, result, text] = [parsedNext, resultNext, next];
  }
  if (fixed.length === 0) return untouched('the repairs would keep Sysmon from loading the file');
  const written = encodeConfig({ ...source, text });
  try {
    writeFileSync(path, written);
  } catch (error) {
    return untouched((error as Error).message);
  }
  return checked(path, now, result, written, fixed);
}
