/** How the lines are written that are rendered, in AssemblyScript. */

/** Formats of lines (src/lines/line-renderer.ts): the tool's, and ours. */
const TOOL: i32 = 0;
const CSV: i32 = 2;
const XML: i32 = 3;

/** Our own line: characters that a terminal would obey are escaped, and text may hold NUL. */
export let own: bool = false;
/** Our own line as CSV: JSON stands in its last cell alone, where a quote is two. */
export let csv: bool = false;
/** Our own line as XML, without JSON and its quotes. */
export let xml: bool = false;
let quoteSize: usize = 1;

export function setFormat(format: i32): void {
  own = format != TOOL;
  csv = format == CSV;
  xml = format == XML;
  withQuotes();
}

/** Values have the quotes of their line; without, none. */
export function withQuotes(): void {
  quoteSize = csv ? 2 : xml ? 0 : 1;
}

export function withoutQuotes(): void {
  quoteSize = 0;
}

/** A quote of JSON. */
export function quote(o: usize): usize {
  store<u16>(o, 0x2222);
  return o + quoteSize;
}
