/**
 * What a text must hold for a regular expression to be found in it: read off the expression, where it is plain enough. It
 * says no to nearly all texts for a small part of what the expression itself costs.
 */

/** One of `texts` stands in each text in which the expression is found; `ignoresCase` where that is not asked for. */
export interface RegexNeed {
  /** Of each inner list one; never empty ones. */
  readonly texts: readonly (readonly string[])[];
  /** Finds something in each text in which the expression is found; short, and with few ways to go back. */
  readonly rigid: { readonly source: RegExp; /** Characters, at least. */ readonly length: number } | null;
}

/** An expression past this is not read. */
const LONGEST = 2000;
/** Texts that a part with classes may become. */
const MAX_TEXTS = 16;
/** Characters of a part that is looked for. */
const MAX_RIGID = 400;
/** Ways in which such a part may be tried at one place. */
const MAX_WAYS = 256;
/** RE2 counts no further, and no further together where one count stands within another. */
const MAX_COUNTED = 1000;
/** Times that a class is written out in a text. */
const MAX_TIMES = 256;

/** One character of a part: a class, as JavaScript writes it, with its members where they are few. */
interface Unit {
  readonly source: string;
  readonly members: readonly string[] | null;
  /** Characters, at least: one, but where it is repeated. */
  readonly least: number;
  /** In how many ways it can be repeated. */
  readonly ways: number;
}

/** Null for an expression that is not understood here. Flags of i, m and s. */
export function regexNeed(source: string, flags: string): RegexNeed | null {
  if (source.length > LONGEST) return null;
  const reader = new Reader(source, flags);
  const runs = reader.alternatives(0);
  if (runs === null || !reader.atEnd()) return null;
  const texts = runs.flatMap((run) => (run.kind === 'either' ? [run.texts] : textsOf(run.units)));
  let rigid: RegexNeed['rigid'] = null;
  let most = 0;
  for (const run of runs) {
    if (run.kind !== 'units') continue;
    for (const units of affordable(run.units)) {
      const telling = units.filter(({ source: of }) => !of.startsWith(ANY.source)).length;
      if (telling <= most) continue;
      most = telling;
      const length = units.reduce((sum, { least }) => sum + least, 0);
      rigid = { source: new RegExp(units.map((unit) => unit.source).join(''), 'u'), length };
    }
  }
  return { texts, rigid };
}

/** Whether an expression is so plain that RE2 takes it: who wants to know no more need not compile it. */
export function isPlainRegex(source: string): boolean {
  const reader = new Reader(source, '');
  return source.length <= LONGEST && reader.alternatives(0) !== null && reader.atEnd() && reader.isPlain;
}

/** Parts that cost little wherever they are tried. */
function affordable(units: readonly Unit[]): Unit[][] {
  const parts: Unit[][] = [[]];
  let [length, ways] = [0, 1];
  for (const unit of units) {
    length += unit.least + unit.ways - 1;
    ways *= unit.ways;
    if (length > MAX_RIGID || ways > MAX_WAYS) {
      parts.push([]);
      [length, ways] = [unit.least + unit.ways - 1, unit.ways];
    }
    if (unit.ways <= MAX_WAYS) parts.at(-1)!.push(unit);
  }
  return parts;
}

/** Characters that follow one another, or texts of which one is there. */
type Run =
  | { readonly kind: 'units'; readonly units: readonly Unit[] }
  | { readonly kind: 'either'; readonly texts: readonly string[] };

/** The texts that units stand for, by parts that are few. */
function textsOf(units: readonly Unit[]): string[][] {
  const parts: string[][] = [];
  let made: string[] = [''];
  const end = (): void => {
    if (made[0] !== '') parts.push(made);
    made = [''];
  };
  for (const { members } of units) {
    if (members === null || members.length > MAX_TEXTS) end();
    else {
      if (made.length * members.length > MAX_TEXTS) end();
      made = made.flatMap((one) => members.map((member) => one + member));
    }
  }
  end();
  return parts;
}

const ANY: Unit = { source: '[^]', members: null, least: 1, ways: 1 };

const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: '0-9A-Za-z_',
  s: '\\t\\n\\f\\r ',
};

/** One reading of an expression; its methods return null to give up. */
class Reader {
  private readonly source: string;
  /** Nothing was met that RE2 may read otherwise, or refuse. */
  isPlain: boolean;
  private ignoresCase: boolean;
  private at = 0;
  /** What counts that stand within one another come to, at most, in what was read last. */
  private counted = 1;

