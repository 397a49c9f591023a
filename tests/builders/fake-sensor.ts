/** `noisefloor watch` with a sensor that sees what it is told, for machines without one. */
import { writeFileSync } from 'node:fs';
import { reportFailure } from '../../src/cli/exit.ts';
import { watchCommand } from '../../src/cli/watch.ts';
import { MonitorError, type runMonitor } from '../../src/monitor/index.ts';
import { event } from './events.ts';

/** What the sensor sees; its configuration may be named `refused` to have it refuse. */
export const SEEN = ['/usr/bin/gdb', '/usr/bin/strace', '/usr/bin/gdb'] as const;

const sensor: typeof runMonitor = async ({ config, log, runtime, onEvent, onNotice, signal }) => {
  if (config.includes('refused')) throw new MonitorError('monitor-root', 'expected root');
  const told = process.env['TOLD'];
  if (told !== undefined) writeFileSync(told, JSON.stringify({ config, log, runtime }));
  for (const [record, SourceImage] of SEEN.entries()) {
    const fields = { SourceImage, TargetImage: '/usr/bin/sleep' };
    const time = Date.UTC(2026, 0, 5, 9, record);
    onEvent?.(event({ record, time, provider: 'Linux-Sysmon', channel: 'Linux-Sysmon/Operational', fields }));
  }
  onNotice?.('watching');
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    // Only a timer keeps the process.
    const timer = setInterval(() => signal.aborted && clearInterval(timer), 50);
  });
};

/** Runs the command with these arguments, in a process of its own. */
export async function watchWithFakeSensor(args: readonly string[]): Promise<void> {
  try {
    await watchCommand(sensor).parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}
