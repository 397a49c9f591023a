/** Files made, deleted, dated, and a device read raw. */
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Expected, Run, Trigger } from './trigger.ts';

type Prepare = NonNullable<Trigger['prepare']>;

const own = (run: Run): Expected['fields'] => ({
  ProcessId: String(run.pid),
  Image: run.programs.trigger,
  User: 'root',
});

const made = (run: Run, path: string): Expected => ({
  eventId: 11,
  fields: { ...own(run), TargetFilename: join(run.folder, path) },
});

const deleted = (run: Run, path: string): Expected => ({
  eventId: 23,
  fields: { ...own(run), TargetFilename: join(run.folder, path) },
});

const touch =
  (...names: readonly string[]): Prepare =>
  (folder) => {
    for (const name of names) writeFileSync(join(folder, name), 'there already');
  };

const folderWith =
  (sub: string, ...names: readonly string[]): Prepare =>
  (folder) => {
    mkdirSync(join(folder, sub));
    for (const name of names) writeFileSync(join(folder, sub, name), '');
  };

function files(
  name: string,
  args: readonly string[],
  expected: (run: Run) => readonly Expected[],
  prepare?: Prepare,
): Trigger {
  return { name, args: () => args, expected, ...(prepare ? { prepare } : {}) };
}

const NAME_250 = 'n'.repeat(250);
/** 84 characters of three bytes each: a name's most is 255 bytes. */
const NAME_WIDE = '漢'.repeat(84);
/** Outside of the folder of the run. */
export const ABSOLUTE: string = join(tmpdir(), `noisefloor-live-made-${process.pid}`);
const DEEP = 'd'.repeat(199);
const PAST = '2001-02-03 04:05:06.789';

const dated = (run: Run, path: string, time: string = PAST): Expected => ({
  eventId: 2,
  fields: { ...own(run), TargetFilename: join(run.folder, path), CreationUtcTime: time },
});

/** A block device that root may open for reading here, or null. */
function readableDevice(): string | null {
  for (const path of ['/dev/zram0', '/dev/loop0', '/dev/vda', '/dev/sda', '/dev/nvme0n1'])
    try {
      closeSync(openSync(path, 'r'));
      return path;
    } catch {
      // Not there, or not for us: the next.
    }
  return null;
}
const DEVICE = readableDevice();

const paths =
  (...names: readonly string[]) =>
  (run: Run): readonly Expected[] =>
    names.map((name) => made(run, name));

export const FILE_TRIGGERS: readonly Trigger[] = [
  files(
    'files made in the working folder',
    ['create', 'one', './two', 'sub/../three'],
    paths('one', 'two', 'three'),
    folderWith('sub'),
  ),
  files('a file made by an absolute path', ['create', ABSOLUTE], (run) => [
    { eventId: 11, fields: { ...own(run), TargetFilename: ABSOLUTE } },
  ]),
  files(
    'long and wide names',
    ['create', NAME_250, NAME_WIDE, 'é\t\n"\\x41\u202e'],
    paths(NAME_250, NAME_WIDE, 'é\t\n"\\x41\u202e'),
  ),
  files(
    'files made by open, openat, openat2 and creat',
    ['create-ways'],
    paths('by-open', 'by-openat', 'by-openat2', 'by-creat'),
  ),
  files(
    'a file made by a descriptor of its folder',
    ['create-in', 'sub', 'made'],
    paths('sub/made'),
    folderWith('sub'),
  ),
  files('a file made through a link to its folder', ['create', 'link/made'], paths('sub/made'), (folder) => {
    mkdirSync(join(folder, 'sub'));
    symlinkSync('sub', join(folder, 'link'));
  }),
  files('a path of 4000 bytes', ['create-deep', DEEP, '19'], (run) => [
    made(run, `${`${DEEP}/`.repeat(19)}${DEEP}`),
  ]),
  files('a file that is there already', ['open-existing', 'plain'], () => [], touch('plain')),
  files('a file without a name', ['make-nameless'], () => []),
  files('a folder made and removed', ['make-folder', 'sub'], () => []),
  files('a file renamed over another', ['rename', 'old', 'new'], () => [], touch('old', 'new')),
  files('a second name of a file', ['link', 'plain', 'second'], () => [], touch('plain')),
  files('a symbolic link', ['symlink', 'plain', 'link'], () => [], touch('plain')),
  files(
    'files deleted',
    ['delete', 'one', NAME_250, 'é\n'],
    (run) => ['one', NAME_250, 'é\n'].map((name) => deleted(run, name)),
    touch('one', NAME_250, 'é\n'),
  ),
  files(
    'a file deleted by a descriptor of its folder',
    ['delete-in', 'sub', 'gone'],
    (run) => [deleted(run, 'sub/gone')],
    folderWith('sub', 'gone'),
  ),
  files('a folder deleted by unlinkat', ['delete-folder', 'sub'], () => []),
  files('times set by path', ['time-by-path', 'plain'], (run) => [dated(run, 'plain')], touch('plain')),
  files(
    'times set by a descriptor of the folder',
    ['time-by-folder', 'sub', 'plain'],
    (run) => [dated(run, 'sub/plain')],
    folderWith('sub', 'plain'),
  ),
  files(
    'times set by a descriptor of the file',
    ['time-by-descriptor', 'plain'],
    (run) => [dated(run, 'plain')],
    touch('plain'),
  ),
  files(
    'times set by utime',
    ['time-by-utime', 'plain'],
    (run) => [dated(run, 'plain', '2001-02-03 04:05:06.000')],
    touch('plain'),
  ),
  files('times set by utimes', ['time-by-utimes', 'plain'], (run) => [dated(run, 'plain')], touch('plain')),
  files(
    'times set by futimesat',
    ['time-by-futimesat', 'plain'],
    (run) => [dated(run, 'plain')],
    touch('plain'),
  ),
  files('times set to now', ['time-to-now', 'plain'], () => [], touch('plain')),
  {
    name: 'a device read raw',
    args: () => ['read-raw', DEVICE!],
    skip: DEVICE === null ? 'there is no block device that may be read here' : false,
    expected: (run) => [{ eventId: 9, fields: { ...own(run), Device: new RegExp(basename(DEVICE!)) } }],
  },
];
