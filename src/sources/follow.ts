/**
 * Follows a log while it grows: an event log that Windows keeps open, JSON, a folder of our own segments. It asks the file
 * system at intervals, for nothing else can be relied upon across shares and systems.
 */
import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { QuestionError } from '../predicate/index.ts';
import type { Batch } from './batch.ts';
import { systemCode } from './blocks.ts';
import { type FileFollower, type Follower, ROTATED, say } from './followed.ts';
import { FollowedFile } from './followed-file.ts';
import { FollowedEvtx } from './follow-evtx.ts';
import { FollowedFolder, isEventLog } from './follow-folder.ts';
import { FollowedText, JSON_TEXT, SEGMENT_TEXT } from './follow-text.ts';
import { HEAD_BYTES, type Recognised, recognise } from './recognise.ts';

export interface FollowOptions {
  /** Ends it: what has come until then is still read. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: 200. */
  readonly everyMs?: number;
}

export interface FollowedBatch extends Batch {
  /** Whether it came after all that was there at first was read. */
  readonly live: boolean;
}

const EVERY_MS = 200;
const FOLLOWED = 'an event log (.evtx), JSON lines, or a folder with an event log of noisefloor';

/**
 * Follows a log: what is there, then what comes; behind each look an empty batch. Each record comes once; of those that
 * were gone before they could be read a diagnostic tells the number. Throws QuestionError for what is not there at first,
 * or can't be followed.
 */
export async function* followLog(path: string, options: FollowOptions): AsyncGenerator<FollowedBatch> {
  const { signal, everyMs = EVERY_MS } = options;
  const follower = await followerOf(path);
  let live = false;
  let failing = false;
  try {
    for (;;) {
      const last = signal.aborted;
      try {
        for await (const batch of follower.poll()) {
          yield { ...batch, live };
          if (signal.aborted && !live) return;
        }
        failing = false;
      } catch (error) {
        // A share that is away comes back.
        if (!(error instanceof Error && 'syscall' in error)) throw error;
        if (!failing) yield { ...failed(path, error), live };
        failing = true;
      }
      live = true;
      yield { source: path, events: [], diagnostics: [], bytes: 0, live };
      if (last) break;
      await setTimeout(everyMs, undefined, { signal }).catch(() => undefined);
    }
    for (const batch of follower.end()) yield { ...batch, live };
  } finally {
    await follower.close();
  }
}

async function followerOf(path: string): Promise<Follower> {
  const stats = await asked(path, () => stat(path));
  if (stats.isDirectory()) {
    if (await asked(path, () => isEventLog(path))) return new FollowedFolder(path);
    throw unfollowable(path, 'a folder without one: give the file that grows');
  }
  if (!stats.isFile()) throw unfollowable(path, 'a FIFO, a socket or a device');
  const file = await asked(path, () => FollowedFile.open(path));
  const follower = new FollowedPath(path);
  const recognised = await headOf(file);
  if (!follower.begin(file, recognised)) {
    await file.close();
    if (recognised.found !== EMPTY) throw unfollowable(path, recognised.found);
  }
  return follower;
}

/** What the system answers; what it refuses, in a sentence. */
async function asked<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const why = systemCode(error);
    throw ['ENOENT', 'ENOTDIR'].includes(why)
      ? new QuestionError('log-missing', `expected a file or folder ${path}, found none: check the path`)
      : new QuestionError(
          'log-unreadable',
          `expected to read ${path}, the system says ${why}: check its permissions`,
        );
  }
}

function unfollowable(path: string, found: string): QuestionError {
  return new QuestionError('follow-kind', `${path}: expected ${FOLLOWED} to follow, found ${found}`);
}

const EMPTY = recognise(new Uint8Array(0)).found;

async function headOf(file: FollowedFile): Promise<Recognised> {
  return recognise(await file.read(0, HEAD_BYTES));
}

function fileFollower(file: FollowedFile, { kind, found }: Recognised): FileFollower | null {
  if (kind === 'json') return new FollowedText(file, JSON_TEXT);
  if (kind === 'segment') return new FollowedText(file, SEGMENT_TEXT);
  return kind === 'evtx' && found === 'an event log' ? new FollowedEvtx(file) : null;
}

/** Whatever file stands under a name: when another takes its place, the old one is read to its end first. */
class FollowedPath implements Follower {
  readonly #path: string;
  #follower: FileFollower | null = null;
  #file: FollowedFile | null = null;
  #kind = '';
  /** What was found in place of the log, and can't be followed. */
  #refused = '';
  /** The last look at the file failed: its handle may be good for nothing. */
  #failed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Begins with a file; false where it is none that can be followed. */
  begin(file: FollowedFile, recognised: Recognised): boolean {
    this.#follower = fileFollower(file, recognised);
    this.#file = file;
    this.#kind = recognised.kind;
    return this.#follower !== null;
  }

  async *poll(): AsyncGenerator<Batch> {
    const before = this.#failed;
    this.#failed = true;
    if (!before && this.#follower !== null) {
      yield* this.#follower.poll();
      if (!(await this.#file!.isReplaced())) {
        this.#failed = false;
        return;
      }
      // What was written to it before it lost its name.
      yield* this.#follower.poll();
    }
    try {
      yield* this.#change(await FollowedFile.open(this.#path));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    this.#failed = false;
  }

  async *#change(file: FollowedFile): AsyncGenerator<Batch> {
    const recognised = await headOf(file);
    const before = this.#follower;
    if (fileFollower(file, recognised) === null) {
      await file.close();
      // An empty one was made, and not yet written to.
      if (recognised.found === this.#refused || recognised.found === EMPTY) return;
      this.#refused = recognised.found;
      const message = `expected ${FOLLOWED} in place of the log, found ${recognised.found}: it is waited for`;
      yield say(this.#path, { code: 'follow-kind', severity: 'warning', message });
      return;
    }
    if (before === null) this.begin(file, recognised);
    else if (this.#kind === recognised.kind && (await before.goOnIn(file))) this.#file = file;
    else {
      yield* before.finish();
      await before.close();
      this.begin(file, recognised);
      yield say(this.#path, ROTATED);
    }
    yield* this.#follower!.poll();
  }

  end(): readonly Batch[] {
    return this.#follower?.end() ?? [];
  }

  async close(): Promise<void> {
    await this.#follower?.close();
  }
}

function failed(source: string, error: unknown): Batch {
  const message = `expected to read on, the system says ${systemCode(error)}: it is tried again`;
  return say(source, { code: 'log-read-failed', severity: 'warning', message });
}
