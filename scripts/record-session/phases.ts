/** What is done in the recorded session, in its order: ordinary use of a workstation, and one injection. */

export interface Phase {
  readonly name: string;
  /** Shell commands of root; `alice` is a function that runs one as that user, in her home folder. */
  readonly commands: readonly string[];
  /** What must come of it in the log, known from the commands. */
  readonly expects: {
    /** Attaches by `gdb -p` or gcore: the target has one thread, so each is one ptrace ATTACH. */
    readonly attaches?: number;
    /** Programs that `strace` or `gdb` start are traced, but not attached to. */
    readonly starts?: Readonly<Record<string, number>>;
    readonly injections?: number;
  };
}

/** Programs that the commands need, by the Debian package that has them. */
export const PACKAGES: Readonly<Record<string, string>> = {
  gcc: 'gcc',
  make: 'make',
  gdb: 'gdb',
  strace: 'strace',
  'redis-server': 'redis-server',
  sqlite3: 'sqlite3',
  chromium: 'chromium',
};

/** Installed and removed in the session: small, and fetched before it, so that nothing here asks the network. */
export const PACKAGE = 'hello';

const DIAGNOSE = [
  `alice 'gdb -q -batch -p $(pgrep -u alice -x counter) -ex bt'`,
  `alice 'gcore -o core $(pgrep -u alice -x counter)'`,
  `alice 'rm -f core.*'`,
];

const SCRIPTS: Phase = {
  name: 'scripts',
  commands: [`alice 'for i in 1 2 3 4 5; do sh nightly.sh; done'`],
  expects: { starts: { tar: 5, gzip: 5, grep: 20 } },
};

export const PHASES: readonly Phase[] = [
  {
    name: 'packages',
    commands: [
      `DEBIAN_FRONTEND=noninteractive apt-get install -y --no-download ${PACKAGE}`,
      `dpkg -l | grep -c '^ii'`,
      `hello`,
    ],
    expects: { starts: { hello: 1 } },
  },
  SCRIPTS,
  {
    name: 'compiler',
    commands: [`alice 'make -C project'`, `alice 'make -C project clean all'`],
    expects: {},
  },
  {
    name: 'database',
    commands: [
      `runuser -u alice -- redis-server --port 6390 --save '' --daemonize yes --dir /home/alice`,
      `sleep 1`,
      `alice 'redis-benchmark -p 6390 -c 5 -n 500 -t set,get -q'`,
      `alice 'sqlite3 notes.db < notes.sql'`,
    ],
    expects: { starts: { 'redis-benchmark': 1, sqlite3: 1 } },
  },
  {
    name: 'browser',
    commands: [
      `alice 'timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-background-networking --dump-dom file:///home/alice/page.html'`,
    ],
    expects: {},
  },
  SCRIPTS,
  {
    name: 'debugger',
    commands: [
      `runuser -u alice -- setsid /home/alice/project/counter > /dev/null 2>&1 < /dev/null &`,
      `sleep 1`,
      ...DIAGNOSE,
      ...DIAGNOSE,
      `alice 'gdb -q -batch -ex "break tick" -ex run -ex bt -ex "print counted" -ex kill --args project/counter'`,
    ],
    expects: { attaches: 4, starts: { gdb: 5 } },
  },
  {
    name: 'tracer',
    commands: [
      `alice 'strace -f -o trace.txt tar cf project.tar project'`,
      `alice 'timeout 2 strace -c -o counts.txt -p $(pgrep -u alice -x counter)'`,
    ],
    expects: { starts: { strace: 2 } },
  },
  {
    name: 'services',
    commands: [
      `redis-cli -p 6390 shutdown nosave`,
      `sleep 1`,
      `runuser -u alice -- redis-server --port 6390 --save '' --daemonize yes --dir /home/alice`,
      `sleep 1`,
      `redis-cli -p 6390 ping`,
    ],
    expects: { starts: { 'redis-cli': 2 } },
  },
  {
    name: 'injection',
    commands: [`alice '.cache/update-check $(pgrep -u alice -x counter)'`],
    expects: { injections: 1, starts: { 'update-check': 1 } },
  },
  SCRIPTS,
  {
    name: 'end',
    commands: [
      `redis-cli -p 6390 shutdown nosave`,
      `kill $(pgrep -u alice -x counter)`,
      `DEBIAN_FRONTEND=noninteractive apt-get purge -y ${PACKAGE}`,
    ],
    expects: {},
  },
];
