export { MonitorError } from './error.ts';
export { installService } from './service/install.ts';
export { type ServicePaths, servicePaths } from './service/paths.ts';
export { reloadService } from './service/reload.ts';
export { serviceStatus, type ServiceStatus } from './service/service-status.ts';
export { renderServiceStatus } from './service/status-text.ts';
export { uninstallService } from './service/uninstall.ts';
export { readStatus, type SensorStatus } from './status.ts';
export { runMonitor } from './monitor.ts';
export {
  followLive,
  installSysmon,
  reloadSysmon,
  snapshotLive,
  sysmonStatus,
  uninstallSysmon,
} from './windows/index.ts';
