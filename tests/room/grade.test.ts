/** Grades of planted entries, and the rules by which they combine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Ask, gainOf, gradeEntry, parseAcl, type Room, ROOMS } from '../../src/room/index.ts';

const ask = (field: string, condition: string, value: string): Ask => ({ field, condition, value });
const rank = (room: Room): number => ROOMS.indexOf(room);

const PLANTED: readonly (readonly [Room, number, ...Ask[]])[] = [
  ['text', 8, ask('StartModule', 'is', 'C:\\Windows\\System32\\kernel32.dll')],
  ['text', 8, ask('SourceImage', 'end with', '\\csrss.exe')],
  ['text', 8, ask('SourceImage', 'image', 'csrss.exe')],
  ['text', 8, ask('SourceImage', 'contains', 'C:\\Program Files\\')],
  ['text', 8, ask('SourceImage', 'is not', 'C:\\Windows\\System32\\cmd.exe')],
  ['text', 8, ask('SourceImage', 'is', '<unknown process>')],
  ['text', 8, ask('SourceImage', 'image', 'System')],
  ['text', 8, ask('TargetUser', 'is', 'NT AUTHORITY\\SYSTEM')],
  ['text', 1, ask('CommandLine', 'is', 'cmd /c x')],
  ['text', 1, ask('User', 'contains', 'SYSTEM')],
  ['text', 1, ask('IntegrityLevel', 'is', 'Medium')],
  ['text', 1, ask('Hashes', 'contains', `IMPHASH=${'0'.repeat(32)}`)],
  ['text', 7, ask('Signature', 'is', 'Microsoft Windows'), ask('Signed', 'is', 'true')],
  ['text', 3, ask('Image', 'is', 'System')],
  ['place', 8, ask('SourceImage', 'is', 'C:\\Users\\a\\AppData\\Local\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', 'C:\\Tools\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', 'C:\\Windows \\System32\\csrss.exe')],
  ['place', 8, ask('SourceImage', 'is', 'D:\\Program Files\\x\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', '\\\\server\\share\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', 'C:\\PROGRA~1\\x\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', 'c:\\windows\\TEMP\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', '\\\\?\\C:\\ProgramData\\x\\x.exe')],
  ['place', 8, ask('SourceImage', 'is', 'C:\\Windows\\System32\\..\\Temp\\x.exe')],
  ['place', 8, ask('SourceImage', 'begin with', 'C:\\Windows\\')],
  ['place', 8, ask('SourceImage', 'begin with', 'C:\\Windows\\System32\\')],
  ['place', 8, ask('SourceImage', 'begin with', 'C:\\Program Files')],
  ['place', 8, ask('SourceImage', 'matches', 'C:\\Windows\\*\\csrss.exe')],
  ['place', 8, ask('SourceImage', 'is any', 'C:\\Windows\\System32\\csrss.exe;C:\\Users\\a\\x.exe')],
  ['start', 8, ask('SourceImage', 'is', 'C:\\Windows\\System32\\csrss.exe')],
  ['start', 8, ask('SourceImage', 'is', '\\\\?\\C:\\Windows\\System32\\csrss.exe')],
  ['start', 8, ask('SourceImage', 'is', 'C:\\Windows\\System32\\rundll32.exe')],
  ['start', 8, ask('SourceImage', 'begin with', 'C:\\Program Files\\')],
  [
    'start',
    8,
    ask('SourceImage', 'begin with', 'C:\\Program Files\\X\\'),
    ask('SourceImage', 'end with', '\\x.exe'),
  ],
  ['start', 8, ask('SourceImage', 'matches', 'C:\\\\Program Files\\\\X\\\\*')],
  [
    'start',
    1,
    ask('Image', 'is', 'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18\\MsMpEng.exe'),
  ],
  ['start', 1, ask('ParentUser', 'is', 'NT AUTHORITY\\SYSTEM')],
  ['start', 1, ask('ParentImage', 'is', 'System')],
  ['start', 1, ask('Hashes', 'contains', `SHA256=${'a'.repeat(64)}`)],
  ['start', 7, ask('Signature', 'is', 'Microsoft Windows'), ask('SignatureStatus', 'is', 'Valid')],
  ['start', 4688, ask('SubjectUserSid', 'is', 'S-1-5-18')],
  ['same-user', 8, ask('SourceUser', 'is', 'CORP\\alice')],
  ['same-user', 1, ask('IntegrityLevel', 'is', 'High')],
  [
    'service',
    8,
    ask('SourceImage', 'is', 'C:\\Windows\\System32\\csrss.exe'),
    ask('SourceUser', 'is', 'NT AUTHORITY\\SYSTEM'),
  ],
  ['service', 1, ask('LogonId', 'is', '0x3e7')],
  ['service', 1, ask('User', 'is', 'NT AUTHORITY\\SYSTEM')],
  ['text', 11, ask('User', 'is', 'NT AUTHORITY\\SYSTEM')],
  [
    'service',
    11,
    ask('Image', 'is', 'C:\\Windows\\System32\\svchost.exe'),
    ask('User', 'is', 'NT AUTHORITY\\SYSTEM'),
  ],
  ['kernel', 8, ask('SourceImage', 'is', 'System')],
  ['protected', 10, ask('SourceImage', 'is', 'MemCompression')],
];

test('planted entries stand on their rung', () => {
  for (const [room, eventId, ...asks] of PLANTED) {
    const grade = gradeEntry(
      eventId,
      asks.map((one) => [one]),
    );
    assert.equal(grade.room, room, `${eventId} ${JSON.stringify(asks)}: ${grade.reason}`);
    assert.match(grade.technique, /^T\d{4}(\.\d{3})?$/);
    assert.match(grade.reason, /\.$/);
  }
  assert.equal(gradeEntry(8, []).room, 'text');
});

const anyAsk = fc.oneof(
  fc.constantFrom(...PLANTED.flatMap(([, , ...asks]) => asks)),
  fc.record({ field: fc.string(), condition: fc.constantFrom('is', 'unknown', 'regex'), value: fc.string() }),
);
const anyClauses = fc.array(fc.array(anyAsk, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const anyEvent = fc.constantFrom(1, 3, 7, 11, 8, 10, 4688);

test('one more clause never lowers the rung, one more alternative never raises it', () => {
  fc.assert(
    fc.property(anyEvent, anyClauses, anyAsk, fc.nat(), (eventId, clauses, extra, at) => {
      const before = rank(gradeEntry(eventId, clauses).room);
      assert.ok(rank(gradeEntry(eventId, [...clauses, [extra]]).room) >= before);
      const wider = clauses.map((clause, index) =>
        index === at % clauses.length ? [...clause, extra] : clause,
      );
      assert.ok(rank(gradeEntry(eventId, wider).room) <= before);
    }),
    { numRuns: 500 },
  );
});

test('clauses are as strong as the strongest, alternatives as weak as the weakest', () => {
  fc.assert(
    fc.property(anyEvent, anyClauses, (eventId, clauses) => {
      const alone = clauses.map((clause) => {
        const each = clause.map((one) => rank(gradeEntry(eventId, [[one]]).room));
        const together = rank(gradeEntry(eventId, [clause]).room);
        assert.equal(together, Math.min(...each));
        return together;
      });
      assert.ok(rank(gradeEntry(eventId, clauses).room) >= Math.max(...alone));
    }),
    { numRuns: 500 },
  );
});

test('a field nobody knows asks for nothing', () => {
  for (const condition of ['is', 'begin with', 'unknown'])
    assert.equal(gradeEntry(8, [[ask('NoSuchField', condition, 'C:\\Windows\\x.exe')]]).room, 'text');
});

test('nothing Sysmon records shows that a process is protected', () => {
  for (const name of ['csrss', 'smss', 'lsass'])
    assert.equal(
      gradeEntry(8, [[ask('SourceImage', 'is', `C:\\Windows\\System32\\${name}.exe`)]]).room,
      'start',
    );
});

test('the machine itself beats the table, for its path and below', () => {
  const grade = (text: string, condition: string, value: string): Room =>
    gradeEntry(8, [[ask('SourceImage', condition, value)]], parseAcl(text).acl).room;
  const shut = 'C:\\Tools BUILTIN\\Administrators:(F)\n         BUILTIN\\Users:(RX)\n';
  const open = 'C:\\Program Files\\Vendor BUILTIN\\Users:(OI)(CI)(M)\n';
  assert.equal(grade('', 'is', 'C:\\Tools\\a\\x.exe'), 'place');
  assert.equal(grade(shut, 'is', 'C:\\Tools\\a\\x.exe'), 'start');
  assert.equal(grade(shut, 'is', 'C:\\Tools2\\x.exe'), 'place');
  assert.equal(grade(open, 'is', 'C:\\Program Files\\Vendor\\x.exe'), 'place');
  assert.equal(grade(open, 'begin with', 'C:\\Program Files\\'), 'place');
  assert.equal(grade(open, 'begin with', 'C:\\Program Files\\Other\\'), 'start');
  // A word about Windows is none about the writable folder inside.
  const windows = 'C:\\Windows BUILTIN\\Users:(RX)\n';
  assert.equal(grade(windows, 'is', 'C:\\Windows\\Temp\\x.exe'), 'place');
});

test('an entry that binds less opens more', () => {
  const csrss = [ask('SourceImage', 'is', 'C:\\Windows\\System32\\csrss.exe')];
  const dwm = [ask('TargetImage', 'is', 'C:\\Windows\\System32\\dwm.exe')];
  assert.equal(gainOf(8, []).breadth, 'all');
  assert.equal(gainOf(8, [csrss]).breadth, 'all');
  assert.equal(gainOf(8, [csrss, [ask('TargetImage', 'end with', '.exe')]]).breadth, 'much');
  assert.equal(gainOf(8, [dwm]).breadth, 'some');
  assert.equal(gainOf(8, [csrss, dwm]).breadth, 'little');
});

test('a guest tool that the host drives says so, whatever account it is pinned to', () => {
  const tool = [ask('SourceImage', 'is', 'C:\\Program Files\\Qemu-ga\\qemu-ga.exe')];
  const pinned = gradeEntry(8, [tool, [ask('SourceUser', 'is', 'NT AUTHORITY\\SYSTEM')]]);
  assert.equal(pinned.room, 'service');
  assert.match(pinned.reason, /host/);
  assert.match(gradeEntry(8, [tool]).reason, /host/);
});

test('a value longer than any path is no path', () => {
  const long = `C:\\Windows${'\\'.repeat(2_000_000)}x.exe`;
  assert.equal(
    gradeEntry(8, [[ask('SourceImage', 'is', long)]], parseAcl('C:\\Windows BUILTIN\\Users:(RX)').acl).room,
    'text',
  );
});