  constructor(source: string, flags: string) {
    this.source = source;
    // oxlint-disable-next-line no-control-regex -- what is not ASCII
    this.isPlain = !/[^\0-\x7f]/.test(source);
    this.ignoresCase = flags.includes('i');
  }

  atEnd(): boolean {
    return this.at >= this.source.length;
  }

  alternatives(depth: number): readonly Run[] | null {
    if (depth > 20) return null;
    const branches: (readonly Run[])[] = [];
    let counted = 1;
    do {
      const branch = this.sequence(depth);
      if (branch === null) return null;
      branches.push(branch);
      counted = Math.max(counted, this.counted);
    } while (this.take('|'));
    this.counted = counted;
    if (branches.length === 1) return branches[0]!;
    // One text of each branch: the longest that the branch is sure of.
    const texts: string[] = [];
    for (const branch of branches) {
      const sure = branch.flatMap((run) => (run.kind === 'either' ? [run.texts] : textsOf(run.units)));
      if (sure.length === 0) return [];
      texts.push(...sure.reduce((best, one) => (shortest(one) > shortest(best) ? one : best)));
    }
    return [{ kind: 'either', texts }];
  }

  private sequence(depth: number): readonly Run[] | null {
    const runs: Run[] = [];
    let units: Unit[] = [];
    let counted = 1;
    const end = (): void => {
      if (units.length > 0) runs.push({ kind: 'units', units });
      units = [];
    };
    while (!this.atEnd() && !'|)'.includes(this.source[this.at]!)) {
      const ignoresCase = this.ignoresCase;
      this.counted = 1;
      const piece = this.piece(depth);
      if (piece === null) return null;
      const behind = this.at;
      const [least, most] = this.times();
      // A place, or flags, that are repeated.
      if (this.at > behind && piece.kind === 'runs' && !piece.breaks) this.isPlain = false;
      counted = Math.max(counted, this.counted * Math.max(1, most === Infinity ? least : most));
      if (least > most || counted > MAX_COUNTED) this.isPlain = false;
      // A group with flags may have changed them for what follows it.
      if (least < 0 || (piece.kind === 'runs' && this.ignoresCase !== ignoresCase && most !== 1)) return null;
      if (piece.kind === 'runs') {
        if (piece.runs.length > 0) end();
        // What is there at least once is there.
        if (least > 0) runs.push(...piece.runs);
        if (piece.breaks) end();
        continue;
      }
      if (most !== least && most <= MAX_TIMES) {
        const times = `{${least},${most}}`;
        units.push({ source: piece.unit.source + times, members: null, least, ways: most - least + 1 });
        continue;
      }
      for (let i = 0; i < Math.min(least, MAX_TIMES); i += 1) units.push(piece.unit);
      if (most !== least || least > MAX_TIMES) end();
    }
    end();
    this.counted = counted;
    return runs;
  }

  /** How often the last piece stands there, least and most; -1 for what is not understood. */
  private times(): readonly [least: number, most: number] {
    let times: readonly [number, number] = [1, 1];
    if (this.take('*')) times = [0, Infinity];
    else if (this.take('?')) times = [0, 1];
    else if (this.take('+')) times = [1, Infinity];
    else {
      const bounds = /^\{(\d+)(,(\d*))?\}/.exec(this.source.slice(this.at, this.at + 20));
      if (!bounds) return times;
      this.at += bounds[0].length;
      const least = Number(bounds[1]);
      times = [least, bounds[2] === undefined ? least : bounds[3] === '' ? Infinity : Number(bounds[3])];
    }
    this.take('?');
    // A second quantifier is one of RE2's own errors, or means something else.
    return '*+?{'.includes(this.source[this.at] ?? ' ') ? [-1, -1] : times;
  }

  private piece(
    depth: number,
  ):
    | { readonly kind: 'unit'; readonly unit: Unit }
    | { readonly kind: 'runs'; readonly runs: readonly Run[]; readonly breaks: boolean }
    | null {
    const unit = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += unit.length;
    if (unit === '(') return this.group(depth);
    // It may be a quantifier of nothing.
    if (unit === '{') this.isPlain = false;
    // Places take no character.
    if (unit === '^' || unit === '$') return { kind: 'runs', runs: [], breaks: false };
    if (unit === '.') return { kind: 'unit', unit: ANY };
    if (unit === '[') return asPiece(this.set());
    if (unit === '\\') return this.escaped();
    return '*+?'.includes(unit) ? null : { kind: 'unit', unit: this.character(unit) };
  }

