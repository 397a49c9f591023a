/** Lines of JSON, CSV and XML, ours and evtx_dump's: what the kernel renders is what is rendered without it, diagnostics included. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import type { LineFormat } from '../../src/lines/index.ts';
import { EvtxLines } from '../../src/run/dump-evtx.ts';
import { dumpFilter } from '../../src/run/dump-filter.ts';
import type { EvtxOptions } from '../../src/sources/evtx.ts';

/** What is asked for in some CSV: its fields have cells of their own. */
const KINDS: readonly { readonly format: LineFormat; readonly event: readonly string[] }[] = [
  { format: 'jsonl', event: [] },
  { format: 'evtx_dump-jsonl', event: [] },
  { format: 'csv', event: [] },
  { format: 'xml', event: [] },
  { format: 'csv', event: ['1', '8', '4624', '4688'] },
];

/** Compares lines of file after file: what a kernel writes outside of its place may do harm later. */
export class LinesComparer {
  readonly #renderers = new Map<string, EvtxLines>();
  /** Where a file stands for a while. */
  readonly #path = join(tmpdir(), `noisefloor-lines-${process.pid}-${threadId}.evtx`);

  /** What differs in the lines of a file, in one of the formats, or null. To render takes long: of three files one is looked at. */
  compare(bytes: Uint8Array, options: EvtxOptions): string | null {
    const kind = KINDS[crc32(bytes) % (3 * KINDS.length)];
    if (kind === undefined) return null;
    writeFileSync(this.#path, bytes);
    try {
      const [plain, kernel] = [false, true].map((one) => this.#lines(kind, options, one, bytes.length));
      return plain === kernel ? null : `lines as ${kind.format}: expected ${plain}, found ${kernel}`;
    } finally {
      rmSync(this.#path, { force: true });
    }
  }

  #lines(kind: (typeof KINDS)[number], options: EvtxOptions, kernel: boolean, size: number): string {
    const evtx = this.#rendererFor(kind, options, kernel);
    const texts: string[] = [];
    for (const step of evtx.read({ path: this.#path, size, explicit: true, kind: 'evtx' }, null)) {
      if (step === null) return 'no event log';
      texts.push(
        JSON.stringify([step.events, step.diagnostics]),
        Buffer.concat(evtx.lines.take()).toString(),
      );
    }
    return texts.join('\n');
  }

  #rendererFor(kind: (typeof KINDS)[number], { verify, recover }: EvtxOptions, kernel: boolean): EvtxLines {
    const { format, event } = kind;
    const key = JSON.stringify([kind, verify, recover, kernel]);
    let made = this.#renderers.get(key);
    if (!made) {
      made = new EvtxLines(format, dumpFilter({ event }), { verify, recover }, kernel);
      this.#renderers.set(key, made);
    }
    return made;
  }
}
