/**
 * `Sysmon64`, `wevtutil`, `sc`, `reg` and `whoami` as command files in a Wine prefix: each asks this process what the
 * machine of `fake-windows.ts` answers. The prefix's own programs of these names are stubs, and are removed.
 */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { answered, type FakeWindows } from './fake-windows.ts';
import { lineOf } from './session.ts';
import { NODE, onZ, type Wine } from './wine.ts';

export interface Fakes {
  /** Commands in the order in which they were run. */
  readonly ran: string[];
  close(): void;
}

const TOOLS = ['wevtutil', 'sc', 'reg', 'whoami'] as const;

/** Asks over the loopback: a process under Wine begins fast only if it loads nothing. */
const client = (port: number): string => `
const socket = require('net').connect(${port}, '127.0.0.1', () => socket.write(JSON.stringify(process.argv.slice(2)) + '\\n'));
let text = '';
socket.on('data', (chunk) => (text += chunk));
socket.on('end', () => {
  const { status, out, err } = JSON.parse(text);
  process.stdout.write(Buffer.from(out, 'base64'), () =>
    process.stderr.write(Buffer.from(err, 'base64'), () => process.exit(status)),
  );
});
`;

/** Puts the command files into a prefix, and `Sysmon64.cmd` onto its drive X:. */
export async function serveFakes(wine: Wine, state: FakeWindows): Promise<Fakes> {
  const ran: string[] = [];
  const server = createServer((socket) => {
    void (async () => {
      const [program, ...args] = JSON.parse(await lineOf(socket)) as [string, ...string[]];
      ran.push([program, ...args].join(' '));
      const here = args.map((arg) =>
        arg.replace(/(^|:)([CXZ]:\\.*)$/, (_, before, path) => before + onLinux(wine, path)),
      );
      const { status, out, err } = await answered(state, program, here);
      socket.end(JSON.stringify({ status, out: out.toString('base64'), err: err.toString('base64') }));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  writeFileSync(join(wine.drive, 'client.js'), client((server.address() as AddressInfo).port));
  const put = (path: string, name: string): void =>
    writeFileSync(path, `@"${onZ(NODE)}" "X:\\client.js" "${name}" %*\r\n@exit /b %ERRORLEVEL%\r\n`);
  const system32 = join(wine.system, 'windows/system32');
  for (const tool of TOOLS) {
    rmSync(join(system32, `${tool}.exe`), { force: true });
    put(join(system32, `${tool}.cmd`), tool);
  }
  put(join(wine.drive, 'Sysmon64.cmd'), 'X:\\Sysmon64.cmd');
  return { ran, close: () => server.close() };
}

/** The path on Linux of one under Wine. */
export function onLinux({ drive, system }: Wine, path: string): string {
  const rest = path.slice(2).replaceAll('\\', '/');
  return { C: system, X: drive, Z: '' }[path[0] as 'C' | 'X' | 'Z'] + rest;
}
