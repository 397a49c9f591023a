/** Hashes of program files, as HashAlgorithms asks: only of files that are asked for, each content once. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Sysmon's names, and ours. IMPHASH is of Windows programs alone. */
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['SHA1', 'sha1'],
  ['MD5', 'md5'],
  ['SHA256', 'sha256'],
]);

/** The algorithms that a configuration asks for; Sysmon's own default is SHA1. */
export function algorithmsOf(option: string | null | undefined): readonly string[] {
  if (option === null || option === undefined || option === '') return ['SHA1'];
  const asked = option.toUpperCase().replaceAll('-', '').split(',');
  const all = asked.includes('*') || asked.includes('ALL');
  return [...ALGORITHMS.keys()].filter((name) => all || asked.includes(name));
}

/** Hashes that are kept: more files than a machine runs in a while. */
const MAX_KEPT = 4096;
const BLOCK = 1024 * 1024;

/** Hashes files, kept by device, inode and time of change. */
export class Hashes {
  readonly #algorithms: readonly string[];
  readonly #kept = new Map<string, string>();
  readonly #block = Buffer.allocUnsafe(BLOCK);

  constructor(algorithms: readonly string[]) {
    this.#algorithms = algorithms;
  }

  /**
   * `SHA1=…,MD5=…` of the first of these paths that is the file with this number; null where none is. In another mount
   * namespace the same path may be another file. `inode` null: any.
   */
  of(inode: string | null, ...paths: readonly string[]): string | null {
    for (const path of paths) {
      const found = this.#ofFile(path, inode);
      if (found !== null) return found;
    }
    return null;
  }

  #ofFile(path: string, inode: string | null): string | null {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return null;
    }
    try {
      const { dev, ino, mtimeMs, size } = fstatSync(file, { bigint: true });
      if (inode !== null && String(ino) !== inode) return null;
      const key = `${dev}:${ino}:${mtimeMs}:${size}`;
      const known = this.#kept.get(key);
      if (known !== undefined) return known;
      const text = this.#read(file);
      if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
      this.#kept.set(key, text);
      return text;
    } catch {
      return null;
    } finally {
      closeSync(file);
    }
  }

  #read(file: number): string {
    const hashes = this.#algorithms.map((name) => createHash(ALGORITHMS.get(name)!));
    for (let read = readSync(file, this.#block); read > 0; read = readSync(file, this.#block)) {
      for (const hash of hashes) hash.update(this.#block.subarray(0, read));
    }
    return this.#algorithms.map((name, i) => `${name}=${hashes[i]!.digest('hex').toUpperCase()}`).join(',');
  }
}
