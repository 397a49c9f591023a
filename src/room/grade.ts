/**
 * The room of an entry. Each field is graded by who sets it, and the grades are put together: alternatives ask as little
 * as their weakest, what must all hold as much as its strongest. What is not known asks nothing.
 */
import { foldAscii } from '../events/index.ts';
import type { Acl } from './acl.ts';
import { gradePath, gradePrefix } from './path.ts';
import { type Ask, type Grade, strongest, weakest } from './room.ts';

/** The program that acts: Sysmon's names, and those of the Security log for the same. */
const ACTORS: ReadonlySet<string> = new Set([
  'Image',
  'SourceImage',
  'ParentImage',
  'NewProcessName',
  'ParentProcessName',
  'ProcessName',
  'Application',
  'CallerProcessName',
]);
/** Files that a program is free to load: they must lie where they are said to. */
const LOADED: ReadonlySet<string> = new Set(['ImageLoaded']);
/** As whom it acts. The user of a target is the victim, and the attacker's choice. */
const USERS: ReadonlySet<string> = new Set([
  'User',
  'SourceUser',
  'ParentUser',
  'SubjectUserName',
  'SubjectUserSid',
]);
const LEVELS: ReadonlySet<string> = new Set(['IntegrityLevel', 'MandatoryLabel']);

const ANYTHING: Grade = {
  room: 'text',
  reason: 'It asks for nothing that an attacker would have to bring about.',
  technique: '',
};

/** What an attacker does to fill a field with whatever an entry asks for. */
const CHOSEN: Readonly<Record<string, readonly [how: string, technique: string]>> = {
  CommandLine: ['who starts a program writes its command line, and can rewrite it later', 'T1564.010'],
  ParentCommandLine: ['who starts a program writes its command line, and can rewrite it later', 'T1564.010'],
  CurrentDirectory: ['who starts a program chooses the folder it starts in', 'T1036'],
  OriginalFileName: ['whoever builds a file writes this into it', 'T1036.005'],
  Description: ['whoever builds a file writes this into it', 'T1036.005'],
  Product: ['whoever builds a file writes this into it', 'T1036.005'],
  Company: ['whoever builds a file writes this into it', 'T1036.005'],
  FileVersion: ['whoever builds a file writes this into it', 'T1036.005'],
  StartModule: ['the caller chooses where the thread starts, in any module that is loaded', 'T1055.001'],
  StartFunction: ['the caller chooses where the thread starts, at any function', 'T1055.001'],
  StartAddress: ['the caller chooses where the thread starts', 'T1055'],
  TargetImage: ['the caller chooses his victim', 'T1055'],
  TargetUser: ['the caller chooses his victim', 'T1055'],
  GrantedAccess: ['the caller asks for the rights that he likes', 'T1055'],
  CallTrace: ['the caller lays out his stack, or calls from a genuine module', 'T1055'],
  TargetFilename: ['who writes a file names it', 'T1036.005'],
  TargetObject: ['who writes to the registry names the key', 'T1112'],
  Details: ['who writes to the registry chooses the value', 'T1112'],
  PipeName: ['who makes a pipe names it', 'T1559'],
  QueryName: ['anyone may ask for any name', 'T1071.004'],
  QueryResults: ['who owns a domain chooses its answers', 'T1071.004'],
  DestinationHostname: ['who owns an address chooses its reverse name', 'T1568'],
  SourceHostname: ['who owns an address chooses its reverse name', 'T1568'],
  DestinationIp: ['whatever listens at the address, or stands before it, is reached by anyone', 'T1090'],
  DestinationPort: ['anyone may listen on any port', 'T1571'],
  DestinationPortName: ["it follows from the port, which is anyone's choice", 'T1571'],
  SourcePort: ['who opens a connection chooses its port', 'T1571'],
  Hashes: ['this hash is easily imitated', 'T1036'],
  Signature: ['without SignatureStatus Valid it is a text in the file', 'T1036.001'],
};

/** An entry holds when each clause does, a clause when any of its conditions does; without clauses it always holds. */
export function gradeEntry(clauses: readonly (readonly Ask[])[], acl?: Acl): Grade {
  if (clauses.length === 0) return ANYTHING;
  const valid = clauses.some((clause) => clause.length > 0 && clause.every(isValidSignature));
  return strongest(
    clauses.map((clause) =>
      clause.length === 0 ? ANYTHING : weakest(clause.map((ask) => gradeAsk(ask, valid, acl))),
    ),
  );
}

/** Whether a signature was checked and found good: then its name can't be made up. */
function isValidSignature({ field, condition, value }: Ask): boolean {
  return field === 'SignatureStatus' && condition === 'is' && foldAscii(value) === 'valid';
}

