/** What the benchmarks print. */

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Rows of cells, the first of them the head, as a table that is Markdown as well. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows;
  const widths = head!.map((_, at) => Math.max(...rows.map((cells) => cells[at]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |\n`;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}
