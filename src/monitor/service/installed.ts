/** What of an installation is on this machine. */
import { existsSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MonitorError } from '../error.ts';
import { type ServicePaths, UNIT } from './paths.ts';

export interface Installed {
  readonly unit: boolean;
  readonly config: boolean;
  /** systemd starts it at boot. */
  readonly enabled: boolean;
}

/** Looks at the files, not at systemd: that may not run. */
export function installedParts(paths: ServicePaths): Installed {
  return {
    unit: existsSync(paths.unit),
    config: existsSync(paths.config),
    enabled: isLink(enablingLink(paths)),
  };
}

/** The link that `systemctl enable` makes. */
export function enablingLink({ unit }: ServicePaths): string {
  return join(dirname(unit), 'sysinit.target.wants', UNIT);
}

/** A link that points to nothing is there, too. */
function isLink(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Throws MonitorError where there is no service. */
export function requireInstalled(paths: ServicePaths): void {
  if (installedParts(paths).unit) return;
  throw new MonitorError(
    'monitor-not-installed',
    `noisefloor is not installed here (there is no ${paths.unit}): noisefloor install CONFIG does it`,
  );
}
