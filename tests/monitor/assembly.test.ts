/** From the tracer's lines to events: a recorded stream in order, out of order, and with each line lost in turn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Event } from '../../src/events/index.ts';
import { BOOT, replay, SESSION } from '../builders/sensor-stream.ts';

const NAME = 'n'.repeat(250);
const LETTERS = 'x'.repeat(400);
const SCRIPT = 'true; (exec ./trigger exit 3); cat /etc/hostname > /dev/null; touch -d 2001-02-03 é; rm é';
const HERE = '/opt/session';

/** Who did what, by the commands that were run and the pids that they printed. */
const EXPECTED: readonly string[] = [
  ...traced(27305, 'poke-data', ['10 ptrace:ATTACH -', '8 ptrace:POKEDATA 0x00000000004D7130']),
  ...traced(27307, 'vm-read', ['10 process_vm_readv -']),
  ...traced(27309, 'mem-write', ['10 open:/proc/PID/mem -', '8 write:/proc/PID/mem 0x00000000004D7130']),
  started(27311, `./trigger create ${NAME}`, `${HERE}/trigger`, 27279),
  `11 27311 ${HERE}/trigger ${HERE}/${NAME}`,
  ended(27311, `${HERE}/trigger`),
  started(27312, `./trigger delete ${NAME}`, `${HERE}/trigger`, 27279),
  `23 27312 ${HERE}/trigger ${HERE}/${NAME}`,
  `26 27312 ${HERE}/trigger ${HERE}/${NAME}`,
  ended(27312, `${HERE}/trigger`),
  started(27313, `/bin/sh -c ${SCRIPT}`, '/usr/bin/dash', 27279),
  started(27314, './trigger exit 3', `${HERE}/trigger`, 27313),
  ended(27314, `${HERE}/trigger`),
  started(27315, 'cat /etc/hostname', '/usr/bin/cat', 27313),
  ended(27315, '/usr/bin/cat'),
  started(27316, 'touch -d 2001-02-03 é', '/usr/bin/touch', 27313),
  `11 27316 /usr/bin/touch ${HERE}/é`,
  `2 27316 /usr/bin/touch ${HERE}/é 2001-02-03 00:00:00.000`,
  ended(27316, '/usr/bin/touch'),
  started(27317, 'rm é', '/usr/bin/rm', 27313),
  `23 27317 /usr/bin/rm ${HERE}/é`,
  `26 27317 /usr/bin/rm ${HERE}/é`,
  ended(27317, '/usr/bin/rm'),
  ended(27313, '/usr/bin/dash'),
  started(27318, `./trigger run /bin/echo two words ${LETTERS}`, `${HERE}/trigger`, 27279),
  started(27319, `/bin/echo two words ${LETTERS}`, '/usr/bin/echo', 27318),
  ended(27319, '/usr/bin/echo'),
  ended(27318, `${HERE}/trigger`),
];

/** What a trigger does to a copy of itself: its pid is the next. */
function traced(pid: number, verb: string, accesses: readonly string[]): string[] {
  const [trigger, target] = [`${HERE}/trigger`, `${HERE}/target`];
  return [
    started(pid, `./trigger ${verb} ./target`, trigger, 27279),
    started(pid + 1, './target wait', target, pid),
    ...accesses.map((access) => {
      const [id, call, address] = access.split(' ');
      return `${id} ${pid} ${trigger} ${pid + 1} ${target} ${call} ${address}`;
    }),
    ended(pid + 1, target),
    ended(pid, trigger),
  ];
}

function started(pid: number, commandLine: string, image: string, parent: number): string {
  return `1 ${pid} ${image} ${HERE} ${parent} ${commandLine}`;
}

function ended(pid: number, image: string): string {
  return `5 ${pid} ${image}`;
}

function summary({ eventId, fields }: Event): string {
  const names: Readonly<Record<number, readonly string[]>> = {
    1: ['ProcessId', 'Image', 'CurrentDirectory', 'ParentProcessId', 'CommandLine'],
    2: ['ProcessId', 'Image', 'TargetFilename', 'CreationUtcTime'],
    5: ['ProcessId', 'Image'],
    8: ['SourceProcessId', 'SourceImage', 'TargetProcessId', 'TargetImage', 'Call', 'StartAddress'],
    10: ['SourceProcessId', 'SourceImage', 'TargetProcessId', 'TargetImage', 'Call', 'CallTrace'],
    11: ['ProcessId', 'Image', 'TargetFilename'],
    23: ['ProcessId', 'Image', 'TargetFilename'],
    26: ['ProcessId', 'Image', 'TargetFilename'],
  };
  return [eventId, ...names[eventId]!.map((name) => fields.get(name))].join(' ');
}

const whole = replay(SESSION);

test('a recorded session gives exactly the events of what was done', () => {
  assert.deepEqual(whole.events.map(summary), EXPECTED);
  assert.deepEqual([whole.late, whole.truncated, whole.lost], [0, 0, 0]);
});

