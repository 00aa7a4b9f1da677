/* A disk that fails on command. The test program's own write, fsync, rename, ftruncate
 * and open (when it makes a file) stand before the C library's, for libgdbm too;
 * unarmed, they do what those do. */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>

/* From the n-th operation on a disk file from now (0 = the next), each of them
 * fails with this errno; the first write to each file is done by half. */
void fault_arm(int after, int error);
/* Only the n-th operation fails, with nothing done of it. */
void fault_once(int after, int error);
/* The same as none, but each fsync takes this long first and succeeds. */
void fault_hang(int milliseconds);
void fault_disarm(void);
/* Whether anything has failed since arming. */
bool fault_hit(void);
/* Operations seen since arming. */
int fault_seen(void);

#endif
