/*
 * The injection of the recorded session: writes eight bytes into the heap or data of another process. They are the
 * bytes that stand there already, so that nothing comes of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char path[64], line[256];
  unsigned long start = 0, end;
  char bytes[8];
  if (argc < 2) return 2;
  snprintf(path, sizeof path, "/proc/%s/maps", argv[1]);
  FILE *maps = fopen(path, "r");
  while (maps && fgets(line, sizeof line, maps))
    if (strstr(line, " rw-p ") && sscanf(line, "%lx-%lx", &start, &end) == 2) break;
  snprintf(path, sizeof path, "/proc/%s/mem", argv[1]);
  int memory = open(path, O_RDONLY);
  if (start == 0 || memory == -1 || pread(memory, bytes, sizeof bytes, (off_t)start) != sizeof bytes) return 3;
  struct iovec here = {bytes, sizeof bytes}, there = {(void *)start, sizeof bytes};
  return process_vm_writev(atoi(argv[1]), &here, 1, &there, 1, 0) == sizeof bytes ? 0 : 4;
}
