import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { followLive, MonitorError, runMonitor, servicePaths } from '../monitor/index.ts';
import { safeText } from '../report/index.ts';
import { watch, watchArgument } from '../run/index.ts';
import { followLog } from '../sources/index.ts';
import { liveQueue } from './live-queue.ts';
import { showLive } from './live-view.ts';
import { repeated } from './options.ts';
import { version } from './version.ts';

interface WatchFlags {
  readonly json?: boolean;
  readonly lines: number;
  readonly new?: readonly string[];
  readonly where?: readonly string[];
  readonly not?: readonly string[];
  readonly budget?: string;
  readonly log?: string;
  readonly service?: boolean;
  readonly live?: boolean;
}

/** `monitor`: runs the sensor; tests have one of their own. */
export function watchCommand(monitor: typeof runMonitor = runMonitor): Command {
  const command = new Command('watch')
    .summary('events as they come, and the answer so far')
    .description(
      'Events as they come, and the answer so far: of a log that grows, of the installed monitor, or of this machine.',
    )
    .argument('[question]', 'a Sysmon configuration; with a LOG also an event type or a Sigma rule')
    .argument('[log]', 'an event log (.evtx), JSON lines, or a folder with an event log of noisefloor')
    .option('--json', 'dump lines instead of a view for people')
    .addOption(
      new Option('--lines <n>', 'of the events that are there, show the last n')
        .default(10)
        .argParser(wholeNumber),
    )
    .addOption(
      new Option('--new <path>', 'only groups that are not in this tally or log (may be repeated)').argParser(
        repeated,
      ),
    )
    .addOption(
      new Option('--where <test>', 'only events that pass: Field|modifier=value').argParser(repeated),
    )
    .addOption(new Option('--not <test>', 'without events that pass (may be repeated)').argParser(repeated))
    .option('--budget <n/unit>', 'what the answer is compared with (default: 1/host-day)')
    .option('--log <folder>', 'of a configuration: write the event log there, too')
    .option('--live', "this machine's own log, whatever the question")
    .addOption(new Option('--service', 'as the service runs it').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  noisefloor watch 8 Sysmon.evtx
  noisefloor watch Sysmon.evtx --where 'Image|endswith=\\rundll32.exe'
  noisefloor watch 8 Sysmon.evtx --new last-week.tally
  sudo noisefloor watch question.xml
  sudo noisefloor watch

A LOG is followed as it grows. A configuration alone starts the sensor (Linux,
root). Without both it is this machine's own log: that of the installed monitor,
on Windows the channels of Sysmon and System.
Ctrl-C ends it, with the answer.
Exit codes: 0 ended; 2 bad usage, or nothing that can be watched.`,
    );
  return command.action((first: string | undefined, second: string | undefined, flags: WatchFlags) => {
    if (flags.live && second !== undefined)
      command.error("error: --live is this machine's own log: leave the LOG out");
    return run([first, second], flags, monitor);
  });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected a whole number from 0 on');
  return value;
}

/** What is to be watched, and for what. */
interface Watched {
  /** Null: all that Sysmon writes. */
  readonly question: string | null;
  /** `config`: with a sensor of our own. */
  readonly where: { readonly log: string } | { readonly config: string } | 'live';
}

async function run(
  given: readonly [string | undefined, string | undefined],
  flags: WatchFlags,
  monitor: typeof runMonitor,
): Promise<void> {
  const { json = false, lines, log, service, live, ...options } = flags;
  const { question, where } = await watchedBy(given, live ?? false);
  const stop = new AbortController();
  const { signal } = stop;
  const release = onSignals(stop);
  try {
    if (where !== 'live' && 'config' in where && service) {
      const { log: folder, runtime } = servicePaths();
      const config = { config: where.config, version: version(), log: log ?? folder, runtime };
      return await monitor({ ...config, onNotice: say, signal });
    }
    const watching = await watch(question, options);
    const view = { json, lines };
    if (where === 'live')
      return await showLive(watching, followLive({ signal, onNotice: say }), 'this machine', view);
    if ('log' in where) {
      const name = where.log;
      return await showLive(watching, followLog(name, { signal }), name, view);
    }
    const queue = liveQueue('live');
    const ended = monitor({
      config: where.config,
      version: version(),
      log: log ?? null,
      runtime: null,
      onEvent: queue.push,
      onNotice: say,
      signal,
    });
    await showLive(watching, queue.batches(ended), where.config, view);
  } finally {
    release();
  }
}

async function watchedBy(
  [first, second]: readonly [string | undefined, string | undefined],
  live: boolean,
): Promise<Watched> {
  if (first !== undefined && second !== undefined) return { question: first, where: { log: second } };
  const kind = first === undefined || live ? null : await watchArgument(first);
  if (kind === 'config') return { question: first!, where: { config: first! } };
  if (kind === 'log') return { question: null, where: { log: first! } };
  if (process.platform === 'win32') return { question: first ?? null, where: 'live' };
  const { config, log } = servicePaths();
  // One that may not be read is there: that is said when it is opened.
  if (!(await isThere(log))) {
    throw new MonitorError(
      'monitor-not-installed',
      `there is no monitor installed whose log could be watched (no ${log}): give a LOG that grows or a configuration, or install one with noisefloor install`,
    );
  }
  return { question: first ?? (existsSync(config) ? config : null), where: { log } };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function say(text: string): void {
  process.stderr.write(`noisefloor: ${safeText(text)}\n`);
}

/** Ends at the first Ctrl-C or SIGTERM, in order; at the second one at once. */
function onSignals(stop: AbortController): () => void {
  const end = (): void => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  };
}
