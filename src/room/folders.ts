/** Folders of a default installation of Windows, and who may write there. */

export interface FolderRow {
  /** Folded, with a backslash at its end. */
  readonly folder: string;
  /** Whether a plain user may create a file there, or in some folder below that this row stands for. */
  readonly writable: boolean;
  readonly note: string;
  readonly source: string;
  /** When the row was last looked at. */
  readonly date: string;
}

const DEFAULT_ACLS = 'default access lists of Windows 10 and 11, Microsoft Learn: file system permissions';
const BYPASS = 'public write-ups on AppLocker default rules: folders under %WINDIR% that users may write to';
const DATE = '2026-11-25';

/** The row of the deepest folder counts. A folder without one is taken for writable: any user may make folders below C:\. */
export const FOLDERS: readonly FolderRow[] = [
  {
    folder: 'c:\\windows\\',
    writable: false,
    note: 'only TrustedInstaller and administrators',
    source: DEFAULT_ACLS,
    date: DATE,
  },
  {
    folder: 'c:\\program files\\',
    writable: false,
    note: 'only administrators and installers; a vendor may loosen his own folder',
    source: DEFAULT_ACLS,
    date: DATE,
  },
  {
    folder: 'c:\\program files (x86)\\',
    writable: false,
    note: 'only administrators and installers; a vendor may loosen his own folder',
    source: DEFAULT_ACLS,
    date: DATE,
  },
  {
    folder: 'c:\\programdata\\',
    writable: true,
    note: 'users may create files and folders, and write to what they created',
    source: DEFAULT_ACLS,
    date: DATE,
  },
  {
    folder: 'c:\\programdata\\microsoft\\windows defender\\platform\\',
    writable: false,
    note: "Defender's own programs; protected by their access list",
    source: 'Microsoft Learn: Microsoft Defender platform updates',
    date: DATE,
  },
  {
    folder: 'c:\\users\\',
    writable: true,
    note: "each user's own profile",
    source: DEFAULT_ACLS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\temp\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\tasks\\',
    writable: true,
    note: 'authenticated users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\tracing\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\registration\\crmlog\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\servicestate\\',
    writable: true,
    note: 'folders of services in it may be written to by users',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\fxstmp\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\com\\dmp\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\microsoft\\crypto\\rsa\\machinekeys\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\spool\\drivers\\color\\',
    writable: true,
    note: 'users may add colour profiles, and anything else',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\spool\\printers\\',
    writable: true,
    note: 'users may create spool files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\spool\\servers\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\system32\\tasks\\',
    writable: true,
    note: 'task definitions of users; files may be created in some of its folders',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\syswow64\\fxstmp\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\syswow64\\com\\dmp\\',
    writable: true,
    note: 'users may create files',
    source: BYPASS,
    date: DATE,
  },
  {
    folder: 'c:\\windows\\syswow64\\tasks\\',
    writable: true,
    note: 'users may create files in some of its folders',
    source: BYPASS,
    date: DATE,
  },
];

/** Other spellings of C:\Windows\ that an event may hold. */
export const SYSTEM_ROOTS: readonly string[] = ['\\systemroot\\', '\\??\\c:\\windows\\'];

/** Parts of paths below which plain users may write, wherever the path begins. */
export const WRITABLE_PARTS: RegExp =
  /\\users\\|\\appdata\\|(?<!driverstore)\\temp\\|\\tmp\\|\\downloads\\|:\\programdata\\$|\\windows\\tasks\\|\\system32\\tasks\\?$|\\spool\\drivers\\color\\|\\\$?recycle\.bin\\|:\\perflogs\\|^\/(?:tmp|var\/tmp|dev\/shm|home)\//;
