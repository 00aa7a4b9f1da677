/* The heap as the allocator has it, for tests that hold the server's own account
 * against it. */
#ifndef TESTS_HEAP_H
#define TESTS_HEAP_H

#include <stddef.h>

/* Bytes of all blocks that this program has and has not freed, a sum of mem_block;
 * those that libraries have made are not in it. */
size_t heap_bytes(void);

#endif
