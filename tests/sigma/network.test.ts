/** Addresses are those of the runtime's own `isIP`, and networks hold those whose first bits are theirs. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isIn, readNetwork } from '../../src/sigma/network.ts';

/** In which each address of its kind is. */
const [ALL_4, ALL_6] = [readNetwork('0.0.0.0/0')!, readNetwork('::/0')!];

const group = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    'ffff',
    'FE80',
    '00a',
    '12345',
    'g',
    '1.2.3.4',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3',
  ),
  fc.nat({ max: 0xffff }).map((n) => n.toString(16)),
);
const written = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.array(group, { minLength: 1, maxLength: 10 }).map((groups) => groups.join(':')),
  fc
    .tuple(fc.ipV6(), fc.constantFrom('%eth0', '%1', '%', '%a b', '%é', '/64', ']', ']/', '@x', ' '))
    .map(([a, b]) => a + b),
);

test('what is an address', () => {
  let [four, six, none] = [0, 0, 0];
  fc.assert(
    fc.property(written, (text) => {
      const version = isIP(text);
      // One of IPv4 may be written as IPv6.
      if (version !== 6) assert.equal(isIn(text, ALL_4), version === 4, text);
      assert.equal(isIn(text, ALL_6), version === 6, text);
      if (!text.includes('%') && !text.includes('/') && text === text.trim())
        assert.equal(readNetwork(`${text}/0`) !== null, version !== 0, text);
      if (version === 4) four += 1;
      else if (version === 6) six += 1;
      else none += 1;
    }),
    { numRuns: 3000 },
  );
  assert.ok(Math.min(four, six, none) > 100, `${four} ${six} ${none}`);
});

test('which network holds it', () => {
  const holds = (network: string, address: string): boolean => isIn(address, readNetwork(network)!);
  assert.ok(holds('fe80::/10', 'febf::1%eth0') && !holds('fe80::/10', 'fec0::1'));
  assert.ok(holds('::1/128', '0:0:0:0:0:0:0:1') && !holds('::1/128', '::2'));
  assert.ok(holds('10.0.0.0/8', '::ffff:10.1.2.3') && !holds('10.0.0.0/8', '::ffff:11.1.2.3'));
  assert.ok(holds('192.168.16.0/20', '192.168.31.255') && !holds('192.168.16.0/20', '192.168.32.0'));
  assert.equal(readNetwork('10.0.0.0/33'), null);
  assert.equal(readNetwork('fe80::/129'), null);
  assert.equal(readNetwork('http://[::1]/128'), null);
});
