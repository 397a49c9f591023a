/** The bpftrace program: what it attaches for which events, what every version of it must keep to, and its text for three versions. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LINUX_EVENT_IDS, probesFor } from '../../src/monitor/program/probes.ts';
import { writeProgram } from '../../src/monitor/program/program.ts';
import {
  kernelVersion,
  syntaxOf,
  type TracerVersion,
  tracerVersion,
} from '../../src/monitor/program/syntax.ts';
import { ROOT } from '../builders/shared.ts';

const VERSIONS: readonly TracerVersion[] = [
  [0, 17],
  [0, 23],
  [0, 27],
];
const LIBC = '/lib/x86_64-linux-gnu/libc.so.6';
const everywhere: (tracepoint: string) => boolean = () => true;

function programFor(
  eventIds: readonly number[],
  version: TracerVersion = [0, 17],
  has = everywhere,
  kernel: TracerVersion = [6, 18],
): string {
  return writeProgram({ probes: probesFor(eventIds), version, kernel, has, libc: LIBC });
}

/** What a program attaches to. */
function attached(program: string): string[] {
  return [
    ...program.matchAll(/^(?:tracepoint|interval|profile|uprobe|uretprobe|kprobe|kfunc|BEGIN)[^\s,{/]*/gm),
  ].map(([text]) => text);
}

/** The bodies of its clauses: braces balanced. */
function clauses(program: string): string[] {
  const found: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < program.length; i++) {
    if (program[i] === '{' && depth++ === 0) from = i;
    if (program[i] === '}' && --depth === 0) found.push(program.slice(from, i + 1));
  }
  assert.equal(depth, 0);
  return found;
}

for (const version of VERSIONS) {
  for (const [name, ids] of [
    ['8', [8]],
    ['all', LINUX_EVENT_IDS],
  ] as const) {
    test(`the program for ${name} with bpftrace ${version.join('.')} is the one that was tried`, () => {
      const path = join(ROOT, `tests/monitor/programs/${name}-${version.join('.')}.bt`);
      const program = programFor(ids, version);
      // A change of the program is looked at, and tried with each version, before its text here is made anew.
      if (process.env['NOISEFLOOR_WRITE_PROGRAMS']) writeFileSync(path, program);
      assert.equal(program, readFileSync(path, 'utf8'));
    });
  }
}

test('only probes that its event types need are attached, and none that a locked-down kernel refuses', () => {
  const eight = attached(programFor([8]));
  assert.ok(eight.includes('tracepoint:syscalls:sys_enter_ptrace'));
  assert.ok(eight.includes('tracepoint:syscalls:sys_enter_process_vm_writev'));
  for (const other of ['connect', 'unlink', 'utime', 'bpf', 'process_vm_readv']) {
    assert.ok(!eight.some((probe) => probe.includes(other)), other);
  }
  const ten = attached(programFor([10]));
  assert.ok(ten.includes('tracepoint:syscalls:sys_enter_process_vm_readv'));
  assert.ok(!ten.some((probe) => /sys_enter_p?write/.test(probe)), 'writes are of 8 alone');
  for (const probe of attached(programFor(LINUX_EVENT_IDS)))
    assert.doesNotMatch(probe, /^k(?:probe|func|retprobe)/);
});

test('without events of processes themselves nothing is printed for them', () => {
  const printed = (ids: readonly number[]): string =>
    clauses(programFor(ids))
      .flatMap((clause) => [...clause.matchAll(/printf\("(.)/g)].map(([, tag]) => tag!))
      .join('');
  for (const id of LINUX_EVENT_IDS) {
    const tags = printed([id]);
    assert.equal(/[KAE]/.test(tags), id === 1, `event ${id}: ${tags}`);
    assert.equal(/X/.test(tags), id === 1 || id === 5, `event ${id}: ${tags}`);
  }
});

test('what a kernel lacks is not attached', () => {
  const without = programFor(
    LINUX_EVENT_IDS,
    [0, 17],
    (name) => !/module|openat2|futimesat|:sys_(?:enter|exit)_unlink$/.test(name),
  );
  assert.doesNotMatch(without, /module|openat2|futimesat|sys_exit_unlink\b/);
  assert.match(without, /sys_exit_unlinkat/);
});

test('a clause prints one text at most where it has fields beside: 0.17 has 512 bytes of stack', () => {
  for (const clause of clauses(programFor(LINUX_EVENT_IDS))) {
    for (const [, format] of clause.matchAll(/printf\("([^"]*)"/g)) {
      const texts = [...format!.matchAll(/%s|%rh/g)].length;
      // Addresses are short texts of the kernel's own.
      if (!/^[NIUu] /.test(format!)) assert.ok(texts <= 1, format);
      // What others can choose stands last, so that it can't look like another field.
      if (texts === 1 && !/^[NIUu] /.test(format!)) assert.match(format!, /%(?:s|rh)$/);
    }
  }
});

test('every map that one thread leaves for its next clause is emptied again', () => {
  const program = programFor(LINUX_EVENT_IDS);
  const set = new Set([...program.matchAll(/(@\w+)\[tid\] =/g)].map(([, name]) => name!));
  for (const name of set) assert.ok(program.includes(`delete(${name}[tid])`), name);
});

test('versions are read, and spoken to by the names that they know', () => {
  assert.deepEqual(tracerVersion('bpftrace v0.17.0\n'), [0, 17]);
  assert.deepEqual(tracerVersion('bpftrace 0.20.2'), [0, 20]);
  assert.equal(tracerVersion('bash: bpftrace: not found'), null);
  const limits = { mapKeys: 1024, bufferPages: 64 };
  assert.equal(syntaxOf([0, 17], [6, 18]).environment(limits)['BPFTRACE_STRLEN'], '196');
  assert.equal(syntaxOf([0, 23], [6, 18]).environment(limits)['BPFTRACE_MAX_STRLEN'], '196');
  assert.equal(syntaxOf([0, 23], [6, 18]).environment(limits)['BPFTRACE_STRLEN'], undefined);
});

test('arguments are told in a loop as long as the kernel and the tracer take', () => {
  const loops = (version: TracerVersion, kernel: TracerVersion): string =>
    /while \(\$i < (\d+)\) \{\s+if \(\$o \+/.exec(programFor([1], version, everywhere, kernel))![1]!;
  assert.equal(loops([0, 17], [6, 18]), '700');
  assert.equal(loops([0, 17], [6, 1]), '64');
  assert.equal(loops([0, 23], [6, 18]), '64');
  assert.deepEqual(kernelVersion('6.1.0-38-cloud-amd64'), [6, 1]);
});
