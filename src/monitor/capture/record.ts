/** The records that the program prints (see ../program), read. Numbers are in nanoseconds and bytes as the kernel has them. */

/** Who did something, and when. */
export interface Who {
  /** The kernel's clock, nanoseconds. */
  readonly at: number;
  readonly pid: number;
  readonly tid: number;
  readonly uid: number;
  /** When the process started, nanoseconds since the kernel did. */
  readonly start: number;
  /** Path of its program; `0` where the kernel has not seen it start. */
  readonly image: PathKey;
}

/** The process that something is done to, as far as the kernel has seen it start. */
export interface Target {
  /** How deep the pid namespace is in which the pid is named. */
  readonly level: number;
  /** Of a process, or of one of its threads. */
  readonly pid: number;
  /** `0` and 0 where they are not known. */
  readonly image: PathKey;
  readonly start: number;
  /** As long as it is not known, 0, too. */
  readonly uid: number;
}

/** A number that stands for a path; `0` for none. */
export type PathKey = string;

/** Something that happened. */
export type Happening =
  | (Who & { readonly what: 'fork'; readonly child: number })
  | (Who & {
      readonly what: 'exec';
      readonly parent: number;
      readonly loginUid: number;
      readonly session: number;
      readonly argumentBytes: number;
      /** Whether the file of the program had no name any more. */
      readonly deleted: boolean;
      /** Number of the file of the program, decimal. */
      readonly inode: string;
      readonly directory: PathKey;
    })
  | (Who & { readonly what: 'exit'; readonly code: number })
  | (Who & {
      readonly what: 'create';
      readonly directory: PathKey;
      readonly nameBytes: number;
      readonly name: string;
    })
  | (Who & { readonly what: 'raw-read'; readonly path: PathKey })
  | (Who & { readonly what: 'delete'; readonly directory: PathKey })
  | (Who & {
      readonly what: 'set-time';
      readonly directory: PathKey;
      readonly seconds: number;
      readonly nanoseconds: number;
    })
  | (Who & { readonly what: 'memory-open'; readonly target: Target })
  /** `address` is hexadecimal. */
  | (Who & {
      readonly what: 'memory-write' | 'vm-read' | 'vm-write';
      readonly target: Target;
      readonly address: string;
    })
  | (Who & {
      readonly what: 'ptrace';
      readonly target: Target;
      readonly address: string;
      readonly request: number;
    })
  | (Who & {
      readonly what: 'connect' | 'accept' | 'send';
      readonly protocol: number;
      readonly localPort: number;
      readonly localAddress: string;
      readonly otherPort: number;
      readonly otherAddress: string;
    })
  | (Who & { readonly what: 'bpf-load'; readonly type: number; readonly name: string })
  | (Who & { readonly what: 'module-load'; readonly path: PathKey })
  | (Who & { readonly what: 'lookup'; readonly status: number; readonly name: string });

/** A part of a record that follows, or a sign of the tracer itself. */
export type Piece =
  | {
      readonly what: 'path-member';
      readonly key: PathKey;
      readonly index: number;
      readonly name: string;
      readonly rest: boolean;
    }
  | { readonly what: 'path-end'; readonly key: PathKey; readonly members: number; readonly steps: number }
  | { readonly what: 'path-text'; readonly tid: number; readonly index: number; readonly text: string }
  | { readonly what: 'arguments'; readonly pid: number; readonly index: number; readonly hex: string }
  | { readonly what: 'name-rest'; readonly tid: number; readonly text: string }
  | { readonly what: 'address'; readonly tid: number; readonly index: number; readonly address: string }
  /** All that happened on this CPU before has been read. */
  | { readonly what: 'tick'; readonly cpu: number; readonly at: number }
  /** Records that were printed so far. */
  | { readonly what: 'count'; readonly records: number }
  /** A call that the sensor made to be seen. */
  | { readonly what: 'sentinel'; readonly at: number };

/** Whether a record is of something that happened. */
export function isHappening(record: Happening | Piece): record is Happening {
  return 'start' in record;
}

