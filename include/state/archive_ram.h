/* The port of the archive in memory: for tests, and for a server without a database. */
#ifndef STATE_ARCHIVE_RAM_H
#define STATE_ARCHIVE_RAM_H

#include "state/archive.h"

/* An archive in memory. At most `waiting` answers wait at a time; a further question is
 * answered with ARCHIVE_FULL. */
struct archive *archive_ram_new(size_t waiting);
void archive_ram_free(struct archive *a);
/* The next answer, borrowed until the next call; NULL: none waits. */
const struct archive_answer *archive_ram_answer(struct archive *a);
/* For tests: every question fails with this reason (copied) until a call with NULL. */
void archive_ram_fail(struct archive *a, const char *why);

#endif
