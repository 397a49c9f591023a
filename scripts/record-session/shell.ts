/** root's shell of the session: the one process from which all that is recorded descends. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Shell {
  readonly pid: number;
  /** Runs the commands one after another; resolves with their exit codes when the last has ended. */
  run(commands: readonly string[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

const MARK = 'command ended:';

export function openShell(): Shell {
  // Without the recorder's own profile: nothing of who records gets into the session.
  const shell = spawn('/bin/bash', ['--noprofile', '--norc'], {
    cwd: '/root',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      HOME: '/root',
      USER: 'root',
      LOGNAME: 'root',
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
    },
  });
  const waiting: ((code: number) => void)[] = [];
  createInterface({ input: shell.stdout }).on('line', (line) => {
    if (line.startsWith(MARK)) waiting.shift()?.(Number(line.slice(MARK.length)));
  });
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()));
  const command = (text: string): Promise<number> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      shell.stdin.write(`${text}\necho "${MARK} $?"\n`);
    });
  shell.stdin.write(`alice() { runuser -l alice -s /bin/sh -c "$1"; }\n`);
  return {
    pid: shell.pid!,
    run: async (commands) => {
      const codes: number[] = [];
      for (const text of commands) codes.push(await command(text));
      return codes;
    },
    close: async () => {
      shell.stdin.end();
      await ended;
    },
  };
}
