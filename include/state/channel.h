/* Channels and memberships. Only channel.c writes the two arrays that index each other,
 * channel.members and user.joined. */
#ifndef STATE_CHANNEL_H
#define STATE_CHANNEL_H

#include "base/bucket.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/msec.h"
#include "proto/mode.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stdint.h>

struct client;
struct forward;
struct server;

/* A channel's side of a membership. */
struct member {
    struct client *client;
    uint32_t slot;  /* index in client->user.joined */
    uint32_t modes; /* CHAN_STATUS bits */
};

struct channel {
    UT_hash_handle hh;      /* in srv->channels */
    struct member *members; /* nmembers entries, room for cap; dense, unordered */
    uint32_t nmembers, cap;
    uint32_t modes;                /* CHAN_* flags */
    uint32_t ban_stamp;            /* a new number if a verdict may have changed */
    struct list lists[LIST_COUNT]; /* struct list_entry.link */
    uint32_t list_len[LIST_COUNT];
    uint32_t limit; /* with CHAN_LIMIT: members at most */
    uint32_t slow;  /* with CHAN_SLOW: seconds between messages of a member */
    uint32_t joins, joins_per; /* with CHAN_THROTTLE: joins in joins_per seconds */
    uint32_t setters;          /* bytes of all list_entry.setter, a sum of mem_block */
    uint32_t by_channel;       /* list entries ~channel:, which depend on memberships */
    struct bucket joining;     /* with CHAN_THROTTLE: the limit on joins */
    /* Wall: the first end of a timed list entry, which may be past; 0: no entry is
     * timed. */
    msec ends;
    /* Wall: the first end of an entry that had not ended at the last
     * channel_list_renew; 0: there was none. */
    msec due;
    struct list timed;       /* in srv->timed while ends is not 0 */
    struct list invites;     /* struct invite.of_channel */
    struct list walks;       /* struct member_walk.link: walks that have not ended */
    char *key;               /* with CHAN_KEY; else NULL */
    struct forward *forward; /* with CHAN_FORWARD (forward.h); else NULL */
    char *topic;             /* NULL: none */
    char *topic_by;          /* nick!user@host */
    msec topic_at;           /* wall */
    msec created;            /* wall */
    msec renamed;            /* monotonic: last RENAME; 0: never */
    char name[NAME_CHANNEL_MAX + 1]; /* in the case given by JOIN or RENAME */
};

/* The channel of this name (case-insensitive); NULL: none. */
struct channel *channel_find(const struct server *srv, const char *name);

/* A new, empty channel with the default modes. The caller adds a member at once. */
struct channel *channel_new(struct server *srv, const char *name);

/* Frees a channel if it is empty and not permanent; true: it was freed. */
bool channel_drop(struct server *srv, struct channel *chan);
/* Frees all channels, which must be empty. */
void channel_free_all(struct server *srv);

/* Gives chan another name, which is valid and free, or is the present one in another
 * case. Members, modes, lists and topic stay. A permanent channel is saved under the
 * new name. No client is told. */
void channel_rename(struct server *srv, struct channel *chan, const char *name);

/* Makes c, which is not on the channel, a member with these prefix modes. Removes its
 * invitation. */
void channel_join(struct server *srv, struct channel *chan, struct client *c,
                  uint32_t modes);

/* Ends the membership of c. A channel that becomes empty is freed unless it is
 * permanent (+P); true: it was freed. */
bool channel_part(struct server *srv, struct channel *chan, struct client *c);

/* The membership of c, from the side of the channel and from the side of c; NULL: none.
 * The cost depends on the number of channels of c alone. Borrowed until a client joins
 * or parts. */
struct member *channel_member(const struct channel *chan, const struct client *c);
struct joined *channel_joined(const struct channel *chan, const struct client *c);

/* True if a and b share a channel. */
bool channel_shared(const struct client *a, const struct client *b);

/* The prefix symbols of a member, highest first: all of them, or only the highest. */
void channel_prefix(const struct member *m, bool all, char out[8]);

/* Invitations. A client has at most limits.invites_per_client; a further one replaces
 * the oldest. */
void channel_invite(struct server *srv, struct channel *chan, struct client *c);
bool channel_is_invited(const struct channel *chan, const struct client *c);
void channel_uninvite(struct channel *chan, struct client *c);

#endif
