/** What `check` found as SARIF 2.1.0, for code scanning. */
import { LINT_RULES, type LintFinding, LOADER_FACTS, type LoaderFact, positions } from '../config/index.ts';
import type { CheckAnswer, CheckedConfig } from './checked-config.ts';
import { terminalSafe } from '../lines/index.ts';

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

const RULES: readonly LoaderFact[] = [...LOADER_FACTS, ...LINT_RULES];

/** A SARIF log with one run. `version` is noisefloor's. */
export function renderSarif(answer: CheckAnswer, version: string): string {
  const indexes = new Map(RULES.map(({ code }, index) => [code, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'noisefloor',
            version,
            rules: RULES.map(({ code, severity, title, fact }) => ({
              id: code,
              shortDescription: { text: title },
              fullDescription: { text: fact },
              help: { text: fact },
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        artifacts: answer.files.map(({ path }) => ({ location: { uri: uriOf(path) } })),
        results: answer.files.flatMap((file, artifact) => {
          const place = positions(file.text);
          return file.result.findings.map((finding) => result(file, artifact, finding, indexes, place));
        }),
      },
    ],
  };
  return `${terminalSafe(JSON.stringify(log, null, 2))}\n`;
}

type PositionOf = ReturnType<typeof positions>;

function result(
  { path }: CheckedConfig,
  artifact: number,
  { code, severity, message, start, end, fix }: LintFinding,
  indexes: ReadonlyMap<string, number>,
  place: PositionOf,
): unknown {
  const artifactLocation = { uri: uriOf(path), index: artifact };
  const ruleIndex = indexes.get(code);
  return {
    ruleId: code,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation, region: region(start, end, place) } }],
    ...(fix && fix.splices.length > 0
      ? {
          fixes: [
            {
              description: { text: fix.title },
              artifactChanges: [
                {
                  artifactLocation,
                  replacements: fix.splices.map((splice) => ({
                    deletedRegion: region(splice.start, splice.end, place),
                    insertedContent: { text: splice.text },
                  })),
                },
              ],
            },
          ],
        }
      : {}),
  };
}

function region(start: number, end: number, place: PositionOf): unknown {
  const [from, to] = [place(start), place(end)];
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

/** A relative URI reference for a path; `-` is standard input. */
function uriOf(path: string): string {
  if (path === '-') return 'stdin';
  const slashed = path.replaceAll('\\', '/');
  const uri = slashed.split('/').map(encodeURIComponent).join('/');
  // A share of another machine, a drive, and the root of them all.
  if (path.startsWith('\\\\')) return `file:${uri}`;
  if (/^[A-Za-z]:\//.test(slashed)) return `file:///${slashed.slice(0, 2)}${uri.slice(4)}`;
  return path.startsWith('/') ? `file://${uri}` : uri;
}
