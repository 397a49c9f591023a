/**
 * `npm run bench [LOG.evtx] [--megabytes N] [--runs N]`: all of it in one go, each case a process of its own, in turn with
 * the others, so that a slow moment of the machine hits all alike; medians. Without a log one of 512 MB is grown by
 * ../shared/tools/grow-evtx. Slow readers are given the beginning of it, and are compared by MB/s. Prints what it finds,
 * and writes it to bench/results.md. Speed is never a test: compare ratios of one run only.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { boundsOf } from './bounds.ts';
import { type Case, CAT, casesOf, NODE } from './cases.ts';
import { grownLog, type Inputs, makeInputs } from './inputs.ts';
import { EVTX_DUMP } from './peers.ts';
import { noisefloor, output, peakMegabytes, timed } from './process.ts';
import { median, tableText } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '512' },
    runs: { type: 'string', default: '5' },
    files: { type: 'string', default: '5000' },
  },
});
const runs = Number(values.runs);
const megabytes = Number(values.megabytes);

function report(inputs: Inputs, cases: readonly Case[]): string {
  const seconds = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let run = 0; run < runs; run++) {
    for (const { name, program } of cases) seconds.get(name)!.push(timed(program));
    process.stderr.write(`bench: ${run + 1} of ${runs}\n`);
  }
  const took = new Map([...seconds].map(([name, all]) => [name, median(all)]));
  const peaks = new Map(
    cases.filter(({ ours }) => ours).map(({ name, program }) => [name, peakMegabytes(program)]),
  );
  const rate = ({ name, input }: Case): number => (input?.bytes ?? Number.NaN) / 1e6 / took.get(name)!;
  const rust = cases.find(({ name }) => name === EVTX_DUMP?.name);
  const figure = (value: number, digits: number): string =>
    Number.isNaN(value) ? '' : value.toFixed(digits);
  const rows = cases.map((one) => [
    one.name,
    figure((one.input?.bytes ?? Number.NaN) / 1e6, one.input && one.input.bytes < 1e6 ? 2 : 0),
    figure(took.get(one.name)! * 1000, 0),
    figure(one.input && one.input.bytes > 1e6 ? rate(one) : Number.NaN, rate(one) < 10 ? 1 : 0),
    figure(took.get(one.name)! / took.get(one.input?.path === inputs.log.path ? CAT : NODE)!, 1) +
      (one.input?.path === inputs.log.path ? ' x cat' : ' x node'),
    ...(rust ? [figure(rate(one) / rate(rust), 2)] : []),
    figure(peaks.get(one.name) ?? Number.NaN, 0),
  ]);
  const head = ['case', 'MB', 'ms', 'MB/s', 'time', ...(rust ? ['evtx_dump = 1'] : []), 'peak MB'];
  const { read } = JSON.parse(output(noisefloor('ask', '8', inputs.log.path, '--json'))) as {
    read: { records: number };
  };
  const missing = inputs.missing.length === 0 ? '' : `Not here: ${inputs.missing.join(', ')}.\n\n`;
  return [
    `${machineLine()}\n`,
    `Median of ${runs} whole processes, in turn. The log: ${(inputs.log.bytes / 1e6).toFixed(0)} MB, ${read.records} records; ${inputs.files.count} small files.\n`,
    tableText([head, ...rows]),
    `${missing}${tableText([['bound', 'found', ''], ...boundsOf(took, peaks, inputs.files.bytes / inputs.log.bytes)])}`,
  ].join('\n');
}

function machineLine(): string {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const peers = ['winevtx', '@ts-evtx/core'].map((name) => `${name} ${devDependencies[name]}`);
  const memory = (totalmem() / 1e9).toFixed(0);
  return `${cpus().length} x ${cpus()[0]?.model.trim()}, ${memory} GB, ${process.platform}; Node ${process.versions.node}; ${peers.join(', ')}.`;
}

const folder = mkdtempSync(join(tmpdir(), 'noisefloor-bench-'));
try {
  const log = positionals[0] ?? grownLog(folder, megabytes);
  if (log === null) {
    console.error('bench: there is no ../shared/tools/grow-evtx: give the path of a large event log');
    process.exitCode = 2;
  } else {
    const sizes = { slowMegabytes: 8, files: Number(values.files), jsonMegabytes: 32 };
    const inputs = makeInputs(folder, log, sizes);
    const text = report(inputs, casesOf(inputs));
    console.log(text);
    writeFileSync(
      'bench/results.md',
      `# What \`npm run bench\` found\n\nWritten by it; speed depends on the machine and its moment, so compare ratios.\n\n${text}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
