/* The port of the store in memory: for a server without a database, and for tests. */
#ifndef STATE_STORE_RAM_H
#define STATE_STORE_RAM_H

#include "state/store.h"

/* A store in memory. store_ram_news gives its news. */
struct store *store_ram_new(void);
void store_ram_free(struct store *s);
/* As if it were opened again: tickets count from 1, and none waits. */
void store_ram_reopen(struct store *s);
/* True, with *news, if there were puts since the last call. After store_ram_fail, the
 * news is a failure for this reason (copied) until store_ram_fail(s, NULL). */
bool store_ram_news(struct store *s, struct store_news *news);
void store_ram_fail(struct store *s, const char *why);
/* For tests: the process is killed after `steps` more puts and commits. Later ones have
 * no effect, also after store_ram_reopen. */
void store_ram_cut(struct store *s, unsigned steps);

#endif
