/**
 * `npm run bench:config`: events/s of the largest real configurations over real events, no two of which are the same,
 * and the time to load and compile one. Needs ../shared/data. Medians; verdicts are not kept from one run to the next.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decideFor, parseConfig } from '../src/config/index.ts';
import { isSysmon } from '../src/events/index.ts';
import { dump } from '../src/run/index.ts';
import { median } from './table.ts';

const SHARED = process.env['NOISEFLOOR_SHARED'] ?? '../shared';
const RUNS = 5;

interface Kept {
  readonly id: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** Real events, mixed as they were written, each once. */
async function realEvents(): Promise<Kept[]> {
  const events: Kept[] = [];
  const seen = new Set<string>();
  for await (const batch of dump([join(SHARED, 'data/json')]).batches()) {
    for (const { eventId, provider, fields } of batch.events) {
      if (!isSysmon(provider)) continue;
      const kept = new Map(fields);
      const key = JSON.stringify([eventId, ...kept]);
      if (seen.has(key)) continue;
      seen.add(key);
      events.push({ id: eventId, fields: kept });
    }
  }
  return events;
}

const events = await realEvents();
const ids = new Set(events.map(({ id }) => id));
const folder = join(SHARED, 'data/config');
const largest = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.xml'))
  .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
  .sort((a, b) => b.bytes.length - a.bytes.length)
  .slice(0, 4);

console.log(`${events.length} events of ${ids.size} types, no two alike; median of ${RUNS}\n`);
console.log(`${'configuration'.padEnd(58)}${'load ms'.padStart(8)}${'events/s'.padStart(12)}`);
for (const { name, bytes } of largest) {
  const [loads, rates]: number[][] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    let start = performance.now();
    const { config } = parseConfig(bytes);
    for (const id of ids) decideFor(config!, id);
    loads!.push(performance.now() - start);
    start = performance.now();
    for (const { id, fields } of events) decideFor(config!, id)((field) => fields.get(field));
    rates!.push((events.length / (performance.now() - start)) * 1000);
  }
  console.log(
    `${name.slice(-57).padEnd(58)}${median(loads!).toFixed(0).padStart(8)}${Math.round(median(rates!)).toString().padStart(12)}`,
  );
}
