export { followLive } from './follow.ts';
export { installSysmon, reloadSysmon, uninstallSysmon } from './install.ts';
export { snapshotLive } from './snapshot.ts';
export { sysmonStatus } from './status.ts';
