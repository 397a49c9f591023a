/**
 * Holds the scan to the plain reader, chunk by chunk: the same records with the same facts and fields, the same
 * diagnostics, those that come when fields are asked for included, and what all records come to, whichever are wanted. And
 * the scan by the kernel to that without it.
 *
 * One difference is allowed. The plain reader bounds the work that the records of a chunk ask for, and says so; the scan
 * needs less of it, and may read on where the plain reader stopped.
 */
import {
  decideNamelessFor,
  parseConfig,
  type PlainDecider,
  plainDeciderFor,
} from '../../src/config/index.ts';
import {
  type EvtxDiagnostic,
  EVERY_RECORD,
  type Origin,
  OUT,
  placedFields,
  READ_ALL,
  type Scan,
  Scanner,
  type TextSize,
  UNDECIDED,
  type Wanted,
} from '../../src/evtx/index.ts';
import { readChunk } from '../../src/evtx/chunk.ts';
import { PlannedRecord } from '../../src/evtx/planned-record.ts';
import { EvtxRecord } from '../../src/evtx/record.ts';
import type { ChunkOptions } from '../../src/evtx/walk.ts';
import { expectedTotals, totalTexts } from './totals.ts';

type Event = PlannedRecord | EvtxRecord;

export interface Comparison {
  /** What differs, or null. */
  readonly difference: string | null;
  readonly records: number;
  /** Records whose facts were read by plan, and those whose fields were, too. */
  readonly planned: number;
  readonly fieldsPlanned: number;
  /** The plain reader stopped at one of its bounds. */
  readonly bounded: boolean;
}

const WITHIN = 10_000;

/** Filters of many kinds, for whatever has these ids. */
const CONFIG = parseConfig(`<Sysmon schemaversion="4.90"><EventFiltering>
  <RuleGroup groupRelation="or"><ProcessCreate onmatch="include">
    <Image condition="image">cmd.exe</Image><Image condition="end with">host.exe</Image>
    <CommandLine condition="contains any"> -k;/c</CommandLine><CommandLine condition="contains">"</CommandLine>
    <Rule groupRelation="and"><ParentImage condition="begin with">C:\\Windows</ParentImage><User condition="excludes">SYSTEM</User>
      <ProcessId condition="more than">2</ProcessId></Rule>
    <TerminalSessionId condition="is">1</TerminalSessionId></ProcessCreate></RuleGroup>
  <RuleGroup groupRelation="or"><NetworkConnect onmatch="exclude"><DestinationPort condition="is any">443;80</DestinationPort>
    <Initiated condition="is">false</Initiated><DestinationIp condition="less than">2</DestinationIp></NetworkConnect></RuleGroup>
  <RuleGroup groupRelation="or"><ProcessAccess onmatch="include"><GrantedAccess condition="is">0x1000</GrantedAccess>
    <CallTrace condition="contains all">ntdll;UNKNOWN</CallTrace><SourceProcessGUID condition="contains">0</SourceProcessGUID></ProcessAccess></RuleGroup>
  <RuleGroup groupRelation="and"><ImageLoad onmatch="exclude"><Signed condition="is">true</Signed><Image condition="contains">s</Image>
    <Image condition="contains">e</Image><Rule groupRelation="or"><ImageLoaded condition="end with">.dll</ImageLoaded>
      <Company condition="is">-</Company></Rule></ImageLoad></RuleGroup>
  <RuleGroup groupRelation="or"><FileCreate onmatch="exclude"><TargetFilename condition="not end with">.exe</TargetFilename></FileCreate></RuleGroup>
  <RuleGroup groupRelation="or"><RegistryEvent onmatch="include"><TargetObject condition="contains">\\Run</TargetObject>
    <EventType condition="is">SetValue</EventType></RegistryEvent></RuleGroup>
</EventFiltering></Sysmon>`).config!;

