/** One process that looks into another, or writes to it. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { created, type Expected, fact, type Run, terminated, type Trigger } from './trigger.ts';

const hex = (address: string): RegExp => new RegExp(`^0x0*${BigInt(address).toString(16)}$`, 'i');

/** Event 8: the source is the trigger, the target its copy. */
function wrote(run: Run, call: RegExp, more: Expected['fields'] = {}): Expected {
  return {
    eventId: 8,
    fields: {
      SourceProcessId: String(run.pid),
      SourceImage: run.programs.trigger,
      TargetProcessId: fact(run, 'target'),
      TargetImage: run.programs.target,
      SourceUser: 'root',
      TargetUser: 'root',
      Call: call,
      ...more,
    },
  };
}

/** Event 10. */
function accessed(run: Run, call: RegExp, more: Expected['fields'] = {}): Expected {
  const { fields } = wrote(run, call);
  return {
    eventId: 10,
    fields: { ...fields, SourceThreadId: String(run.pid), GrantedAccess: /^0x[0-9a-f]+$/i, ...more },
  };
}

/** With the start and the end of the target around. */
const around = (run: Run, events: readonly Expected[]): readonly Expected[] => [
  created(run, fact(run, 'target'), [run.programs.target, 'wait']),
  ...events,
  terminated(fact(run, 'target'), run.programs.target),
];

function injects(
  verb: string,
  events: (run: Run) => readonly Expected[],
  ...args: readonly string[]
): Trigger {
  return {
    name: verb,
    args: ({ target }) => [verb, target, ...args],
    prepare: (folder, { lookup }) => copyFileSync(lookup, join(folder, 'plain')),
    expected: (run) => around(run, events(run)),
  };
}

const at = (run: Run): Expected['fields'] => ({ StartAddress: hex(fact(run, 'address')) });
const attach = (run: Run): Expected => accessed(run, /ATTACH/);
const open = (run: Run): Expected => accessed(run, /mem/);
const write = (run: Run): Expected => wrote(run, /mem/);

export const INJECTION_TRIGGERS: readonly Trigger[] = [
  injects('attach', (run) => [attach(run)]),
  injects('seize', (run) => [accessed(run, /SEIZE/)]),
  injects('poke-text', (run) => [attach(run), wrote(run, /POKETEXT/, at(run))]),
  injects('poke-data', (run) => [attach(run), wrote(run, /POKEDATA/, at(run))]),
  injects('poke-user', (run) => [attach(run), wrote(run, /POKEUSE?R/)]),
  injects('set-regs', (run) => [attach(run), wrote(run, /SETREGS/)]),
  injects('set-fpregs', (run) => [attach(run), wrote(run, /SETFPREGS/)]),
  injects('set-regset', (run) => [attach(run), wrote(run, /SETREGSET/)]),
  injects('poke-traced', (run) => [wrote(run, /POKEDATA/, at(run))]),
  injects('poke-by-thread', (run) => [
    accessed(run, /ATTACH/, { SourceThreadId: fact(run, 'thread') }),
    wrote(run, /POKEDATA/, at(run)),
  ]),
  // Attached, yes; but nothing was written.
  injects('refused', (run) => [attach(run)]),
  injects('vm-read', (run) => [accessed(run, /process_vm_readv/)]),
  injects('vm-write', (run) => [wrote(run, /process_vm_writev/, at(run))]),
  injects('vm-write-by-thread', (run) => [wrote(run, /process_vm_writev/, at(run))]),
  injects('vm-refused', () => []),
  injects('mem-read', () => []),
  injects('mem-open', (run) => [open(run)]),
  injects('mem-write', (run) => [open(run), write(run)]),
  injects('mem-pwrite', (run) => [open(run), write(run)]),
  injects('mem-writev', (run) => [open(run), write(run)]),
  injects('mem-pwritev', (run) => [open(run), write(run)]),
  injects('mem-pwritev2', (run) => [open(run), write(run)]),
  // The same once more within ten seconds is not told.
  injects('mem-reuse', (run) => [open(run), write(run)], 'plain'),
  ...['through-self', 'in-folder', 'openat2', 'of-thread', 'by-link'].map((way) => ({
    ...injects('mem-name', (run) => [open(run), write(run)], way),
    name: `mem-name ${way}`,
  })),
  injects('mem-passed', (run) => [
    open(run),
    write(run),
    wrote(run, /mem/, { SourceProcessId: fact(run, 'child') }),
    terminated(fact(run, 'child'), run.programs.trigger),
  ]),
  // What a process does to itself is its own affair.
  { name: 'vm-self', args: () => ['vm-self'], expected: () => [] },
  { name: 'mem-self', args: () => ['mem-self'], expected: () => [] },
];
