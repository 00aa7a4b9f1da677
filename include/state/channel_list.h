/* The entries of the list modes of a channel (+b, +e, +I, +q). */
#ifndef STATE_CHANNEL_LIST_H
#define STATE_CHANNEL_LIST_H

#include "base/list.h"
#include "base/msec.h"
#include "proto/extban.h"
#include "proto/mode.h"
#include "state/channel.h"

#include <stdbool.h>

struct list_entry {
    struct list link; /* channel.lists[] */
    msec set_at;      /* wall */
    msec until;       /* wall: end of a timed entry; 0: it has no end */
    char *setter;     /* nick!user@host */
    struct extban ban;
};

/* The entry with the same meaning (extban_same); NULL: none. */
struct list_entry *channel_list_find(const struct channel *chan, int list,
                                     const struct extban *ban);

/* Adds an entry with set_at = srv->wall. NULL: there is an entry with the same meaning
 * already, and nothing changes. The caller must check the limit first. */
struct list_entry *channel_list_add(struct server *srv, struct channel *chan, int list,
                                    const struct extban *ban, const char *setter);

/* Adds an entry from the store, in the order of set_at. */
void channel_list_restore(struct server *srv, struct channel *chan, int list,
                          const struct extban *ban, const char *setter, msec set_at);

/* Removes and frees an entry. If chan is permanent, its record is removed too. */
void channel_list_remove(struct server *srv, struct channel *chan, int list,
                         struct list_entry *entry);

/* True if the entry has ended: it matches no client, whether or not it has been
 * removed. */
bool channel_list_is_over(const struct server *srv, const struct list_entry *entry);

/* True if an entry of chan has ended and has not been removed. */
bool channel_list_is_due(const struct server *srv, const struct channel *chan);

/* False: no entry of any channel has ended. True: one may have ended. The caller then
 * checks all channels of srv->timed and calls channel_list_looked, which finds the next
 * end. */
bool channel_list_any_due(const struct server *srv);
void channel_list_looked(struct server *srv);

/* Makes all cached verdicts on chan void, because an entry was added, was removed or
 * has ended. Also finds the next end of an entry. */
void channel_list_renew(struct server *srv, struct channel *chan);

/* Makes the cached verdicts on c void, because its nick, host or real name has
 * changed. */
void channel_forget_verdicts(struct client *c);
/* The same for verdicts that depend on the memberships of c, one of which has changed.
 * Called by channel.c only. */
void channel_list_moved(struct client *c);

/* Removes all entries. Called by channel.c only. */
void channel_list_clear(struct server *srv, struct channel *chan);
/* Asserts that the counters and times agree with a recount. */
void channel_list_check(const struct channel *chan);

#endif
