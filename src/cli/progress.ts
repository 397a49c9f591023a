/** One line on stderr that tells how far reading is; only on a terminal. */
const EVERY_MS = 100;

export interface Progress {
  /** Bytes done of all bytes. */
  update(done: number, total: number): void;
  /** Removes the line. */
  end(): void;
}

/** `wanted`: not beside a pager, which has the terminal. */
export function startProgress(wanted = true): Progress {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, end: () => {} };
  const start = performance.now();
  let drawn = start;
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write('\r\u001b[2K');
    shown = false;
  };
  // Interrupted, the line must not stay on the terminal.
  const interrupted = (): void => {
    clear();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  return {
    update(done, total) {
      const now = performance.now();
      if (now - drawn < EVERY_MS) return;
      drawn = now;
      const seconds = (now - start) / 1000;
      const left = done > 0 && total > done ? (seconds * (total - done)) / done : 0;
      const share = total > 0 ? `${Math.min(100, Math.floor((100 * done) / total))} % of ` : '';
      const text =
        total > 0
          ? `${share}${megabytes(total)}, ${megabytes(done / seconds)}/s, ${Math.ceil(left)} s left`
          : `${megabytes(done)}, ${megabytes(done / seconds)}/s`;
      process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
      shown = true;
    },
    end() {
      clear();
      process.off('SIGINT', interrupted);
    },
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
