/** Has anyone watched long enough: the chance of something new, and how the number of groups grew. */
import type { Answer } from '../analysis/index.ts';
import { count, figure } from './numbers.ts';
import { type Line, paragraph } from './page.ts';
import { safeText } from './terminal.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The sentence, and below it the curve as a row of blocks, past what was watched in dots; none where nothing is said. */
export function unseenLines({ unseen }: Answer, width: number): Line[] {
  if (!unseen) return [];
  const { curve, sentence, groups } = unseen;
  const lines: Line[] = paragraph(safeText(sentence), width);
  const last = curve.at(-1);
  if (groups === 0 || !last || curve.length < 10) return lines;
  const most = Math.max(...curve.map((point) => point.groups));
  const bars = (extrapolated: boolean): string =>
    curve
      .filter((point) => point.extrapolated === extrapolated)
      .map((point) => BLOCKS[Math.min(7, Math.floor((8 * point.groups) / most))])
      .join('');
  const range = `${figure(Math.floor(last.low))} to ${figure(Math.ceil(last.high))}`;
  return [
    ...lines,
    [
      { text: `  ${bars(false)}`, style: 'cyan' },
      { text: bars(true), style: 'dim' },
    ],
    ...paragraph(
      `groups over ${count(last.cells / 2)} host-hours watched; pale: as long again, which would bring them to ${range}`,
      width,
    ).map((text): Line => [{ text, style: 'dim' }]),
  ];
}
