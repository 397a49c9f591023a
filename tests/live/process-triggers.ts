/** Programs started and ended. */
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { created, type Expected, fact, type Run, terminated, type Trigger } from './trigger.ts';

const TRUE = realpathSync('/bin/true');
const SHELL = realpathSync('/bin/sh');

/** Of a process that runs; of process 1 not every machine tells. */
function imageOf(pid: string): string | RegExp {
  try {
    return realpathSync(`/proc/${pid}/exe`);
  } catch {
    return /./s;
  }
}

/** `run PROGRAM ARGUMENT...`: a child that becomes the program. */
function runs(name: string, args: readonly string[]): Trigger {
  return {
    name,
    args: () => ['run', '/bin/true', ...args],
    expected: (run) => [
      created(run, fact(run, 'child'), ['/bin/true', ...args]),
      terminated(fact(run, 'child'), TRUE),
    ],
  };
}

/** A child that runs the trigger itself as `who`, which tells what the kernel calls it. */
function who(
  run: Run,
  more: Expected['fields'] = {},
  pid: string = fact(run, 'hostPid'),
): readonly Expected[] {
  const image = fact(run, 'exe');
  const user = more['User'] ?? 'root';
  return [
    created(run, pid, [run.programs.trigger, 'who'], {
      Image: image,
      CurrentDirectory: fact(run, 'cwd'),
      ...more,
    }),
    terminated(pid, image, { User: user }),
  ];
}

const whoArgs =
  (...verb: readonly string[]): Trigger['args'] =>
  ({ trigger }) => [...verb, trigger, 'who'];

const long = (length: number): string =>
  Array.from({ length: length / 8 }, (_, at) => String(at).padStart(7, '0')).join('.');

export const PROCESS_TRIGGERS: readonly Trigger[] = [
  runs(
    '200 arguments',
    Array.from({ length: 200 }, (_, at) => `argument-${at}`),
  ),
  runs('arguments of tabs, line breaks, quotes and backslashes', [
    'a\tb',
    'c\nd\r',
    `"e' f"`,
    '\\x41\\n',
    '%s%r',
    '\x1b[31m',
  ]),
  runs('arguments in UTF-8', ['é', '漢字', '🙂', `${'x'.repeat(180)}${'é'.repeat(40)}`]),
  runs('an empty argument', ['', 'after']),
  runs('arguments of 12 kB', [long(12_800)]),
  runs('arguments of 100 kB', [long(100_000)]),
  {
    name: 'an argument that is no UTF-8',
    args: () => ['run-bytes', '/bin/true'],
    expected: (run) => [
      created(run, fact(run, 'child'), [
        '/bin/true',
        Buffer.from(Array.from({ length: 255 }, (_, at) => at + 1)).toString('utf8'),
      ]),
      terminated(fact(run, 'child'), TRUE),
    ],
  },
  {
    name: 'a program that is not there',
    args: () => ['run-missing', '/nowhere/program'],
    expected: (run) => [terminated(fact(run, 'child'), run.programs.trigger)],
  },
  {
    name: 'vfork and exec',
    args: () => ['run-vfork', '/bin/true', 'by-vfork'],
    expected: (run) => [
      created(run, fact(run, 'child'), ['/bin/true', 'by-vfork']),
      terminated(fact(run, 'child'), TRUE),
    ],
  },
  {
    name: 'a process that becomes another program',
    args: whoArgs('run-as'),
    // The same process: its parent is that of the first, and it ends once.
    expected: (run) => [
      created(run, String(run.pid), [run.programs.trigger, 'who'], {
        ParentProcessId: String(process.pid),
        ParentImage: realpathSync(process.execPath),
        ParentCommandLine: /./s,
      }),
    ],
  },
  {
    name: 'a daemon whose parent is gone',
    args: whoArgs('run-daemon'),
    expected: (run) => [
      terminated(fact(run, 'child'), run.programs.trigger),
      ...who(run, {
        ParentProcessId: fact(run, 'reaper'),
        ParentImage: imageOf(fact(run, 'reaper')),
        ParentCommandLine: /./s,
        ParentUser: /./,
      }),
    ],
  },
  {
    name: 'a program run by another user',
    args: whoArgs('run-uid', '65534'),
    expected: (run) => who(run, { User: 'nobody' }),
  },
  { name: 'a program run in another folder', args: whoArgs('run-in', '/'), expected: (run) => who(run) },
  {
    name: 'a program whose file is deleted',
    args: () => ['run-deleted', './copy', 'who'],
    prepare: (folder, { trigger }) => copyFileSync(trigger, join(folder, 'copy')),
    expected: (run) => [
      {
        eventId: 23,
        fields: {
          ProcessId: String(run.pid),
          TargetFilename: join(run.folder, 'copy'),
          Image: run.programs.trigger,
          User: 'root',
        },
      },
      ...who(run, { CommandLine: './copy who' }),
    ],
  },
  { name: 'a program in memory alone', args: whoArgs('run-memory'), expected: (run) => who(run) },
  {
    name: 'a program in namespaces of its own',
    prepare: (folder) => mkdirSync(join(folder, 'inside')),
    args: whoArgs('run-contained', 'inside'),
    expected: (run) => [
      {
        eventId: 11,
        fields: {
          ProcessId: fact(run, 'hostPid'),
          Image: run.programs.trigger,
          TargetFilename: join(run.folder, 'inside/inside.txt'),
        },
      },
      ...who(run, { ParentProcessId: fact(run, 'child') }),
      terminated(fact(run, 'child'), run.programs.trigger),
    ],
  },
  {
    name: 'a script',
    prepare: (folder) => writeFileSync(join(folder, 'script'), '#!/bin/sh -e\nexit 0\n', { mode: 0o755 }),
    args: () => ['run', './script', 'argument'],
    expected: (run) => [
      created(run, fact(run, 'child'), ['/bin/sh', '-e', './script', 'argument']),
      terminated(fact(run, 'child'), SHELL),
    ],
  },
  { name: 'threads that end', args: () => ['threads'], expected: () => [] },
  { name: 'a first thread that ends before the last', args: () => ['leader-leaves'], expected: () => [] },
  { name: 'a thread that becomes a program', args: whoArgs('thread-runs'), expected: (run) => who(run) },
  { name: 'an exit with a code', args: () => ['exit', '3'], status: 3, expected: () => [] },
  { name: 'an end by a signal', args: () => ['die', '9'], status: null, expected: () => [] },
];
