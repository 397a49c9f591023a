/**
 * Room: the weakest control over a machine that lets an attacker meet an entry of an allow-list, an exclude filter or a
 * rule's filter. It is found by analysis of what the entry asks for, and not by samples.
 */

/** Weakest first. */
export const ROOMS = ['text', 'place', 'start', 'same-user', 'service', 'protected', 'kernel'] as const;

export type Room = (typeof ROOMS)[number];

/** One condition: in Sysmon's words, or `matches` for Sigma's wildcards and `unknown` for what can't be looked into. */
export interface Ask {
  readonly field: string;
  readonly condition: string;
  readonly value: string;
}

export interface Grade {
  readonly room: Room;
  /** Who can meet it and how, in a sentence. */
  readonly reason: string;
  /** ATT&CK id of the way in; empty where none fits. */
  readonly technique: string;
}

export function rankOf(room: Room): number {
  return ROOMS.indexOf(room);
}

/** What must all hold asks as much as its strongest part; of equal ones the first speaks. */
export function strongest(grades: readonly Grade[]): Grade {
  return grades.reduce((best, grade) => (rankOf(grade.room) > rankOf(best.room) ? grade : best));
}

/** Where one is enough the weakest decides. */
export function weakest(grades: readonly Grade[]): Grade {
  return grades.reduce((least, grade) => (rankOf(grade.room) < rankOf(least.room) ? grade : least));
}
