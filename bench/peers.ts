/** Other readers of event logs, as far as they are here. They are for comparison alone: nothing of ours uses them. */
import { isOnPath, type Program } from './process.ts';

export interface Peer {
  readonly name: string;
  /** Reads a whole log into text. */
  readonly read: (log: string) => Program;
  /** How many records a text is of. */
  readonly count: (text: string) => number;
  /** Reads so few MB in a second that it is given a small log. */
  readonly slow: boolean;
}

/** A line for each record. */
const lines = (text: string): number => text.split('\n').length - 1;

/** Of npm: what was read is written as JSON Lines, as the others do. */
function driver(name: string, file: string): Peer {
  return {
    name,
    read: (log) => ({ file: process.execPath, args: [`dist/bench/${file}`, log] }),
    count: lines,
    slow: true,
  };
}

/** The Rust tool with one thread; null where there is none. */
export const EVTX_DUMP: Peer | null = isOnPath('evtx_dump')
  ? {
      name: 'evtx_dump -t 1 (Rust)',
      read: (log) => ({ file: 'evtx_dump', args: ['-t', '1', '-o', 'jsonl', log] }),
      count: lines,
      slow: false,
    }
  : null;

export const PEERS: readonly Peer[] = [
  ...(EVTX_DUMP ? [EVTX_DUMP] : []),
  driver('winevtx (npm)', 'read-winevtx.js'),
  driver('@ts-evtx/core (npm)', 'read-ts-evtx.js'),
  ...(isOnPath('evtxexport')
    ? [
        {
          name: 'evtxexport (libevtx)',
          read: (log: string): Program => ({ file: 'evtxexport', args: ['-f', 'xml', log] }),
          count: (text: string): number => text.split('<Event xmlns').length - 1,
          slow: true,
        },
      ]
    : []),
];
