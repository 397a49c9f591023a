/* Writes eight bytes into another process: `guest-injector PID`. The lowest bytes of its stack, which it does not use. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/maps", atoi(argv[1]));
  FILE *maps = fopen(path, "r");
  if (!maps) return perror(path), 1;
  unsigned long stack = 0;
  while (fgets(line, sizeof line, maps))
    if (strstr(line, "[stack]")) stack = strtoul(line, NULL, 16);
  fclose(maps);
  char bytes[8] = {0};
  struct iovec from = {bytes, sizeof bytes}, to = {(void *)stack, sizeof bytes};
  if (process_vm_writev(atoi(argv[1]), &from, 1, &to, 1, 0) != (ssize_t)sizeof bytes) return perror("process_vm_writev"), 1;
  printf("wrote %zu bytes at %lx of process %s\n", sizeof bytes, stack, argv[1]);
  return 0;
}
