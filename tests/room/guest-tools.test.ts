import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guestTool } from '../../src/room/index.ts';

test('guest tools are known by their file name', () => {
  assert.equal(guestTool('C:\\Program Files\\VMware\\VMware Tools\\VMTOOLSD.EXE')?.runsAs, 'both');
  assert.equal(guestTool('VBoxTray.exe')?.runsAs, 'user');
  assert.equal(guestTool('C:\\Program Files\\Qemu-ga\\qemu-ga.exe')?.hostDriven, true);
  assert.equal(guestTool('C:\\x\\notvmtoolsd.exe'), null);
  assert.equal(guestTool(''), null);
});

test('every tool has a source and a date', () => {
  for (const name of ['vmtoolsd', 'VBoxService', 'VBoxTray', 'qemu-ga', 'prl_tools', 'xenservice']) {
    const tool = guestTool(`${name}.exe`);
    assert.ok(tool, name);
    assert.match(tool.date, /^\d{4}-\d\d-\d\d$/);
    assert.notEqual(tool.source, '');
  }
});
