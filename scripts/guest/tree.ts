/** The guest's root disk without noisefloor: Debian 12 with systemd, a kernel, bpftrace, the host's node, and the overlay. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './host.ts';

const SUITE = 'bookworm';
const PACKAGES = (
  'systemd-sysv udev kmod initramfs-tools lz4 zstd linux-image-cloud-amd64 ' +
  'procps iproute2 libstdc++6 strace bpftrace'
).split(' ');
/** The initial RAM disk holds these modules only: it is unpacked by emulation at each boot. */
const MODULES = ['virtio_pci', 'virtio_blk', 'virtio_mmio', 'ext4'];
const MASKED = (
  'apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer ' +
  'e2scrub_reap.service systemd-timesyncd.service getty@tty1.service serial-getty@ttyS0.service'
).split(' ');
const NO_DOCUMENTS = ['doc', 'man', 'locale', 'info'].map((name) => `path-exclude=/usr/share/${name}/*`);
const SIZE = '1800M';

/** The folder of this repository that holds the guest's own files, which are not TypeScript. */
export function sources(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'scripts/guest');
}

export interface Base {
  /** The root file system, ext4. Not to be booted: it is copied for each walk. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** Where built images are kept: `NOISEFLOOR_GUEST_CACHE`, or `~/.cache/noisefloor/guest`. */
export function cacheFolder(): string {
  return process.env['NOISEFLOOR_GUEST_CACHE'] ?? join(homedir(), '.cache/noisefloor/guest');
}

/** The root disk for this list of packages, this node and this overlay: from the cache, or built in some minutes. */
export function baseDisk(say: (text: string) => void): Base {
  const folder = join(cacheFolder(), `base-${key()}`);
  const base = {
    disk: join(folder, 'root.img'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.img'),
  };
  if (existsSync(base.disk)) {
    say(`root disk: ${base.disk} (from the cache)`);
    return base;
  }
  mkdirSync(cacheFolder(), { recursive: true });
  const building = mkdtempSync(join(cacheFolder(), 'building-'));
  try {
    const tree = join(building, 'tree');
    say(`root disk: Debian (${SUITE}) into ${tree}`);
    debian(tree);
    say('root disk: the overlay, the programs, node and the initial RAM disk');
    furnish(tree);
    const boot = readdirSync(join(tree, 'boot'));
    for (const [name, prefix] of [
      ['vmlinuz', 'vmlinuz-'],
      ['initrd.img', 'initrd.img-'],
    ] as const) {
      cpSync(
        join(
          tree,
          'boot',
          boot.find((file) => file.startsWith(prefix))!,
        ),
        join(building, name),
      );
    }
    run('mkfs.ext4', [
      '-q',
      '-L',
      'root',
      '-E',
      'lazy_itable_init=1',
      '-d',
      tree,
      join(building, 'root.img'),
      SIZE,
    ]);
    rmSync(tree, { recursive: true, force: true });
    renameSync(building, folder);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw error;
  }
  return base;
}

/** What decides whether a disk in the cache is still the one that would be built. */
function key(): string {
  const hash = createHash('sha256');
  for (const text of [SUITE, SIZE, ...PACKAGES, ...MODULES, ...MASKED, ...NO_DOCUMENTS])
    hash.update(`${text}\n`);
  hash.update(`${process.version} ${statSync(process.execPath).size}\n`);
  for (const file of readdirSync(sources(), { recursive: true }).map(String).sort()) {
    const path = join(sources(), file);
    if (!file.includes('/') || !statSync(path).isFile()) continue;
    hash.update(`${file} ${statSync(path).mode & 0o111}\n`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The root tree, from the archive that this machine's apt uses, where that has the suite. */
function debian(tree: string): void {
  const lines = run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)']).split(
    '\n',
  );
  const archive = lines
    .map((line) => line.split(' '))
    .find(([, suite, part]) => suite === SUITE && part === 'main');
  run('mmdebstrap', [
    '--variant=minbase',
    ...NO_DOCUMENTS.map((option) => `--dpkgopt=${option}`),
    `--include=${PACKAGES.join(',')}`,
    SUITE,
    tree,
    ...(archive ? [archive[0]!] : []),
  ]);
}

function furnish(tree: string): void {
  cpSync(join(sources(), 'overlay'), tree, { recursive: true });
  // git keeps no mode but the executable bit, and a checkout may have lost that.
  chmodSync(join(tree, 'usr/local/bin/noisefloor'), 0o755);
  for (const name of ['guest-target', 'guest-injector']) {
    const source = join(sources(), 'programs', `${name}.c`);
    run('gcc', ['-static', '-O1', '-Wall', '-Werror', '-o', join(tree, 'usr/local/bin', name), source]);
  }
  cpSync(process.execPath, join(tree, 'usr/bin/node'));
  chmodSync(join(tree, 'usr/bin/node'), 0o755);
  for (const unit of ['guest-walk.service', 'guest-target.service'])
    run('chroot', [tree, 'systemctl', 'enable', unit]);
  for (const unit of MASKED) run('chroot', [tree, 'systemctl', 'mask', unit]);
  mkdirSync(join(tree, 'data'), { recursive: true });
  writeFileSync(join(tree, 'etc/initramfs-tools/modules'), `${MODULES.join('\n')}\n`);
  run('chroot', [tree, 'update-initramfs', '-u', '-k', 'all']);
}