  private group(depth: number): ReturnType<Reader['piece']> {
    const start = /^\?(?:P?<[A-Za-z]\w*>|([ims]*):|([ims]+)\))/.exec(
      this.source.slice(this.at, this.at + 80),
    );
    if (!start && this.source[this.at] === '?') return null;
    this.at += start?.[0].length ?? 0;
    // Two groups of one name are refused.
    if (start?.[0].endsWith('>')) this.isPlain = false;
    const before = this.ignoresCase;
    if (start?.[2] !== undefined) {
      this.ignoresCase ||= start[2].includes('i');
      return { kind: 'runs', runs: [], breaks: false };
    }
    this.ignoresCase ||= start?.[1]?.includes('i') ?? false;
    const runs = this.alternatives(depth + 1);
    this.ignoresCase = before;
    return runs !== null && this.take(')') ? { kind: 'runs', runs, breaks: true } : null;
  }

  private escaped(): ReturnType<Reader['piece']> {
    const unit = this.source[this.at++];
    if (unit === undefined) return null;
    if (unit === 'b' || unit === 'B' || unit === 'A' || unit === 'z')
      return { kind: 'runs', runs: [], breaks: false };
    const known = CLASSES[unit.toLowerCase()];
    if (known !== undefined) {
      const source = unit === unit.toLowerCase() ? `[${known}]` : `[^${known}]`;
      return { kind: 'unit', unit: this.ignoresCase ? ANY : unitOf(source, null) };
    }
    const plain = { t: '\t', n: '\n', r: '\r', f: '\f' }[unit];
    if (plain !== undefined) return { kind: 'unit', unit: this.character(plain) };
    return /[^0-9A-Za-z]/.test(unit) && unit < '\x7f' ? { kind: 'unit', unit: this.character(unit) } : null;
  }

  /** A class of characters: of plain ones and ranges. */
  private set(): Unit | null {
    const negated = this.take('^');
    let source = '';
    const members: string[] = [];
    let isFew = true;
    for (let first = true; first || this.source[this.at] !== ']'; first = false) {
      if (this.atEnd()) return null;
      let unit = this.source[this.at++]!;
      if (unit === '[' || unit >= '\x7f') return null;
      if (unit === '\\') {
        unit = this.source[this.at++] ?? '';
        if (unit in CLASSES) {
          source += CLASSES[unit];
          isFew = false;
          continue;
        }
        if (!/^[^0-9A-Za-z]$/.test(unit) || unit >= '\x7f') return null;
      }
      if (this.source[this.at] === '-' && this.source[this.at + 1] !== ']') {
        const high = this.source[this.at + 1] ?? '';
        if (!/^[0-9A-Za-z]$/.test(high) || !/^[0-9A-Za-z]$/.test(unit) || high < unit) return null;
        this.at += 2;
        source += `${unit}-${high}`;
        isFew = false;
        continue;
      }
      source += escape(unit);
      members.push(unit);
    }
    this.at += 1;
    // Under (?i) a class holds more than is written.
    if (this.ignoresCase) return ANY;
    return negated ? unitOf(`[^${source}]`, null) : unitOf(`[${source}]`, isFew ? members : null);
  }

  private character(unit: string): Unit {
    // k and s have a third form that is not ASCII, and other letters may, too.
    if (this.ignoresCase && /[^\0-\x7f]|[kKsS]/.test(unit)) return ANY;
    if (this.ignoresCase && /[A-Za-z]/.test(unit)) {
      return unitOf(`[${unit.toLowerCase()}${unit.toUpperCase()}]`, [unit.toLowerCase()]);
    }
    return unitOf(escape(unit), [unit]);
  }

  private take(unit: string): boolean {
    if (this.source[this.at] !== unit) return false;
    this.at += 1;
    return true;
  }
}

function unitOf(source: string, members: readonly string[] | null): Unit {
  return { source, members, least: 1, ways: 1 };
}

function asPiece(unit: Unit | null): { readonly kind: 'unit'; readonly unit: Unit } | null {
  return unit && { kind: 'unit', unit };
}

function shortest(texts: readonly string[]): number {
  return texts.reduce((least, text) => Math.min(least, text.length), Infinity);
}

function escape(unit: string): string {
  return /^[0-9A-Za-z]$/.test(unit) ? unit : `\\u{${unit.codePointAt(0)!.toString(16)}}`;
}
