/** Chunks to begin with: of the example logs, of the writer in all its forms, and of real logs where there are any. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { anyLog } from '../builders/evtx-arbitrary.ts';
import { CHUNK_SIZE, writeEvtx } from '../builders/evtx-writer.ts';
import { ROOT, sharedLogs } from '../builders/shared.ts';
import { firstRecords } from './chunk-map.ts';

const HEADER_SIZE = 4096;

/** `real`: with real logs, so that what follows is not the same on every machine. */
export function seedChunks(real: boolean): Buffer[] {
  const seeds: Buffer[] = [];
  const examples = ['Sysmon', 'System'].map((name) => join(ROOT, `examples/modelled-week/${name}.evtx`));
  for (const path of examples) {
    const chunks = chunksOf(readFileSync(path));
    for (const count of [1, 4, 12]) seeds.push(firstRecords(chunks[0]!, count));
    for (const chunk of chunks.slice(1, 5)) seeds.push(firstRecords(chunk, 5));
  }
  const logs = fc.sample(anyLog, { numRuns: 60, seed: 7 });
  for (const [index, events] of logs.entries()) {
    const nested = (['fragment', 'bare', 'flat'] as const)[index % 3]!;
    const [chunk] = chunksOf(Buffer.from(writeEvtx(events, { nested, recordsPerChunk: 8 })));
    seeds.push(chunk!);
  }
  for (const { path } of real ? sharedLogs() : []) {
    const chunks = chunksOf(readFileSync(path)).filter((chunk) => chunk.length === CHUNK_SIZE);
    for (const chunk of chunks.slice(0, 2)) seeds.push(firstRecords(chunk, 5));
  }
  return seeds;
}

function chunksOf(file: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = HEADER_SIZE; at < file.length; at += CHUNK_SIZE)
    chunks.push(file.subarray(at, at + CHUNK_SIZE));
  return chunks;
}
