/* trigger VERB [ARGUMENT...]: does one thing that the sensor should see (or should not), and says what it did. */
#include "trigger.h"

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

void fact(const char *name, long long value) { printf(",\"%s\":%lld", name, value); }
void fact_text(const char *name, const char *value) { printf(",\"%s\":\"%s\"", name, value); }

void failed(const char *what) {
  fprintf(stderr, "trigger: %s: %s\n", what, strerror(errno));
  _exit(3);
}

long long must(const char *what, long long value) {
  if (value == -1) failed(what);
  return value;
}

int wait_for(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) == -1)
    if (errno != EINTR) failed("waitpid");
  return status;
}

/* Who runs: the kernel's own word for the Image and CurrentDirectory of events. */
static void who(int argc, char **argv) {
  char path[8192];
  (void)argc, (void)argv;
  long length = must("readlink", readlink("/proc/self/exe", path, sizeof path - 1));
  path[length] = 0;
  fact_text("exe", path);
  if (getcwd(path, sizeof path)) fact_text("cwd", path);
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  int host;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "NSpid: %d", &host) == 1) fact("hostPid", host);
}

static void exits(int argc, char **argv) {
  (void)argc;
  puts("}");
  fflush(stdout);
  _exit(atoi(argv[0]));
}

static void dies(int argc, char **argv) {
  (void)argc;
  puts("}");
  fflush(stdout);
  kill(getpid(), atoi(argv[0]));
}

/* Who holds the other end of its input knows by the end of that that it runs. */
static void waits(int argc, char **argv) {
  (void)argc, (void)argv;
  close(STDIN_FILENO);
  for (;;) pause();
}

static const verb own_verbs[] = {{"who", who}, {"exit", exits}, {"die", dies}, {"wait", waits}, {0}};

int main(int argc, char **argv) {
  const verb *tables[] = {own_verbs,     process_verbs, injection_verbs, memory_verbs,
                          network_verbs, file_verbs,    time_verbs};
  for (size_t at = 0; argc > 1 && at < sizeof tables / sizeof *tables; at++)
    for (const verb *one = tables[at]; one->name; one++) {
      if (strcmp(one->name, argv[1])) continue;
      printf("{\"pid\":%d,\"parent\":%d,\"from\":%.3f", getpid(), getppid(), now_ms());
      one->run(argc - 2, argv + 2);
      printf(",\"to\":%.3f}\n", now_ms());
      return 0;
    }
  fprintf(stderr, "trigger: no such verb\n");
  return 2;
}
