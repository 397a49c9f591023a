/* A process to look into and write to: the same program under another name, so that addresses are the same. */
#include <stddef.h>
extern volatile long room[8];

/* Starts it, waits until it is that program, and tells its id and the address of room[2]. */
pid_t start_target(const char *program);
void end_target(pid_t target);
