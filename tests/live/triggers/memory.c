/* Another's memory without ptrace: process_vm_readv and writev, and /proc/PID/mem. */
#include "trigger.h"
#include "target.h"
#include <linux/openat2.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static long mine = 42;

static void move(pid_t of, int writes) {
  struct iovec here = {&mine, sizeof mine}, there = {(void *)&room[2], sizeof mine};
  long moved = writes ? process_vm_writev(of, &here, 1, &there, 1, 0) : process_vm_readv(of, &here, 1, &there, 1, 0);
  if (moved != sizeof mine) failed("process_vm");
}

static void vm_read(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  move(target, 0);
  if (mine != 3) failed("not the target's memory");
  end_target(target);
}

static void vm_write(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  move(target, 1);
  end_target(target);
}

static void vm_refused(int argc, char **argv) {
  struct iovec here = {&mine, sizeof mine}, there = {(void *)8, sizeof mine};
  (void)argc;
  pid_t target = start_target(argv[0]);
  if (process_vm_writev(target, &here, 1, &there, 1, 0) != -1) failed("written to no memory");
  end_target(target);
}

static void vm_self(int argc, char **argv) {
  (void)argc, (void)argv;
  move(getpid(), 0);
  move(getpid(), 1);
}

static int open_memory(pid_t of, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", of);
  return must("open", open(path, flags | O_CLOEXEC));
}

static void mem_read(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  int memory = open_memory(target, O_RDONLY);
  if (pread(memory, &mine, sizeof mine, (off_t)(size_t)&room[2]) != sizeof mine || mine != 3) failed("pread");
  end_target(target);
}

static void mem_open(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  open_memory(target, O_RDWR);
  end_target(target);
}

enum way { WRITE, PWRITE, WRITEV, PWRITEV, PWRITEV2 };

static void write_memory(int memory, enum way way) {
  struct iovec here = {&mine, sizeof mine};
  off_t at = (off_t)(size_t)&room[2];
  long written = -1;
  if (way == WRITE || way == WRITEV) must("lseek", lseek(memory, at, SEEK_SET));
  if (way == WRITE) written = write(memory, &mine, sizeof mine);
  if (way == PWRITE) written = pwrite(memory, &mine, sizeof mine, at);
  if (way == WRITEV) written = writev(memory, &here, 1);
  if (way == PWRITEV) written = pwritev(memory, &here, 1, at);
  if (way == PWRITEV2) written = pwritev2(memory, &here, 1, at, 0);
  if (written != sizeof mine) failed("write");
}

static void mem_by(const char *program, enum way way) {
  pid_t target = start_target(program);
  write_memory(open_memory(target, O_RDWR), way);
  end_target(target);
}

static void mem_write(int argc, char **argv) { (void)argc, mem_by(argv[0], WRITE); }
static void mem_pwrite(int argc, char **argv) { (void)argc, mem_by(argv[0], PWRITE); }
static void mem_writev(int argc, char **argv) { (void)argc, mem_by(argv[0], WRITEV); }
static void mem_pwritev(int argc, char **argv) { (void)argc, mem_by(argv[0], PWRITEV); }
static void mem_pwritev2(int argc, char **argv) { (void)argc, mem_by(argv[0], PWRITEV2); }

/* Written twice through the same descriptor, which then closes and comes back as a plain file: that is no injection. */
static void mem_reuse(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  int memory = open_memory(target, O_WRONLY);
  write_memory(memory, PWRITE);
  write_memory(memory, PWRITE);
  must("close", close(memory));
  int plain = must("open", open(argv[1], O_WRONLY));
  if (plain != memory) failed("another descriptor");
  must("write", write(plain, "plain", 5));
  end_target(target);
}

static void mem_self(int argc, char **argv) {
  (void)argc, (void)argv;
  write_memory(must("open", open("/proc/self/mem", O_RDWR)), PWRITE);
  write_memory(open_memory(getpid(), O_RDWR), WRITE);
}

/* mem-name TARGET WHICH: by another name, WHICH being through-self, in-folder, openat2, of-thread or by-link. */
static void mem_name(int argc, char **argv) {
  char path[128];
  int memory;
  (void)argc;
  pid_t target = start_target(argv[0]);
  snprintf(path, sizeof path, "/proc/%d", target);
  int folder = must("open", open(path, O_PATH | O_DIRECTORY));
  if (!strcmp(argv[1], "through-self")) {
    snprintf(path, sizeof path, "/proc/self/../%d/mem", target);
    memory = open(path, O_RDWR);
  } else if (!strcmp(argv[1], "in-folder")) {
    memory = openat(folder, "mem", O_WRONLY);
  } else if (!strcmp(argv[1], "openat2")) {
    struct open_how how = {.flags = O_RDWR};
    memory = syscall(SYS_openat2, folder, "mem", &how, sizeof how);
  } else if (!strcmp(argv[1], "of-thread")) {
    snprintf(path, sizeof path, "/proc/%d/task/%d/mem", target, target);
    memory = open(path, O_RDWR);
  } else {
    snprintf(path, sizeof path, "/proc/%d/mem", target);
    must("symlink", symlink(path, "link"));
    memory = open("link", O_RDWR);
  }
  write_memory(must("open", memory), PWRITE);
  end_target(target);
}

/* The descriptor goes on: a duplicate, and one that a child has from its parent. */
static void mem_passed(int argc, char **argv) {
  (void)argc;
  pid_t target = start_target(argv[0]);
  int memory = open_memory(target, O_RDWR), other = must("dup", dup(memory));
  write_memory(other, PWRITE);
  pid_t child = must("fork", fork());
  if (child == 0) {
    write_memory(memory, PWRITE);
    _exit(0);
  }
  wait_for(child);
  fact("child", child);
  end_target(target);
}

static pid_t of_thread;
static void *writes(void *argument) {
  fact("thread", syscall(SYS_gettid));
  move(of_thread, 1);
  return argument;
}

static void vm_write_by_thread(int argc, char **argv) {
  pthread_t one;
  (void)argc;
  of_thread = start_target(argv[0]);
  pthread_create(&one, 0, writes, 0);
  pthread_join(one, 0);
  end_target(of_thread);
}

const verb memory_verbs[] = {{"vm-read", vm_read},
                             {"vm-write", vm_write},
                             {"vm-refused", vm_refused},
                             {"vm-self", vm_self},
                             {"vm-write-by-thread", vm_write_by_thread},
                             {"mem-read", mem_read},
                             {"mem-open", mem_open},
                             {"mem-write", mem_write},
                             {"mem-pwrite", mem_pwrite},
                             {"mem-writev", mem_writev},
                             {"mem-pwritev", mem_pwritev},
                             {"mem-pwritev2", mem_pwritev2},
                             {"mem-reuse", mem_reuse},
                             {"mem-self", mem_self},
                             {"mem-name", mem_name},
                             {"mem-passed", mem_passed},
                             {0}};
