/* Callbacks for changes to the store: a function that is called with the news of one
 * ticket. */
#ifndef STATE_SAVED_H
#define STATE_SAVED_H

#include "base/list.h"
#include "state/store.h"

struct server;

/* A member of the struct that waits. All zeros: it waits for nothing. */
struct saved_wait {
    struct list link;    /* in srv->saved_waits, ordered by ticket */
    store_ticket ticket; /* 0: it waits for nothing */
    void (*told)(struct server *srv, struct saved_wait *wait, const char *why);
};

/* Calls `told` at each news of the store about the ticket: with a reason as long as the
 * change cannot be written, and with NULL once it is on disk. After NULL, `wait` waits
 * for nothing, and `told` may free it. Calls come in the order of the tickets; for one
 * ticket, in the order of on_saved. The ticket is not 0; `wait` waits for nothing
 * yet. */
void on_saved(struct server *srv, store_ticket ticket, struct saved_wait *wait,
              void (*told)(struct server *srv, struct saved_wait *wait,
                           const char *why));

/* Ends the wait: `told` is not called again. Does nothing if it waits for nothing. The
 * `told` of another wait must not call it. */
void saved_forget(struct saved_wait *wait);

/* Passes news of the store on to the waits. */
void saved_tell(struct server *srv, const struct store_news *news);

#endif
