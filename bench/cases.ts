/** What is timed: our own commands, other readers, and what no program can be faster than. */
import type { Input, Inputs } from './inputs.ts';
import { EVTX_DUMP, PEERS } from './peers.ts';
import { noisefloor, output, type Program } from './process.ts';

export interface Case {
  readonly name: string;
  readonly program: Program;
  readonly input: Input | null;
  /** Which memory is worth telling. */
  readonly ours: boolean;
  /** What its output says of how many records, and how many of them matched, where it says so. */
  readonly counts: ((text: string) => { readonly records?: number; readonly matches?: number }) | null;
}

const NOTHING: Case['counts'] = null;

interface Said {
  readonly read: { readonly records: number };
  readonly matches: { readonly events: number };
}

const answered = (text: string): { records: number; matches: number } => {
  const { read, matches } = JSON.parse(text) as Said;
  return { records: read.records, matches: matches.events };
};

function ask(name: string, input: Input, question: string, ...options: readonly string[]): Case {
  const program = noisefloor('ask', question, input.path, '--json', ...options);
  return { name, program, input, ours: true, counts: answered };
}

function dump(name: string, input: Input, format: string, ...options: readonly string[]): Case {
  const program = noisefloor('dump', input.path, '--format', format, ...options);
  const records = (text: string): number => {
    // CSV has a line of names first. Line breaks in its values are quoted, and none of these logs has any in a first field.
    if (format === 'csv') return [...csvRows(text)].length - 1;
    // XML has two lines before the events, and one behind them.
    return text.split('\n').length - (format === 'xml' ? 4 : 1);
  };
  return { name, program, input, ours: true, counts: (text) => ({ records: records(text) }) };
}

/** Ends of rows that are outside of quotes. */
function* csvRows(text: string): Generator<number> {
  let quoted = false;
  for (const { index, 0: found } of text.matchAll(/"|\n/g)) {
    if (found === '"') quoted = !quoted;
    else if (!quoted) yield index;
  }
}

/** Names of the cases that the bounds are about. */
export const CAT = 'cat';
export const NODE = 'node -e 0';
export const HELP = '--help';
export const START = 'ask 8, one chunk';
export const ASK = 'ask 8, 1 thread';
export const ASK_2 = 'ask 8, 2 threads';
export const ASK_10 = 'ask 10, 1 thread';
export const ASK_CONFIG = 'ask sysmon-modular, no memo, 1 thread';
export const ASK_RULE = 'ask one Sigma rule, 1 thread';
export const ASK_RULES = 'ask all Sigma rules, 1 thread';
export const DUMP = 'dump jsonl, 1 thread';
export const DUMP_2 = 'dump jsonl, 2 threads';
export const DUMP_RUST = 'dump evtx_dump-jsonl, 1 thread';
export const FILES = 'ask 8, small files';
export const FILES_RUST = 'evtx_dump on each small file';

export function casesOf({ log, small, chunk, files, config, rules, json }: Inputs): Case[] {
  const one = ['--threads', '1'];
  const two = ['--threads', '2'];
  const formats = output(noisefloor('dump', '--help'));
  return [
    {
      name: NODE,
      program: { file: process.execPath, args: ['-e', '0'] },
      input: null,
      ours: false,
      counts: NOTHING,
    },
    { name: CAT, program: { file: 'cat', args: [log.path] }, input: log, ours: false, counts: NOTHING },
    { name: HELP, program: noisefloor('--help'), input: null, ours: true, counts: NOTHING },
    ask(START, chunk, '8'),
    ask(ASK, log, '8', ...one),
    ask(ASK_2, log, '8', ...two),
    ask(ASK_10, log, '10', ...one),
    ...(config === null
      ? []
      : [
          ask('ask sysmon-modular, 1 thread', log, config, ...one),
          ask(ASK_CONFIG, log, config, '--no-memo', ...one),
        ]),
    ...(rules === null
      ? []
      : [ask(ASK_RULE, log, rules.one, ...one), ask(ASK_RULES, log, rules.all, ...one)]),
    dump(DUMP, log, 'jsonl', ...one),
    dump(DUMP_2, log, 'jsonl', ...two),
    ...(formats.includes('evtx_dump-jsonl') ? [dump(DUMP_RUST, log, 'evtx_dump-jsonl', ...one)] : []),
    dump('dump csv, 1 thread', log, 'csv', ...one),
    dump('dump xml, 1 thread', log, 'xml', ...one),
    ask(FILES, files, '8', ...one),
    ...Object.entries(json).flatMap(([shape, input]) => [
      ask(`ask 8, ${shape}`, input, '8'),
      dump(`dump jsonl, ${shape}`, input, 'jsonl'),
    ]),
    ...(EVTX_DUMP ? [{ ...peerCase(EVTX_DUMP, files), name: FILES_RUST, program: onEach(files) }] : []),
    ...PEERS.map((peer) => peerCase(peer, peer.slow ? small : log)),
  ];
}

function peerCase({ name, read, count }: (typeof PEERS)[number], input: Input): Case {
  return {
    name,
    program: read(input.path),
    input,
    ours: false,
    counts: (text) => ({ records: count(text) }),
  };
}

function onEach({ path }: Input): Program {
  const each = 'for file in "$0"/*; do evtx_dump -t 1 -o jsonl "$file" || exit; done';
  return { file: 'sh', args: ['-c', each, path] };
}
