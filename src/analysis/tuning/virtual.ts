/**
 * The doubt of the post that began this: some program that is allow-listed on virtual machines may be where an attacker
 * hides. Which hosts are virtual machines, by the guest tools that ran there; rates apart; what is known of each tool.
 */
import { typeKey } from '../../events/index.ts';
import { type GuestTool, guestTool } from '../../room/index.ts';
import type { Tally } from '../../tally/index.ts';
import type { HostSlots } from '../hits.ts';
import { mostFrequent } from '../watched-host.ts';
import { slotsOf } from './held-out.ts';
import type { NoiseGroup } from './noise.ts';
import type { TuningRate } from './tuning-rate.ts';

export interface Virtual {
  /** Hosts on which a guest tool ran. Of the others nothing shows that they are none. */
  readonly hosts: readonly {
    readonly host: string;
    readonly hypervisor: string;
    readonly evidence: string;
  }[];
  /** Benign events before any entry; null where there is no such host. */
  readonly onVirtual: TuningRate | null;
  readonly onOthers: TuningRate | null;
  /** Guest tools that were seen, and what is known of them. */
  readonly tools: readonly (GuestTool & {
    readonly image: string;
    /** Whether it acted in benign events of the question. */
    readonly inQuestion: boolean;
  })[];
}

const IMAGE = /Image$/;

/** `reach`: a tally of who started and opened whom, which sees more programs than the question's own; null for none. */
export function virtualOf(
  tally: Tally,
  reach: Tally | null,
  benign: readonly NoiseGroup[],
  rateOn: (slots: readonly HostSlots[], hosts: ReadonlySet<string>) => TuningRate,
): Virtual {
  const found = new Map<string, { tool: GuestTool; image: string }>();
  const tools = new Map<string, { tool: GuestTool; image: string }>();
  for (const { groups, by } of reach ? [tally, reach] : [tally]) {
    for (const { eventId, channel, key, hosts } of groups.values()) {
      const fields = by.get(typeKey(channel, eventId)) ?? [];
      for (const [at, value] of key.entries()) {
        const tool = value !== null && IMAGE.test(fields[at] ?? '') ? guestTool(value) : null;
        if (!tool || value === null) continue;
        if (!tools.has(value)) tools.set(value, { tool, image: value });
        for (const host of hosts.keys()) if (!found.has(host)) found.set(host, { tool, image: value });
      }
    }
  }
  const virtual = new Set(found.keys());
  const others = new Set([...tally.hosts.keys()].filter((host) => !virtual.has(host)));
  const slots = slotsOf(benign);
  return {
    hosts: [...found]
      .map(([host, { tool, image }]) => ({
        host: mostFrequent(tally.hosts.get(host)?.spellings ?? new Map()) ?? host,
        hypervisor: tool.hypervisor,
        evidence: image,
      }))
      .sort((a, b) => (a.host < b.host ? -1 : 1)),
    onVirtual: virtual.size > 0 ? rateOn(slots, virtual) : null,
    onOthers: others.size > 0 ? rateOn(slots, others) : null,
    tools: [...tools.values()]
      .map(({ tool, image }) => ({ ...tool, image, inQuestion: acts(benign, image) }))
      .sort((a, b) => (a.image < b.image ? -1 : 1)),
  };
}

function acts(benign: readonly NoiseGroup[], image: string): boolean {
  return benign.some(({ fields, values }) =>
    values.some((value, at) => value === image && /^(?:Source|Parent)?Image$/.test(fields[at] ?? '')),
  );
}
