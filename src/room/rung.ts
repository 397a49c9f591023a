/** The rungs of control over a machine, and how they combine. */

/** The weakest control that lets an attacker meet an entry. */
export type Room = 'text' | 'place' | 'start' | 'same-user' | 'service' | 'protected' | 'kernel';

/** Every rung, weakest first. */
export const ROOMS: readonly Room[] = [
  'text',
  'place',
  'start',
  'same-user',
  'service',
  'protected',
  'kernel',
];

/** One test of one field. `condition` is a name of Sysmon's, `matches` (Sigma wildcards), or anything else: unknown. */
export interface Ask {
  readonly field: string;
  readonly condition: string;
  readonly value: string;
}

export interface Grade {
  readonly room: Room;
  /** Who can meet it, and how: one or two sentences. */
  readonly reason: string;
  /** ATT&CK id, such as `T1036.005`. */
  readonly technique: string;
}

/** Less than zero where `a` is the weaker. */
export function compareRooms(a: Room, b: Room): number {
  return ROOMS.indexOf(a) - ROOMS.indexOf(b);
}

/** Alternatives: the attacker takes the easiest. The first of equals. `grades` is not empty. */
export function weakest(grades: readonly Grade[]): Grade {
  return grades.reduce((best, grade) => (compareRooms(grade.room, best.room) < 0 ? grade : best));
}

/** All must hold: the attacker has to meet the hardest. The first of equals. `grades` is not empty. */
export function strongest(grades: readonly Grade[]): Grade {
  return grades.reduce((best, grade) => (compareRooms(grade.room, best.room) > 0 ? grade : best));
}