test('a process has one ProcessGuid in all its events, and no two have the same', () => {
  const guids = new Map<string, string>();
  for (const { fields } of whole.events) {
    for (const [id, guid] of [
      ['ProcessId', 'ProcessGuid'],
      ['ParentProcessId', 'ParentProcessGuid'],
      ['SourceProcessId', fields.has('SourceProcessGUID') ? 'SourceProcessGUID' : 'SourceProcessGuid'],
      ['TargetProcessId', fields.has('TargetProcessGUID') ? 'TargetProcessGUID' : 'TargetProcessGuid'],
    ] as const) {
      const [pid, text] = [fields.get(id), fields.get(guid)];
      if (pid === undefined || text === undefined) continue;
      assert.match(text, /^\{[\dA-F]{8}(?:-[\dA-F]{4}){3}-[\dA-F]{12}\}$/);
      assert.equal(guids.get(pid) ?? text, text, `process ${pid}`);
      guids.set(pid, text);
    }
  }
  assert.equal(new Set(guids.values()).size, guids.size);
});

test('parents are named with what they run, and times are the kernel’s', () => {
  const echo = whole.events.find(({ fields }) => fields.get('Image') === '/usr/bin/echo')!;
  assert.equal(echo.fields.get('ParentImage'), `${HERE}/trigger`);
  assert.equal(echo.fields.get('ParentCommandLine'), `./trigger run /bin/echo two words ${LETTERS}`);
  const times = whole.events.map(({ time }) => time);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  // `nsecs` of the first exec in the stream.
  const nsecs = Number(/"E (\d+) 27305 /.exec(SESSION.join('\n'))![1]);
  assert.equal(times[0], BOOT + Math.floor(nsecs / 1e6));
});

/** Process that a line belongs to: its CPU, for all that is known. Paths stay in front, as if told long before. */
function processOf(line: string): number | null {
  const match = /"data": "([A-Za-z]) (\S+) (\S+)/.exec(line)!;
  if ('WwVT'.includes(match[1]!)) return null;
  return Number('APc'.includes(match[1]!) ? match[2] : match[3]);
}

test('the order in which CPUs are read does not matter', () => {
  const CPUS = 3;
  const paths = SESSION.filter((line) => /"data": "[WwV] /.test(line));
  const streams = Array.from({ length: CPUS }, (_, cpu) => {
    const own = SESSION.filter((line) => processOf(line) !== null && processOf(line)! % CPUS === cpu);
    // Each CPU tells its time after each record.
    return own.flatMap((line) => {
      const at = /"data": "[A-Z] (\d{10,})/i.exec(line)?.[1];
      return at === undefined ? [line] : [line, `{"type": "printf", "data": "T ${cpu} ${at}"}`];
    });
  });
  const first = Math.min(
    ...SESSION.flatMap((line) => Number(/"data": "[KEX] (\d+)/.exec(line)?.[1] ?? Number.NaN) || []),
  );
  const begun = streams.map((_, cpu) => `{"type": "printf", "data": "T ${cpu} ${first - 1}"}`);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(CPUS - 1), fc.integer({ min: 1, max: 40 })), { maxLength: 60 }),
      (turns) => {
        const rest = streams.map((stream) => [...stream]);
        const read = turns.flatMap(([cpu, lines]) => rest[cpu]!.splice(0, lines));
        const replayed = replay([...begun, ...paths, ...read, ...rest.flat()]);
        assert.deepEqual(replayed.events.map(summary), EXPECTED);
        assert.equal(replayed.late, 0);
      },
    ),
    { numRuns: 200 },
  );
});

test('a line that is lost costs what it told, and makes nothing else wrong', () => {
  const known = new Map(
    whole.events.map((event) => [`${event.eventId} ${event.time} ${idOf(event)}`, event]),
  );
  for (let gone = 0; gone < SESSION.length; gone++) {
    const { events, truncated } = replay(SESSION.filter((_, at) => at !== gone));
    assert.ok(events.length >= whole.events.length - 2, 'at most what one record tells is missing');
    for (const event of events) {
      const before = known.get(`${event.eventId} ${event.time} ${idOf(event)}`);
      assert.ok(before, `line ${gone + 1}: ${summary(event)}`);
      for (const [name, value] of event.fields) {
        const was = before.fields.get(name);
        const isUnknown = value === '-' || value.startsWith('?/');
        assert.ok(
          value === was || isUnknown || truncated > 0,
          `line ${gone + 1}, ${name}: ${value}, and was ${was}`,
        );
      }
    }
  }
});

function idOf({ fields }: Event): string {
  return fields.get('ProcessId') ?? fields.get('SourceProcessId') ?? '';
}

test('what the kernel lost is told', () => {
  const lines = [
    ...SESSION.slice(0, 60),
    '{"type": "lost_events", "data": {"events": 17}}',
    ...SESSION.slice(60),
  ];
  assert.equal(replay(lines).lost, 17);
});
