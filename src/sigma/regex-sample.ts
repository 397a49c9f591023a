/** A text that a regular expression may find, made by reading the expression: a guess, to be checked. */

/** An expression past this is not read. */
const LONGEST = 2000;
/** Characters of a sample, at most. */
const MOST = 4000;

/** Null where the expression has something that is not understood here. */
export function regexSample(source: string): string | null {
  if (source.length > LONGEST) return null;
  const reader = new Reader(source);
  const text = reader.alternatives();
  return text === null || !reader.atEnd() || text.length > MOST ? null : text;
}

/** One reading of an expression. */
class Reader {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  atEnd(): boolean {
    return this.at >= this.source.length;
  }

  /** The first alternative; the others are read over. */
  alternatives(): string | null {
    const first = this.sequence();
    if (first === null) return null;
    while (this.take('|')) if (this.sequence() === null) return null;
    return first;
  }

  private sequence(): string | null {
    let text = '';
    while (!this.atEnd() && !'|)'.includes(this.source[this.at]!)) {
      const one = this.piece();
      if (one === null || text.length > MOST) return null;
      text += one;
    }
    return text;
  }

  private piece(): string | null {
    const one = this.single();
    if (one === null) return null;
    const times = this.times();
    return times === null ? null : one.repeat(Math.min(times, MOST));
  }

  private times(): number | null {
    let least = 1;
    if (this.take('*') || this.take('?')) least = 0;
    else if (!this.take('+')) {
      const bounds = /^\{(\d+)(?:,\d*)?\}/.exec(this.source.slice(this.at));
      if (!bounds) return 1;
      this.at += bounds[0].length;
      least = Number(bounds[1]);
    }
    // As few as it may, or as many: for one example it is the same.
    if (!this.take('?')) this.take('+');
    return least;
  }

  private single(): string | null {
    const unit = this.source[this.at++]!;
    if (unit === '(') return this.group();
    if (unit === '[') return this.set();
    if (unit === '\\') return this.escape();
    if (unit === '^' || unit === '$') return '';
    return unit === '.' ? 'z' : unit;
  }

  private group(): string | null {
    const start = /^\?(?:P?<[A-Za-z]\w*>|[ims]*:|[ims]+\))/.exec(this.source.slice(this.at));
    if (start) this.at += start[0].length;
    else if (this.source[this.at] === '?') return null;
    if (start?.[0].endsWith(')')) return '';
    const text = this.alternatives();
    return this.take(')') ? text : null;
  }

  /** The first character of a class; of a negated one, any that is not in it. */
  private set(): string | null {
    const negated = this.take('^');
    const members: string[] = [];
    const ranges: [string, string][] = [];
    for (let first = true; first || this.source[this.at] !== ']'; first = false) {
      if (this.atEnd()) return null;
      const unit = this.source[this.at++]!;
      const low = unit === '\\' ? this.escape() : unit;
      if (low === null || (unit === '[' && this.source[this.at] === ':')) return null;
      if (this.source[this.at] === '-' && this.source[this.at + 1] !== ']') {
        this.at += 1;
        const end = this.source[this.at++]!;
        const high = end === '\\' ? this.escape() : end;
        if (high === null) return null;
        ranges.push([low, high]);
      } else members.push(low);
    }
    this.at += 1;
    if (!negated) return members[0] ?? ranges[0]?.[0] ?? null;
    const free = [...'zxq7_ -'].find(
      (one) => !members.includes(one) && !ranges.some(([low, high]) => low <= one && one <= high),
    );
    return free ?? null;
  }

  private escape(): string | null {
    const unit = this.source[this.at++];
    if (unit === undefined) return null;
    const known = { d: '7', w: 'z', s: ' ', S: 'z', D: 'z', W: ' ', b: '', t: '\t', n: '\n', r: '\r' }[unit];
    if (known !== undefined) return known;
    const hex =
      unit === 'x' ? /^(?:([\da-f]{2})|\{([\da-f]{1,6})\})/i.exec(this.source.slice(this.at)) : null;
    if (hex) {
      this.at += hex[0].length;
      return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(hex[1] ?? hex[2]!, 16)));
    }
    return /[A-Za-z0-9]/.test(unit) ? null : unit;
  }

  private take(unit: string): boolean {
    if (this.source[this.at] !== unit) return false;
    this.at += 1;
    return true;
  }
}
