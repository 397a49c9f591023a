/* Something to debug: counts the tenths of a second. */
#include <stdio.h>
#include <unistd.h>

long counted;

void tick(void) { counted++; }

int main(void) {
  for (;;) {
    tick();
    usleep(100000);
  }
}
