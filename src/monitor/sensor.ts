/**
 * The Linux sensor: tracer -> pieces and records -> held back and sorted -> processes and drafts -> the configuration ->
 * events. Nothing here waits for a reader: what comes too fast is shed, and counted.
 */
import { cpus, hostname } from 'node:os';
import { type Config, decideFor } from '../config/index.ts';
import type { Event } from '../events/index.ts';
import { type Assembled, Assembly, withPieces } from './assembly/assemble.ts';
import { KernelClock } from './assembly/clock.ts';
import { type Draft, finish, valueOf } from './assembly/draft.ts';
import { algorithmsOf, Hashes } from './assembly/hashes.ts';
import { ownIdentity } from './assembly/identity.ts';
import { Pieces } from './assembly/pieces.ts';
import { scanProc } from './assembly/proc.ts';
import { Processes } from './assembly/processes.ts';
import { Reorder } from './assembly/reorder.ts';
import { type Capture, startCapture } from './capture/capture.ts';
import type { Happening, Piece } from './capture/record.ts';
import { Losses } from './losses.ts';
import {
  configEvent,
  type Counters,
  emptyCounters,
  type Loss,
  lossEvent,
  type StateFacts,
  stateEvent,
} from './own-events.ts';
import { type Probe, probesFor } from './program/probes.ts';
import { requireLinux, requireRoot, requireTracer, type Tracer } from './requirements.ts';
import { type AcceptedConfig, acceptConfig } from './accepted-config.ts';
import type { SensorStatus } from './status.ts';

export interface SensorOptions {
  /** Path of a configuration. */
  readonly config: string;
  /** Of noisefloor. */
  readonly version: string;
  /** Every event that is logged, in order; and what the sensor says of itself. */
  readonly onEvent: (event: Event) => void;
  /** One sentence for a person. */
  readonly onNotice?: (text: string) => void;
}

export interface Sensor {
  /** Resolves when every probe delivers; rejects with MonitorError. */
  readonly ready: Promise<void>;
  /**
   * Puts another configuration into force, without a gap; resolves to whether the probes changed. Throws what is wrong
   * with a bad one, and the old one stays.
   */
  readonly reload: (config: string) => Promise<boolean>;
  /** Resolves when all that happened before is told. */
  readonly stop: (reason?: string) => Promise<void>;
  /** All but what only the one who runs it knows. */
  readonly status: () => Omit<SensorStatus, 'log' | 'lastReload' | 'memoryMb'>;
  readonly counters: Counters;
}

/** Records that are held at most: the service's memory is bounded (unit.ts). */
const MAX_HELD = 60_000;
const SHED_AT_ONCE = 10_000;
const DRAIN_MS = 50;
/** Silence of the tracer's clock, which ticks each second: then it is taken for dead. */
const SILENT_MS = 15_000;
const LOSS_MS = 1000;
const RUNNING_MS = 5 * 60_000;
const RESTART_MS = [500, 1000, 2000, 5000, 10_000];
/** Two tracers tell the time of one event so near to each other, nanoseconds. */
const SAME_EVENT_NS = 2e6;

/** Throws MonitorError where the machine lacks something, and what is wrong with the configuration. */
export function startSensor(options: SensorOptions): Sensor {
  requireLinux();
  requireRoot('watch');
  return new LinuxSensor(
    options,
    requireTracer(),
    acceptConfig(options.config, () => {}),
  );
}

/** A tracer and what belongs to it. */
interface Source {
  readonly capture: Capture;
  readonly pieces: Pieces;
  /** Records from this time on, and until that: where one tracer takes over from another. Nanoseconds. */
  from: number;
  until: number;
}

