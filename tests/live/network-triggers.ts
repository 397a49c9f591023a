/** Connections over the loopback, and a name looked up. */
import { type Expected, fact, type Run, type Trigger } from './trigger.ts';

interface Ends {
  readonly protocol: 'tcp' | 'udp';
  readonly ip: '127.0.0.1' | '::1';
}

/** IPv6 is written short (`::1`) or in full, as different Sysmons do. */
const LOOPBACK_6 = /^(?:::1|0:0:0:0:0:0:0:1|(?:0000:){7}0001)$/;

/** Event 3, of the side that connects or of the one that accepts: the source is who initiated, as in newer Sysmon. */
function connected(run: Run, { protocol, ip }: Ends, initiated: boolean): Expected {
  const address = ip === '::1' ? LOOPBACK_6 : ip;
  const isIpv6 = String(ip === '::1');
  return {
    eventId: 3,
    fields: {
      ProcessId: String(run.pid),
      Image: run.programs.trigger,
      User: 'root',
      Protocol: protocol,
      Initiated: String(initiated),
      SourceIsIpv6: isIpv6,
      SourceIp: address,
      SourcePort: fact(run, 'client'),
      DestinationIsIpv6: isIpv6,
      DestinationIp: address,
      DestinationPort: fact(run, 'server'),
    },
  };
}

function connects(verb: string, ends: Ends, sides: readonly boolean[]): Trigger {
  return {
    name: verb,
    args: () => [verb],
    expected: (run) => sides.map((initiated) => connected(run, ends, initiated)),
  };
}

const [TCP4, TCP6] = [
  { protocol: 'tcp', ip: '127.0.0.1' },
  { protocol: 'tcp', ip: '::1' },
] as const;

export const NETWORK_TRIGGERS: readonly Trigger[] = [
  connects('tcp4', TCP4, [true, false]),
  connects('tcp6', TCP6, [true, false]),
  connects('tcp4-nonblocking', TCP4, [true, false]),
  connects('tcp6-nonblocking', TCP6, [true, false]),
  // Over an IPv6 socket, but it is IPv4.
  connects('tcp-mapped', TCP4, [true]),
  connects('tcp-refused', TCP4, []),
  connects('udp4-connected', { protocol: 'udp', ip: '127.0.0.1' }, [true]),
  connects('udp6-connected', { protocol: 'udp', ip: '::1' }, [true]),
  connects('unix', TCP4, []),
  ...(['udp4-sent', 'udp6-sent'] as const).map((verb): Trigger => ({
    name: verb,
    args: () => [verb],
    expected: (run) => {
      const { eventId, fields } = connected(
        run,
        { protocol: 'udp', ip: verb === 'udp4-sent' ? '127.0.0.1' : '::1' },
        true,
      );
      // The socket is bound to no address, so the kernel may not tell from which one it was sent.
      return [{ eventId, fields: { ...fields, SourceIp: /./ } }];
    },
  })),
  {
    name: 'a name looked up',
    program: 'lookup',
    args: () => ['localhost'],
    expected: (run) => [
      {
        eventId: 22,
        fields: {
          ProcessId: String(run.pid),
          Image: run.programs.lookup,
          QueryName: 'localhost',
          User: 'root',
        },
      },
    ],
  },
];
