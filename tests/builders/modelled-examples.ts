/** The files of `examples/`: logs of the modelled week, and the README that says what is in them. */
import { type EvtxValue, writeEvtx, type WriterEvent } from './evtx-writer.ts';
import { modelledWeek } from './modelled-week.ts';

/** Files by their path below the repository's root. The same bytes every time. */
export function exampleFiles(): ReadonlyMap<string, Uint8Array> {
  const { sysmon, system } = modelledWeek();
  return new Map([
    ['examples/modelled-week/Sysmon.evtx', writeEvtx(sysmon)],
    ['examples/modelled-week/System.evtx', writeEvtx(system)],
    ['examples/README.md', Buffer.from(readme(sysmon, system))],
  ]);
}

/** Text of an event's field, where it is text. */
export function textField(event: WriterEvent, name: string): string {
  const field = event.data?.fields.find(([known]) => known === name)?.[1] as EvtxValue | undefined;
  return field?.type === 'string' || field?.type === 'guid' ? field.value : '';
}

function readme(sysmon: readonly WriterEvent[], system: readonly WriterEvent[]): string {
  const threads = sysmon.filter((event) => event.eventId === 8);
  const file = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);
  const pairs = counted(
    threads.map(
      (event) => `${file(textField(event, 'SourceImage'))} | ${file(textField(event, 'TargetImage'))}`,
    ),
  );
  const types = counted(sysmon.map((event) => `${event.eventId}`));
  const marks = counted(system.map((event) => `${event.provider} | ${event.eventId}`));
  const rows = (counts: readonly (readonly [string, number])[]): string =>
    counts.map(([key, count]) => `| ${key} | ${count} |`).join('\n');
  return `# Example logs

\`recorded-session/\` is of Linux, was really recorded, and has a README of its own. The rest stands here.

## Rules

\`rules/\` holds a few Sigma rules that show what is read of the language: \`noisefloor ask examples/rules
examples/modelled-week\` says how often each fires in the week below. A small configuration with tests is in \`suite/\`.

## Modelled, not recorded

Nobody's machine is in here. \`npm run generate\` writes these files from a model
(\`tests/builders/modelled-week.ts\`), the same bytes every time, and a test compares them.

\`modelled-week/\` is a Windows workstation, DESKTOP-NF01, from Monday 2024-06-03 to Friday 2024-06-07 (times are UTC).
Sysmon is installed on Monday at 08:31 with a configuration that logs CreateRemoteThread (event 8), and the start and end
of processes (events 1 and 5), so that use can be seen. What the model is built to show:

- Windows starts 9 times, once after an unexpected shutdown, and sleeps once. Nights are off.
- csrss.exe makes nearly all events of type 8: a burst whenever Windows starts and a few when it shuts down.
- A VM's guest tool makes some in steady use, a few times a day.
- Two sources are rare: a debugger (twice) and rundll32.exe with LoadLibraryW (once).
- As in real logs, Sysmon's driver sees events before its service runs, and they are written when it starts (compare
  UtcTime); and the System log holds the end of a session only after the start of the next.

\`modelled-week/Sysmon.evtx\`: ${sysmon.length} records, of which ${threads.length} of type 8.

| event id | records |
|---|---|
${rows(types)}

| source of event 8 | target | records |
|---|---|---|
${rows(pairs)}

\`modelled-week/System.evtx\`: ${system.length} records.

| provider | event id | records |
|---|---|---|
${rows(marks)}
`;
}

/** How often each key is there, most often first. */
function counted(keys: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
