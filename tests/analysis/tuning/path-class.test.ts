import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askFor, classOf, driveClassOf, folderOf } from '../../../src/analysis/tuning/path-class.ts';

test('what varies from machine to machine is left out of a class, and nothing else', () => {
  const cases: [string, readonly string[] | null][] = [
    ['C:\\Windows\\System32\\csrss.exe', null],
    ['C:\\Users\\alice\\AppData\\Local\\x\\x.exe', ['C:\\Users\\', '\\AppData\\Local\\x\\x.exe']],
    ['C:\\Program Files\\App\\1.20.3\\app.exe', ['C:\\Program Files\\App\\', '\\app.exe']],
    ['C:\\Program Files\\App\\app-1.20.3\\app.exe', ['C:\\Program Files\\App\\app-', '\\app.exe']],
    ['C:\\Users\\bob\\AppData\\app-1.2.3\\app.exe', ['C:\\Users\\', '\\AppData\\app-', '\\app.exe']],
    [
      'C:\\ProgramData\\{01234567-89AB-cdef-0123-456789abcdef}\\setup.exe',
      ['C:\\ProgramData\\', '\\setup.exe'],
    ],
    ['C:\\x\\0123456789abcdef0123456789abcdef\\y.exe', ['C:\\x\\', '\\y.exe']],
    // A user's name is one only under a folder of profiles, and a program there is no user.
    ['C:\\Users\\setup.exe', null],
    ['not a path 1.2.3', null],
  ];
  for (const [path, parts] of cases) assert.deepEqual(classOf(path), parts, path);
  assert.deepEqual(driveClassOf('D:\\tools\\x.exe'), ['', ':\\tools\\x.exe']);
  assert.equal(driveClassOf('\\\\server\\share\\x.exe'), null);
});

test('a path meets what asks for its class', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9 ._{}-]{1,12}$/);
  fc.assert(
    fc.property(
      fc.constantFrom('C:', 'D:'),
      fc.array(fc.oneof(part, fc.constant('Users'), fc.uuid()), { minLength: 1 }),
      (drive, parts) => {
        const path = [drive, ...parts].join('\\');
        for (const found of [classOf(path), driveClassOf(path)]) {
          if (!found) continue;
          const asks = askFor('Image', found);
          assert.ok(asks.length > 0);
          for (const { condition, value } of asks) {
            const meets = {
              is: path === value,
              'begin with': path.startsWith(value),
              'end with': path.endsWith(value),
              contains: path.includes(value),
            };
            assert.ok(meets[condition], `${path}: ${condition} ${value}`);
          }
        }
      },
    ),
  );
});

test('folders that hold all sorts of programs are no folder to allow', () => {
  for (const path of [
    'C:\\Windows\\System32\\x.exe',
    'C:\\Windows\\x.exe',
    'C:\\Program Files\\x.exe',
    'C:\\Program Files (x86)\\x.exe',
    'C:\\Users\\alice\\x.exe',
    'C:\\x.exe',
    '\\\\server\\share\\x.exe',
    'x.exe',
  ])
    assert.equal(folderOf(path), null, path);
  assert.equal(folderOf('C:\\Program Files\\Vendor\\x.exe'), 'C:\\Program Files\\Vendor\\');
});
