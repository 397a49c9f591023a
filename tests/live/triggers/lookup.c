/* lookup NAME: asks the C library for the addresses of a name. Dynamically linked, for the probe is in the library. */
#include "trigger.h"
#include <netdb.h>

int main(int argc, char **argv) {
  struct addrinfo *found = 0;
  if (argc < 2) return 2;
  int status = getaddrinfo(argv[1], 0, 0, &found);
  printf("{\"pid\":%d,\"status\":%d}\n", getpid(), status);
}
