/** Which files hold Sigma rules; told without reading YAML. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { QuestionError } from '../predicate/index.ts';
import { filesIn } from './files-in.ts';

const YAML = /\.ya?ml$/i;

/** Whether a file is Sigma rather than a Sysmon configuration: YAML does not begin with `<`. */
export function looksLikeSigma(path: string): boolean {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    // Whoever reads it says why that is not possible.
    return YAML.test(path);
  }
  const text = bytes
    .subarray(0, 64 * 1024)
    .toString('latin1')
    .replaceAll('\0', '');
  if (/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(text)) return false;
  return /^(?:---\s*$|title|id|logsource|detection|correlation|filter|action)\b/m.test(text);
}

/** Whether a folder holds YAML; one that can't be read may. */
export function hasRules(folder: string): boolean {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return true;
  }
  return (
    entries.some((entry) => entry.isFile() && YAML.test(entry.name)) ||
    entries.some((entry) => entry.isDirectory() && hasRules(join(folder, entry.name)))
  );
}

/** A file, or the YAML files of a folder, sorted. Throws QuestionError where it, or a folder in it, can't be read. */
export function ruleFiles(given: string): string[] {
  try {
    return statSync(given).isDirectory() ? filesIn(given, YAML) : [given];
  } catch (error) {
    const { path = given, message } = error as NodeJS.ErrnoException;
    throw new QuestionError(
      'sigma-unreadable',
      `${path}: expected a folder that can be read, or a file: ${message}`,
    );
  }
}
