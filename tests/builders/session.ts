/** A process that runs one command line after the other (commands.ts), seen from the tests. */
import { on, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Ended } from './wine.ts';

export interface Session {
  /** Runs a command in a folder, named as the process names it. */
  run(args: readonly string[], cwd: string): Promise<Ended>;
  /** Ends the process. */
  close(): void;
}

/** Opens a session with the process that `start` begins; it resolves when the process ends. */
export async function openSession(start: (port: number) => Promise<Ended>): Promise<Session> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const early = start((server.address() as AddressInfo).port).then(({ code, err }): never => {
    throw new Error(`the process ended with ${code}: ${err}`);
  });
  // It ends when the session is closed, and then nobody waits for it any more.
  early.catch(() => undefined);
  const [socket] = (await Promise.race([once(server, 'connection'), early])) as [Socket];
  return {
    run: async (args, cwd) => {
      socket.write(`${JSON.stringify({ args, cwd })}\n`);
      return JSON.parse(await Promise.race([lineOf(socket), early])) as Ended;
    },
    close: () => {
      socket.destroy();
      server.close();
    },
  };
}

/** What comes before the first line end. Under Wine a sender can't end one way of a stream without the other. */
export async function lineOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const [chunk] of on(socket, 'data')) {
    chunks.push(chunk as Buffer);
    if ((chunk as Buffer).at(-1) === 0x0a) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
