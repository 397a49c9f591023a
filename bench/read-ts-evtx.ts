/** `read-ts-evtx LOG.evtx`: every record that @ts-evtx/core reads, as a line of JSON. */
import { evtx } from '@ts-evtx/core';

let text = '';
await evtx(process.argv[2]!).forEach((event: unknown) => {
  text += `${JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`;
  if (text.length < 1 << 18) return;
  process.stdout.write(text);
  text = '';
});
process.stdout.write(text);
