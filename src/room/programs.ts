/** Programs that are worth a word of their own. */

/** Processes that have no file: no program of this name can be started. */
export interface KernelRow {
  /** Folded, as events name it. */
  readonly image: string;
  readonly room: 'protected' | 'kernel';
  readonly note: string;
  readonly source: string;
  readonly date: string;
}

const DATE = '2026-11-25';
const INTERNALS = 'Windows Internals, 7th edition: system and minimal processes';

export const KERNEL_PROCESSES: readonly KernelRow[] = [
  {
    image: 'system',
    room: 'kernel',
    note: 'the kernel itself; an image without a path is no file',
    source: INTERNALS,
    date: DATE,
  },
  {
    image: 'registry',
    room: 'protected',
    note: 'a minimal process of the kernel',
    source: INTERNALS,
    date: DATE,
  },
  {
    image: 'memcompression',
    room: 'protected',
    note: 'a minimal process of the kernel',
    source: INTERNALS,
    date: DATE,
  },
  {
    image: 'secure system',
    room: 'protected',
    note: 'a minimal process of the kernel',
    source: INTERNALS,
    date: DATE,
  },
  {
    image: 'vmmem',
    room: 'protected',
    note: 'a minimal process of the kernel',
    source: INTERNALS,
    date: DATE,
  },
];

/** Programs that run what they are told to: no takeover is needed. */
export interface LoaderRow {
  /** Folded file name. */
  readonly name: string;
  readonly technique: string;
  readonly source: string;
  readonly date: string;
}

function loaders(technique: string, names: string, source = 'LOLBAS project and ATT&CK'): LoaderRow[] {
  return names.split(' ').map((name) => ({ name: `${name}.exe`, technique, source, date: DATE }));
}

export const LOADERS: readonly LoaderRow[] = [
  ...loaders('T1059.001', 'powershell pwsh powershell_ise'),
  ...loaders('T1059.003', 'cmd'),
  ...loaders('T1059.005', 'cscript wscript'),
  ...loaders('T1059.006', 'python python3'),
  ...loaders('T1059', 'perl ruby node bash java javaw'),
  ...loaders('T1202', 'forfiles pcalua wsl'),
  ...loaders('T1047', 'wmic'),
  ...loaders('T1218.011', 'rundll32'),
  ...loaders('T1218.010', 'regsvr32'),
  ...loaders('T1218.005', 'mshta'),
  ...loaders('T1218.007', 'msiexec'),
  ...loaders('T1218.004', 'installutil'),
  ...loaders('T1218.009', 'regasm regsvcs'),
  ...loaders('T1218.003', 'cmstp'),
  ...loaders('T1218.001', 'hh'),
  ...loaders('T1218.008', 'odbcconf'),
  ...loaders('T1218.013', 'mavinject'),
  ...loaders('T1218.002', 'control'),
  ...loaders('T1218', 'wuauclt'),
  ...loaders('T1127.001', 'msbuild'),
  ...loaders('T1105', 'certutil'),
  ...loaders('T1197', 'bitsadmin'),
  ...loaders('T1053.005', 'schtasks at'),
  ...loaders('T1569.002', 'sc net net1'),
  ...loaders('T1112', 'reg'),
];

/** A program by which a hypervisor and its guest talk to each other. */
export interface GuestTool {
  /** Folded file name. */
  readonly name: string;
  readonly hypervisor: string;
  /** As whom it runs: `both` has one process as a service and one in each user's session. */
  readonly runsAs: 'user' | 'service' | 'both';
  /** Whether whoever has the host can make it run programs in the guest. */
  readonly hostDriven: boolean;
  /** What an administrator who allow-lists it should know. */
  readonly note: string;
  readonly technique: string;
  readonly source: string;
  readonly date: string;
}

const VMWARE = 'VMware Tools documentation';
const ORACLE = 'VirtualBox manual: Guest Additions';
const AS_USER =
  'A user may take over the one that runs as himself: ask for SourceUser is NT AUTHORITY\\SYSTEM as well.';

export const GUEST_TOOLS: readonly GuestTool[] = [
  {
    name: 'vmtoolsd.exe',
    hypervisor: 'VMware',
    runsAs: 'both',
    hostDriven: true,
    note: `Runs as a service and, started at logon, as each user. The host runs programs in the guest through it. ${AS_USER}`,
    technique: 'T1055',
    source: VMWARE,
    date: DATE,
  },
  {
    name: 'vmwaretray.exe',
    hypervisor: 'VMware',
    runsAs: 'user',
    hostDriven: false,
    note: 'Runs as the user alone, who may take it over: nothing pins it.',
    technique: 'T1055',
    source: VMWARE,
    date: DATE,
  },
  {
    name: 'vboxservice.exe',
    hypervisor: 'VirtualBox',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as a service. The host runs programs in the guest through it (guest control), with credentials of the guest.',
    technique: 'T1055',
    source: ORACLE,
    date: DATE,
  },
  {
    name: 'vboxtray.exe',
    hypervisor: 'VirtualBox',
    runsAs: 'user',
    hostDriven: false,
    note: 'Runs as the user alone, who may take it over: an entry on it is a hiding place for anything that runs as him.',
    technique: 'T1055',
    source: ORACLE,
    date: DATE,
  },
  {
    name: 'qemu-ga.exe',
    hypervisor: 'QEMU/KVM',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as SYSTEM. The host runs programs in the guest through it (guest-exec), without credentials.',
    technique: 'T1055',
    source: 'QEMU documentation: guest agent',
    date: DATE,
  },
  {
    name: 'prl_tools.exe',
    hypervisor: 'Parallels',
    runsAs: 'user',
    hostDriven: true,
    note: 'Runs in the session of the user (prl_tools_service.exe is the service), who may take it over.',
    technique: 'T1055',
    source: 'Parallels Tools documentation',
    date: DATE,
  },
  {
    name: 'prl_tools_service.exe',
    hypervisor: 'Parallels',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as a service; the host starts programs in the guest through it.',
    technique: 'T1055',
    source: 'Parallels Tools documentation',
    date: DATE,
  },
  {
    name: 'xenservice.exe',
    hypervisor: 'Xen',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as a service; the host talks to it through XenStore.',
    technique: 'T1055',
    source: 'Xen Project: Windows PV drivers and guest agent',
    date: DATE,
  },
  {
    name: 'xenguestagent.exe',
    hypervisor: 'Xen',
    runsAs: 'service',
    hostDriven: true,
    note: 'Runs as a service; the host talks to it through XenStore.',
    technique: 'T1055',
    source: 'Citrix VM Tools documentation',
    date: DATE,
  },
];

/** What is known of a program by its file name, whatever its folder; null for one that is no guest tool. `image` folded. */
export function guestTool(image: string): GuestTool | null {
  const name = image.slice(image.lastIndexOf('\\') + 1);
  return GUEST_TOOLS.find((tool) => tool.name === name) ?? null;
}
