/* Something to compile. */
#include <stdio.h>

int main(void) { puts("nothing to report"); }
