/* ptrace: seen as access to another process (attach, seize), and as injection where it writes. */
#include "trigger.h"
#include "target.h"
#include <elf.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

volatile long room[8] = {1, 2, 3, 4, 5, 6, 7, 8};

pid_t start_target(const char *program) {
  int ready[2];
  char go;
  must("pipe", pipe2(ready, O_CLOEXEC));
  pid_t child = must("fork", fork());
  if (child == 0) {
    char *argv[] = {(char *)program, "wait", 0};
    // It is closed by the program, when it runs: the kernel closes what is to be closed before it tells of an exec.
    must("dup2", dup2(ready[1], STDIN_FILENO));
    execv(program, argv);
    failed("execv");
  }
  close(ready[1]);
  must("read", read(ready[0], &go, 1));
  close(ready[0]);
  fact("target", child);
  fact("address", (long long)(size_t)&room[2]);
  return child;
}

void end_target(pid_t target) {
  kill(target, SIGKILL);
  wait_for(target);
}

static pid_t attached(const char *program) {
  pid_t target = start_target(program);
  must("attach", ptrace(PTRACE_ATTACH, target, 0, 0));
  must("waitpid", waitpid(target, 0, 0));
  return target;
}

static void attach(int argc, char **argv) {
  (void)argc;
  end_target(attached(argv[0]));
}

static void seize(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  must("seize", ptrace(PTRACE_SEIZE, target, 0, 0));
  end_target(target);
}

static void poke_text(int argc, char **argv) {
  (void)argc;
  pid_t target = attached(argv[0]);
  must("poke", ptrace(PTRACE_POKETEXT, target, &room[2], 42));
  end_target(target);
}

static void poke_data(int argc, char **argv) {
  (void)argc;
  pid_t target = attached(argv[0]);
  must("poke", ptrace(PTRACE_POKEDATA, target, &room[2], 42));
  errno = 0;
  if (ptrace(PTRACE_PEEKDATA, target, &room[2], 0) != 42) failed("peek");
  end_target(target);
}

static void poke_user(int argc, char **argv) {
  (void)argc;
  pid_t target = attached(argv[0]);
  must("poke", ptrace(PTRACE_POKEUSER, target, offsetof(struct user_regs_struct, r15), 42));
  end_target(target);
}

static void set_regs(int argc, char **argv) {
  struct user_regs_struct regs;
  (void)argc;
  pid_t target = attached(argv[0]);
  must("getregs", ptrace(PTRACE_GETREGS, target, 0, &regs));
  must("setregs", ptrace(PTRACE_SETREGS, target, 0, &regs));
  fact("rip", regs.rip);
  end_target(target);
}

static void set_fpregs(int argc, char **argv) {
  struct user_fpregs_struct regs;
  (void)argc;
  pid_t target = attached(argv[0]);
  must("getfpregs", ptrace(PTRACE_GETFPREGS, target, 0, &regs));
  must("setfpregs", ptrace(PTRACE_SETFPREGS, target, 0, &regs));
  end_target(target);
}

static void set_regset(int argc, char **argv) {
  struct user_regs_struct regs;
  struct iovec part = {&regs, sizeof regs};
  (void)argc;
  pid_t target = attached(argv[0]);
  must("getregset", ptrace(PTRACE_GETREGSET, target, (void *)NT_PRSTATUS, &part));
  must("setregset", ptrace(PTRACE_SETREGSET, target, (void *)NT_PRSTATUS, &part));
  fact("rip", regs.rip);
  end_target(target);
}

/* As debuggers start a program: it asks to be traced. No attach; the poke is the injection. */
static void poke_traced(int argc, char **argv) {
  (void)argc;
  pid_t child = must("fork", fork());
  if (child == 0) {
    char *args[] = {argv[0], "wait", 0};
    must("traceme", ptrace(PTRACE_TRACEME, 0, 0, 0));
    execv(argv[0], args);
    failed("execv");
  }
  must("waitpid", waitpid(child, 0, 0));
  fact("target", child);
  fact("address", (long long)(size_t)&room[2]);
  must("poke", ptrace(PTRACE_POKEDATA, child, &room[2], 42));
  end_target(child);
}

static pid_t of_thread;
static void *attaches_and_pokes(void *argument) {
  fact("thread", syscall(SYS_gettid));
  must("attach", ptrace(PTRACE_ATTACH, of_thread, 0, 0));
  must("waitpid", waitpid(of_thread, 0, __WALL));
  must("poke", ptrace(PTRACE_POKEDATA, of_thread, &room[2], 42));
  return argument;
}

/* The source is a thread that is not the first of its process. */
static void poke_by_thread(int argc, char **argv) {
  pthread_t one;
  (void)argc;
  of_thread = start_target(argv[0]);
  pthread_create(&one, 0, attaches_and_pokes, 0);
  pthread_join(one, 0);
  end_target(of_thread);
}

/* What is refused did not happen. */
static void refused(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  if (ptrace(PTRACE_POKEDATA, target, &room[2], 42) != -1) failed("poke without attach");
  must("attach", ptrace(PTRACE_ATTACH, target, 0, 0));
  must("waitpid", waitpid(target, 0, 0));
  if (ptrace(PTRACE_POKEDATA, target, 8, 42) != -1) failed("poke of no memory");
  end_target(target);
}

const verb injection_verbs[] = {{"attach", attach},         {"seize", seize},           {"poke-text", poke_text},
                                {"poke-data", poke_data},   {"poke-user", poke_user},   {"set-regs", set_regs},
                                {"set-fpregs", set_fpregs}, {"set-regset", set_regset}, {"poke-traced", poke_traced},
                                {"poke-by-thread", poke_by_thread},
                                {"refused", refused},       {0}};
