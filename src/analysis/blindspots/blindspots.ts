/**
 * Where an attacker hides in a configuration: exactly the `noisefloor.blindspots/1` of `blindspots --json` (a frozen
 * contract: extend it, never rename).
 */
import type { Answer } from '../answer.ts';
import type { Room } from '../../room/index.ts';

type EventText = Readonly<Record<string, string>>;

export interface BlindSpot {
  readonly line: number;
  readonly column: number;
  /** The entry as it stands there, in words. */
  readonly text: string;
  readonly eventIds: readonly number[];
  /** One for each filter, as written. How they combine, the text says. */
  readonly conditions: readonly {
    readonly field: string;
    readonly condition: string;
    readonly value: string;
  }[];
  readonly room: Room;
  readonly gain: string;
  readonly breadth: string;
  readonly reason: string;
  readonly technique: string;
  /** An event that it hides and that would be logged without it; null where there is none: then it hides nothing alone. */
  readonly witness: EventText | null;
  /** What it hid of the logs; null without logs. */
  readonly suppresses: { readonly events: number; readonly occasions: number; readonly hosts: number } | null;
  /** Events of attacks that it hides; null where none were given. */
  readonly hidesAttacks: number | null;
}

export interface DeadDetection {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly level: string;
  /** `dead`: no event that it matches is ever logged. `partly`: some are not. */
  readonly state: 'dead' | 'partly';
  /** What takes its events: an exclude entry, that no include names them, or that the type is not logged at all. */
  readonly cause: 'excluded' | 'not-included' | 'not-logged';
  /** Of the entry or section that does; 0 where the configuration has no section of the type. */
  readonly line: number;
  readonly eventIds: readonly number[];
  /** An event that it matches and that is not logged. */
  readonly witness: EventText;
  /** One that it matches and that is logged; null where it is dead. */
  readonly stillSeen: EventText | null;
  /** What the two events have to say to a person; empty where they speak for themselves. */
  readonly note: string;
}

export interface Blindspots {
  readonly schema: 'noisefloor.blindspots/1';
  readonly config: string;
  readonly entries: readonly BlindSpot[];
  readonly deadDetections: readonly DeadDetection[];
  /** Rules asked about, and those of which only a regular expression or the like could tell. */
  readonly detections: {
    readonly asked: number;
    /** Of events that Sysmon does not write, or that no event can match. */
    readonly elsewhere: number;
    readonly alive: number;
    readonly undecided: readonly { readonly id: string; readonly title: string; readonly file: string }[];
  } | null;
  /** Null without logs. */
  readonly read: Answer['read'] | null;
  readonly exposure: Answer['exposure'] | null;
  readonly attacks: { readonly events: number; readonly hidden: number; readonly coverage: string } | null;
  readonly diagnostics: Answer['diagnostics'];
}
