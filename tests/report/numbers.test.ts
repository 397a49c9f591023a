import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  byteCount,
  count,
  duration,
  figure,
  fleetText,
  intervalText,
  minute,
  rateText,
  share,
} from '../../src/report/numbers.ts';
import { rate } from '../builders/answers.ts';

test('figures have three significant digits and separated thousands', () => {
  assert.equal(figure(4.3571), '4.36');
  assert.equal(figure(12_345), '12,300');
  assert.equal(figure(0.012345), '0.0123');
  assert.equal(figure(0), '0');
  assert.equal(figure(1e-9), '1.00e-9');
  assert.equal(figure(Number.NaN), '?');
  assert.equal(count(1_234_567), '1,234,567');
});

test('a rate is told in the unit that gives one or more', () => {
  assert.equal(rateText(1 / 3.1, 'host-hour'), 'once every 3.1 host-hours');
  assert.equal(rateText(2.4, 'host-hour'), '2.4 per host-hour');
  assert.equal(rateText(0, 'host-hour'), 'none');
});

test('the bounds of an interval change places with the unit', () => {
  assert.equal(intervalText(rate(0.25, 0.1, 0.5)), '95 %: 2 to 10');
  assert.equal(intervalText(rate(2, 1.5, 4)), '95 %: 1.5 to 4');
  assert.equal(intervalText(rate(0.25, 0, 0.5)), '95 %: 2 or more');
  assert.equal(intervalText(rate(0.25, 0.1, null)), '95 %: at most 10');
  assert.equal(intervalText(rate(2, 1, null)), '95 %: 1 or more');
  assert.equal(intervalText(rate(0, 0, 0.05)), '95 %: at most one in 20');
  assert.equal(intervalText(rate(0, 0, null)), '95 %: no bound');
});

test('alerts of a fleet, per day or per days', () => {
  assert.match(fleetText(390.2), /^about 390 alerts a day on 1,000 hosts/);
  assert.match(fleetText(1), /^about 1 alert a day/);
  assert.match(fleetText(0.1), /^about one alert in 10 days on 1,000 hosts/);
});

test('shares never round something to nothing, nor most to all', () => {
  assert.equal(share(1, 1000), '<1 %');
  assert.equal(share(999, 1000), '>99 %');
  assert.equal(share(82, 96), '85 %');
  assert.equal(share(3, 3), '100 %');
  assert.equal(share(0, 0), '0 %');
});

test('sizes, lengths of time and times', () => {
  assert.equal(byteCount(999), '999 bytes');
  assert.equal(byteCount(12_345_678), '12.3 MB');
  assert.equal(duration(3_600_000), '1 hour');
  assert.equal(duration(600_000), '10 minutes');
  assert.equal(duration(129_600_000), '1.5 days');
  assert.equal(minute('2026-01-05T08:00:12.345Z'), '2026-01-05 08:00');
  assert.equal(minute(''), '?');
});
