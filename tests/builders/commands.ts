/**
 * Runs many command lines in one process, for where a process takes seconds to start: under Wine. Each gets the main
 * module anew, as a new process would; what it imports is loaded once.
 *
 *     node commands.js PORT
 *
 * It is told them over the loopback, a line of JSON each, and answers with a line. The other side is session.ts.
 */
import { connect } from 'node:net';
import { argv } from 'node:process';
import { createInterface } from 'node:readline';
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

/** A command, and the folder to run it in. */
export interface Told {
  readonly args: readonly string[];
  readonly cwd: string;
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  process.stdout.setMaxListeners(0);
  const socket = connect(Number(argv[2]), '127.0.0.1');
  let turn = 0;
  for await (const line of createInterface({ input: socket })) {
    const { args, cwd } = JSON.parse(line) as Told;
    process.chdir(cwd);
    socket.write(`${JSON.stringify(await run(args, ++turn))}\n`);
  }
}
