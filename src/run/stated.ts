/** What a user states beside the logs: exposure that is known, what to forecast, what may be spent. */
import { type Budget, type ForecastTarget, parseBudget, type QuestionFacts } from '../analysis/index.ts';
import { hostKey } from '../events/index.ts';
import { QuestionError } from '../predicate/index.ts';

export interface StatedText {
  /** `120h` for every host, or `HOST=120h`: hours of exposure that are known from elsewhere. */
  readonly exposure?: readonly string[] | undefined;
  /** `7d 2000 hosts`: what to forecast. */
  readonly forecast?: string | undefined;
  /** Path of the configuration that Sysmon had while the logs were written. */
  readonly logConfig?: string | undefined;
  /** `1/host-day`: occasions that may be spent. */
  readonly budget?: string | undefined;
}

export interface Stated extends Pick<QuestionFacts, 'exposure' | 'forecast' | 'logged'> {
  readonly budget: Budget | null;
}

/** Throws QuestionError, or ConfigError of a configuration, for what can't be read. */
export async function statedBy({ exposure, forecast, logConfig, budget }: StatedText): Promise<Stated> {
  return {
    exposure: givenExposure(exposure ?? []),
    forecast: forecast === undefined ? null : forecastTarget(forecast),
    logged: logConfig === undefined ? null : await typesOf(logConfig),
    budget: budget === undefined ? null : parseBudget(budget),
  };
}

async function typesOf(config: string): Promise<Stated['logged']> {
  const [{ loadConfig }, { loggedTypes }] = await Promise.all([
    import('./load-config.ts'),
    import('./logged-types.ts'),
  ]);
  return loggedTypes(loadConfig(config).config);
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
