/* The list of callbacks for the store, ordered by ticket. A change is nearly always the
 * newest one, so its place is searched from the end. */
#include "state/saved.h"

#include "state/server.h"

#include <assert.h>

static struct saved_wait *
wait_of_node(struct list *node)
{
    return LIST_ENTRY(node, struct saved_wait, link);
}

void
on_saved(struct server *srv, store_ticket ticket, struct saved_wait *wait,
         void (*told)(struct server *srv, struct saved_wait *wait, const char *why))
{
    struct list *before = srv->saved_waits.prev;
    assert(ticket != 0 && wait->ticket == 0);
    wait->ticket = ticket;
    wait->told = told;
    while (before != &srv->saved_waits && wait_of_node(before)->ticket > ticket)
        before = before->prev;
    list_prepend(before, &wait->link);
}

void
saved_forget(struct saved_wait *wait)
{
    if (wait->ticket == 0)
        return;
    list_remove(&wait->link);
    wait->ticket = 0;
}

void
saved_tell(struct server *srv, const struct store_news *news)
{
    LIST_EACH_SAFE(&srv->saved_waits, node, next) {
        struct saved_wait *wait = wait_of_node(node);
        if (wait->ticket > news->upto)
            return;
        if (news->why == NULL)
            saved_forget(wait);
        wait->told(srv, wait, news->why);
    }
}