function gradeAsk(ask: Ask, validSignature: boolean, acl: Acl | undefined): Grade {
  const { field, condition } = ask;
  if (condition === 'is any')
    return weakest(
      ask.value.split(';').map((value) => gradeAsk({ field, condition: 'is', value }, validSignature, acl)),
    );
  if (condition === 'contains any' && ask.value.includes(';'))
    return weakest(
      ask.value
        .split(';')
        .map((value) => gradeAsk({ field, condition: 'contains', value }, validSignature, acl)),
    );
  const value = foldAscii(ask.value);
  if (isNegative(condition))
    return { room: 'text', reason: `Anything but "${ask.value}" will do in ${field}.`, technique: '' };
  if (ACTORS.has(field) || LOADED.has(field)) return gradeImage(field, condition, value, acl);
  if (USERS.has(field)) return gradeUser(field, condition, value);
  if (LEVELS.has(field)) return gradeLevel(condition, value);
  if (field === 'LogonId' && condition === 'is' && value === '0x3e7')
    return service('LogonId 0x3e7 is that of SYSTEM');
  if (
    field === 'Hashes' &&
    /^(?:is|contains|end with|begin with|contains all)$/.test(condition) &&
    /(?:sha256=)?\b[\da-f]{64}\b/.test(value)
  )
    return {
      room: 'start',
      reason:
        'The SHA-256 asks for that very file; any user may start it suspended and put code of his own into it.',
      technique: 'T1055.012',
    };
  if (field === 'Signature' && condition === 'is' && validSignature)
    return {
      room: 'start',
      reason:
        'Any file that this signer has signed will do: one of them can be started and taken over, or loads what lies beside it.',
      technique: 'T1574.002',
    };
  const chosen = CHOSEN[field];
  return {
    room: 'text',
    reason: chosen
      ? `${field}: ${chosen[0]}.`
      : `${field}: who sets it is not known here, so it is taken for anyone's choice.`,
    technique: chosen?.[1] ?? '',
  };
}

const NEGATIVE: ReadonlySet<string> = new Set([
  'is not',
  'excludes',
  'excludes any',
  'excludes all',
  'not begin with',
  'not end with',
]);

function isNegative(condition: string): boolean {
  return NEGATIVE.has(condition);
}

function gradeImage(field: string, condition: string, value: string, acl: Acl | undefined): Grade {
  const literal = condition === 'matches' && !/[*?]/.test(value.replaceAll(/\\[*?\\]/g, ''));
  if (condition === 'is' || literal || (condition === 'image' && value.includes('\\'))) {
    const grade = gradePath(unescaped(value, literal), acl);
    // Loading a genuine library takes nothing over; any program may do it.
    if (LOADED.has(field) && grade.room === 'start')
      return {
        ...grade,
        reason: 'Any user may start a program that loads this very file.',
        technique: 'T1129',
      };
    if (field === 'ParentImage' && grade.room === 'start')
      return {
        ...grade,
        reason: `${grade.reason} Or he names it as the parent of what he starts.`,
        technique: 'T1134.004',
      };
    return grade;
  }
  if (condition === 'begin with') return gradePrefix(value, acl);
  if (condition === 'matches') {
    const end = value.search(/[*?]/);
    if (end > 0) return gradePrefix(unescaped(value.slice(0, end), true), acl);
  }
  return {
    room: 'text',
    reason: `A file of this name may lie in any folder: who writes it names it.`,
    technique: 'T1036.005',
  };
}

function unescaped(value: string, sigma: boolean): string {
  return sigma ? value.replaceAll(/\\([*?\\])/g, '$1') : value;
}

/** Accounts under which no user runs programs. */
const SERVICES =
  /^(?:(?:nt authority|autorite nt|nt-autorit\u00e4t)\\(?:system|syst\u00e8me|local service|service local|lokaler dienst|network service|service r\u00e9seau|netzwerkdienst)|nt service\\.+|window manager\\dwm-\d+|font driver host\\umfd-\d+|nt virtual machine\\.+|system|s-1-5-(?:18|19|20))$/;
const SERVICE_AUTHORITIES = /^(?:nt authority\\|nt service\\|window manager\\dwm-|font driver host\\umfd-)/;

function gradeUser(field: string, condition: string, value: string): Grade {
  if (condition === 'is' && SERVICES.test(value)) return service(`${field} is an account of services`);
  if (condition === 'begin with' && SERVICE_AUTHORITIES.test(value))
    return service(`${field} is an account of services`);
  if (condition === 'is' && value !== '-' && value !== '')
    return {
      room: 'same-user',
      reason: 'Whatever runs as this user may do it: any of his processes will do.',
      technique: 'T1055',
    };
  return {
    room: 'text',
    reason: `${field}: an account whose name is only asked for in part may be another one.`,
    technique: 'T1136',
  };
}

function gradeLevel(condition: string, value: string): Grade {
  if (condition === 'is' && (value === 'system' || value === 's-1-16-16384'))
    return service('the integrity level is System');
  if (condition === 'is' && (value === 'high' || value === 's-1-16-12288'))
    return {
      room: 'same-user',
      reason: 'An elevated process of an administrator will do.',
      technique: 'T1548.002',
    };
  return { room: 'text', reason: 'Processes of plain users have this integrity level.', technique: '' };
}

function service(why: string): Grade {
  return {
    room: 'service',
    reason: `It must act as a service (${why}): an attacker needs the rights of one first.`,
    technique: 'T1543.003',
  };
}
