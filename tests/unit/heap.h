/* The heap as the allocator has it, for tests that hold the server's own account
 * against it. */
#ifndef TESTS_HEAP_H
#define TESTS_HEAP_H

#include <stddef.h>

/* Bytes of all blocks that this program has and has not freed, a sum of mem_block;
 * those that libraries have made are not in it. */
size_t heap_bytes(void);

/* From now on (NULL: no more) blocks that are freed or moved are searched for this
 * text, which is borrowed. Blocks begin with zeros meanwhile. */
void heap_watch(const char *text);
/* How many of them held it since heap_watch. */
size_t heap_spilled(void);

#endif
