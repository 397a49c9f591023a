/** Floods of short processes that run beside a test, and what the sensor saw of them. */
import { spawn } from 'node:child_process';
import type { Programs } from './programs.ts';
import type { SeenEvent } from './logged.ts';

export interface Flood {
  readonly pid: number;
  readonly tag: string;
  readonly count: number;
  /** Resolves when all have ended. */
  readonly done: Promise<void>;
}

/** Starts `count` processes one after another, in a process of its own: each is `/bin/true TAG NUMBER`. */
export function startFlood({ flood }: Programs, tag: string, count: number): Flood {
  const child = spawn(flood, [String(count), tag], { stdio: 'ignore' });
  const done = new Promise<void>((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`flood: exit code ${code}`)))),
  );
  return { pid: child.pid!, tag, count, done };
}

/** Numbers of the flood's processes in events 1, in the order of the log. */
export function numbersOf({ pid, tag }: Flood, events: readonly SeenEvent[]): readonly number[] {
  const start = `/bin/true ${tag} `;
  return events
    .filter(
      ({ eventId, fields }) =>
        eventId === 1 &&
        fields['ParentProcessId'] === String(pid) &&
        fields['CommandLine']!.startsWith(start),
    )
    .map(({ fields }) => Number(fields['CommandLine']!.slice(start.length)));
}

/** Those of 0 to count - 1 that are not there. */
export function missingOf({ count }: Flood, numbers: readonly number[]): readonly number[] {
  const there = new Set(numbers);
  return Array.from({ length: count }, (_, at) => at).filter((number) => !there.has(number));
}
