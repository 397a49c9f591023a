/** All commands as the help of the whole tool shows them. What a command needs is loaded when it is the one asked for. */
import { Command } from 'commander';

export interface ListedCommand {
  readonly name: string;
  /** Its arguments, as help shows them. */
  readonly takes: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'ask',
    takes: '<question> [logs...]',
    summary: 'how often, when, who',
    load: async () => (await import('./ask.ts')).askCommand(),
  },
  {
    name: 'blindspots',
    takes: '<config> [logs...]',
    summary: 'where an attacker hides in a configuration',
    load: async () => (await import('./blindspots.ts')).blindspotsCommand(),
  },
  {
    name: 'check',
    takes: '<configs...>',
    summary: 'would Sysmon load it, and does it mean what it says',
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  {
    name: 'config',
    takes: '<types...>',
    summary: 'write the Sysmon configuration that asks the question',
    load: async () => (await import('./config.ts')).configCommand(),
  },
  {
    name: 'diff',
    takes: '<old> <new> [logs...]',
    summary: 'what changed in meaning between two configurations',
    load: async () => (await import('./diff.ts')).diffCommand(),
  },
  {
    name: 'dump',
    takes: '<logs...>',
    summary: 'the events themselves',
    load: async () => (await import('./dump.ts')).dumpCommand(),
  },
  {
    name: 'explain',
    takes: '<config> <logs...>',
    summary: 'for each event: logged or not, and the line that decided',
    load: async () => (await import('./explain.ts')).explainCommand(),
  },
  {
    name: 'install',
    takes: '<config>',
    summary: 'the monitor as a service',
    load: async () => (await import('./install.ts')).installCommand(),
  },
  {
    name: 'merge',
    takes: '<tallies...>',
    summary: 'add up tallies from hosts or shards',
    load: async () => (await import('./merge.ts')).mergeCommand(),
  },
  {
    name: 'reload',
    takes: '[config]',
    summary: 'another configuration for the service',
    load: async () => (await import('./reload.ts')).reloadCommand(),
  },
  {
    name: 'status',
    takes: '',
    summary: 'how the service is',
    load: async () => (await import('./status.ts')).statusCommand(),
  },
  {
    name: 'test',
    takes: '<suites...>',
    summary: 'expectations about a configuration, for CI',
    load: async () => (await import('./test.ts')).testCommand(),
  },
  {
    name: 'tune',
    takes: '<question> <logs...>',
    summary: 'the smallest allow-list, and its room',
    load: async () => (await import('./tune.ts')).tuneCommand(),
  },
  {
    name: 'uninstall',
    takes: '',
    summary: 'remove the service',
    load: async () => (await import('./uninstall.ts')).uninstallCommand(),
  },
  {
    name: 'watch',
    takes: '[question] [log]',
    summary: 'events as they come, and the answer so far',
    load: async () => (await import('./watch.ts')).watchCommand(),
  },
];

/** The commands of a command line: the one that it names is whole, the others are names for the help. */
export async function commandsFor(args: readonly string[]): Promise<Command[]> {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const named = first === 'help' ? second : first;
  return await Promise.all(
    COMMANDS.map(async ({ name, takes, summary, load }) => {
      if (name === named) return await load();
      const listed = new Command(name).summary(summary);
      return takes === '' ? listed : listed.arguments(takes);
    }),
  );
}
