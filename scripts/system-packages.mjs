// System packages that tests use. Installed only as root with CI set; without them the tests that need them are
// skipped by name.
import { spawnSync } from 'node:child_process';

const PACKAGES = [
  {
    name: 'libevtx-utils',
    command: 'evtxexport',
    for: 'reading back what our EVTX writer writes with another reader',
  },
  { name: 'chromium', command: 'chromium', for: 'looking at pages of `ask --html` as a reader does' },
];

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Says which of these packages are here, and installs the others where that is allowed. */
export function systemPackages(packages = PACKAGES) {
  console.log('system packages used by tests:');
  for (const { name, command, for: purpose } of packages) {
    console.log(`  ${name} (${command}): ${has(command) ? 'here' : 'missing'}; ${purpose}`);
  }
  const missing = packages.filter(({ command }) => !has(command));
  if (missing.length === 0) return;
  if (process.env.CI && process.getuid?.() === 0) {
    const apt = (...args) =>
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    apt('update', '-qq');
    // One by one: what one of them lacks is no matter to the others.
    for (const { name } of missing) apt('install', '-y', '-qq', '--no-install-recommends', name);
  }
  for (const { name, command, for: purpose } of missing) {
    if (!has(command)) console.log(`SKIPPING tests that need ${name}: ${purpose}`);
  }
}
