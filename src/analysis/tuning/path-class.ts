/**
 * Paths whose parts differ from machine to machine: user names, GUIDs, versions, hashes and drive letters. Two paths of
 * one class are the same program; the class is asked for by what stays the same.
 */
import type { AllowCondition } from '../../predicate/index.ts';

/** What stays the same of a path, in its order; between two of them stands something that varies. */
export type PathClass = readonly string[];

const GUID = /\{?[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\}?/i;
/** `1.2.3`, `v120.0`, `app-1.0.9`: at least two numbers. */
const VERSION = /\d+(?:\.\d+)+/;
const LONG_HASH = /^[\da-f]{16,}$/i;
/** Whole names of folders under which each user has one. */
const PROFILES = /^(?:users|documents and settings)$/i;
const SEPARATOR = '\\';

/** The class of a path; null for one without a part that varies. */
export function classOf(path: string): PathClass | null {
  if (!path.includes(SEPARATOR)) return null;
  const parts = path.split(SEPARATOR);
  const kept: string[] = [];
  let text = '';
  let varies = false;
  const gap = (before: string, after: string): void => {
    kept.push(text + before);
    text = after;
    varies = true;
  };
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const end = last ? '' : SEPARATOR;
    const inProfile = index > 1 && PROFILES.test(parts[index - 1]!) && !last;
    const found = inProfile ? null : (GUID.exec(part) ?? VERSION.exec(part));
    if (index === 0 && /^[a-z]:$/i.test(part)) text += part + end;
    else if (inProfile || LONG_HASH.test(part)) gap('', end);
    else if (found) gap(part.slice(0, found.index), part.slice(found.index + found[0].length) + end);
    else text += part + end;
  }
  kept.push(text);
  return varies ? kept : null;
}

/** The same for paths that differ in their drive alone: all but the letter. */
export function driveClassOf(path: string): PathClass | null {
  return /^[a-z]:\\/i.test(path) ? ['', path.slice(1)] : null;
}

/** What asks for a class: how it begins, what is inside, how it ends. */
export function askFor(field: string, parts: PathClass): AllowCondition[] {
  const [begin, ...rest] = parts as readonly [string, ...string[]];
  const end = rest.at(-1) ?? '';
  const inside = rest.slice(0, -1).filter((part) => part.length > 1);
  return [
    ...(begin === '' ? [] : [{ field, condition: 'begin with', value: begin } as const]),
    ...inside.map((value) => ({ field, condition: 'contains', value }) as const),
    ...(end === '' ? [] : [{ field, condition: 'end with', value: end } as const]),
  ];
}

/** Folders of Windows and of all programs: what is common to all in them is no reason to allow all. */
const TOO_WIDE =
  /^(?:[a-z]:)?\\(?:windows(?:\\.*)?|program files(?: \(x86\))?|programdata|users(?:\\[^\\]*)?)?\\?$/i;

/** The folder of a path with the backslash at its end; null where it would hold all sorts of programs. */
export function folderOf(path: string): string | null {
  const folder = path.slice(0, path.lastIndexOf(SEPARATOR) + 1);
  return folder === '' || !/^[a-z]:\\/i.test(folder) || TOO_WIDE.test(folder) ? null : folder;
}