class LinuxSensor implements Sensor {
  readonly ready: Promise<void>;
  readonly counters: Counters = emptyCounters();
  readonly #options: SensorOptions;
  readonly #tracer: Tracer;
  readonly #host: string = hostname();
  readonly #clock = new KernelClock();
  readonly #identity = ownIdentity();
  readonly #processes = new Processes(this.#identity);
  readonly #reorder = new Reorder<Assembled>(cpus().length);
  readonly #losses = new Losses();
  readonly #facts: StateFacts;
  readonly #assembly: Assembly;
  readonly #started = new Date().toISOString();
  readonly #own = new Set<number>([process.pid]);
  #accepted: AcceptedConfig;
  #configPath: string;
  #configLoaded = new Date().toISOString();
  #hashes: Hashes;
  #source: Source;
  #state: SensorStatus['state'] = 'starting';
  #lastTick = performance.now();
  /** Until when all has been read, but what is lost: milliseconds since 1970 UTC. */
  #lastHeard = Date.now();
  #restarting = false;
  #lagMs = 0;
  #timers: NodeJS.Timeout[] = [];
  /** Records of the old tracer around a change of tracers, by what they say but the time. */
  #around: { readonly at: number; readonly keys: Map<string, number> } | null = null;

  constructor(options: SensorOptions, tracer: Tracer, accepted: AcceptedConfig) {
    this.#options = options;
    this.#tracer = tracer;
    this.#accepted = accepted;
    this.#configPath = options.config;
    this.#hashes = new Hashes(algorithmsOf(accepted.options['HashAlgorithms']));
    this.#facts = {
      version: options.version,
      bootId: this.#identity.bootId,
      bootTime: this.#clock.bootTime(),
    };
    this.#assembly = new Assembly({
      processes: this.#processes,
      clock: this.#clock,
      hashes: () => this.#hashes,
      isOwn: (pid, parent) => this.#own.has(pid) || (parent !== null && this.#own.has(parent)),
    });
    this.#source = this.#startSource(probesFor(accepted.eventIds));
    this.ready = this.#whenReady();
    this.ready.catch(() => this.#end());
  }

  async reload(path: string): Promise<boolean> {
    const accepted = acceptConfig(path, () => {});
    const probes = probesFor(accepted.eventIds);
    const changed = probes.join() !== this.#source.capture.probes.join();
    if (changed) await this.#change(probes);
    this.#accepted = accepted;
    this.#configPath = path;
    this.#configLoaded = new Date().toISOString();
    this.#hashes = new Hashes(algorithmsOf(accepted.options['HashAlgorithms']));
    this.#tell(configEvent(Date.now(), path, accepted.sha256));
    return changed;
  }

  async stop(reason?: string): Promise<void> {
    if (this.#state === 'stopping') return;
    const watching = this.#state === 'watching';
    this.#state = 'stopping';
    await this.#source.capture.stop();
    this.#drain(Number.POSITIVE_INFINITY);
    this.#tellLosses();
    this.#end();
    if (watching) this.#tell(stateEvent('Stopped', Date.now(), this.#facts, this.counters, reason));
  }

  status(): Omit<SensorStatus, 'log' | 'lastReload' | 'memoryMb'> {
    const { received, logged, lost, late, shed, truncated, unlogged, gaps, restarts } = this.counters;
    const { capture } = this.#source;
    return {
      schema: 'noisefloor.status/1',
      pid: process.pid,
      version: this.#options.version,
      started: this.#started,
      bootId: this.#facts.bootId,
      bootTime: new Date(this.#facts.bootTime).toISOString(),
      state: this.#state,
      config: {
        path: this.#configPath,
        sha256: this.#accepted.sha256,
        eventIds: this.#accepted.eventIds,
        loaded: this.#configLoaded,
      },
      tracer: {
        name: 'bpftrace',
        version: this.#tracer.version,
        pid: capture.pid,
        restarts,
        probes: capture.attached(),
      },
      counters: { received, logged, lost, late, shed, truncated, unlogged, gaps },
      lagMs: Math.round(this.#lagMs),
    };
  }

  /** A tracer, of which nothing counts until it is ready. */
  #startSource(probes: readonly Probe[]): Source {
    const pieces = new Pieces();
    const source: Source = {
      pieces,
      from: Number.POSITIVE_INFINITY,
      until: Number.POSITIVE_INFINITY,
      capture: startCapture({
        tracer: this.#tracer,
        probes,
        onPiece: (piece) => this.#takePiece(piece, pieces),
        onHappening: (happening) => this.#takeHappening(happening, source),
        onLost: (records) => {
          // What is lost while probes are attached was not watched yet.
          if (source.from === Number.POSITIVE_INFINITY) return;
          this.counters.lost += records;
          this.#losses.add('LOST', records, this.#lastHeard, Date.now());
        },
        onEnd: (why) => void this.#restart(source, why),
      }),
    };
    this.#own.add(source.capture.pid);
    return source;
  }

  async #whenReady(): Promise<void> {
    await this.#source.capture.ready;
    if (this.#state !== 'starting') return;
    this.#watchFromNow();
    this.#state = 'watching';
    const now = this.#clock.wall(this.#source.from);
    this.#tell(stateEvent('Started', now, this.#facts, this.counters));
    this.#tell(configEvent(now, this.#configPath, this.#accepted.sha256));
    this.#timers = [
      setInterval(() => this.#drain(this.#clock.now()), DRAIN_MS),
      setInterval(() => this.#look(), LOSS_MS),
      setInterval(
        () => this.#tell(stateEvent('Running', Date.now(), this.#facts, this.counters)),
        RUNNING_MS,
      ),
    ];
  }

  /** Probes are attached one by one: of what happened meanwhile parts are missing, and /proc shows what came of it. */
  #watchFromNow(): void {
    this.#drain(Number.POSITIVE_INFINITY);
    this.#source.from = this.#clock.now();
    this.#processes.scan(scanProc(), this.#clock.now());
    this.#lastTick = performance.now();
  }

  #takePiece(piece: Piece, pieces: Pieces): void {
    if (piece.what === 'tick') {
      this.#lastTick = performance.now();
      this.#clock.tick(piece.at);
      this.#lastHeard = this.#clock.wall(piece.at);
      this.#reorder.tick(piece.cpu, piece.at);
    } else pieces.add(piece);
  }

  #takeHappening(happening: Happening, source: Source): void {
    const record = withPieces(happening, source.pieces);
    if (happening.at < source.from || happening.at >= source.until) return;
    if (this.#around && this.#isToldTwice(happening, source)) return;
    this.counters.received += 1;
    this.#reorder.add(record);
    this.#lastHeard = Math.max(this.#lastHeard, this.#clock.wall(happening.at));
    this.#lagMs = (this.#clock.now() - happening.at) / 1e6;
    if (this.#reorder.size <= MAX_HELD) return;
    const cheap = ({ happening: { what } }: Assembled): boolean =>
      what === 'create' || what === 'delete' || what === 'set-time';
    const shed =
      this.#reorder.shed(SHED_AT_ONCE, cheap) ||
      this.#reorder.shed(SHED_AT_ONCE, ({ happening: { what } }) => what !== 'exec');
    this.counters.shed += shed;
    this.#losses.add('SHED', shed, this.#lastHeard, this.#lastHeard);
  }

  /** Passes on what was held back long enough at `now`. */
  #drain(now: number): void {
    const late = this.#reorder.late;
    for (const record of this.#reorder.take(now)) {
      const { truncated } = this.#assembly;
      for (const draft of this.#assembly.assemble(record)) this.#decide(draft, this.#accepted.config);
      const cut = this.#assembly.truncated - truncated;
      if (cut > 0) {
        this.counters.truncated += cut;
        this.#losses.add('TRUNCATED', cut);
      }
    }
    this.counters.repeated = this.#assembly.repeated;
    if (late > this.counters.late) {
      this.#losses.add('LATE', late - this.counters.late);
      this.counters.late = late;
    }
  }

  #decide(draft: Draft, config: Config): void {
    const { logged, ruleName } = decideFor(config, draft.eventId)((field) => valueOf(draft, field));
    if (!logged) return;
    this.counters.logged += 1;
    this.#options.onEvent(finish(draft, this.#host, ruleName));
  }

  /** Tells something of its own, which no configuration filters. */
  #tell(draft: Draft): void {
    this.#options.onEvent(finish(draft, this.#host, null));
  }

  #tellLoss(loss: Loss): void {
    this.#tell(lossEvent(Date.now(), loss));
    this.#options.onNotice?.(loss.description);
  }

  #tellLosses(): void {
    for (const loss of this.#losses.take()) this.#tellLoss(loss);
  }

  /** Once a second: losses, the clocks, and whether the tracer is still there. */
  #look(): void {
    this.#tellLosses();
    const step = this.#clock.look();
    if (step?.what === 'set') {
      const description = `the clock was set from ${new Date(step.from).toISOString()} to ${new Date(step.to).toISOString()}`;
      this.#tellLoss({ id: 'CLOCK', description, from: step.from, to: step.to });
    } else if (step) {
      this.counters.gaps += 1;
      const description = `the machine slept for ${Math.round((step.to - step.from) / 1000)} s`;
      this.#tellLoss({ id: 'GAP', description, from: step.from, to: step.to });
    }
    // One that is starting has nothing to say yet.
    const silent = performance.now() - this.#lastTick > SILENT_MS;
    if (silent && this.#state === 'watching' && !this.#restarting) this.#source.capture.kill();
  }

  /** The tracer died: another one, and the time between is a gap. */
  async #restart(source: Source, why: string): Promise<void> {
    if (source !== this.#source || this.#state !== 'watching' || this.#restarting) return;
    this.#restarting = true;
    const from = this.#lastHeard;
    this.#options.onNotice?.(`bpftrace ${why}: starting another`);
    for (let attempt = 0; this.#state === 'watching'; attempt++) {
      this.counters.restarts += 1;
      this.#own.delete(this.#source.capture.pid);
      this.#source = this.#startSource(this.#source.capture.probes);
      try {
        await this.#source.capture.ready;
        break;
      } catch {
        await new Promise((resolve) =>
          setTimeout(resolve, RESTART_MS[Math.min(attempt, RESTART_MS.length - 1)]),
        );
      }
    }
    this.#restarting = false;
    if (this.#state !== 'watching') return;
    this.#watchFromNow();
    this.counters.gaps += 1;
    const description = `bpftrace ${why}; another one watches since`;
    this.#tellLoss({ id: 'RESTART', description, from, to: Date.now() });
  }

  /** Other probes: a second tracer takes over from the first at one moment, and no event is lost or told twice. */
  async #change(probes: readonly Probe[]): Promise<void> {
    const old = this.#source;
    const next = this.#startSource(probes);
    try {
      await next.capture.ready;
    } catch (error) {
      this.#own.delete(next.capture.pid);
      throw error;
    }
    const at = this.#clock.now();
    this.#around = { at, keys: new Map() };
    old.until = at;
    next.from = at;
    this.#source = next;
    await old.capture.stop();
    this.#around = null;
    this.#own.delete(old.capture.pid);
  }

  /** The two tracers read the clock one after the other: an event may lie before the change for one, after it for the other. */
  #isToldTwice(happening: Happening, source: Source): boolean {
    const { at, keys } = this.#around!;
    if (Math.abs(happening.at - at) > SAME_EVENT_NS) return false;
    const key = JSON.stringify({ ...happening, at: 0 });
    if (source !== this.#source) {
      keys.set(key, (keys.get(key) ?? 0) + 1);
      return false;
    }
    const told = keys.get(key) ?? 0;
    if (told > 0) keys.set(key, told - 1);
    return told > 0;
  }

  #end(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }
}
