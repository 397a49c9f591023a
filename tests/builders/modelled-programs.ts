/** The programs of the modelled week: what runs on a workstation with a VM's guest tools, an office suite and a debugger. */

export const USER = 'DESKTOP-NF01\\anna';
const SYSTEM = 'NT AUTHORITY\\SYSTEM';
export const SYS32 = 'C:\\Windows\\System32';
export const VMTOOLS = 'C:\\Program Files\\VMware\\VMware Tools\\vmtoolsd.exe';
export const CSRSS: string = `${SYS32}\\csrss.exe`;

export interface Program {
  readonly image: string;
  readonly commandLine: string;
  readonly parent: string;
  readonly user: string;
  readonly description: string;
  readonly company: string;
  /** Seconds that it runs at least and at most. */
  readonly runs: readonly [least: number, most: number];
}

function program(
  image: string,
  commandLine: string,
  parent: string,
  user: string,
  description: string,
  runs: readonly [number, number] = [20, 300],
  company = 'Microsoft Corporation',
): Program {
  return { image, commandLine, parent, user, description, company, runs };
}

const SVCHOST = `${SYS32}\\svchost.exe`;
export const EXPLORER = 'C:\\Windows\\explorer.exe';
const EDGE = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
const INDEXER = `${SYS32}\\SearchIndexer.exe`;
const FOREVER: readonly [number, number] = [1e6, 1e6];

