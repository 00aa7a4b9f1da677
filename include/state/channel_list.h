/* The entries of the list modes of a channel (b e I q). */
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
    msec until;       /* wall; 0: without an end */
    char *setter;     /* nick!user@host */
    struct extban ban;
};

/* The entry that means the same (extban_same); NULL if there is none. */
struct list_entry *channel_list_find(const struct channel *chan, int list,
                                     const struct extban *ban);

/* Adds an entry, set at srv->wall; NULL when one of the same meaning is there (nothing
 * changes). The caller has checked the limit. */
struct list_entry *channel_list_add(struct server *srv, struct channel *chan, int list,
                                    const struct extban *ban, const char *setter);

/* Puts an entry from the store in, in the order of setting. */
void channel_list_restore(struct server *srv, struct channel *chan, int list,
                          const struct extban *ban, const char *setter, msec set_at);

void channel_list_remove(struct server *srv, struct channel *chan, int list,
                         struct list_entry *entry);

/* Its time is over: it matches nobody, whether or not it has been removed. */
bool channel_list_is_over(const struct server *srv, const struct list_entry *entry);

/* Is an entry over that has not been removed yet? */
bool channel_list_is_due(const struct server *srv, const struct channel *chan);

/* False: no entry of any channel is over, and none need be looked at. True: the caller
 * looks at all of srv->timed, and channel_list_looked follows. */
bool channel_list_any_due(const struct server *srv);
void channel_list_looked(struct server *srv);

/* All verdicts on chan are void, for an entry has come, has gone or is over. */
void channel_list_renew(struct server *srv, struct channel *chan);

/* c's nick, host or real name has changed: cached verdicts of its channels are void. */
void channel_forget_verdicts(struct client *c);
/* c has joined or left a channel: those that depend on it are. Only channel.c calls. */
void channel_list_moved(struct client *c);

/* Drops all entries; only channel.c calls. */
void channel_list_clear(struct server *srv, struct channel *chan);
/* Counters and times against a recount (asserts). */
void channel_list_check(const struct channel *chan);

#endif
