/* flood COUNT TAG [PROGRAM]: starts and awaits COUNT short processes, one after another; prints how long it took. */
#include "trigger.h"
#include <spawn.h>
#include <sys/resource.h>

extern char **environ;

static double used(const struct rusage *usage) {
  return usage->ru_utime.tv_sec + usage->ru_stime.tv_sec + (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  long count = atol(argv[1]);
  char number[32], *program = argc > 3 ? argv[3] : "/bin/true", *args[] = {program, argv[2], number, 0};
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from);
  for (long at = 0; at < count; at++) {
    pid_t child;
    snprintf(number, sizeof number, "%ld", at);
    if (posix_spawn(&child, program, 0, 0, args, environ) != 0 || waitpid(child, 0, 0) != child) {
      perror("flood");
      return 3;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &to);
  // The processor's time of the children too: what probes cost them is in it, whatever else the machine does meanwhile.
  struct rusage own, children;
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  printf("{\"pid\":%d,\"made\":%ld,\"seconds\":%.6f,\"cpu\":%.6f}\n", getpid(), count,
         to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9, used(&own) + used(&children));
}
