/* The memory of this program as the allocator has it, for tests that compare it with
 * the account of the server. */
#ifndef TESTS_HEAP_H
#define TESTS_HEAP_H

#include <stddef.h>

/* The bytes of all blocks that this program has allocated and not freed, a sum of
 * mem_block; blocks of libraries do not count. */
size_t heap_bytes(void);

/* From now on (NULL: no more) blocks that are freed or moved are searched for this
 * text, which is borrowed. Blocks begin with zeros meanwhile. */
void heap_watch(const char *text);
/* The number of blocks that had it since heap_watch. */
size_t heap_spilled(void);

#endif