/** Another choice for each kind of origin; of the crafted ones all. */
const CHOICES: readonly Wanted[] = [
  { eventIds: idsThat((id) => id % 3 === 1), oneIn: 0, reads, measures: true },
  { eventIds: idsThat(() => false), oneIn: 3 },
  { eventIds: idsThat((id) => id === 1 || id === 8), oneIn: 64, reads, within: WITHIN, measures: true },
  {
    eventIds: idsThat(() => true),
    oneIn: 16,
    filtered: { filterOf: (eventId) => deciderOf(eventId)?.filter ?? null, reads },
    within: WITHIN,
    measures: true,
  },
  EVERY_RECORD,
  { eventIds: idsThat(() => false), oneIn: 0 },
];

/** Another part of each field. */
function reads(eventId: number, field: string): number {
  return (eventId + field.length) % 8;
}

function idsThat(choose: (id: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 65_536 }, (_, id) => (choose(id) ? 1 : 0));
}

function choice({ provider, channel, host }: Origin): Wanted {
  return CHOICES[(provider.length + channel.length + host.length) % CHOICES.length]!;
}

function isChosen({ provider, channel, host, eventId, record, time }: Event): boolean {
  const { eventIds, oneIn } = choice({ provider, channel, host });
  return eventIds[eventId] !== 0 || (oneIn > 0 && (record ?? Math.floor(time / 1000)) % oneIn === 0);
}

/** What the plain reader says of a chunk. */
interface Plain {
  readonly records: readonly EvtxRecord[];
  /** Those that come without asking for fields. */
  readonly diagnostics: readonly EvtxDiagnostic[];
  /** By record. */
  readonly fields: readonly ReadonlyMap<string, string>[];
  readonly late: readonly (readonly EvtxDiagnostic[])[];
}

const BOUND = /^the chunk's records (ask for|come to) more than|^more than \d+ BinXML tokens/;

/** Compares readers that go on from chunk to chunk, as in a file: templates and origins are kept. */
export class Comparer {
  readonly #every = new Scanner(() => EVERY_RECORD, false);
  readonly #few: Scanner;
  /** What is read of records, by what they are like. */
  readonly #alike = new Map<number, string>();
  /** The same of those that need not be told again. */
  readonly #dismissed = new Set<string>();

  /** `kernel` false: the scan for few is one without it, too. */
  constructor(kernel = true) {
    this.#few = new Scanner(choice, kernel);
  }

