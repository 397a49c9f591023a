/** `read-winevtx LOG.evtx`: every record that winevtx reads, as a line of JSON. */
import { readFileSync } from 'node:fs';
import { parseEvtxFile } from 'winevtx';

let text = '';
for (const record of parseEvtxFile(readFileSync(process.argv[2]!))) {
  text += `${JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`;
  if (text.length < 1 << 18) continue;
  process.stdout.write(text);
  text = '';
}
process.stdout.write(text);
