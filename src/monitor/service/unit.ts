/** The systemd unit: as little as a sensor needs, and nothing that would hide what it must see. */
import { delimiter, dirname } from 'node:path';
import type { ServicePaths } from './paths.ts';

/** Programs by full path, as the unit starts them. */
/** Left alone, V8 collects late and takes 80 MB more: megabytes of its heap, and of the part for what lives shortly. */
const HEAP = ['--max-old-space-size=128', '--max-semi-space-size=2'];

export interface UnitPrograms {
  readonly node: string;
  /** main.js of the command line. */
  readonly main: string;
  readonly bpftrace: string;
}

/** Where systemd looks for programs when a unit says nothing (systemd.exec, "Environment Variables"). */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Text of the unit. Its comments are for the administrator who opens it. */
export function unitText({ config }: ServicePaths, { node, main, bpftrace }: UnitPrograms): string {
  const command = [node, ...HEAP, main, 'watch', config, '--service'].map(quoted).join(' ');
  const folder = dirname(bpftrace);
  const path = SYSTEM_PATH.includes(folder)
    ? ''
    : `Environment=${quoted(`PATH=${[folder, ...SYSTEM_PATH].join(delimiter)}`)}\n`;
  return `# Written by noisefloor install. Changes belong in a drop-in: systemctl edit noisefloor.
[Unit]
Description=noisefloor: what a Sysmon configuration would log on this machine
Documentation=https://www.npmjs.com/package/noisefloor

# Early: before the services whose start is to be seen. What sysinit.target waits for starts before all of them and
# stops after all of them; Type=exec does not make the boot wait until the probes are attached.
DefaultDependencies=no
After=local-fs.target sys-kernel-tracing.mount sys-kernel-debug.mount
Wants=sys-kernel-tracing.mount
Before=sysinit.target
Conflicts=shutdown.target
Before=shutdown.target

# Tries again for ever: a program that is being updated comes back, and so does a file system that is mounted late.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=:${command}
ExecReload=/bin/kill -HUP $MAINPID
${path}Restart=on-failure
RestartSec=5
# The sensor ends its tracer itself, and writes what that has still to say; what is left after the time is killed.
KillMode=mixed
TimeoutStopSec=20
# A tracer that ran out of memory is started again by the sensor, which logs the gap.
OOMPolicy=continue
OOMScoreAdjust=-500
MemoryMax=768M
TasksMax=64
# BPF maps and buffers count as locked memory in kernels before 5.11.
LimitMEMLOCK=infinity

StateDirectory=noisefloor
# Command lines hold secrets: the log is root's alone. The status is for everybody.
StateDirectoryMode=0700
RuntimeDirectory=noisefloor
RuntimeDirectoryMode=0755

# Of root's rights only these.
# CAP_BPF, CAP_PERFMON: load the program, attach it to tracepoints, read its buffers.
# CAP_IPC_LOCK: larger buffers than the system's default.
# CAP_SYS_ADMIN: attach to getaddrinfo (event 22), for which the kernel asks for it; list the kernel's types.
# CAP_SYS_PTRACE: program, folder and arguments of every process, out of /proc.
# CAP_DAC_READ_SEARCH: read programs that only their users may read, to hash them.
CapabilityBoundingSet=CAP_BPF CAP_PERFMON CAP_IPC_LOCK CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_DAC_READ_SEARCH
NoNewPrivileges=yes

# It writes to its own two folders and to tracefs (probes of event 22), and reads everything else.
ProtectSystem=strict
ProtectHome=read-only
ReadOnlyPaths=/sys /proc/sys -/proc/sysrq-trigger
ReadWritePaths=-/sys/kernel/tracing -/sys/kernel/debug/tracing
ProtectControlGroups=yes
ProtectKernelLogs=yes
DevicePolicy=closed
# It talks to nobody: AF_UNIX is for the tracer's pipes and the journal.
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service bpf perf_event_open
SystemCallErrorNumber=EPERM

# Left out, because they hide what it must see or stop what it must do:
# PrivateTmp, PrivateDevices: programs in /tmp and /dev/shm are hashed where they are.
# ProtectProc, ProcSubset, PrivatePIDs, PrivateUsers: every process is looked up in /proc.
# ProtectKernelTunables: tracefs could not be written. ReadOnlyPaths does the rest of it.
# ProtectKernelModules: modules that are loaded are hashed. Without CAP_SYS_MODULE it loads none.
# ProtectHostname: events would carry the name that the machine had at the start.
# MemoryDenyWriteExecute: Node and the tracer compile at run time.

[Install]
WantedBy=sysinit.target
`;
}

/** One word of a command line or a setting: systemd.syntax "Quoting", with specifiers out of force. */
function quoted(word: string): string {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
