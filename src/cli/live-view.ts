/** What is shown of a log that is watched: the last events that were there, then each one that comes. */
import type { Diagnostic } from '../events/index.ts';
import { dumpLine } from '../lines/index.ts';
import {
  byteCount,
  counted,
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
/** Sysmon's error report. */
const LOSS = 255;
/** Between two looks at how far reading is, milliseconds. */
const TOLD_MS = 200;
/** Text is handed over in pieces of about this many characters. */
const PIECE = 64 * 1024;
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
  const print = printing(screen, options.json);
  const answer = startAnswer(watched, screen);
  const start = { events: 0, records: 0, bytes: 0, problems: 0, told: performance.now() };
  let last: Rendered[] = [];
  let live = false;
  const begin = async (): Promise<void> => {
    live = true;
    screen.status('');
    if (start.problems > NAMED)
      screen.say(`noisefloor: ${start.problems - NAMED} more problems: noisefloor dump names them all\n`);
    const below = last.length > 0 && last.length < start.events ? `, the last ${last.length} below` : '';
    const there = `${counted(start.records, 'record')}, ${counted(start.events, 'event')} to show${below}`;
    screen.say(
      start.records === 0
        ? `noisefloor: waiting for events of ${safeText(name)} (Ctrl-C ends)\n`
        : `noisefloor: ${safeText(name)} holds ${there}; waiting for more (Ctrl-C ends)\n`,
    );
    await print(last);
    last = [];
    if (screen.hasStatus) answer.begin();
  };
  try {
    for await (const batch of batches) {
      if (batch.live && !live) await begin();
      const events = watched.take(batch).filter((one) => options.json || !isHeartbeat(one));
      if (live) {
        await print(events.map(render));
        // A program has the losses among its lines; whoever started it is told, too.
        const losses = events.filter(({ event, ofItself }) => ofItself && event.eventId === LOSS);
        if (options.json && !process.stdout.isTTY)
          for (const one of losses) screen.say(renderLive(one, '', { colour: false, width: 80 }));
        sayProblems(screen, batch.diagnostics);
      } else {
        const asked = events.filter(({ ofItself }) => !ofItself);
        // The events of a batch hold only now.
        const texts = options.lines === 0 ? [] : asked.slice(-options.lines).map(render);
        last = [...last, ...texts].slice(-options.lines || undefined);
        start.events += asked.length;
        start.records += batch.events.length;
        start.bytes += batch.bytes;
        sayProblems(screen, batch.diagnostics.slice(0, Math.max(0, NAMED - start.problems)));
        start.problems += batch.diagnostics.filter(isSaid).length;
        const now = performance.now();
        if (now - start.told >= TOLD_MS) {
          start.told = now;
          screen.status(`reading ${safeText(name)}: ${byteCount(start.bytes)}`);
        }
      }
      if (batch.events.length > 0) answer.changed();
    }
  } finally {
    answer.end();
    screen.end();
  }
  screen.say(screen.fit(standingText(watched.standing())));
}

/** The answer so far, at the bottom of a terminal, or when it is asked for by a signal (Ctrl-T, where there is one). */
function startAnswer(
  watched: Watch,
  screen: Screen,
): {
  /** There is more to answer. */
  changed(): void;
  /** From now on it is shown. */
  begin(): void;
  end(): void;
} {
  let [due, isNew, isLive] = [0, true, false];
  const ask = (): void => screen.say(screen.fit(standingText(watched.standing())));
  const refresh = (): void => {
    const start = performance.now();
    if (!isLive || !isNew || start < due) return;
    screen.status(standingText(watched.standing()));
    isNew = false;
    const took = performance.now() - start;
    due = start + Math.max(ANSWER_MS, 10 * took);
  };
  process.on('SIGINFO', ask);
  const timer = screen.hasStatus ? setInterval(refresh, ANSWER_MS / 4) : undefined;
  return {
    changed() {
      isNew = true;
    },
    begin() {
      isLive = true;
      refresh();
    },
    end() {
      clearInterval(timer);
      process.off('SIGINFO', ask);
    },
  };
}

/** An event as it is shown, and its day. */
interface Rendered {
  readonly day: string;
  readonly text: string;
}

function pageOf({ stdout }: typeof process): PageOptions {
  return {
    colour: stdout.isTTY && stdout.hasColors() && !process.env['NO_COLOR'],
    width: stdout.columns || 80,
  };
}

function textLines(): (one: WatchedEvent) => Rendered {
  let home = '';
  return (one) => {
    const { host } = one.event;
    home = home || host;
    // Of one host its name says nothing.
    return { day: liveDay(one.event), text: renderLive(one, host === home ? '' : host, pageOf(process)) };
  };
}

function jsonLine({ source, event }: WatchedEvent): Rendered {
  return { day: '', text: `${dumpLine(source, event)}\n` };
}

/** Prints events; for a person a line with the day above the first one of each. */
function printing(screen: Screen, json: boolean): (some: readonly Rendered[]) => Promise<void> {
  let shown = '';
  return async (some) => {
    let piece = '';
    for (const { day, text } of some) {
      if (!json && day !== '' && day !== shown) piece += renderLiveDay(day, pageOf(process));
      shown = day || shown;
      piece += text;
      if (piece.length < PIECE) continue;
      await screen.print(piece);
      piece = '';
    }
    await screen.print(piece);
  };
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
