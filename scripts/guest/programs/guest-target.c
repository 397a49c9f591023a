/* A process that was there before any sensor, and waits to be written into. */
#include <unistd.h>

int main(void) {
  for (;;) pause();
}
