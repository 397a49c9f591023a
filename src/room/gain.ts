/** Gain: what an entry opens to whoever meets it. */
import { foldAscii } from '../events/index.ts';
import { RUNNING, TARGETS } from './fields.ts';
import { LOADERS } from './programs.ts';
import type { Ask } from './rung.ts';

export const BREADTHS = ['little', 'some', 'much', 'all'] as const;
export type Breadth = (typeof BREADTHS)[number];

export interface Gain {
  /** One sentence. */
  readonly gain: string;
  readonly breadth: Breadth;
}

interface Subject {
  /** What is done, in the plural: `threads in other processes`. */
  readonly what: string;
  /** To whom or what it is done. */
  readonly objects: readonly string[];
}

/** By event id: what an event of the type tells of. */
const SUBJECTS: Readonly<Record<number, Subject>> = {
  1: { what: 'programs that are started', objects: ['Image', 'CommandLine'] },
  2: { what: 'changed file times', objects: ['TargetFilename'] },
  3: { what: 'connections', objects: ['DestinationIp', 'DestinationHostname'] },
  6: { what: 'drivers', objects: ['ImageLoaded'] },
  7: { what: 'loaded libraries', objects: ['ImageLoaded'] },
  8: { what: 'threads in other processes', objects: ['TargetImage'] },
  9: { what: 'raw reads of a disk', objects: ['Device'] },
  10: { what: 'opened processes', objects: ['TargetImage'] },
  11: { what: 'created files', objects: ['TargetFilename'] },
  12: { what: 'created and deleted registry keys', objects: ['TargetObject'] },
  13: { what: 'registry values that are set', objects: ['TargetObject'] },
  14: { what: 'renamed registry keys', objects: ['TargetObject'] },
  15: { what: 'file streams', objects: ['TargetFilename'] },
  17: { what: 'pipes', objects: ['PipeName'] },
  18: { what: 'connections to pipes', objects: ['PipeName'] },
  19: { what: 'WMI filters', objects: ['Name', 'Query'] },
  20: { what: 'WMI consumers', objects: ['Name', 'Destination'] },
  21: { what: 'WMI bindings', objects: ['Consumer', 'Filter'] },
  22: { what: 'DNS queries', objects: ['QueryName'] },
  23: { what: 'deleted files', objects: ['TargetFilename'] },
  24: { what: 'changes of the clipboard', objects: ['ClientInfo'] },
  25: { what: 'tampered processes', objects: ['Type'] },
  26: { what: 'deleted files', objects: ['TargetFilename'] },
  27: { what: 'blocked executables', objects: ['TargetFilename'] },
  28: { what: 'blocked shredding', objects: ['TargetFilename'] },
  29: { what: 'new executables', objects: ['TargetFilename'] },
};
const ANY: Subject = { what: 'events', objects: [] };

/** Victims that are worth most: credentials, or the rights of the system. */
const PRIZES: ReadonlySet<string> = new Set([
  'lsass.exe',
  'winlogon.exe',
  'services.exe',
  'svchost.exe',
  'explorer.exe',
  'csrss.exe',
  'spoolsv.exe',
  'wininit.exe',
  'lsm.exe',
  'msmpeng.exe',
]);

/** Clauses as in `gradeEntry`. */
export function gainOf(eventId: number, clauses: readonly (readonly Ask[])[]): Gain {
  const { what, objects } = SUBJECTS[eventId] ?? ANY;
  const asks = clauses.filter((clause) => clause.length === 1).map(([only]) => only!);
  const pinned = asks.filter(({ field, condition }) => objects.includes(field) && POSITIVE.has(condition));
  const exact = pinned.find(({ condition }) => condition === 'is');
  if (eventId === 1) return ofStarts(asks, what);
  if (exact) {
    const actor = asks.some(
      ({ field, condition }) => RUNNING.has(field) && !TARGETS.has(field) && condition === 'is',
    );
    const name = nameOf(exact.value);
    const prize = PRIZES.has(name) && (eventId === 8 || eventId === 10);
    const worth = prize ? ', which is worth taking' : '';
    return {
      gain: `${capital(what)} about ${shown(exact.value)} alone${worth}.`,
      breadth: actor && !prize ? 'little' : 'some',
    };
  }
  const [part] = pinned;
  if (part)
    return {
      gain: `${capital(what)} where ${part.field} ${part.condition} ${shown(part.value)}.`,
      breadth: 'much',
    };
  return { gain: `All ${what}, whatever they are about.`, breadth: 'all' };
}

const POSITIVE: ReadonlySet<string> = new Set([
  'is',
  'begin with',
  'end with',
  'contains',
  'contains all',
  'image',
  'matches',
]);

/** A program's start hides what it does at its start alone; one that runs what it is told to hides what it is told. */
function ofStarts(asks: readonly Ask[], what: string): Gain {
  const image = asks.find(({ field, condition }) => field === 'Image' && condition === 'is');
  const command = asks.find(({ field, condition }) => field === 'CommandLine' && POSITIVE.has(condition));
  if (command?.condition === 'is') return { gain: 'Starts with this one command line.', breadth: 'little' };
  if (image && command)
    return {
      gain: `Starts of ${nameOf(image.value)} whose command line ${command.condition} ${shown(command.value)}.`,
      breadth: 'some',
    };
  if (image && LOADERS.has(nameOf(image.value)))
    return { gain: `All that ${nameOf(image.value)} is told to run.`, breadth: 'all' };
  if (image) return { gain: `Starts of ${nameOf(image.value)}, with any arguments.`, breadth: 'some' };
  return { gain: `All ${what}, as far as the conditions go.`, breadth: 'all' };
}

function nameOf(path: string): string {
  const folded = foldAscii(path);
  return folded.slice(folded.lastIndexOf('\\') + 1);
}

function shown(value: string): string {
  const name = value.slice(value.lastIndexOf('\\') + 1);
  return `"${name === '' ? value : name}"`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
