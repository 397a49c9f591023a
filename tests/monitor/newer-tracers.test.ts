/** What bpftrace 0.23.2 and 0.27.1 do differently from 0.17. Lines are theirs, word for word, unless said otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countLoss } from '../../src/monitor/capture/capture.ts';
import { readLine } from '../../src/monitor/capture/line.ts';
import { LINUX_EVENT_IDS, probesFor } from '../../src/monitor/program/probes.ts';
import { writeProgram } from '../../src/monitor/program/program.ts';
import { syntaxOf, tracerVersion } from '../../src/monitor/program/syntax.ts';

const programOf = (version: readonly [number, number]): string =>
  writeProgram({ probes: probesFor(LINUX_EVENT_IDS), version, kernel: [6, 1], has: () => true, libc: null });

test('a map that is full is a loss; a delete of what is gone is none', () => {
  const full =
    '{"type": "helper_error", "msg": "Map full; can\'t update element. Try increasing max_map_keys config", "helper": "map_update_elem", "retcode": -7, "line": 1, "col": 31}';
  const full27 =
    '{"type": "helper_error", "msg": "Argument list too long", "helper": "map_update_elem", "retcode": -7, "filename": "/w/e.bt", "line": 1, "col": 31}';
  const gone =
    '{"type": "helper_error", "msg": "Can\'t delete map element because it does not exist.", "helper": "map_delete_elem", "retcode": -2, "line": 1, "col": 35}';
  assert.deepEqual(readLine(full), { kind: 'lost', records: 1 });
  assert.deepEqual(readLine(full27), { kind: 'lost', records: 1 });
  assert.deepEqual(readLine(gone), { kind: 'other' });
});

test('attached probes and lost events, with a count beside the data or without', () => {
  assert.deepEqual(readLine('{"type": "attached_probes", "count": 4, "data": {"probes": 4}}'), {
    kind: 'attached',
    probes: 4,
  });
  assert.deepEqual(readLine('{"type": "lost_events", "count": 23591, "data": {"events": 23591}}'), {
    kind: 'lost',
    records: 23591,
  });
});

test('names of settings changed in 0.20, and old ones are ignored without a word', () => {
  const limits = { mapKeys: 10, bufferPages: 8 };
  assert.deepEqual(tracerVersion('bpftrace v0.27.1'), [0, 27]);
  assert.equal(syntaxOf([0, 17], [6, 1]).environment(limits)['BPFTRACE_MAP_KEYS_MAX'], '10');
  for (const version of [
    [0, 20],
    [0, 23],
    [0, 27],
    [1, 0],
  ] as const) {
    const environment = syntaxOf(version, [6, 1]).environment(limits);
    assert.equal(environment['BPFTRACE_MAX_MAP_KEYS'], '10');
    assert.ok(Number(environment['BPFTRACE_MAX_STRLEN']) > 0);
    assert.equal(environment['BPFTRACE_STR_TRUNC_TRAILER'], '');
  }
});

test('where the program counts its records, it does not count those of loops: no kernel would load that', () => {
  const program = programOf([0, 27]);
  const counted = [...program.matchAll(/(@made = count\(\); )?printf\("(.)/g)];
  assert.ok(counted.length > 20);
  for (const [whole, count, tag] of counted) assert.equal(count === undefined, 'WwAP'.includes(tag!), whole);
  assert.ok(!programOf([0, 23]).includes('@made'));
});

test('records that the program counted and nobody read are told, a count later', () => {
  const told: number[] = [];
  const take = countLoss((records) => told.push(records));
  const happenings = (count: number): void => {
    for (let n = 0; n < count; n++) take({ what: 'tick', cpu: 0, at: 1 });
  };
  // Ten made, this count among them, and eight arrive. Arguments are not in the count, and must not hide the loss.
  happenings(7);
  for (let n = 0; n < 5; n++) take({ what: 'arguments', pid: 1, index: 0, hex: '' });
  take({ what: 'count', records: 10 });
  assert.deepEqual(told, []);
  // A hundred more and this count, all of which arrive: that does not make up for the two.
  happenings(100);
  take({ what: 'count', records: 111 });
  assert.deepEqual(told, [2]);
  // One was counted by another CPU and comes after the count: no loss.
  take({ what: 'count', records: 113 });
  happenings(1);
  take({ what: 'count', records: 114 });
  take({ what: 'count', records: 115 });
  assert.deepEqual(told, [2]);
  // Three more lost.
  take({ what: 'count', records: 119 });
  take({ what: 'count', records: 120 });
  assert.deepEqual(told, [2, 3]);
});
