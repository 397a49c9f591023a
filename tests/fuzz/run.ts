/** Fuzzes the reader in a thread, and watches that it does not hang. */
import { Worker } from 'node:worker_threads';
import type { Failure, Input } from './input.ts';
import { Desk } from './watch.ts';
import type { Report, Task } from './worker.ts';

/** An input may take so long, milliseconds of the processor's time; one that takes longer once more hangs. */
const PATIENCE = 2000;

export interface Fuzzed extends Omit<Report, 'done'> {
  /** What it took, s. */
  readonly seconds: number;
}

type Options = Omit<Task, 'shared' | 'only'>;

/** `tell` is told how things stand, about every second. */
export async function fuzz(options: Options, tell: (report: Report) => void): Promise<Fuzzed> {
  const begun = Date.now();
  let seed = options.seed;
  let last: Report = NOTHING;
  for (;;) {
    const before = last;
    const passed = (Date.now() - begun) / 1000;
    const task = { ...options, seed, seconds: Math.max(0, options.seconds - passed) };
    const slow = await work({ ...task, only: null }, (report) => {
      last = sum(before, report);
      tell(last);
    });
    const failure = last.failure ?? (slow && (await hangs(slow, task)));
    if (failure !== null || slow === null) return { ...last, failure, seconds: (Date.now() - begun) / 1000 };
    // Something else was slow: on, with other numbers.
    seed += 1;
  }
}

const NOTHING: Report = {
  inputs: 0,
  files: 0,
  records: 0,
  planned: 0,
  bounded: 0,
  kept: 0,
  blocks: { known: 0, reached: 0 },
  failure: null,
  done: false,
};

function sum(one: Report, two: Report): Report {
  return {
    ...two,
    inputs: one.inputs + two.inputs,
    files: one.files + two.files,
    records: one.records + two.records,
    planned: one.planned + two.planned,
    bounded: one.bounded + two.bounded,
  };
}

async function hangs(input: Input, options: Options): Promise<Failure | null> {
  if ((await work({ ...options, only: [input] }, () => {})) === null) return null;
  return { reason: `reading it takes more than ${PATIENCE} ms`, inputs: [input], file: null };
}

/** Works at a task; returns the input at which it stood still, or null. */
async function work(task: Omit<Task, 'shared'>, tell: (report: Report) => void): Promise<Input | null> {
  const desk = new Desk();
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: { ...task, shared: desk.shared } satisfies Task,
  });
  let [number, since] = [-1, 0];
  let slow: Input | null = null;
  const watch = setInterval(() => {
    const now = desk.reading();
    if (now !== number) [number, since] = [now, processorTime()];
    else if (now >= 0 && processorTime() - since > PATIENCE) {
      slow = desk.input();
      void worker.terminate();
    }
  }, 100);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', tell);
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  } finally {
    clearInterval(watch);
  }
  return slow;
}

/** Of this process, milliseconds: that of its one thread that works. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
