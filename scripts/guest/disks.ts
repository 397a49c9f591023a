/** The disks of one walk: a copy of the root disk with the built project on it, and a disk for what comes out. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './host.ts';
import { type Base, sources } from './tree.ts';

const INSTALLED = '/opt/noisefloor';

export interface Disks {
  readonly root: string;
  readonly data: string;
}

/**
 * Fresh disks in `folder`: the root disk with `project` (a built checkout: dist/src, package.json and the packages it
 * needs to run) in /opt/noisefloor and `files` (path in the guest -> text), and an empty data disk.
 */
export function freshDisks(
  base: Base,
  folder: string,
  project: string,
  files: Readonly<Record<string, string>>,
): Disks {
  mkdirSync(folder, { recursive: true });
  const disks = { root: join(folder, 'root.img'), data: join(folder, 'data.img') };
  rmSync(disks.root, { force: true });
  rmSync(disks.data, { force: true });
  run('cp', ['--sparse=always', '--reflink=auto', base.disk, disks.root]);
  // Its mode goes with it.
  const script = join(folder, 'guest-walk');
  copyFileSync(join(sources(), 'guest-walk'), script);
  chmodSync(script, 0o755);
  const pairs = projectFiles(project).map((file): [string, string] => [
    join(project, file),
    `${INSTALLED}/${file}`,
  ]);
  for (const [index, [path, text]] of Object.entries(files).entries()) {
    const local = join(folder, `file-${index}`);
    writeFileSync(local, text);
    pairs.push([local, path]);
  }
  pairs.push([script, '/usr/local/sbin/guest-walk']);
  writeInto(disks.root, pairs);
  run('mkfs.ext4', ['-q', '-L', 'data', disks.data, '256M']);
  return disks;
}

/** Copies the whole data disk into `folder`, without mounting it. */
export function takeOut(data: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // A guest that was ended has not unmounted: its journal is played first. e2fsck gives 1 where it mended something.
  run('sh', ['-c', 'e2fsck -fy "$1" || [ $? -eq 1 ]', 'e2fsck', data]);
  run('debugfs', ['-R', `rdump / ${folder}`, data]);
}

/** Paths below the project that the program needs to run. */
function projectFiles(project: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const needed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const folders = ['dist/src', ...needed.map(([path]) => path)].filter((path) =>
    existsSync(join(project, path)),
  );
  const files = folders.flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true })
      .map((file) => join(folder, String(file)))
      .filter(
        (file) => /\.(?:c?js|mjs|json|node|wasm)$/.test(file) && statSync(join(project, file)).isFile(),
      ),
  );
  return ['package.json', ...files];
}

/** Writes files into an ext4 image that is not mounted. */
function writeInto(image: string, pairs: readonly (readonly [from: string, to: string])[]): void {
  const made = new Set<string>(['/']);
  const commands: string[] = [];
  const makeFolder = (folder: string): void => {
    if (made.has(folder)) return;
    makeFolder(dirname(folder));
    made.add(folder);
    commands.push(`mkdir "${folder}"`);
  };
  for (const [from, to] of pairs) {
    makeFolder(dirname(to));
    commands.push(`write "${from}" "${to}"`);
  }
  run('debugfs', ['-w', '-f', '-', image], `${commands.join('\n')}\n`);
  const last = pairs.at(-1)![1];
  const size = run('debugfs', ['-R', `stat "${last}"`, image]);
  if (!/Size: \d/.test(size)) throw new Error(`${last} was not written into ${image}`);
}
