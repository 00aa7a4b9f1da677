/* Channels and memberships; the only module that writes the cross-indexes. */
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
    uint32_t slot;  /* index in client->joined */
    uint32_t modes; /* CHAN_STATUS */
};

struct channel {
    UT_hash_handle hh;      /* srv->channels */
    struct member *members; /* nmembers entries, cap of room; dense, unordered */
    uint32_t nmembers, cap;
    uint32_t modes;                /* CHAN_* flags */
    uint32_t ban_stamp;            /* renewed when a verdict may have changed */
    struct list lists[LIST_COUNT]; /* struct list_entry.link */
    uint32_t list_len[LIST_COUNT];
    uint32_t limit;            /* with CHAN_LIMIT: members */
    uint32_t slow;             /* with CHAN_SLOW: seconds */
    uint32_t joins, joins_per; /* with CHAN_THROTTLE: joins in so many seconds */
    uint32_t setters;          /* memory of the entries' setters, a sum of mem_block */
    uint32_t by_channel;   /* entries that depend on other memberships (~channel:) */
    struct bucket joining; /* with CHAN_THROTTLE */
    msec
        ends; /* wall: when the first timed entry ends or has ended; 0: none is timed */
    msec due; /* wall: when the first one ends that had not when this was set */
    struct list timed;               /* srv->timed, while ends is set */
    struct list invites;             /* struct invite.of_channel */
    struct list walks;               /* struct walk.link, at rest between two members */
    char *key;                       /* with CHAN_KEY; else NULL */
    struct forward *forward;         /* with CHAN_FORWARD (forward.h); else NULL */
    char *topic;                     /* NULL: none */
    char *topic_by;                  /* nick!user@host */
    msec topic_at;                   /* wall */
    msec created;                    /* wall */
    msec renamed;                    /* monotonic: last RENAME; 0: never */
    char name[NAME_CHANNEL_MAX + 1]; /* as its creator wrote it */
};

/* Case-insensitive; NULL if there is none. */
struct channel *channel_find(const struct server *srv, const char *name);

/* An empty channel with the default modes; the caller joins somebody at once. */
struct channel *channel_new(struct server *srv, const char *name);

/* Frees a channel that is empty and not permanent: true then. */
bool channel_drop(struct server *srv, struct channel *chan);
/* Frees all channels, which must be empty. */
void channel_free_all(struct server *srv);

/* Gives chan another name (valid; nobody else's, or the same but for case). Members,
 * modes, lists and topic stay; a permanent channel is saved under it. Tells nobody. */
void channel_rename(struct server *srv, struct channel *chan, const char *name);

/* Makes c (not on it yet) a member with these prefix modes; drops its invitation. */
void channel_join(struct server *srv, struct channel *chan, struct client *c,
                  uint32_t modes);

/* Takes c off; a channel that becomes empty is freed, unless it is permanent (+P): true
 * then. */
bool channel_part(struct server *srv, struct channel *chan, struct client *c);

/* c's membership, or NULL. The cost depends on c's channels alone. Both are borrowed
 * until anybody joins or parts. */
struct member *channel_member(const struct channel *chan, const struct client *c);
struct joined *channel_joined(const struct channel *chan, const struct client *c);

/* True if the two share a channel. */
bool channel_shared(const struct client *a, const struct client *b);

/* The symbols of a member's prefixes, highest first: all of them, or the highest only.
 */
void channel_prefix(const struct member *m, bool all, char out[8]);

/* Invitations, at most limits.invites_per_client a client. */
void channel_invite(struct server *srv, struct channel *chan, struct client *c);
bool channel_is_invited(const struct channel *chan, const struct client *c);
void channel_uninvite(struct channel *chan, struct client *c);

#endif
