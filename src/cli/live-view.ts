/** What is shown of a log that is watched: the last events that were there, then each one that comes. */
import type { Diagnostic } from '../events/index.ts';
import {
  byteCount,
  counted,
  dumpLine,
  liveDay,
  type PageOptions,
  renderLive,
  renderLiveDay,
  safeText,
  standingText,
  type WatchedEvent,
} from '../report/index.ts';
import type { Watch } from '../run/index.ts';
import type { FollowedBatch } from '../sources/index.ts';
import { diagnosticLine } from './exit.ts';
import { type Screen, startScreen } from './screen.ts';

export interface ViewOptions {
  readonly json: boolean;
  /** How many of the events that were there are shown. */
  readonly lines: number;
}

/** Problems that are named while what was there is read; the rest is counted. */
const NAMED = 20;
/** Between two answers, milliseconds; longer where one takes long. */
const ANSWER_MS = 1000;

/** Shows events until they end, and then the answer. `name`: what is watched, for a person. */
export async function showLive(
  watched: Watch,
  batches: AsyncIterable<FollowedBatch>,
  name: string,
  options: ViewOptions,
): Promise<void> {
  const screen = startScreen();
  const render = options.json ? jsonLine : textLines();
  const answer = startAnswer(watched, screen);
  const start = { events: 0, records: 0, bytes: 0, problems: 0, shown: [] as WatchedEvent[] };
  let last: string[] = [];
  let live = false;
  const begin = async (): Promise<void> => {
    live = true;
    if (start.problems > NAMED)
      screen.say(`noisefloor: ${start.problems - NAMED} more problems: noisefloor dump names them all\n`);
    if (start.records > 0) {
      const shown = last.length < start.events ? `, the last ${last.length} of them below` : '';
      screen.say(
        `noisefloor: ${safeText(name)} holds ${counted(start.records, 'record')}, ${counted(start.events, 'event')} to show${shown}; waiting for more (Ctrl-C ends)\n`,
      );
    }
    for (const text of last) await screen.print(text);
    last = [];
  };
  try {
    for await (const batch of batches) {
      if (batch.live && !live) await begin();
      const { events, told } = watched.take(batch);
      if (live) {
        for (const one of events) await screen.print(render(one));
        for (const one of told) if (!isHeartbeat(one)) await tell(screen, one, options.json, render);
        sayProblems(screen, batch.diagnostics);
      } else {
        // The events of a batch hold only now.
        const texts = options.lines === 0 ? [] : events.slice(-options.lines).map(render);
        last = [...last, ...texts].slice(-options.lines || undefined);
        start.events += events.length;
        start.records += batch.events.length;
        start.bytes += batch.bytes;
        sayProblems(screen, batch.diagnostics.slice(0, Math.max(0, NAMED - start.problems)));
        start.problems += batch.diagnostics.filter(isSaid).length;
        screen.status(`reading ${safeText(name)}: ${byteCount(start.bytes)}`);
      }
      if (batch.events.length > 0) answer.changed();
      if (live) answer.refresh();
    }
  } finally {
    screen.end();
    answer.end();
  }
  process.stderr.write(`${standingText(watched.standing())}\n`);
}

/** The answer so far, at the bottom of a terminal, or when it is asked for by a signal (Ctrl-T, where there is one). */
function startAnswer(watched: Watch, screen: Screen): { changed(): void; refresh(): void; end(): void } {
  let [due, isNew] = [0, true];
  const ask = (): void => screen.say(`${standingText(watched.standing())}\n`);
  process.on('SIGINFO', ask);
  return {
    changed() {
      isNew = true;
    },
    refresh() {
      const start = performance.now();
      if (!screen.hasStatus || !isNew || start < due) return;
      screen.status(standingText(watched.standing()));
      isNew = false;
      const took = performance.now() - start;
      due = start + Math.max(ANSWER_MS, 10 * took);
    },
    end() {
      process.off('SIGINFO', ask);
    },
  };
}

/** Renders events for a person; a line for the day stands above the first event of each. */
function textLines(): (one: WatchedEvent) => string {
  const { stdout } = process;
  const page = (): PageOptions => ({
    colour: stdout.isTTY && stdout.hasColors() && !process.env['NO_COLOR'],
    width: stdout.columns || 80,
  });
  let [day, home] = ['', ''];
  return (one) => {
    const today = liveDay(one.event);
    const above = today === day || today === '' ? '' : renderLiveDay(today, page());
    day = today || day;
    home = home || one.event.host;
    // Of one host its name says nothing.
    return above + renderLive(one, one.event.host === home ? '' : one.event.host, page());
  };
}

function jsonLine({ source, event }: WatchedEvent): string {
  return `${dumpLine(source, event)}\n`;
}

/** What Sysmon says of itself; beside JSON, which holds what was asked for alone, it goes to standard error. */
async function tell(
  screen: Screen,
  one: WatchedEvent,
  json: boolean,
  render: (one: WatchedEvent) => string,
): Promise<void> {
  if (json) screen.say(renderLive(one, one.event.host, { colour: false, width: 80 }));
  else await screen.print(render(one));
}

/** The sensor's `Running` of every few minutes says only that it runs. */
function isHeartbeat({ event }: WatchedEvent): boolean {
  return event.eventId === 4 && event.fields.get('State') === 'Running';
}

function sayProblems(screen: Screen, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) if (isSaid(diagnostic)) screen.say(diagnosticLine(diagnostic));
}

function isSaid({ severity, code }: Diagnostic): boolean {
  return severity !== 'info' || code.startsWith('follow-');
}