/** Reads the text of one record, whose characters are bytes; null for one that is in no known shape. */
export function readRecord(text: string): Happening | Piece | null {
  const reader = readers[text[0] ?? ''];
  if (!reader) return null;
  const fields = fieldsOf(text, reader.fields);
  return fields === null ? null : reader.read(fields, text);
}

interface Reader {
  /** Fields after the tag, the last of which goes on to the end of the text. */
  readonly fields: number;
  readonly read: (fields: readonly string[], text: string) => Happening | Piece | null;
}

/** So many fields begin every happening. */
const WHO_FIELDS = 6;

function who(fields: readonly string[]): Who {
  return {
    at: Number(fields[0]),
    pid: Number(fields[1]),
    tid: Number(fields[2]),
    uid: Number(fields[3]) >>> 0,
    start: Number(fields[4]),
    image: fields[5]!,
  };
}

/** A reader of a happening with so many fields of its own. */
function happening(own: number, make: (who: Who, fields: readonly string[]) => Happening): Reader {
  return {
    fields: WHO_FIELDS + own,
    read: (fields) => {
      const one = make(who(fields), fields.slice(WHO_FIELDS));
      return Number.isFinite(one.at) && Number.isFinite(one.pid) ? one : null;
    },
  };
}

const connection = (what: 'connect' | 'accept' | 'send'): Reader =>
  happening(5, (by, [protocol, localPort, localAddress, otherPort, otherAddress]) => ({
    ...by,
    what,
    protocol: Number(protocol),
    localPort: Number(localPort),
    localAddress: addressText(localAddress!),
    otherPort: swapped(Number(otherPort)),
    otherAddress: addressText(otherAddress!),
  }));

const readers: Readonly<Record<string, Reader>> = {
  T: { fields: 2, read: ([cpu, at]) => ({ what: 'tick', cpu: Number(cpu), at: Number(at) }) },
  '#': { fields: 1, read: ([records]) => ({ what: 'count', records: Number(records) }) },
  '!': { fields: 1, read: ([at]) => ({ what: 'sentinel', at: Number(at) }) },
  W: {
    fields: 3,
    read: ([key, index, name]) => ({
      what: 'path-member',
      key: key!,
      index: Number(index),
      name: name!,
      rest: false,
    }),
  },
  w: {
    fields: 3,
    read: ([key, index, name]) => ({
      what: 'path-member',
      key: key!,
      index: Number(index),
      name: name!,
      rest: true,
    }),
  },
  V: {
    fields: 3,
    read: ([key, members, steps]) => ({
      what: 'path-end',
      key: key!,
      members: Number(members),
      steps: Number(steps),
    }),
  },
  P: {
    fields: 3,
    read: ([tid, index, text]) => ({
      what: 'path-text',
      tid: Number(tid),
      index: Number(index),
      text: text!,
    }),
  },
  A: {
    fields: 3,
    read: ([pid, index, hex]) => ({ what: 'arguments', pid: Number(pid), index: Number(index), hex: hex! }),
  },
  c: { fields: 2, read: ([tid, text]) => ({ what: 'name-rest', tid: Number(tid), text: text! }) },
  a: {
    fields: 5,
    read: ([tid, index, family, high, low]) => ({
      what: 'address',
      tid: Number(tid),
      index: Number(index),
      address: family === '2' ? ipv4(Number.parseInt(low!, 16)) : ipv6(high!, low!),
    }),
  },
  K: happening(1, (by, [child]) => ({ ...by, what: 'fork', child: Number(child) })),
  E: happening(9, (by, [parent, , loginUid, session, , argumentBytes, directory, deleted, inode]) => ({
    ...by,
    what: 'exec',
    parent: Number(parent),
    loginUid: Number(loginUid),
    session: Number(session),
    argumentBytes: Number(argumentBytes),
    directory: directory!,
    deleted: deleted === '1',
    inode: inode!,
  })),
  X: happening(1, (by, [code]) => ({ ...by, what: 'exit', code: Number(code) })),
  C: happening(3, (by, [directory, length, name]) => ({
    ...by,
    what: 'create',
    directory: directory!,
    nameBytes: Number(length),
    name: name!,
  })),
  O: happening(1, (by, [path]) => ({ ...by, what: 'raw-read', path: path! })),
  D: happening(1, (by, [directory]) => ({ ...by, what: 'delete', directory: directory! })),
  S: happening(3, (by, [directory, seconds, nanoseconds]) => ({
    ...by,
    what: 'set-time',
    directory: directory!,
    seconds: Number(seconds),
    nanoseconds: Number(nanoseconds),
  })),
  M: happening(5, (by, fields) => ({ ...by, what: 'memory-open', target: targetOf(fields) })),
  Z: access('memory-write'),
  v: access('vm-read'),
  Y: access('vm-write'),
  R: happening(7, (by, fields) => ({
    ...by,
    what: 'ptrace',
    target: targetOf(fields),
    address: fields[5]!,
    request: Number(fields[6]),
  })),
  N: connection('connect'),
  I: connection('accept'),
  U: connection('send'),
  u: happening(6, (by, [protocol, localPort, localAddress, otherPort, high, low]) => ({
    ...by,
    what: 'send',
    protocol: Number(protocol),
    localPort: Number(localPort),
    localAddress: addressText(localAddress!),
    otherPort: swapped(Number(otherPort)),
    otherAddress: ipv6(high!, low!),
  })),
  B: happening(2, (by, [type, name]) => ({ ...by, what: 'bpf-load', type: Number(type), name: name! })),
  L: happening(1, (by, [path]) => ({ ...by, what: 'module-load', path: path! })),
  l: happening(0, (by) => ({ ...by, what: 'module-load', path: '0' })),
  Q: happening(2, (by, [status, name]) => ({ ...by, what: 'lookup', status: Number(status), name: name! })),
};

