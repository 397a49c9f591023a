// `npm run demo`: the question of 2018, asked of a modelled week of Windows and of a recorded session of Linux.
import { spawnSync } from 'node:child_process';

const say = (text) => console.log(`\n${text}\n`);

function noisefloor(...args) {
  const quoted = args.map((arg) => (/^[\w./-]+$/.test(arg) ? arg : `'${arg}'`));
  console.log(`$ noisefloor ${quoted.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, ['dist/bin/noisefloor.cjs', ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const question = 'spec/create-remote-thread.xml';
const logs = 'examples/modelled-week';

say(`How often does CreateRemoteThread occur in normal use?
The logs are an example: a Windows workstation over a week, modelled and not recorded.
The question is a Sysmon configuration that logs nothing but CreateRemoteThread.`);
noisefloor('ask', question, logs);

say('Nearly all of it is csrss.exe while Windows starts. What is left without it?');
noisefloor('ask', question, logs, '--not', 'SourceImage|endswith=\\csrss.exe');

say('And who are the rare ones?');
noisefloor(
  'dump',
  logs,
  '--event',
  '8',
  '--not',
  'SourceImage|endswith=\\csrss.exe',
  '--not',
  'SourceImage|endswith=\\vmtoolsd.exe',
  '--format',
  'text',
);

const session = 'examples/recorded-session/events';

say(`The same question on Linux, of a log that was recorded and not modelled: noisefloor's own sensor watched a minute of
staged use, and one injection (examples/recorded-session/README.md).`);
noisefloor('ask', question, session);

say('Without the debugger one is left: the injection. Here it is.');
noisefloor('dump', session, '--event', '8', '--not', 'SourceImage|endswith=/gdb', '--format', 'text');
