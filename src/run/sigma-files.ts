/** Which files hold Sigma rules; told without reading YAML. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn } from './files-in.ts';

const YAML = /\.ya?ml$/i;

/** Whether a file is Sigma rather than a Sysmon configuration: YAML does not begin with `<`. */
export function looksLikeSigma(path: string): boolean {
  const text = readFileSync(path)
    .subarray(0, 64 * 1024)
    .toString('latin1')
    .replaceAll('\0', '');
  if (/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(text)) return false;
  return /^(?:---\s*$|title|id|logsource|detection|correlation|filter|action)\b/m.test(text);
}

/** Whether a folder holds YAML. */
export function hasRules(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true });
  return (
    entries.some((entry) => entry.isFile() && YAML.test(entry.name)) ||
    entries.some((entry) => entry.isDirectory() && hasRules(join(folder, entry.name)))
  );
}

/** The YAML files of a folder, sorted. */
export function ruleFiles(folder: string): string[] {
  return filesIn(folder, YAML);
}
