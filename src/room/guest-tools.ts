/** Tools that a hypervisor's maker puts into a guest: who they run as, and whether the host can tell them what to do. */
import { foldAscii } from '../events/index.ts';

export interface GuestTool {
  /** File name, folded. */
  readonly name: string;
  readonly hypervisor: string;
  readonly runsAs: 'user' | 'service' | 'both';
  /** The host can have it run programs or write files in the guest. */
  readonly hostDriven: boolean;
  readonly note: string;
  readonly technique: string;
  /** Where to check the row. */
  readonly source: string;
  /** When it was written, ISO 8601. */
  readonly date: string;
}

const DATE = '2026-11-26';

/** Every guest tool that is known. */
export const GUEST_TOOLS: readonly GuestTool[] = [
  {
    name: 'vmtoolsd.exe',
    hypervisor: 'VMware',
    runsAs: 'both',
    hostDriven: true,
    note: 'Runs as a service and once more in the session of each user, from the same path: the path alone does not tell them apart. The host can run programs in the guest through it, with an account of the guest.',
    technique: 'T1675',
    source: 'VMware Tools documentation; ATT&CK T1675',
    date: DATE,
  },
  {
    name: 'vboxservice.exe',
    hypervisor: 'VirtualBox',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as SYSTEM. The host starts programs and copies files through its guest control, with an account of the guest.',
    technique: 'T1651',
    source: 'VirtualBox manual, guest control',
    date: DATE,
  },
  {
    name: 'vboxtray.exe',
    hypervisor: 'VirtualBox',
    runsAs: 'user',
    hostDriven: false,
    note: 'Runs in the session of each user, as that user: any program of the user can take it over.',
    technique: 'T1055',
    source: 'VirtualBox manual, Guest Additions',
    date: DATE,
  },
  {
    name: 'qemu-ga.exe',
    hypervisor: 'QEMU/KVM',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as SYSTEM, and runs programs and writes files when the host says so (guest-exec, guest-file-write), without an account of the guest.',
    technique: 'T1651',
    source: 'QEMU documentation, guest agent protocol',
    date: DATE,
  },
  {
    name: 'prl_tools.exe',
    hypervisor: 'Parallels',
    runsAs: 'both',
    hostDriven: true,
    note: 'Has a service and parts in the session of the user. The host can run programs in the guest through the tools.',
    technique: 'T1651',
    source: 'Parallels documentation, prlctl exec',
    date: DATE,
  },
  {
    name: 'prl_tools_service.exe',
    hypervisor: 'Parallels',
    runsAs: 'service',
    hostDriven: true,
    note: 'The service of Parallels Tools. The host can run programs in the guest through the tools.',
    technique: 'T1651',
    source: 'Parallels documentation, prlctl exec',
    date: DATE,
  },
  {
    name: 'xenservice.exe',
    hypervisor: 'Xen',
    runsAs: 'service',
    hostDriven: false,
    note: 'Runs as SYSTEM and talks to the host over XenStore. No general way to run programs is known to us.',
    technique: 'T1055',
    source: 'general knowledge of the XenServer guest agent',
    date: DATE,
  },
];

const byName = new Map(GUEST_TOOLS.map((tool) => [tool.name, tool]));

/** The guest tool of this path or file name, or null. Only the name is looked at: anybody can give a file this name. */
export function guestTool(image: string): GuestTool | null {
  const folded = foldAscii(image);
  return byName.get(folded.slice(folded.lastIndexOf('\\') + 1)) ?? null;
}
