/** The kernel's clock and the wall's: drift is followed, a clock that is set and a sleep are told apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelClock } from '../../src/monitor/assembly/clock.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const SECOND = 1e9;

/** A machine up for an hour; all clocks are moved by hand. */
function machine(): {
  readonly clock: KernelClock;
  pass(seconds: number): void;
  set(ms: number): void;
  sleep(seconds: number): void;
  boot(): number;
} {
  const now = { wall: NOON, steady: 3600 * SECOND, boot: 3600 * SECOND };
  const clock = new KernelClock({
    wall: () => now.wall,
    steady: () => now.steady,
    sinceBoot: () => now.boot,
  });
  clock.tick(now.boot);
  return {
    clock,
    pass: (seconds) => {
      now.wall += seconds * 1000;
      now.steady += seconds * SECOND;
      now.boot += seconds * SECOND;
    },
    set: (ms) => (now.wall += ms),
    sleep: (seconds) => {
      now.wall += seconds * 1000;
      now.boot += seconds * SECOND;
    },
    boot: () => now.boot,
  };
}

test('a record has the wall time of its moment', () => {
  const { clock, pass, boot } = machine();
  const at = boot();
  pass(2);
  assert.equal(clock.look(), null);
  assert.equal(clock.wall(at), NOON);
  assert.equal(clock.wall(boot()), NOON + 2000);
  assert.equal(clock.bootTime(), NOON - 3600_000);
});

test('a clock that is set forward or back is told with both times, and later records have the new one', () => {
  for (const by of [3600_000, -3600_000, 700]) {
    const { clock, pass, set, boot } = machine();
    pass(1);
    set(by);
    assert.deepEqual(clock.look(), { what: 'set', from: NOON + 1000, to: NOON + 1000 + by });
    assert.equal(clock.look(), null, 'told once');
    assert.equal(clock.wall(boot()), NOON + 1000 + by);
  }
});

test('drift is followed and is no step', () => {
  const { clock, pass, set, boot } = machine();
  for (let second = 0; second < 60; second++) {
    pass(1);
    set(1);
    assert.equal(clock.look(), null);
  }
  assert.equal(clock.wall(boot()), NOON + 60_060);
});

test('a machine that slept is told as that, and its records have the right times after it', () => {
  const { clock, pass, sleep, boot } = machine();
  pass(1);
  clock.look();
  sleep(7200);
  clock.tick(boot());
  assert.deepEqual(clock.look(), { what: 'sleep', from: NOON + 1000, to: NOON + 1000 + 7_200_000 });
  pass(1);
  clock.tick(boot());
  assert.equal(clock.look(), null);
  assert.equal(clock.wall(boot()), NOON + 7_202_000);
});

test('ticks that are read late, as on a busy machine, move no time', () => {
  const { clock, pass, boot } = machine();
  clock.tick(boot() - 2 * SECOND);
  const start = clock.wall(clock.now());
  assert.equal(start, NOON);
  for (const late of [1.5, 0.4, 0.05, 0]) {
    pass(1);
    clock.tick(boot() - late * SECOND);
    assert.equal(clock.wall(clock.now()), clock.wall(boot()));
  }
  assert.equal(clock.wall(boot()), NOON + 4000, 'what came after the start is not before it');
});
