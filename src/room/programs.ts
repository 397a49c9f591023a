/** Programs of Windows that matter for an allow-list: those that run what they are told, and those that are not a file. */

export interface LoaderRow {
  /** File name, folded. */
  readonly name: string;
  /** ATT&CK id of its abuse. */
  readonly technique: string;
  /** Where to check the row. */
  readonly source: string;
  /** When it was written, ISO 8601. */
  readonly date: string;
}

const DATE = '2026-11-26';

const TECHNIQUES: readonly (readonly [technique: string, names: string])[] = [
  ['T1059.001', 'powershell pwsh powershell_ise'],
  ['T1059.003', 'cmd'],
  ['T1059.005', 'cscript wscript'],
  ['T1059.006', 'python python3'],
  ['T1059', 'perl ruby node bash java javaw'],
  ['T1202', 'wsl forfiles pcalua'],
  ['T1047', 'wmic'],
  ['T1218.001', 'hh'],
  ['T1218.002', 'control'],
  ['T1218.003', 'cmstp'],
  ['T1218.004', 'installutil'],
  ['T1218.005', 'mshta'],
  ['T1218.007', 'msiexec'],
  ['T1218.008', 'odbcconf'],
  ['T1218.009', 'regasm regsvcs'],
  ['T1218.010', 'regsvr32'],
  ['T1218.011', 'rundll32'],
  ['T1218.013', 'mavinject'],
  ['T1127.001', 'msbuild'],
  ['T1140', 'certutil'],
  ['T1197', 'bitsadmin'],
  ['T1053.005', 'schtasks'],
  ['T1053.002', 'at'],
  ['T1569.002', 'sc net net1'],
  ['T1112', 'reg'],
];

/** Programs that run, load or change what their arguments say. */
export const LOADERS: ReadonlyMap<string, LoaderRow> = new Map(
  TECHNIQUES.flatMap(([technique, names]) =>
    names.split(' ').map((stem) => {
      const name = `${stem}.exe`;
      return [name, { name, technique, source: `LOLBAS project; ATT&CK ${technique}`, date: DATE }] as const;
    }),
  ),
);

/**
 * Names that Sysmon gives in place of a path to processes without a file.
 * The image of any other process is a full path, so none can take such a name.
 * From general knowledge of minimal processes, 2026-11-26.
 */
export const WITHOUT_FILE: ReadonlySet<string> = new Set([
  'system',
  'registry',
  'memcompression',
  'memory compression',
  'secure system',
]);

/**
 * Programs that Windows runs as protected processes. A copy that somebody else starts from the same path is not
 * protected, and no field of Sysmon's tells the two apart: the row lends words to a reason, never a rung.
 * To check: Microsoft Learn, "Protecting anti-malware services" and LSA protection; 2026-11-26.
 */
export const PROTECTED_PROGRAMS: ReadonlySet<string> = new Set([
  'csrss.exe',
  'smss.exe',
  'wininit.exe',
  'services.exe',
  'lsass.exe',
  'msmpeng.exe',
  'sgrmbroker.exe',
]);
