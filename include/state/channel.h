/* Channels and memberships; the only module that writes the cross-indexes. */
#ifndef STATE_CHANNEL_H
#define STATE_CHANNEL_H

#include "base/hash.h"
#include "base/list.h"
#include "base/msec.h"
#include "proto/mask.h"
#include "proto/mode.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stdint.h>

struct client;
struct server;

/* A channel's side of a membership. */
struct member {
    struct client *client;
    uint32_t slot;  /* index in client->joined */
    uint32_t modes; /* CHAN_OP, CHAN_VOICE */
};

/* An entry of a list mode. */
struct list_entry {
    struct list link;
    msec set_at;  /* wall */
    char *setter; /* nick!user@host */
    struct mask mask;
};

struct channel {
    UT_hash_handle hh;      /* srv->channels */
    struct member *members; /* nmembers entries, cap of room; dense, unordered */
    uint32_t nmembers, cap;
    uint32_t modes;                /* CHAN_* flags */
    uint32_t limit;                /* with CHAN_LIMIT */
    uint32_t ban_stamp;            /* renewed when the ban list changes */
    struct list lists[LIST_COUNT]; /* struct list_entry.link */
    uint32_t list_len[LIST_COUNT];
    struct list invites;             /* struct invite.of_channel */
    char *key;                       /* with CHAN_KEY; else NULL */
    char *topic;                     /* NULL: none */
    char *topic_by;                  /* nick!user@host */
    msec topic_at;                   /* wall */
    msec created;                    /* wall */
    char name[NAME_CHANNEL_MAX + 1]; /* as its creator wrote it */
};

/* Case-insensitive; NULL if there is none. */
struct channel *channel_find(const struct server *srv, const char *name);

/* An empty channel with the default modes; the caller joins somebody at once. */
struct channel *channel_new(struct server *srv, const char *name);

/* Makes c (not on it yet) a member with these prefix modes; drops its invitation. */
void channel_join(struct server *srv, struct channel *chan, struct client *c,
                  uint32_t modes);

/* Takes c off; a channel that becomes empty is freed: true then. */
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

/* List modes. add: false when a mask of the same text is there (nothing changes). */
bool channel_list_add(struct server *srv, struct channel *chan, int list,
                      const struct mask *mask, const char *setter);
bool channel_list_remove(struct server *srv, struct channel *chan, int list,
                         const struct mask *mask);

/* True if c matches an entry of the ban list; cached per member until list, nick or
 * host change. */
bool channel_is_banned(struct channel *chan, const struct client *c);
/* c's nick or host has changed: cached verdicts of its channels are void. */
void channel_forget_verdicts(struct client *c);

/* Invitations, at most limits.invites_per_client a client. */
void channel_invite(struct server *srv, struct channel *chan, struct client *c);
bool channel_is_invited(const struct channel *chan, const struct client *c);
void channel_uninvite(struct channel *chan, struct client *c);

/* "+ntk" into out; the parameters (limit, key) with a blank before each into params,
 * the key shown as "*" unless show_key. */
void channel_mode_text(const struct channel *chan, bool show_key, char *out,
                       size_t size, char *params, size_t params_size);

#endif
