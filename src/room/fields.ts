/** Fields of events, by what they tell and so by who sets them. Security's own names stand beside Sysmon's. */

const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** The program that acts: to leave it out is to leave out all that it does. */
export const ACTORS: ReadonlySet<string> = set('Image ParentImage SourceImage');
/** Text that the maker of a file writes into it. */
export const METADATA: ReadonlySet<string> = set('Description Product Company OriginalFileName FileVersion');
export const COMMANDS: ReadonlySet<string> = set('CommandLine ParentCommandLine');
/** Names that whoever owns a zone chooses. */
export const DOMAINS: ReadonlySet<string> = set('QueryName DestinationHostname');

/** Paths of programs and modules that run, Security's twins among them. */
export const RUNNING: ReadonlySet<string> = set(
  'Image SourceImage ParentImage ImageLoaded NewProcessName ProcessName ParentProcessName',
);
/** Programs that another program may name as its parent. */
export const PARENTS: ReadonlySet<string> = set('ParentImage ParentProcessName');
/** The account of the program that acts. */
export const ACCOUNTS: ReadonlySet<string> = set('User SourceUser SubjectUserSid');
export const PARENT_ACCOUNTS: ReadonlySet<string> = set('ParentUser');
export const LOGONS: ReadonlySet<string> = set('LogonId SubjectLogonId');
export const PROCESS_IDS: ReadonlySet<string> = set('ProcessId SourceProcessId');
/** What is acted on: the attacker's choice, and what an entry leaves open or shut. */
export const TARGETS: ReadonlySet<string> = set(
  'TargetImage TargetFilename TargetObject PipeName ImageLoaded DestinationIp DestinationHostname DestinationPort QueryName Device ObjectName Destination',
);
