export { MonitorError } from './error.ts';
export { type ServicePaths, servicePaths } from './service/paths.ts';
export { readStatus, type SensorStatus, writeStatus } from './status.ts';
export {
  followLive,
  type FollowLiveOptions,
  installSysmon,
  reloadSysmon,
  type Snapshot,
  snapshotLive,
  sysmonStatus,
  type SysmonStatus,
  uninstallSysmon,
} from './windows/index.ts';
