/* What follows a change to the disk: a function that is called with the store's news of
 * one ticket. */
#ifndef STATE_SAVED_H
#define STATE_SAVED_H

#include "base/list.h"
#include "state/store.h"

struct server;

/* Stands in what waits; all zeros: it waits for nothing. */
struct saved_wait {
    struct list link;    /* srv->saved_waits, by ticket */
    store_ticket ticket; /* 0: it waits for nothing */
    void (*told)(struct server *srv, struct saved_wait *wait, const char *why);
};

/* Calls told at each news of the store about the ticket: with the reason as long as it
 * cannot be written, and with NULL once it is on disk for good. Then `wait` waits for
 * nothing any more and told may free it. Calls come in the order of the tickets, and in
 * the order of on_saved for one ticket. The ticket is not 0; `wait` waits for nothing.
 */
void on_saved(struct server *srv, store_ticket ticket, struct saved_wait *wait,
              void (*told)(struct server *srv, struct saved_wait *wait,
                           const char *why));

/* It is told nothing any more. Fine if it waits for nothing. Another's `told` must not
 * call it. */
void saved_forget(struct saved_wait *wait);

/* News of the store. */
void saved_tell(struct server *srv, const struct store_news *news);

#endif
