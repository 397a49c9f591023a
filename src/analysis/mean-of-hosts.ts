/** The mean of host rates: every host counts once, however long it was watched. */
import { byHost, type HostDay } from './clustering-days.ts';
import type { Estimated } from './clustering.ts';
import { clopperPearson, worthOf } from './confidence.ts';

/**
 * The mean over hosts of the share of hit cells, and an interval for the mean of the population that these hosts are
 * drawn from; null with fewer than two hosts. Korn and Graubard's interval with the variance of a mean of H independent
 * hosts, s^2 / H, H - 1 degrees of freedom, and at least the variance that hosts alike would have.
 */
export function meanOfHosts(days: readonly HostDay[]): (Estimated & { readonly estimate: number }) | null {
  const hosts = byHost(days).filter(({ cells }) => cells > 0);
  const count = hosts.length;
  if (count < 2) return null;
  const shares = hosts.map(({ cells, hits }) => hits / cells);
  const estimate = shares.reduce((sum, one) => sum + one, 0) / count;
  const method = 'korn-graubard over hosts';
  if (estimate === 0 || estimate === 1) {
    // Jensen: no set of host rates with a higher mean would be as likely as this in as many cells of each host.
    const cells = count * Math.min(...hosts.map((host) => host.cells));
    return { estimate, bounds: clopperPearson(estimate * cells, cells), method: 'clopper-pearson' };
  }
  const scatter = shares.reduce((sum, one) => sum + (one - estimate) ** 2, 0) / (count - 1);
  const alike = hosts.reduce((sum, { cells }) => sum + (estimate * (1 - estimate)) / cells, 0) / count;
  const variance = Math.max(scatter, alike) / count;
  const size = ((estimate * (1 - estimate)) / variance) * worthOf(count - 1);
  return { estimate, bounds: clopperPearson(estimate * size, size), method };
}
