export { followLive, type FollowLiveOptions } from './follow.ts';
export {
  installSysmon,
  type InstallOptions,
  reloadSysmon,
  type SysmonOptions,
  uninstallSysmon,
} from './install.ts';
export { type Snapshot, snapshotLive } from './snapshot.ts';
export { sysmonStatus, type SysmonStatus } from './status.ts';