function access(what: 'memory-write' | 'vm-read' | 'vm-write'): Reader {
  return happening(6, (by, fields) => ({ ...by, what, target: targetOf(fields), address: fields[5]! }));
}

function targetOf([level, pid, image, start, uid]: readonly string[]): Target {
  return { level: Number(level), pid: Number(pid), image: image!, start: Number(start), uid: Number(uid) };
}

/** The fields after the tag; null where there are fewer. */
function fieldsOf(text: string, count: number): readonly string[] | null {
  const fields: string[] = [];
  let from = 2;
  for (let i = 1; i < count; i++) {
    const to = text.indexOf(' ', from);
    if (to < 0) return null;
    fields.push(text.slice(from, to));
    from = to + 1;
  }
  if (count > 0) fields.push(text.slice(from));
  return fields;
}

/** A port in network order, read in the host's. */
function swapped(port: number): number {
  return ((port & 0xff) << 8) | ((port >> 8) & 0xff);
}

/** An address whose bytes, read as a number of this machine (little-endian), are these. */
function ipv4(number: number): string {
  return [number & 0xff, (number >>> 8) & 0xff, (number >>> 16) & 0xff, (number >>> 24) & 0xff].join('.');
}

function ipv6(high: string, low: string): string {
  const bytes = [high, low].map((half) =>
    Buffer.from(half.padStart(16, '0'), 'hex').reverse().toString('hex'),
  );
  return ipv6Text(
    bytes
      .join('')
      .match(/.{4}/g)!
      .map((group) => Number.parseInt(group, 16)),
  );
}

/** As Sysmon writes it: all eight groups, none shortened; an IPv4 address in it as such. */
function ipv6Text(groups: readonly number[]): string {
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const [a, b] = [groups[6]!, groups[7]!];
  if (mapped) return [a >> 8, a & 0xff, b >> 8, b & 0xff].join('.');
  return groups.map((group) => group.toString(16)).join(':');
}

/** An address as the kernel's printer has it (`::1`, `::ffff:127.0.0.1`), as Sysmon writes it. */
function addressText(text: string): string {
  if (!text.includes(':')) return text;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2]!, dotted[3]!)}:${hex(dotted[4]!, dotted[5]!)}` : text;
  const [before = '', after] = plain.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = groups(before);
  if (after === undefined) return ipv6Text(left);
  const right = groups(after);
  return ipv6Text([
    ...left,
    ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => 0),
    ...right,
  ]);
}
