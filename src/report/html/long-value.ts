/** Values of any length: whole where they fit, broken where a reader would break them. */
import { foldAscii } from '../../events/index.ts';
import { cutMiddle, safeText } from '../terminal.ts';
import { html, type Html } from './escape.ts';

/** Columns past which a value is cut in its middle; its title then has the whole. */
const LONGEST = 180;

/** A value out of a log: a path with its folders set back, and breaks behind its separators. */
export function longValue(value: string): Html {
  if (value === '') return html`<i class="none">(empty)</i>`;
  const safe = safeText(value);
  const shown = cutMiddle(safe, LONGEST);
  // The separators are those of the value itself, not of what stands for its characters.
  const name = safeText(baseName(value));
  const end = shown.endsWith(name) ? shown.length - name.length : 0;
  const folders = shown.slice(0, end);
  const text = html`${folders !== '' && html`<span class="dir">${broken(folders)}</span>`}${broken(shown.slice(end))}`;
  return shown === safe
    ? html`<span class="value">${text}</span>`
    : html`<span class="value" title="${value}">${text}</span>`;
}

/** The text with a place to break behind each separator. */
export function broken(text: string): Html {
  const parts = text.split(/(?<=[\\/_])(?=[^\\/_])/);
  return html`${parts.map((part, index) => (index === 0 ? part : html`<wbr />${part}`))}`;
}

/** What stands behind the last separator; the whole where there is none, or nothing behind it. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1) || path;
}

/** Names short enough for a label, each as much of the end of its path as tells it from the others. */
export function shortNames(values: readonly string[]): string[] {
  const parts = values.map((value) => value.split(/(?<=[\\/])/));
  const take = values.map(() => 1);
  const name = (index: number): string => parts[index]!.slice(-take[index]!).join('');
  for (;;) {
    const owners = new Map<string, number[]>();
    for (const index of values.keys()) {
      const folded = foldAscii(name(index));
      const same = owners.get(folded);
      if (same) same.push(index);
      else owners.set(folded, [index]);
    }
    const twins = [...owners.values()].filter((list) => list.length > 1).flat();
    const longer = twins.filter((index) => take[index]! < parts[index]!.length);
    if (longer.length === 0) return values.map((value, index) => name(index) || value);
    for (const index of longer) take[index]! += 1;
  }
}
