/**
 * Runs many command lines in one process, for where a process takes seconds to start: under Wine. Each gets the main
 * module anew, as a new process would; what it imports is loaded once.
 *
 *     node commands.js COMMANDS.json ENDED.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import type { Ended } from './wine.ts';

const main = new URL('../../src/cli/main.js', import.meta.url).href;

async function run(args: readonly string[], turn: number): Promise<Ended> {
  let [out, err] = ['', ''];
  const { stdout, stderr } = process;
  const [writeOut, writeErr] = [stdout.write, stderr.write];
  const taking =
    (take: (text: string) => void): typeof stdout.write =>
    (chunk: string | Uint8Array, ...rest: unknown[]) => {
      take(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
      done?.();
      return true;
    };
  stdout.write = taking((text) => void (out += text));
  stderr.write = taking((text) => void (err += text));
  process.argv = [argv[0]!, 'noisefloor', ...args];
  process.exitCode = 0;
  try {
    await import(`${main}?${turn}`);
  } catch (error) {
    err += `\nUNCAUGHT ${error instanceof Error ? error.stack : String(error)}`;
  } finally {
    stdout.write = writeOut;
    stderr.write = writeErr;
  }
  const code = Number(process.exitCode);
  process.exitCode = 0;
  return { code, out, err };
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const [, , from, to] = argv;
  process.stdout.setMaxListeners(0);
  const ended: Ended[] = [];
  for (const [turn, args] of (JSON.parse(readFileSync(from!, 'utf8')) as string[][]).entries())
    ended.push(await run(args, turn));
  writeFileSync(to!, JSON.stringify(ended));
}
