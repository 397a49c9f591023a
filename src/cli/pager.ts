import { once } from 'node:events';
import type { Writable } from 'node:stream';

export interface Pager {
  readonly stream: Writable;
  /** The reader has seen enough. */
  readonly closed: boolean;
  /** Resolves when the reader is done. */
  end(): Promise<void>;
}

/** Starts `$PAGER`, or less; where neither can be started, plain standard output. */
export async function openPager(): Promise<Pager> {
  // Windows has no less, and looks for it in the current folder first.
  const named = process.env['PAGER'] || (process.platform === 'win32' ? '' : 'less');
  if (named === '') return unpaged();
  const [command = 'less', ...args] = named.split(/\s+/).filter((word) => word !== '');
  const { spawn } = await import('node:child_process');
  const child = spawn(command, args, {
    stdio: ['pipe', 'inherit', 'inherit'],
    // Quit if it fits the screen, keep the screen, cut long lines.
    env: { ...process.env, LESS: process.env['LESS'] ?? 'FRSX' },
  });
  const started = await Promise.race([
    once(child, 'spawn').then(() => true),
    once(child, 'error').then(() => false),
  ]);
  if (!started) return unpaged();
  let closed = false;
  const ended = once(child, 'close').then(() => {
    closed = true;
  });
  child.stdin.on('error', () => {
    closed = true;
  });
  // The pager has the terminal: Ctrl-C is for it.
  process.on('SIGINT', () => {});
  return {
    stream: child.stdin,
    get closed() {
      return closed;
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

function unpaged(): Pager {
  return { stream: process.stdout, closed: false, end: async () => {} };
}
