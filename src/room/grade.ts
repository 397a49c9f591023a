/** What an allow-list entry asks of an attacker who knows of it. */
import { foldAscii } from '../events/index.ts';
import type { Acl } from './acl.ts';
import {
  ACCOUNTS,
  COMMANDS,
  DOMAINS,
  LOGONS,
  METADATA,
  PARENT_ACCOUNTS,
  PARENTS,
  PROCESS_IDS,
  RUNNING,
  TARGETS,
} from './fields.ts';
import { guestTool } from './guest-tools.ts';
import { gradePath, gradePrefix } from './path.ts';
import { WITHOUT_FILE } from './programs.ts';
import { type Ask, compareRooms, type Grade, strongest, weakest } from './rung.ts';

const text = (reason: string, technique: string): Grade => ({ room: 'text', reason, technique });
const NOTHING: Grade = text('This asks for nothing: everything meets it.', 'T1562.006');

/** Events that System (process 4) causes for others too: files and pipes over SMB, HTTP.sys, registry from afar. */
const FOR_OTHERS: ReadonlySet<number> = new Set([2, 3, 11, 12, 13, 14, 15, 17, 18, 22, 23, 26, 27, 28, 29]);

/**
 * Grades an entry of an allow-list for one event type. It holds when each clause does, a clause when any of its
 * conditions does; no clauses at all means everything. Alternatives are as weak as the weakest, clauses together as
 * strong as the strongest. What is not known is `text`.
 */
export function gradeEntry(eventId: number, clauses: readonly (readonly Ask[])[], acl?: Acl): Grade {
  if (clauses.length === 0) return NOTHING;
  // What System does for others it does as SYSTEM: there the account alone pins nobody.
  const lent = FOR_OTHERS.has(eventId) && !clauses.some((clause) => every(clause, isOfDrive));
  const withoutLent = (grade: Grade): Grade => (lent && grade.room === 'service' ? system(eventId) : grade);
  const grades = clauses.map((clause) =>
    // A clause without alternatives is met by nothing: it asks what no attacker can do, but it hides nothing either.
    clause.length === 0 ? NOTHING : weakest(clause.map((ask) => withoutLent(gradeAsk(eventId, ask, acl)))),
  );
  if (clauses.some((clause) => every(clause, isSigner)) && clauses.some((clause) => every(clause, isValid)))
    grades.push({
      room: 'start',
      reason:
        'A valid signature of this signer: any program or module it has ever signed will do, old and abusable ones too.',
      technique: 'T1218',
    });
  return withGuestTool(strongest(grades), clauses);
}

/** Who drives a guest tool from the host needs no control inside the guest: the rung stays, the reason says so. */
function withGuestTool(grade: Grade, clauses: readonly (readonly Ask[])[]): Grade {
  if (compareRooms(grade.room, 'start') <= 0) return grade;
  for (const { field, condition, value } of clauses.flat()) {
    const tool = RUNNING.has(field) && condition === 'is' ? guestTool(value) : null;
    if (tool) return { ...grade, reason: `${grade.reason} ${tool.note}` };
  }
  return grade;
}

function every(clause: readonly Ask[], test: (ask: Ask) => boolean): boolean {
  return clause.length > 0 && clause.every(test);
}

/** Binds the acting program to a file, so that System is not meant. */
function isOfDrive({ field, condition, value }: Ask): boolean {
  if (!RUNNING.has(field) || PARENTS.has(field) || TARGETS.has(field)) return false;
  if (condition !== 'is' && condition !== 'is any' && condition !== 'begin with') return false;
  return (condition === 'is any' ? value.split(';') : [value]).every((part) => /^[A-Za-z]:\\/.test(part));
}

function isSigner({ field, condition }: Ask): boolean {
  return field === 'Signature' && (condition === 'is' || condition === 'is any');
}

function isValid({ field, condition, value }: Ask): boolean {
  return field === 'SignatureStatus' && condition === 'is' && foldAscii(value) === 'valid';
}

