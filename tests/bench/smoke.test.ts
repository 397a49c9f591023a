/** What `npm run bench` times, each case once on little, held to counts that were made another way. Nothing is timed here. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ASK_CONFIG, type Case, casesOf } from '../../bench/cases.ts';
import { type Input, makeInputs } from '../../bench/inputs.ts';
import { PEERS } from '../../bench/peers.ts';
import { output } from '../../bench/process.ts';
import { isSysmon } from '../../src/events/index.ts';
import { EvtxRecord, readEvtx } from '../../src/evtx/index.ts';
import { ROOT } from '../builders/shared.ts';

process.chdir(ROOT);
const folder = mkdtempSync(join(tmpdir(), 'noisefloor-smoke-'));
after(() => rmSync(folder, { recursive: true }));

const sizes = { slowMegabytes: 0.3, files: 5, jsonMegabytes: 0.5 };
const { rules, ...made } = makeInputs(folder, 'examples/modelled-week/Sysmon.evtx', sizes);
// All rules take seconds to load, however little they are asked of.
const inputs = { ...made, rules: rules && { ...rules, all: dirname(rules.one) } };
const cases = casesOf(inputs);

/** Records, and Sysmon's of an event type, as the plain reader tells them, or as lines of JSON do. */
function counted({ path }: Input, eventId: number): { records: number; matches: number } {
  const files = path === inputs.files.path ? readdirSync(path).map((name) => join(path, name)) : [path];
  let [records, matches] = [0, 0];
  for (const file of files) {
    if (file.endsWith('.jsonl')) {
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      records += lines.length;
      const asked = new RegExp(`"(?:EventID|event_id)":${eventId}\\b`);
      matches += lines.filter((line) => line.includes('Microsoft-Windows-Sysmon') && asked.test(line)).length;
      continue;
    }
    for (const record of readEvtx(readFileSync(file))) {
      if (!(record instanceof EvtxRecord)) continue;
      records += 1;
      if (record.eventId === eventId && isSysmon(record.provider)) matches += 1;
    }
  }
  return { records, matches };
}

function check({ name, program, input, counts }: Case): void {
  const text = output(program);
  if (!counts || !input) return;
  const eventId = Number(/^ask (\d+)/.exec(name)?.[1] ?? Number.NaN);
  const [found, expected] = [counts(text), counted(input, eventId)];
  assert.equal(found.records, expected.records, `${name}: records`);
  if (!Number.isNaN(eventId)) assert.equal(found.matches, expected.matches, `${name}: matches`);
}

for (const one of cases) test(one.name, () => check(one));

for (const name of inputs.missing)
  test(`the benchmark without ${name}`, { skip: `no ${name} here` }, () => {});
for (const name of ['evtxexport (libevtx)', 'evtx_dump -t 1 (Rust)']) {
  const skip = PEERS.some((peer) => peer.name === name) ? false : `${name} is not here`;
  test(`${name} takes part`, { skip }, () => {});
}

test('the log holds what the cases ask for', () => {
  for (const id of [8, 10]) assert.ok(counted(inputs.log, id).records > 1000);
  assert.ok(counted(inputs.log, 8).matches > 100);
  assert.equal(inputs.files.count, 5);
  assert.ok(inputs.config === null || cases.some(({ name }) => name === ASK_CONFIG));
});
