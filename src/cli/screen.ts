/** Lines that go on standard output, and below them on a terminal one that is drawn anew: the answer so far. */
import { displayWidth, wrap } from '../report/index.ts';
import { EXIT } from './exit.ts';

export interface Screen {
  /** Whether there is a terminal for the line below. */
  readonly hasStatus: boolean;
  /** Writes text with its line breaks on standard output, and waits where the reader is slower. */
  print(text: string): Promise<void>;
  /** Writes a line with its line break on standard error. */
  say(line: string): void;
  /** A safe text as lines of the terminal, or as one where there is none; with its line breaks. */
  fit(text: string): string;
  /** Draws the line below anew; safe text, empty for none. */
  status(text: string): void;
  /** Takes the line below away. */
  end(): void;
}

export function startScreen(): Screen {
  const { stdout, stderr } = process;
  let [drawn, text] = [0, ''];
  // Where both go into one pipe, either of them may find first that its reader has seen enough.
  stderr.once('error', () => process.exit(EXIT.answered));
  const clear = (): void => {
    if (drawn > 0) stderr.write(`\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(drawn - 1)}`);
    drawn = 0;
  };
  const linesOf = (whole: string): string[] => {
    const width = Math.max(20, (stderr.columns || 80) - 1);
    return displayWidth(whole) <= width ? [whole] : wrap(whole, width);
  };
  const draw = (): void => {
    if (text === '') return;
    const lines = linesOf(text);
    stderr.write(lines.join('\n'));
    drawn = lines.length;
  };
  return {
    hasStatus: stderr.isTTY === true,
    fit: (whole) => `${stderr.isTTY ? linesOf(whole).join('\n') : whole}\n`,
    async print(lines) {
      if (lines === '') return;
      // Both may be the same terminal.
      clear();
      const isTaken = stdout.write(lines);
      draw();
      if (!isTaken) await drained(stdout);
    },
    say(line) {
      clear();
      stderr.write(line);
      draw();
    },
    status(next) {
      if (!stderr.isTTY || next === text) return;
      clear();
      text = next;
      draw();
    },
    end() {
      clear();
      text = '';
    },
  };
}

/** A reader that is gone is not waited for. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, done);
  });
}