/** Lists become their parts: any of them, or all. */
function gradeAsk(eventId: number, ask: Ask, acl: Acl | undefined): Grade {
  const { field, condition, value } = ask;
  const parts = (as: string): Grade[] =>
    value
      .split(';')
      .filter((part) => part !== '')
      .map((part) => gradeOne(eventId, { field, condition: as, value: part }, acl));
  const list = condition === 'is any' || condition === 'contains any' || condition === 'contains all';
  if (!list) return gradeOne(eventId, ask, acl);
  const grades = parts(condition === 'is any' ? 'is' : 'contains');
  if (grades.length === 0) return NOTHING;
  return condition === 'contains all' ? strongest(grades) : weakest(grades);
}

/** The longest path of Windows, in code units. */
const LONGEST = 32_767;

const POSITIVE: ReadonlySet<string> = new Set([
  'is',
  'contains',
  'begin with',
  'end with',
  'image',
  'matches',
]);

function gradeOne(eventId: number, ask: Ask, acl: Acl | undefined): Grade {
  const { field, condition, value } = ask;
  if (!POSITIVE.has(condition))
    return text(
      'A condition that leaves something out, compares order, or is not understood asks for nothing an attacker lacks.',
      'T1562.006',
    );
  if (value === '') return NOTHING;
  if (value.length > LONGEST) return text('No value of an event is this long.', 'T1562.006');
  if (condition === 'matches') return gradeOne(eventId, withoutWildcards(ask), acl);
  if (RUNNING.has(field)) return gradeProgram(eventId, ask, acl);
  if (ACCOUNTS.has(field)) return gradeAccount(eventId, ask);
  if (PARENT_ACCOUNTS.has(field)) {
    return atMostStart(
      gradeAccount(1, ask),
      "The parent is the attacker's choice among the processes it may open, and a scheduled task has a service of Windows as its parent.",
    );
  }
  const folded = foldAscii(value);
  if (field === 'IntegrityLevel') return gradeIntegrity(condition, folded);
  if (LOGONS.has(field) && condition === 'is' && /^0x3e[457]$/.test(folded)) return service(eventId, field);
  if (PROCESS_IDS.has(field) && condition === 'is' && value === '4') return system(eventId);
  if (field === 'Hashes' || field === 'Hash') return gradeHash(condition, folded);
  return textField(field);
}

/** A Sigma wildcard: the text before the first one is how the value begins. */
function withoutWildcards({ field, value }: Ask): Ask {
  const cut = value.search(/[*?]/);
  if (cut === -1) return { field, condition: 'is', value: value.replaceAll(/(?<=.)\\\\/g, '\\') };
  const before = value.slice(0, cut);
  if (before === '') return { field, condition: 'contains', value: value.replaceAll(/[*?]/g, '') };
  return { field, condition: 'begin with', value: before.replaceAll(/(?<=.)\\\\/g, '\\') };
}

function gradeProgram(eventId: number, { field, condition, value }: Ask, acl: Acl | undefined): Grade {
  const whole = condition === 'is' || (condition === 'image' && value.includes('\\'));
  let grade: Grade;
  if (whole && foldAscii(value) === '<unknown process>')
    grade = text(
      'Sysmon writes this when the process is gone: a program that ends at once will do.',
      'T1036',
    );
  else if (condition === 'is' && WITHOUT_FILE.has(foldAscii(value)))
    grade = foldAscii(value) === 'system' ? system(eventId) : minimal();
  else if (whole) grade = gradePath(value, acl);
  else if (condition === 'begin with') grade = gradePrefix(value, acl);
  else
    grade = text('Anybody can give a file or folder a name that holds, or ends in, this text.', 'T1036.005');
  if (PARENTS.has(field))
    return atMostStart(grade, 'A program may name any process that it may open as its parent.', 'T1134.004');
  if (field === 'ImageLoaded')
    return atMostStart(
      grade,
      'Any program may load a genuine module, and write over it in memory.',
      'T1055.001',
    );
  return grade;
}

