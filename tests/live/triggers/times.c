/* Times of files, set by hand or to now. */
#include "trigger.h"
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <utime.h>

/* 2001-02-03 04:05:06.789 UTC */
static const struct timespec past[2] = {{981173106, 789000000}, {981173106, 789000000}};
static const struct timeval past_us[2] = {{981173106, 789000}, {981173106, 789000}};

static void by_path(int argc, char **argv) {
  (void)argc;
  must("utimensat", utimensat(AT_FDCWD, argv[0], past, 0));
}

static void by_folder(int argc, char **argv) {
  (void)argc;
  int folder = must("open", open(argv[0], O_RDONLY | O_DIRECTORY));
  must("chdir", chdir("/"));
  must("utimensat", utimensat(folder, argv[1], past, 0));
}

static void by_descriptor(int argc, char **argv) {
  (void)argc;
  int file = must("open", open(argv[0], O_WRONLY));
  must("futimens", futimens(file, past));
}

/* The three older calls, which libc no longer makes by itself. */
static void by_utime(int argc, char **argv) {
  struct utimbuf times = {981173106, 981173106};
  (void)argc;
  must("utime", syscall(SYS_utime, argv[0], &times));
}

static void by_utimes(int argc, char **argv) {
  (void)argc;
  must("utimes", syscall(SYS_utimes, argv[0], past_us));
}

static void by_futimesat(int argc, char **argv) {
  (void)argc;
  must("futimesat", syscall(SYS_futimesat, AT_FDCWD, argv[0], past_us));
}

/* What every write does by itself: no time is chosen. */
static void to_now(int argc, char **argv) {
  (void)argc;
  struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}, read_only[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  must("utimensat", utimensat(AT_FDCWD, argv[0], 0, 0));
  must("utimensat", utimensat(AT_FDCWD, argv[0], now, 0));
  must("utimensat", utimensat(AT_FDCWD, argv[0], read_only, 0));
  must("utime", syscall(SYS_utime, argv[0], 0));
  must("utimes", syscall(SYS_utimes, argv[0], 0));
}

const verb time_verbs[] = {{"time-by-path", by_path},
                           {"time-by-folder", by_folder},
                           {"time-by-descriptor", by_descriptor},
                           {"time-by-utime", by_utime},
                           {"time-by-utimes", by_utimes},
                           {"time-by-futimesat", by_futimesat},
                           {"time-to-now", to_now},
                           {0}};