  /** Reads a chunk (one that is cut, too) in all ways. Never throws: what a reader throws is a difference. */
  compare(chunk: Buffer, options: ChunkOptions): Comparison {
    let bounded = false;
    let events: readonly Event[] = [];
    const tell = (difference: string | null): Comparison => ({
      difference,
      bounded,
      records: events.length,
      planned: events.filter((event) => event instanceof PlannedRecord).length,
      fieldsPlanned: events.filter(({ fields }) => !(fields instanceof Map)).length,
    });
    try {
      const plain = readPlain(chunk, options);
      bounded = [...plain.diagnostics, ...plain.late.flat()].some(isBound);
      const every = scanned(this.#every, chunk, options);
      events = every.events;
      const said = every.found.map(diagnosticText);
      const difference =
        (bounded ? differsPastBound(plain, events, every.found) : differs(plain, events, every.found)) ??
        differsInText('totals', expectedTotals(events), every.totals);
      if (difference !== null) return tell(difference);
      const few = scanned(this.#few, chunk, options);
      return tell(
        differsInText('diagnostics of a scan for few', said, few.found.map(diagnosticText)) ??
          differsInText('totals of a scan for few', every.totals, few.totals) ??
          this.#differsInWanted(events.filter(isChosen), few.scan) ??
          differsInSizes(few.events),
      );
    } catch (error) {
      return tell(`thrown: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  /** The records that are expected, some told as one; those with one number are the same in all that is read of them. */
  #differsInWanted(expected: readonly Event[], { wanted }: Scan): string | null {
    if (this.#alike.size > 10_000) this.#alike.clear();
    const firsts: Event[] = [];
    let next = 0;
    /** What need not be told: what the filter lets out, and what is like one that was dismissed. */
    const mayLack = (event: Event): boolean =>
      isLetOut(event) || (!isAsked(event) && this.#dismissed.has(readText(event)));
    /** The next record that is told. */
    const nextTold = (isIt: (event: Event) => boolean): Event[] => {
      while (next < expected.length && !isIt(expected[next]!)) {
        if (!mayLack(expected[next]!)) return [];
        next += 1;
      }
      return expected.slice(next, ++next);
    };
    const dismissed: number[] = [];
    for (let i = 0; i < wanted.count; i++) {
      const first = wanted.record(i);
      const like = nextTold(({ offset }) => offset === first.offset);
      const text = readText(like[0] ?? first);
      const isLike = (event: Event): boolean => !isLetOut(event) && readText(event) === text;
      for (let n = 1; n < wanted.recordsOf(i); n++) like.push(...nextTold(isLike));
      if (like.length !== wanted.recordsOf(i)) return `records of a scan for few: not at ${first.offset}`;
      firsts.push(...like.slice(0, 1));
      const { part = UNDECIDED } = placedFields(first.fields) ?? {};
      if (part !== UNDECIDED && part !== partOf(like[0]!)) return `part at ${first.offset}: ${part}`;
      const number = wanted.alike(i);
      if (number < 0) continue;
      for (const event of like) {
        const own = readText(event);
        const known = this.#alike.get(number) ?? own;
        if (own !== known) return `records that are alike: ${known} and ${own}`;
        this.#alike.set(number, own);
      }
      const size = sizeOf(like);
      const measured =
        choice(like[0]!).measures !== true ||
        (wanted.charactersOf(i) === size.characters && wanted.jsonBytesOf(i) === size.jsonBytes);
      if (!measured)
        return `sizes of texts: ${JSON.stringify(size)}, told ${wanted.charactersOf(i)} and ${wanted.jsonBytesOf(i)}`;
      if (number % 3 === 0) dismissed.push(i);
      if (!isOneTelling(like, wanted.lastTimeOf(i))) return `told as one: ${like.map(recordText).join(', ')}`;
    }
    const left = expected.slice(next).find((event) => !mayLack(event));
    if (left !== undefined) return `records of a scan for few: none at ${left.offset}`;
    for (const i of dismissed) {
      wanted.dismiss(i);
      this.#dismissed.add(readText(wanted.record(i)));
    }
    return differsInText('records of a scan for few', firsts.map(wholeText), wanted.all().map(wholeText));
  }
}

const deciders = new Map<number, PlainDecider | null>();

function deciderOf(eventId: number): PlainDecider | null {
  let decider = deciders.get(eventId);
  if (decider === undefined) deciders.set(eventId, (decider = plainDeciderFor(CONFIG, eventId)));
  return decider;
}

/** The part of the filter for a record that holds first, found by another way; UNDECIDED where there is no filter. */
function partOf(event: Event): number {
  const { eventId, fields } = event;
  const decider = choice(event).filtered === undefined ? null : deciderOf(eventId);
  if (decider === null) return UNDECIDED;
  const { logged, filter } = decideNamelessFor(CONFIG, eventId)((name) => fields.get(name));
  const { parts } = decider.filter;
  const isOf = (part: number): boolean => decider.decided(part)?.filter === filter;
  return logged ? parts.findIndex(({ outcome }, part) => outcome === 'in' && isOf(part)) : OUT;
}

/** Whether it is wanted for its id. */
function isAsked(event: Event): boolean {
  return (event.record ?? 0) % choice(event).oneIn === 0;
}

function isLetOut(event: Event): boolean {
  return !isAsked(event) && partOf(event) === OUT;
}

/** What is read of a record. */
function readText({ provider, channel, host, eventId, fields }: Event): string {
  const read = [...fields].filter(([name]) => (reads(eventId, name) & READ_ALL) !== 0);
  return JSON.stringify([provider, channel, host, eventId, read]);
}

/** Whether records may be told as one: of one stretch of the clock, in order, and none of them asked for by its id. */
function isOneTelling(events: readonly Event[], last: number): boolean {
  if (events.at(-1)?.time !== last) return false;
  if (events.length === 1) return true;
  const { within = 0, oneIn } = choice(events[0]!);
  return (
    within > 0 &&
    events.every(
      ({ record, time }, i) =>
        Math.floor(time / within) === Math.floor(last / within) &&
        time >= (events[i - 1]?.time ?? time) &&
        (oneIn === 0 || (record !== null && record % oneIn !== 0)),
    )
  );
}

/** Of the values of records. */
function sizeOf(events: readonly Pick<Event, 'fields'>[]): TextSize {
  const texts = events.flatMap(({ fields }) => [...fields.values()]);
  return {
    characters: texts.reduce((sum, text) => sum + text.length, 0),
    jsonBytes: texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), 0),
  };
}

/** Sizes of texts are those of the texts. */
function differsInSizes(events: readonly Event[]): string | null {
  for (const { fields, offset } of events) {
    const told = placedFields(fields)?.textSize();
    if (!told) continue;
    const size = sizeOf([{ fields }]);
    if (told.characters !== size.characters || told.jsonBytes !== size.jsonBytes)
      return `sizes of texts at ${offset}: ${JSON.stringify([told, size])}`;
  }
  return null;
}

/** What a scan says of a chunk. */
interface Scanned {
  readonly scan: Scan;
  readonly events: readonly Event[];
  readonly totals: readonly string[];
  /** Grows while fields are asked for. */
  readonly found: EvtxDiagnostic[];
}

function scanned(scanner: Scanner, chunk: Buffer, options: ChunkOptions): Scanned {
  const found: EvtxDiagnostic[] = [];
  // Where files are read to.
  const { input } = scanner;
  input.set(chunk);
  const scan = scanner.scan(input.subarray(0, chunk.length), {
    ...options,
    report: (one) => found.push(one),
  });
  return { scan, events: scan.events, totals: totalTexts(scan.totals), found };
}

function readPlain(chunk: Buffer, options: ChunkOptions): Plain {
  const records: EvtxRecord[] = [];
  const diagnostics: EvtxDiagnostic[] = [];
  let now: EvtxDiagnostic[] = [];
  for (const item of readChunk(chunk, options, (one) => now.push(one))) {
    if (item.kind === 'record') records.push(item);
    else diagnostics.push(item);
  }
  const late: EvtxDiagnostic[][] = [];
  const fields = records.map((record) => {
    now = [];
    late.push(now);
    return record.fields;
  });
  return { records, diagnostics, fields, late };
}

function isBound({ message }: EvtxDiagnostic): boolean {
  return BOUND.test(message);
}

/** `found` grows while fields are asked for. */
function differs(plain: Plain, events: readonly Event[], found: EvtxDiagnostic[]): string | null {
  const difference =
    differsInText('diagnostics', plain.diagnostics.map(diagnosticText), found.map(diagnosticText)) ??
    differsInText('records', plain.records.map(recordText), events.map(recordText));
  if (difference !== null) return difference;
  for (const [index, event] of events.entries()) {
    const before = found.length;
    const there = differsInFields(plain.fields[index]!, event);
    if (there !== null) return there;
    const late = differsInText(
      `diagnostics of the fields at ${event.offset}`,
      plain.late[index]!.map(diagnosticText),
      found.slice(before).map(diagnosticText),
    );
    if (late !== null) return late;
  }
  return null;
}

/** Where the plain reader stopped, all that it read is read, and nothing is said that it does not say. */
function differsPastBound(
  plain: Plain,
  events: readonly Event[],
  found: readonly EvtxDiagnostic[],
): string | null {
  const stopped = new Set(plain.diagnostics.filter(isBound).map(({ offset }) => offset));
  // A record that can't be read is an anomaly, and where there is one the data's checksum is looked at.
  const others = (one: EvtxDiagnostic): boolean =>
    one.code !== 'evtx-chunk-data-checksum' && !(one.code === 'evtx-record-body' && stopped.has(one.offset));
  const difference = differsInText(
    'diagnostics',
    plain.diagnostics.filter(others).map(diagnosticText),
    found.filter(others).map(diagnosticText),
  );
  if (difference !== null) return difference;
  const byOffset = new Map(events.map((event) => [event.offset, event]));
  for (const [index, record] of plain.records.entries()) {
    const event = byOffset.get(record.offset);
    if (event === undefined) return `no record at ${record.offset}`;
    const facts = differsInText('records', [recordText(record)], [recordText(event)]);
    if (facts !== null) return facts;
    const there = plain.late[index]!.length > 0 ? null : differsInFields(plain.fields[index]!, event);
    if (there !== null) return there;
  }
  return null;
}

/** Asks the fields of a record in every way that a map can be asked. */
function differsInFields(expected: ReadonlyMap<string, string>, { fields, offset }: Event): string | null {
  const names = [...expected.keys(), 'no such field', ''];
  const each: string[] = [];
  fields.forEach((value, name, map) =>
    each.push(`${name}=${value}${map === fields ? '' : ' of another map'}`),
  );
  const pairs = (map: Iterable<readonly [string, string]>): string[] =>
    Array.from(map, ([name, value]) => `${name}=${value}`);
  const entries = pairs(expected);
  const text = (value: string | undefined): string => (value === undefined ? 'undefined' : `"${value}"`);
  const at = `of the fields at ${offset}`;
  return (
    differsInText(`iteration ${at}`, entries, pairs(fields)) ??
    differsInText(`entries ${at}`, entries, pairs(fields.entries())) ??
    differsInText(`forEach ${at}`, entries, each) ??
    differsInText(`keys ${at}`, [...expected.keys()], [...fields.keys()]) ??
    differsInText(`values ${at}`, [...expected.values()], [...fields.values()]) ??
    differsInText(`size ${at}`, [String(expected.size)], [String(fields.size)]) ??
    differsInText(
      `get ${at}`,
      names.map((name) => text(expected.get(name))),
      names.map((name) => text(fields.get(name))),
    ) ??
    differsInText(
      `has ${at}`,
      names.map((name) => String(expected.has(name))),
      names.map((name) => String(fields.has(name))),
    )
  );
}

function differsInText(what: string, expected: readonly string[], found: readonly string[]): string | null {
  const length = Math.max(expected.length, found.length);
  for (let i = 0; i < length; i++) {
    if (expected[i] === found[i]) continue;
    return `${what}, ${i} of ${expected.length}: expected ${quote(expected[i])}, found ${quote(found[i])} of ${found.length}`;
  }
  return null;
}

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.length > 400 ? `${text.slice(0, 400)}…` : text);
}

function diagnosticText({ code, severity, offset, lost, message, record }: EvtxDiagnostic): string {
  return `${code} ${severity} at ${offset}, ${lost} lost: ${message} (record ${record ?? 'none'})`;
}

/** What a row tells. */
function factText({ provider, channel, host, eventId, record, time }: Event): string {
  return JSON.stringify([provider, channel, host, eventId, record ?? -1, time]);
}

function recordText(event: Event): string {
  return `${event.kind} at ${event.offset}, version ${event.version}: ${factText(event)} ${event.record}`;
}

/** All that a record tells, and how it was read. */
function wholeText(event: Event): string {
  const { fields } = event;
  const how = [event instanceof PlannedRecord, fields instanceof Map];
  return `${recordText(event)}, ${how.join()}: ${JSON.stringify([...fields])}`;
}