/** A process of the kernel's own that runs no program: it does nothing for others. */
function minimal(): Grade {
  return {
    room: 'protected',
    reason: 'A minimal process of the kernel, without a file: no program can be started under this name.',
    technique: 'T1014',
  };
}

function atMostStart(grade: Grade, reason: string, technique = 'T1134.004'): Grade {
  return compareRooms(grade.room, 'start') < 0 ? grade : { room: 'start', reason, technique };
}

function system(eventId: number): Grade {
  return FOR_OTHERS.has(eventId) || (eventId > 255 && eventId !== 4688)
    ? text(
        'The kernel does this for others too: what comes over SMB or through HTTP.sys is logged as System.',
        'T1021.002',
      )
    : {
        room: 'kernel',
        reason:
          'Sysmon writes this name without a path for a process that has no file. Only code in the kernel acts as it.',
        technique: 'T1014',
      };
}

const SERVICE_SIDS: ReadonlySet<string> = new Set(['s-1-5-18', 's-1-5-19', 's-1-5-20']);
/** How the accounts of services begin, in English, German and French. No user can have a domain of such a name. */
const SERVICE_DOMAIN =
  /^(?:nt authority|nt-autorit\u00c4t|nt-autorit\u00e4t|autorite nt|nt service|window manager|font driver host)\\/;

function gradeAccount(eventId: number, { field, condition, value }: Ask): Grade {
  const folded = foldAscii(value);
  if (field === 'SubjectUserSid' && condition === 'is' && SERVICE_SIDS.has(folded))
    return service(eventId, field);
  if (
    field !== 'SubjectUserSid' &&
    (condition === 'is' || condition === 'begin with') &&
    SERVICE_DOMAIN.test(folded)
  )
    return service(eventId, field);
  if (condition === 'is' && /.\\./.test(value))
    return {
      room: 'same-user',
      reason: 'Any program that runs as this user meets it.',
      technique: 'T1078',
    };
  return text('Names of accounts that only hold this text are not pinned to one account.', 'T1036');
}

function service(eventId: number, field: string): Grade {
  if (eventId === 4688 && field.startsWith('Subject'))
    return {
      room: 'start',
      reason:
        'This is the account that created the process: for a scheduled task of any user that is SYSTEM.',
      technique: 'T1053.005',
    };
  return {
    room: 'service',
    reason: 'Only code in a process of this service account meets it.',
    technique: 'T1543.003',
  };
}

function gradeIntegrity(condition: string, folded: string): Grade {
  if (condition === 'is' && folded === 'system') return service(1, 'IntegrityLevel');
  if (condition === 'is' && folded === 'high')
    return { room: 'same-user', reason: 'An elevated process of the user meets it.', technique: 'T1548.002' };
  return text('Programs of plain users run at this level, or can.', 'T1036');
}

function gradeHash(condition: string, folded: string): Grade {
  const hex = /^(?:(?:sha256|sha1)=)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(folded);
  if (hex && (condition === 'is' || condition === 'contains' || condition === 'end with'))
    return {
      room: 'start',
      reason: 'The very file, wherever it lies: any user can start it and take it over.',
      technique: 'T1055.012',
    };
  return text('MD5, import hashes and pieces of a hash do not pin one file.', 'T1036');
}

function textField(field: string): Grade {
  if (COMMANDS.has(field)) return text('Arguments are the choice of whoever starts a program.', 'T1036');
  if (METADATA.has(field) || /^(?:Signature|SignatureStatus|Signed)$/.test(field))
    return text('What a file says of itself is written by its maker, and copied with ease.', 'T1036.001');
  if (/^Start(?:Module|Function|Address)$/.test(field))
    return text(
      'Where a remote thread starts is the choice of whoever creates it; kernel32 is where LoadLibrary lies.',
      'T1055.001',
    );
  if (DOMAINS.has(field) || field === 'SourceHostname')
    return text('The owner of an address or a zone chooses such names.', 'T1583.001');
  if (TARGETS.has(field)) return text("What to act on is the attacker's choice.", 'T1562.006');
  return text('Nothing is known that would keep an attacker from setting this field.', 'T1562.006');
}
