/* A disk that fails on command. The test program's own write, fsync, rename, ftruncate
 * and open (when it makes a file) stand before those of the C library, for libgdbm too;
 * unarmed, they pass each call on. */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>

/* From the n-th operation on a disk file from now (0: the next), each fails with this
 * errno; the first write to each file is half done. */
void fault_arm(int after, int error);
/* Only the n-th operation fails, and no part of it is done. */
void fault_once(int after, int error);
/* No operation fails, but each fsync takes this long first. */
void fault_hang(int milliseconds);
void fault_disarm(void);
/* True if an operation has failed since arming. */
bool fault_hit(void);
/* Operations seen since arming. */
int fault_seen(void);

#endif
