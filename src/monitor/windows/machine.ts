/** The Windows machine as this folder sees it: programs that can be run, files that can be looked for. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { win32 } from 'node:path';
import { decodeOutput } from './output.ts';

/** How a program ended. */
export interface Ran {
  /** Its exit code, of Windows' own tools often a Win32 error; null where it did not start, or was ended. */
  readonly status: number | null;
  /** What it printed, decoded. */
  readonly text: string;
  readonly errorText: string;
  /** Why there is no exit code; null where there is one. */
  readonly failure: string | null;
}

export interface RunOptions {
  /** Milliseconds after which a program that does not end is ended. Default: 60,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Machine {
  /** Runs a tool of Windows by its bare name (`wevtutil`), or a program by its path. Never throws, never waits for a key. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  readonly env: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
  copy(from: string, to: string): Promise<void>;
}

/** Win32 errors that tools end with. */
export const ACCESS_DENIED = 5;
export const NO_SUCH_CHANNEL = 15_007;

/** More than any tool prints that is asked here. */
const MAX_OUTPUT = 256 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

export function thisMachine(): Machine {
  return { run: runProgram, env: process.env, exists: existsSync, copy: (from, to) => copyFile(from, to) };
}

/** The folder of Windows' own tools. */
export function system32(env: Machine['env']): string {
  return win32.join(env['SystemRoot'] ?? env['windir'] ?? String.raw`C:\Windows`, 'System32');
}

/**
 * Windows' own tools are started by their whole path: by the bare name, the current folder would come first, and
 * whoever can write there would be run as administrator.
 */
function pathOf(program: string): string {
  if (win32.isAbsolute(program)) return program;
  const path = win32.join(system32(process.env), program);
  return existsSync(`${path}.exe`) || !existsSync(`${path}.cmd`) ? `${path}.exe` : `${path}.cmd`;
}

function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, signal }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const path = pathOf(program);
    const failed = (failure: string): void => resolve({ status: null, text: '', errorText: '', failure });
    const command = commandOf(path, args);
    if (command === null)
      return failed(`an argument that a command file can't be given safely: ${args.join(' ')}`);
    const child = spawn(command.file, command.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      windowsVerbatimArguments: command.verbatim,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    let failure: string | null = null;
    const stop = (why: string): void => {
      failure ??= why;
      child.kill();
    };
    const collect =
      (into: Buffer[]) =>
      (chunk: Buffer): void => {
        size += chunk.length;
        if (size > MAX_OUTPUT) stop(`it printed more than ${MAX_OUTPUT} bytes`);
        else into.push(chunk);
      };
    child.stdout.on('data', collect(out));
    child.stderr.on('data', collect(err));
    const timer = setTimeout(stop, timeoutMs, `it did not end within ${timeoutMs / 1000} s`);
    const onAbort = (): void => stop('it was ended');
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code === 'ENOENT' ? `there is no ${path}` : (error.code ?? error.message);
      end(null);
    });
    child.on('close', end);

    function end(status: number | null): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      const text = decodeOutput(Buffer.concat(out));
      const errorText = decodeOutput(Buffer.concat(err));
      resolve({ status: failure === null ? status : null, text, errorText, failure });
    }
    return undefined;
  });
}

interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly verbatim: boolean;
}

/** A command file needs the shell, which reads quotes and percent signs its own way: null where it would misread. */
function commandOf(path: string, args: readonly string[]): CommandLine | null {
  if (!/\.(?:cmd|bat)$/i.test(path)) return { file: path, args, verbatim: false };
  const words = [path, ...args];
  if (words.some((word) => /["\r\n]|%.*%/.test(word))) return null;
  const line = words.map((word) => `"${word}"`).join(' ');
  const shell = win32.join(system32(process.env), 'cmd.exe');
  return { file: shell, args: ['/d', '/s', '/c', `"${line}"`], verbatim: true };
}
