/** Where the service keeps its things. */
import { join } from 'node:path';

/** The unit's name, as systemctl and journalctl take it. */
export const UNIT = 'noisefloor.service';

export interface ServicePaths {
  /** Stands before all of them; empty but in tests. */
  readonly root: string;
  /** The copy of the configuration that the service reads. */
  readonly config: string;
  /** Folder of the event log. */
  readonly log: string;
  /** Folder that is gone with the service. */
  readonly runtime: string;
  /** `noisefloor.status/1`, in the runtime folder. */
  readonly status: string;
  readonly unit: string;
}

/** All paths, below `root`: by default NOISEFLOOR_ROOT, with which tests move them elsewhere. */
export function servicePaths(root: string = process.env['NOISEFLOOR_ROOT'] ?? ''): ServicePaths {
  const below = (path: string): string => (root === '' ? path : join(root, path));
  return {
    root,
    config: below('/etc/noisefloor/config.xml'),
    log: below('/var/lib/noisefloor/events'),
    runtime: below('/run/noisefloor'),
    status: below('/run/noisefloor/status.json'),
    unit: below(`/etc/systemd/system/${UNIT}`),
  };
}
