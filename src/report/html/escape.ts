/**
 * Markup as a tagged template that escapes whatever is put into it. This is the only place where text becomes markup,
 * and a page holds nothing that did not pass through here.
 */
import { safeText } from '../terminal.ts';

const MARKUP: unique symbol = Symbol('markup');

/** Markup that was made here: text that came in is escaped already. */
export interface Html {
  readonly [MARKUP]: string;
}

/** What may stand in a template: text and numbers are escaped, markup is not, null and false are nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Shows what a browser would obey or hide as `\u{..}`, and writes markup as entities: for elements and attributes. */
function escaped(text: string): string {
  return safeText(text).replace(/[&<>"']/g, (found) => ENTITIES[found]!);
}

/** The literals of each template without its indentation, which is for readers of the source. */
const literalsOf = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Markup out of a template. An attribute that takes a part must quote it: without quotes no escaping holds. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let lean = literalsOf.get(literals);
  if (!lean) {
    if (literals.slice(0, -1).some((literal) => literal.endsWith('=')))
      throw new TypeError('an attribute without quotes takes no part');
    lean = literals.map((literal) => literal.replaceAll(/\s*\n\s*/g, '\n'));
    literalsOf.set(literals, lean);
  }
  let text = lean[0]!;
  for (const [index, part] of parts.entries()) text += markupOf(part) + lean[index + 1]!;
  return { [MARKUP]: text };
}

/** Our own style or script, as it stands. Nothing out of a log may come here. */
export function trusted(text: string): Html {
  return { [MARKUP]: text };
}

/** Markup as text. */
export function markupOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return escaped(String(part));
  return MARKUP in part ? part[MARKUP] : part.map(markupOf).join('');
}