/** Started with Windows: seconds after the kernel's start. */
export const AT_BOOT: readonly (readonly [seconds: number, Program])[] = [
  [
    2.1,
    program(
      `${SYS32}\\smss.exe`,
      '\\SystemRoot\\System32\\smss.exe',
      'System',
      SYSTEM,
      'Windows Session Manager',
      FOREVER,
    ),
  ],
  [
    5.2,
    program(
      CSRSS,
      '%SystemRoot%\\system32\\csrss.exe ObjectDirectory=\\Windows',
      `${SYS32}\\smss.exe`,
      SYSTEM,
      'Client Server Runtime Process',
      FOREVER,
    ),
  ],
  [
    5.9,
    program(
      `${SYS32}\\wininit.exe`,
      'wininit.exe',
      `${SYS32}\\smss.exe`,
      SYSTEM,
      'Windows Start-Up Application',
      FOREVER,
    ),
  ],
  [
    6.1,
    program(
      `${SYS32}\\winlogon.exe`,
      'winlogon.exe',
      `${SYS32}\\smss.exe`,
      SYSTEM,
      'Windows Logon Application',
      FOREVER,
    ),
  ],
  [
    6.4,
    program(
      `${SYS32}\\services.exe`,
      `${SYS32}\\services.exe`,
      `${SYS32}\\wininit.exe`,
      SYSTEM,
      'Services and Controller app',
      FOREVER,
    ),
  ],
  [
    6.5,
    program(
      `${SYS32}\\lsass.exe`,
      `${SYS32}\\lsass.exe`,
      `${SYS32}\\wininit.exe`,
      SYSTEM,
      'Local Security Authority Process',
      FOREVER,
    ),
  ],
  [
    6.9,
    program(
      SVCHOST,
      `${SVCHOST} -k DcomLaunch -p`,
      `${SYS32}\\services.exe`,
      SYSTEM,
      'Host Process for Windows Services',
      FOREVER,
    ),
  ],
  [
    7.3,
    program(
      `${SYS32}\\LogonUI.exe`,
      '"LogonUI.exe" /flags:0x2',
      `${SYS32}\\winlogon.exe`,
      SYSTEM,
      'Windows Logon User Interface Host',
      [60, 90],
    ),
  ],
  [
    7.6,
    program(
      `${SYS32}\\dwm.exe`,
      '"dwm.exe"',
      `${SYS32}\\winlogon.exe`,
      'Window Manager\\DWM-1',
      'Desktop Window Manager',
      FOREVER,
    ),
  ],
  [
    10.4,
    program(
      `${SYS32}\\spoolsv.exe`,
      `${SYS32}\\spoolsv.exe`,
      `${SYS32}\\services.exe`,
      SYSTEM,
      'Spooler SubSystem App',
      FOREVER,
    ),
  ],
  [
    10.8,
    program(
      VMTOOLS,
      `"${VMTOOLS}"`,
      `${SYS32}\\services.exe`,
      SYSTEM,
      'VMware Tools Core Service',
      FOREVER,
      'VMware, Inc.',
    ),
  ],
  [
    12.2,
    program(
      INDEXER,
      `${INDEXER} /Embedding`,
      `${SYS32}\\services.exe`,
      SYSTEM,
      'Microsoft Windows Search Indexer',
      FOREVER,
    ),
  ],
];
/** Started with the user's session: seconds after the logon. */
export const AT_LOGON: readonly (readonly [seconds: number, Program])[] = [
  [
    0.6,
    program(
      `${SYS32}\\userinit.exe`,
      `${SYS32}\\userinit.exe`,
      `${SYS32}\\winlogon.exe`,
      USER,
      'Userinit Logon Application',
      [25, 30],
    ),
  ],
  [0.9, program(EXPLORER, EXPLORER, `${SYS32}\\userinit.exe`, USER, 'Windows Explorer', FOREVER)],
];
/** What comes and goes all day. */
export const ROUTINE: readonly Program[] = [
  program(
    SVCHOST,
    `${SVCHOST} -k netsvcs -p -s BITS`,
    `${SYS32}\\services.exe`,
    SYSTEM,
    'Host Process for Windows Services',
  ),
  program(
    SVCHOST,
    `${SVCHOST} -k wsappx -p -s AppXSvc`,
    `${SYS32}\\services.exe`,
    SYSTEM,
    'Host Process for Windows Services',
  ),
  program(
    `${SYS32}\\SearchProtocolHost.exe`,
    `"${SYS32}\\SearchProtocolHost.exe" Global\\UsGthrFltPipeMssGthrPipe`,
    INDEXER,
    SYSTEM,
    'Microsoft Windows Search Protocol Host',
  ),
  program(`${SYS32}\\taskhostw.exe`, 'taskhostw.exe', SVCHOST, USER, 'Host Process for Windows Tasks'),
  program(
    `${SYS32}\\RuntimeBroker.exe`,
    `${SYS32}\\RuntimeBroker.exe -Embedding`,
    SVCHOST,
    USER,
    'Runtime Broker',
  ),
  program(
    `${SYS32}\\dllhost.exe`,
    `${SYS32}\\DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}`,
    SVCHOST,
    USER,
    'COM Surrogate',
    [5, 20],
  ),
  program(
    `${SYS32}\\wbem\\WmiPrvSE.exe`,
    `${SYS32}\\wbem\\wmiprvse.exe -secured -Embedding`,
    SVCHOST,
    'NT AUTHORITY\\NETWORK SERVICE',
    'WMI Provider Host',
    [60, 90],
  ),
  program(
    EDGE,
    `"${EDGE}" --single-argument https://intranet.example/`,
    EXPLORER,
    USER,
    'Microsoft Edge',
    [300, 2400],
  ),
  program(`${SYS32}\\notepad.exe`, `"${SYS32}\\notepad.exe"`, EXPLORER, USER, 'Notepad', [30, 900]),
  program(
    `${SYS32}\\cmd.exe`,
    `"${SYS32}\\cmd.exe"`,
    EXPLORER,
    USER,
    'Windows Command Processor',
    [600, 4000],
  ),
  program(
    'C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE',
    '"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE" /dde',
    EXPLORER,
    USER,
    'Microsoft Excel',
    [600, 3000],
  ),
];

/** The rare sources: a debugger, and what an intruder would do (or an installer of shell extensions). */
export const DEBUGGER: Program = program(
  'C:\\Program Files\\Microsoft Visual Studio\\2022\\Community\\Common7\\IDE\\Remote Debugger\\x64\\msvsmon.exe',
  'msvsmon.exe /silent /timeout 60',
  EXPLORER,
  USER,
  'Visual Studio Remote Debugging Monitor',
  [900, 900],
);
export const DEBUGGED: Program = program(
  'C:\\Users\\anna\\source\\repos\\Ledger\\bin\\Debug\\net8.0\\Ledger.exe',
  'Ledger.exe --import',
  DEBUGGER.image,
  USER,
  'Ledger',
  [500, 600],
  '-',
);
export const RUNDLL32: Program = program(
  `${SYS32}\\rundll32.exe`,
  `"${SYS32}\\rundll32.exe" C:\\ProgramData\\ShellTweaks\\tweaks.dll,Attach`,
  EXPLORER,
  USER,
  'Windows host process (Rundll32)',
  [8, 12],
);
