/**
 * The page's only script: sorts tables by their heads and filters their rows. The page is whole without it, so it makes
 * the buttons itself. It reads text and writes text, and never markup.
 */
export const SCRIPT: string = String.raw`
'use strict';
for (const table of document.querySelectorAll('table[data-sortable]')) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => row.cells[column].dataset.by ?? row.cells[column].textContent.trim();
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  heads.forEach((head, column) => {
    const name = head.textContent.trim();
    if (name === '') return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    head.dataset.name = name;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const before = head.getAttribute('aria-sort');
      const rows = [...body.rows].map((row) => [key(row, column), row]);
      const numeric = rows.every(([text]) => text !== '' && Number.isFinite(Number(text)));
      const first = numeric ? 'descending' : 'ascending';
      const order = before === null ? first : before === 'ascending' ? 'descending' : 'ascending';
      const sign = order === 'ascending' ? 1 : -1;
      for (const row of rows) row[0] = numeric ? Number(row[0]) : row[0].toLowerCase();
      rows.sort(([a], [b]) => sign * compare(a, b));
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', order);
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const tools of document.querySelectorAll('[data-for]')) {
  const rows = [...document.getElementById(tools.dataset.for).tBodies[0].rows];
  const input = tools.querySelector('input');
  const output = tools.querySelector('output');
  const all = output.textContent;
  const texts = rows.map((row) =>
    [...row.cells].map((cell) => cell.textContent + ' ' + (cell.dataset.by ?? '')).join(' ').toLowerCase());
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (!row.hidden) shown += 1;
    });
    output.textContent = words.length === 0 ? all : shown + ' of ' + all;
  });
  tools.hidden = false;
}
`;
