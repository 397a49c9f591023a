export { MonitorError } from './error.ts';
export { type ServicePaths, servicePaths } from './service/paths.ts';
export { readStatus, type SensorStatus, writeStatus } from './status.ts';
