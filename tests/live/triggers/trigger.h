/*
 * What the triggers share. Each run prints lines of JSON: what was really done, as the kernel told it to the one who
 * did it (pids, return values, /proc/self/exe), so that a test need not believe the sensor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  const char *name;
  /* argv[0] is the first argument after the verb. */
  void (*run)(int argc, char **argv);
} verb;

extern const verb process_verbs[], injection_verbs[], memory_verbs[], network_verbs[], file_verbs[], time_verbs[];

/* A member of the line that is printed when the verb is done. Only names and values that need no escaping. */
void fact(const char *name, long long value);
void fact_text(const char *name, const char *value);

/* Ends the run with exit code 3 and what errno says: a trigger that did not trigger must not look like a missed event. */
_Noreturn void failed(const char *what);
/* The value if it is not -1, else failed(). */
long long must(const char *what, long long value);

/* Waits for a child, and returns its wait status. */
int wait_for(pid_t child);
