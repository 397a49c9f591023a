/** `ask`: a question and logs in, an answer out. */
import { availableParallelism } from 'node:os';
import { analyse, type Answer, type ForecastTarget, type QuestionFacts } from '../analysis/index.ts';
import { hostKey } from '../events/index.ts';
import { type Question, QuestionError } from '../predicate/index.ts';
import { findLogs, type FoundLogs } from '../sources/index.ts';
import { addDiagnostics, type Tally } from '../tally/index.ts';
import { gather } from './gather.ts';
import { type QuestionText, resolveQuestion } from './resolve.ts';

export interface AskOptions extends Omit<QuestionText, 'question'> {
  /** `120h` for every host, or `HOST=120h`: hours of exposure that are known from elsewhere. */
  readonly exposure?: readonly string[];
  /** `7d 2000 hosts`: what to expect in so many hours, days or weeks on so many hosts. */
  readonly forecast?: string;
  /** Default: one per core. */
  readonly threads?: number;
  /** Check all checksums, and not only after an anomaly. */
  readonly verify?: boolean;
  /** Read what stands behind damage in event logs, too. */
  readonly recover?: boolean;
  /** Told how many of how many bytes are read. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Answers a question out of logs: files, folders, archives, `-`. Nothing in a log makes it throw: what could not be
 * read stands in the answer's `read` and `diagnostics`. Throws QuestionError or ConfigError for what can't be asked.
 */
export async function ask(
  question: string,
  logs: readonly string[],
  options: AskOptions = {},
): Promise<Answer> {
  const { exposure, forecast, threads, verify, recover, onProgress, ...narrowed } = options;
  const asked: QuestionText = { question, ...narrowed };
  const compiled = resolveQuestion(asked);
  const given = givenExposure(exposure ?? []);
  const target = forecast === undefined ? null : forecastTarget(forecast);
  const found = await findLogs(logs);
  const total = found.logs.reduce((sum, log) => sum + log.size, 0);
  let done = 0;
  const tally = await gather(asked, compiled, found.logs, {
    threads: threads ?? availableParallelism(),
    verify: verify ?? false,
    recover: recover ?? false,
    onBytes: (bytes) => {
      done += bytes;
      onProgress?.(done, total);
    },
  });
  return answerOf(tally, compiled, found, { exposure: given, forecast: target });
}

function answerOf(
  tally: Tally,
  question: Question,
  found: FoundLogs,
  { exposure, forecast }: Pick<QuestionFacts, 'exposure' | 'forecast'>,
): Answer {
  tally.skipped = [...found.skipped, ...tally.skipped];
  for (const problem of found.problems) {
    addDiagnostics(tally, problem.code, { count: 1, lost: problem.lost, first: [problem] });
  }
  for (const host of exposure.perHost.keys()) {
    if (tally.hosts.has(host)) continue;
    // A host that wrote nothing may be meant; a name that was mistyped must not add hours unseen.
    const known = [...tally.hosts.keys()].sort().slice(0, 10).join(', ');
    const message = `--exposure names the host ${host}, which is in no log (they name ${known || 'none'}): its hours count all the same`;
    addDiagnostics(tally, 'exposure-host-unknown', {
      count: 1,
      lost: 0,
      first: [{ code: 'exposure-host-unknown', severity: 'warning', message, where: {}, lost: 0 }],
    });
  }
  return analyse(tally, { ...question, by: tally.by, hides: question.hides !== null, exposure, forecast });
}

/** Reads `--exposure`: `120h`, `HOST=120h`; hours, or `d` for days. */
function givenExposure(texts: readonly string[]): {
  all: number | null;
  perHost: ReadonlyMap<string, number>;
} {
  const perHost = new Map<string, number>();
  let all: number | null = null;
  for (const text of texts) {
    const match = /^(?:(.+)=)?(\d+(?:\.\d+)?)\s*([hd])$/i.exec(text.trim());
    const hours = match ? Number(match[2]) * (match[3]!.toLowerCase() === 'd' ? 24 : 1) : Number.NaN;
    if (!match || !(hours > 0) || hours > 1e9) {
      throw new QuestionError(
        'exposure-syntax',
        `--exposure ${text}: expected hours or days such as 120h, 5d or HOST=120h`,
      );
    }
    if (match[1] === undefined) all = hours;
    else perHost.set(hostKey(match[1]), hours);
  }
  return { all, perHost };
}

/** Reads `--forecast`: a time in hours, days or weeks, and a number of hosts. */
function forecastTarget(text: string): ForecastTarget {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([hdw])[\s,]+(\d+)\s*hosts?\s*$/i.exec(text);
  const unit = { h: 1 / 24, d: 1, w: 7 }[match?.[2]!.toLowerCase() ?? ''] ?? Number.NaN;
  const days = Number(match?.[1]) * unit;
  const hosts = Number(match?.[3]);
  if (!(days > 0 && days <= 3660) || !(hosts >= 1 && hosts <= 1e9)) {
    throw new QuestionError(
      'forecast-syntax',
      `--forecast ${text}: expected a time (up to ten years) and a number of hosts, such as '7d 2000 hosts', '24h 50 hosts' or '1w 1 host'`,
    );
  }
  return { days, hosts };
}
