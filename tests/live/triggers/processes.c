/* Programs started and ended in all the ways there are. */
#include "trigger.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

extern char **environ;

/* What the parent has to tell stays in its buffer: a child becomes a program or leaves by _exit. */
static pid_t fork_now(void) { return must("fork", fork()); }

static _Noreturn void become(char **argv) {
  execv(argv[0], argv);
  failed("execv");
}

/* The child's id and end become facts. */
static void ended(pid_t child) {
  int status = wait_for(child);
  fact("child", child);
  fact("status", status);
}

static void run(int argc, char **argv) {
  (void)argc;
  pid_t child = fork_now();
  if (child == 0) become(argv);
  ended(child);
}

/* An argument that is not UTF-8: every byte but NUL. */
static void run_bytes(int argc, char **argv) {
  char bytes[256], *with_bytes[] = {argv[0], bytes, 0};
  (void)argc;
  for (int at = 0; at < 255; at++) bytes[at] = at + 1;
  bytes[255] = 0;
  run(2, with_bytes);
}

static void run_missing(int argc, char **argv) {
  (void)argc;
  pid_t child = fork_now();
  if (child == 0) _exit(execv(argv[0], argv) == -1 ? 127 : 0);
  ended(child);
}

static void run_vfork(int argc, char **argv) {
  (void)argc;
  pid_t child = vfork();
  if (child == 0) {
    execv(argv[0], argv);
    _exit(127);
  }
  ended(child);
}

/* The same process becomes a program, and that program another: `run-twice PROGRAM VERB...` of this very trigger. */
static void run_as(int argc, char **argv) {
  (void)argc;
  fact_text("then", argv[0]);
  printf("}\n");
  fflush(stdout);
  become(argv);
}

/* Grandchild of a parent that is gone. */
static void run_daemon(int argc, char **argv) {
  int ends[2];
  (void)argc;
  must("pipe", pipe(ends));
  pid_t child = fork_now();
  if (child == 0) {
    pid_t me = getpid();
    if (fork() == 0) {
      while (getppid() == me) usleep(1000);
      pid_t said[2] = {getpid(), getppid()};
      must("write", write(ends[1], said, sizeof said));
      become(argv);
    }
    _exit(0);
  }
  ended(child);
  pid_t said[2];
  must("read", read(ends[0], said, sizeof said));
  fact("grandchild", said[0]);
  fact("reaper", said[1]);
  usleep(200000);
}

static void run_uid(int argc, char **argv) {
  (void)argc;
  pid_t child = fork_now();
  if (child == 0) {
    must("setgid", setgid(atoi(argv[0])));
    must("setuid", setuid(atoi(argv[0])));
    become(argv + 1);
  }
  ended(child);
}

static void run_in(int argc, char **argv) {
  (void)argc;
  pid_t child = fork_now();
  if (child == 0) {
    must("chdir", chdir(argv[0]));
    become(argv + 1);
  }
  ended(child);
}

/* run-deleted COPY ARGUMENT...: COPY is unlinked while it is held open, then run. */
static void run_deleted(int argc, char **argv) {
  (void)argc;
  int program = must("open", open(argv[0], O_PATH | O_CLOEXEC));
  must("unlink", unlink(argv[0]));
  pid_t child = fork_now();
  if (child == 0) {
    fexecve(program, argv, environ);
    failed("fexecve");
  }
  ended(child);
}

static void run_memory(int argc, char **argv) {
  char block[65536];
  long size;
  (void)argc;
  int from = must("open", open(argv[0], O_RDONLY | O_CLOEXEC));
  int program = must("memfd_create", memfd_create("payload", MFD_CLOEXEC));
  while ((size = must("read", read(from, block, sizeof block))) > 0) must("write", write(program, block, size));
  pid_t child = fork_now();
  if (child == 0) {
    fexecve(program, argv, environ);
    failed("fexecve");
  }
  ended(child);
}

/* run-contained FOLDER PROGRAM...: pid 1 of its own pid namespace, FOLDER a tmpfs that only it sees. */
static void run_contained(int argc, char **argv) {
  (void)argc;
  pid_t child = fork_now();
  if (child == 0) {
    must("unshare", unshare(CLONE_NEWPID | CLONE_NEWNS));
    must("mount", mount("none", "/", 0, MS_REC | MS_PRIVATE, 0));
    must("mount", mount("inside", argv[0], "tmpfs", 0, 0));
    pid_t inner = fork();
    if (inner == 0) {
      if (getpid() != 1) failed("not pid 1");
      must("chdir", chdir(argv[0]));
      int made = must("open", open("inside.txt", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
      must("close", close(made));
      become(argv + 1);
    }
    _exit(wait_for(inner) != 0);
  }
  ended(child);
}

static void *sleeps(void *argument) {
  usleep(20000);
  return argument;
}

static void threads(int argc, char **argv) {
  pthread_t made[8];
  (void)argc, (void)argv;
  for (int at = 0; at < 8; at++) pthread_create(&made[at], 0, sleeps, 0);
  for (int at = 0; at < 8; at++) pthread_join(made[at], 0);
  usleep(100000);
}

static double left_at;
static void *outlives(void *argument) {
  struct timespec time;
  usleep(300000);
  clock_gettime(CLOCK_REALTIME, &time);
  left_at = time.tv_sec * 1e3 + time.tv_nsec / 1e6;
  printf(",\"left\":%.3f}\n", left_at);
  fflush(stdout);
  _exit(0);
  return argument;
}

/* The first thread ends 0.3 s before the last: the process ends with the last. */
static void leader_leaves(int argc, char **argv) {
  pthread_t last;
  (void)argc, (void)argv;
  pthread_create(&last, 0, outlives, 0);
  pthread_exit(0);
}

static void *becomes(void *argument) {
  become(argument);
  return 0;
}

/* A thread that is not the first becomes a program: the process keeps its id, and no process ends. */
static void thread_runs(int argc, char **argv) {
  pthread_t one;
  (void)argc;
  pid_t child = fork_now();
  if (child == 0) {
    pthread_create(&one, 0, becomes, argv);
    for (;;) pause();
  }
  ended(child);
}

const verb process_verbs[] = {{"run", run},
                              {"run-bytes", run_bytes},
                              {"run-missing", run_missing},
                              {"run-vfork", run_vfork},
                              {"run-as", run_as},
                              {"run-daemon", run_daemon},
                              {"run-uid", run_uid},
                              {"run-in", run_in},
                              {"run-deleted", run_deleted},
                              {"run-memory", run_memory},
                              {"run-contained", run_contained},
                              {"threads", threads},
                              {"leader-leaves", leader_leaves},
                              {"thread-runs", thread_runs},
                              {0}};
