/**
 * Regular expressions of rules, run by JavaScript's own engine: a second opinion on the one the product uses. Where the
 * two write or mean things differently (RE2: `.` is anything but a line feed, `\s` is ASCII, a brace may stand alone,
 * `(?i)` at the beginning), the source is rewritten to JavaScript's stricter Unicode mode.
 */
const SPACE = '\\t\\n\\f\\r ';
const GLOBAL = /^\(\?([ims]+)\)/;
const KNOWN = /[\^$\\.*+?()[\]{}|/]/;

export function naiveRegex(source: string, flags: string): RegExp {
  let rest = source;
  const on = new Set(`u${flags}`);
  for (let match = GLOBAL.exec(rest); match; match = GLOBAL.exec(rest)) {
    for (const flag of match[1]!) on.add(flag);
    rest = rest.slice(match[0].length);
  }
  let written = '';
  let inClass = false;
  while (rest !== '') {
    const [token] = /^(?:\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\[^]|\{\d+(?:,\d*)?\}|[^])/u.exec(rest)!;
    rest = rest.slice(token.length);
    if (token === '\\s') written += inClass ? SPACE : `[${SPACE}]`;
    else if (token === '\\S') written += `[^${SPACE}]`;
    else if (/^\\[^\w]/u.test(token)) written += literal(token.slice(1), inClass);
    else if (token === '\\A') written += '(?<![^])';
    else if (token === '\\z') written += '(?![^])';
    else if (token === '\\a') written += '\\x07';
    else if (token.startsWith('\\')) written += token;
    else if (inClass && token === ']') {
      inClass = false;
      written += ']';
    } else if (inClass) {
      // A hyphen that does not stand between two characters is one itself.
      const range = /^(?:\\[^wWdDsS]|[^\]\\])/u.test(rest) && /(?:[^\\[]|\\[^wWdDsS])$/u.test(written);
      written += token === '-' && range ? '-' : literal(token, true);
    } else if (token === '[') {
      inClass = true;
      const [open] = /^\^?\]?/.exec(rest)!;
      rest = rest.slice(open.length);
      written += `[${open.replace(']', '\\]')}`;
    } else if (token === '.') written += on.has('s') ? '[^]' : '[^\\n]';
    else if (token === '{' || token === '}' || token === ']') written += `\\${token}`;
    else written += token;
  }
  return new RegExp(written, [...on].join(''));
}

function literal(character: string, inClass: boolean): string {
  return KNOWN.test(character) || (inClass && character === '-') ? `\\${character}` : character;
}
