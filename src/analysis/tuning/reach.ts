/**
 * Reach: who started, opened or injected into whom, by events 1, 10 and 8. An allow-listed program that an ordinary one
 * reaches is a hiding place with a path to it.
 */
import { foldAscii, typeKey } from '../../events/index.ts';
import type { AllowCondition } from '../../predicate/index.ts';
import type { Tally } from '../../tally/index.ts';
import { valueMeets } from './meets.ts';

export type Way = 'started' | 'opened' | 'injected into';

export interface Edge {
  readonly source: string;
  readonly target: string;
  readonly way: Way;
  /** Whether the source ran as somebody who is no service, or, where no user is told, from a place of users. */
  readonly ordinary: boolean;
}

/** By the target's image, folded. */
export type Reach = ReadonlyMap<string, readonly Edge[]>;

/** Types whose events tell of reach, and the fields by which they are tallied. */
export const REACH_FIELDS: Readonly<Record<number, readonly string[]>> = {
  1: ['ParentImage', 'Image', 'ParentUser', 'User'],
  8: ['SourceImage', 'TargetImage', 'SourceUser'],
  10: ['SourceImage', 'TargetImage', 'GrantedAccess', 'SourceUser'],
};

/** PROCESS_CREATE_THREAD, PROCESS_VM_WRITE, PROCESS_DUP_HANDLE: each is enough to take a process over. */
const TAKES_OVER = 0x2 | 0x20 | 0x40;
/** Steps of a path, at most. */
const LONGEST = 3;

const SERVICE_USERS =
  /^(?:nt authority|autorite nt|nt-autorit.t|window manager|font driver host|nt service|nt virtual machine)\\/;
const PLACES_OF_USERS = /^[a-z]:\\users\\|\\explorer\.exe$|\\(?:powershell|pwsh|cmd)\.exe$/;

export function reachOf(tally: Tally): Reach {
  const reach = new Map<string, Edge[]>();
  const seen = new Set<string>();
  for (const { eventId, channel, key, spellings } of tally.groups.values()) {
    if (channel !== '' || !(eventId in REACH_FIELDS)) continue;
    const fields = tally.by.get(typeKey(channel, eventId)) ?? [];
    const value = (field: string): string | null => key[fields.indexOf(field)] ?? null;
    const source = value('SourceImage') ?? value('ParentImage');
    const target = value('TargetImage') ?? value('Image');
    if (source === null || target === null || source === '-' || source === target) continue;
    if (eventId === 10 && (Number(value('GrantedAccess')) & TAKES_OVER) === 0) continue;
    const user = value('SourceUser') ?? value('ParentUser');
    const ordinary = user === null || user === '-' ? PLACES_OF_USERS.test(source) : !SERVICE_USERS.test(user);
    const id = JSON.stringify([source, target, eventId, ordinary]);
    if (seen.has(id)) continue;
    seen.add(id);
    const [written] = spellings.keys();
    const edge: Edge = { ...spelt(written, fields, source, target), way: WAYS[eventId]!, ordinary };
    reach.set(target, [...(reach.get(target) ?? []), edge]);
  }
  return reach;
}

const WAYS: Readonly<Record<number, Way>> = { 1: 'started', 8: 'injected into', 10: 'opened' };

function spelt(
  written: string | undefined,
  fields: readonly string[],
  source: string,
  target: string,
): { source: string; target: string } {
  try {
    const values = JSON.parse(written ?? '[]') as unknown[];
    const text = (names: readonly string[], otherwise: string): string => {
      const value = values[fields.findIndex((field) => names.includes(field))];
      return typeof value === 'string' ? value : otherwise;
    };
    return {
      source: text(['SourceImage', 'ParentImage'], source),
      target: text(['TargetImage', 'Image'], target),
    };
  } catch {
    return { source, target };
  }
}

/** The shortest way from an ordinary program to one that meets the entry's conditions on who acts; empty where none is seen. */
export function pathTo(reach: Reach, conditions: readonly AllowCondition[]): (readonly [string, string])[] {
  const actor = ['SourceImage', 'ParentImage', 'Image'].find((field) =>
    conditions.some((one) => one.field === field),
  );
  if (actor === undefined) return [];
  const asked = conditions.filter(({ field }) => field === actor);
  const targets = [...reach.keys()]
    .filter((image) => asked.every((one) => valueMeets(image, one) === 'yes'))
    .sort();
  interface Path {
    readonly at: string;
    readonly steps: readonly (readonly [string, string])[];
  }
  let paths: Path[] = targets.map((at) => ({ at, steps: [] }));
  const seen = new Set(targets);
  for (let step = 0; step < LONGEST; step += 1) {
    const next: Path[] = [];
    for (const { at, steps } of paths) {
      const edges = (reach.get(at) ?? []).toSorted((a, b) =>
        a.source < b.source ? -1 : a.source > b.source ? 1 : 0,
      );
      for (const { source, target, ordinary } of edges) {
        const longer = [[source, target] as const, ...steps];
        if (ordinary) return longer;
        const folded = foldAscii(source);
        if (seen.has(folded)) continue;
        seen.add(folded);
        next.push({ at: folded, steps: longer });
      }
    }
    paths = next;
  }
  return [];
}
