/** Folders of a default Windows: where plain users may write, and which only administrators fill. */

export interface FolderRow {
  /** Folded, with the last backslash. */
  readonly folder: string;
  /** Where to check the row. */
  readonly source: string;
  /** When it was written, ISO 8601. */
  readonly date: string;
}

const DATE = '2026-11-26';
const rows = (source: string, folders: readonly string[]): FolderRow[] =>
  folders.map((folder) => ({ folder, source, date: DATE }));

/** Folders in which a plain user may create files, or folders of their own. */
export const WRITABLE_FOLDERS: readonly FolderRow[] = [
  ...rows('general knowledge of default Windows permissions: profiles and data of all users', [
    'c:\\users\\',
    'c:\\documents and settings\\',
    'c:\\programdata\\',
    'c:\\$recycle.bin\\',
    'c:\\perflogs\\',
    'c:\\temp\\',
    'c:\\tmp\\',
  ]),
  ...rows('general knowledge of default Windows permissions: writable folders below Windows', [
    'c:\\windows\\temp\\',
    'c:\\windows\\tasks\\',
    'c:\\windows\\tracing\\',
    'c:\\windows\\registration\\crmlog\\',
    'c:\\windows\\debug\\wia\\',
    'c:\\windows\\system32\\tasks\\',
    'c:\\windows\\system32\\fxstmp\\',
    'c:\\windows\\system32\\com\\dmp\\',
    'c:\\windows\\system32\\microsoft\\crypto\\rsa\\machinekeys\\',
    'c:\\windows\\system32\\spool\\printers\\',
    'c:\\windows\\system32\\spool\\servers\\',
    'c:\\windows\\system32\\spool\\drivers\\color\\',
    'c:\\windows\\syswow64\\tasks\\',
    'c:\\windows\\syswow64\\fxstmp\\',
    'c:\\windows\\syswow64\\com\\dmp\\',
    'c:\\windows\\sysnative\\tasks\\',
    'c:\\windows\\sysnative\\spool\\drivers\\color\\',
  ]),
];

/** Folders that only administrators and installers fill, but for the writable ones below them. */
export const PINNED_FOLDERS: readonly FolderRow[] = [
  ...rows('general knowledge of default Windows permissions: system and program folders', [
    'c:\\windows\\',
    'c:\\program files\\',
    'c:\\program files (x86)\\',
  ]),
  ...rows('general knowledge of default Windows permissions: Defender keeps its own folder', [
    'c:\\programdata\\microsoft\\windows defender\\platform\\',
  ]),
];

/** A folded path, or a piece of one, that tells of a folder plain users write to, on whatever drive or system. */
export const WRITABLE_SHAPE: RegExp =
  /\\users\\|\\appdata\\|(?<!driverstore)\\temp\\|\\tmp\\|\\downloads\\|:\\programdata\\$|\\windows\\tasks\\|\\system32\\tasks\\?$|\\spool\\drivers\\color\\|\\\$?recycle\.bin\\|:\\perflogs\\|^\/(?:tmp|var\/tmp|dev\/shm|home)\//;
