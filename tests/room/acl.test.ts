/** Permissions in the formats of icacls and accesschk, written by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAcl } from '../../src/room/index.ts';

const rows = (text: string): Record<string, boolean> => Object.fromEntries(parseAcl(text).acl.writable);

test('icacls: accounts, inheritance, denials and several files', () => {
  const text = [
    'C:\\Windows\\Temp NT AUTHORITY\\SYSTEM:(OI)(CI)(F)',
    '                BUILTIN\\Users:(CI)(S,WD,AD,X)',
    '',
    'C:\\Program Files\\My App NT SERVICE\\TrustedInstaller:(F)',
    '                        BUILTIN\\Administrators:(OI)(CI)(IO)(F)',
    '                        BUILTIN\\Users:(I)(OI)(CI)(RX)',
    '',
    'C:\\Deny Everyone:(DENY)(W)',
    '        BUILTIN\\Administrators:(F)',
    'C:\\One BUILTIN\\Users:(M)',
    '',
    'Successfully processed 4 files; Failed processing 0 files',
  ].join('\r\n');
  assert.deepEqual(rows(text), {
    'c:\\windows\\temp': true,
    'c:\\program files\\my app': false,
    'c:\\deny': false,
    'c:\\one': true,
  });
  assert.deepEqual(parseAcl(text).problems, []);
});

test('icacls: SIDs and names in German', () => {
  const text = [
    'C:\\A S-1-5-32-545:(M)',
    'C:\\B S-1-5-18:(F)',
    'C:\\C VORDEFINIERT\\Administratoren:(F)',
    '     VORDEFINIERT\\Benutzer:(W)',
  ].join('\n');
  assert.deepEqual(rows(text), { 'c:\\a': true, 'c:\\b': false, 'c:\\c': true });
});

test('accesschk: per object, and for one account', () => {
  const text = [
    'Accesschk v6.15 - Reports effective permissions for securable objects',
    'Copyright (C) 2006-2022 Mark Russinovich',
    'Sysinternals - www.sysinternals.com',
    '',
    'C:\\Windows\\Temp',
    '  Medium Mandatory Level (Default) [No-Write-Up]',
    '  RW BUILTIN\\Administrators',
    '   W BUILTIN\\Users',
    'C:\\Windows\\System32',
    '  RW NT SERVICE\\TrustedInstaller',
    '  R  BUILTIN\\Users',
    'RW C:\\Data',
    'R  C:\\Shut',
  ].join('\n');
  assert.deepEqual(rows(text), {
    'c:\\windows\\temp': true,
    'c:\\windows\\system32': false,
    'c:\\data': true,
    'c:\\shut': false,
  });
  assert.deepEqual(parseAcl(text).problems, []);
});

test('an account nobody knows is a plain user', () => {
  assert.deepEqual(rows('C:\\X BUILTIN\\Administrators:(F)\n     CORP\\helpdesk:(M)\n'), { 'c:\\x': true });
});

test('other lines are told with their number', () => {
  assert.deepEqual(
    parseAcl('C:\\A BUILTIN\\Users:(RX)\n\nnonsense\n').problems.map(({ line }) => line),
    [3],
  );
});

test('a hostile file costs no more than its length', () => {
  for (const line of [
    `C:\\${':('.repeat(15_000)}`,
    `C:\\x ${'Everyone:('.repeat(3000)})`,
    ' '.repeat(39_000),
  ]) {
    const from = performance.now();
    parseAcl(`${line}\n`.repeat(5));
    assert.ok(performance.now() - from < 2000);
  }
});
