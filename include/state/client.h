/* A client: one connection and, once registered, one nick. Dense: there are very many.
 */
#ifndef STATE_CLIENT_H
#define STATE_CLIENT_H

#include "base/addr.h"
#include "base/bucket.h"
#include "base/hash.h"
#include "base/linebuf.h"
#include "base/list.h"
#include "base/sendq.h"
#include "proto/mask.h"
#include "proto/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct config_class;
struct host;
struct network;
struct server;

enum client_flag {
    CLIENT_REGISTERED = 1 << 0,
    CLIENT_DOOMED = 1 << 1,    /* client_kill was called; takes nothing more */
    CLIENT_DEAD = 1 << 2,      /* has left everything; waits for session_free */
    CLIENT_DIRTY = 1 << 3,     /* on srv->dirty */
    CLIENT_CAP_HOLD = 1 << 4,  /* CAP was sent before registration and END was not */
    CLIENT_CAP_302 = 1 << 5,   /* CAP LS 302 */
    CLIENT_WAITING = 1 << 6,   /* a worker's answer is pending: lines are held */
    CLIENT_PINGED = 1 << 7,    /* a PING is out; on srv->pinged */
    CLIENT_PASSED = 1 << 8,    /* the server password was right */
    CLIENT_LEFT = 1 << 9,      /* it has said QUIT */
    CLIENT_GONE = 1 << 10,     /* its connection is closed: nothing can be written */
    CLIENT_LABELLED = 1 << 11, /* `label` is set */
    CLIENT_FIRST = 1 << 12,    /* on srv->dirty, in front of those who can wait */
    CLIENT_HIDDEN = 1 << 13,   /* no other client was ever shown its address */
    CLIENT_STRUCK = 1 << 14,   /* the last strike is for the line at work too */
    CLIENT_CURSOR = 1 << 15,   /* the rest of a long answer is pending: the same */
    CLIENT_SPOILED = 1 << 16,  /* a line was refused that may belong to a batch */
    CLIENT_SECURE = 1 << 17,   /* its connection is encrypted all the way */
    CLIENT_KNOWN = 1 << 18,    /* its lists are the first field of a client_known */
};
/* Whom nothing is queued for any more. */
#define CLIENT_DEAF (CLIENT_DOOMED | CLIENT_DEAD)
/* Whose lines are held. */
#define CLIENT_HELD (CLIENT_WAITING | CLIENT_CURSOR)

#define CLIENT_HOST_TEXT (ADDR_TEXT + 1) /* room for a real address as a host */

/* Own buckets beside the flood bucket; rows in policy/flood.c. */
enum client_bucket {
    BUCKET_NICK,
    BUCKET_AWAY,
    BUCKET_INVITE,
    BUCKET_JOIN,
    BUCKET_KNOCK,
    BUCKET_TARGET, /* new people written to */
    BUCKET_CTCP,   /* to channels */
    BUCKET_PING,
    BUCKETS
};

/* A client's side of a membership; written only by channel.c. */
struct joined {
    struct channel *chan;
    uint32_t slot;      /* index in chan->members */
    uint32_t ban_stamp; /* chan->ban_stamp for which `verdict` holds */
    uint8_t verdict;    /* cached: VERDICT_* */
    uint8_t credit;     /* JOIN_CREDIT_*: free queries left */
    uint8_t slow;       /* SLOW_* */
    bool hushed;        /* the text that c says to all its peers is not for chan */
    uint32_t spoke;     /* monotonic, the low bits: last message, for +S */
};
enum { VERDICT_BANNED = 1, VERDICT_MUTED = 2, VERDICT_INVITED = 4 };
enum { SLOW_SPOKE = 1, SLOW_TOLD = 2 }; /* spoke is set; was told to wait */
/* What programs ask about a channel that they have joined, each once. */
enum {
    JOIN_CREDIT_MODE = 1 << 0,
    JOIN_CREDIT_BANS = 1 << 1,
    JOIN_CREDIT_WHO = 1 << 2,
    JOIN_CREDIT_EXCEPTS = 1 << 3,
    JOIN_CREDIT_INVEXES = 1 << 4,
    JOIN_CREDIT_QUIETS = 1 << 5,
    JOIN_CREDIT_NAMES = 1 << 6,
    JOIN_CREDIT_TOPIC = 1 << 7,
    JOIN_CREDIT_ALL = (1 << 8) - 1
};
#define JOIN_QUERIES 8

/* What few clients have. */
struct client_lists {
    struct list invites;  /* struct invite.of_client */
    struct list monitors; /* struct monitor_entry.of_client */
    uint16_t ninvites, nmonitors;
};

/* The same of a client of which more is known than its address: others pay nothing. */
struct client_known {
    struct client_lists lists;
    char *certfp;  /* fingerprint of its certificate, in hex; NULL: none */
    char *gateway; /* that vouches for its address; NULL: none */
};

struct client {
    /* The first cache line is all that a fan-out touches. */
    struct sendq sendq;
    struct list dirty;  /* in srv->dirty while CLIENT_DIRTY */
    uint32_t flags;     /* CLIENT_* */
    uint32_t caps;      /* CAP_* */
    uint32_t epoch;     /* == srv->epoch: already reached in this de-duplicated send */
    uint32_t sendq_max; /* bytes */

    uint32_t modes; /* USER_* */
    uint32_t njoined;
    struct joined *joined; /* njoined entries, joined_cap of room */
    uint32_t joined_cap;
    uint16_t exempt; /* EXEMPT_* */
    union {
        uint16_t lines;    /* before registration: received */
        uint16_t joinable; /* after it: channels left of its JOIN credit */
    };
    uint16_t refused;    /* lines refused, and told so, since refused_at */
    uint16_t snomask;    /* SNO_*: the server notices it gets; 0 without USER_NOTICES */
    UT_hash_handle hh;   /* srv->nicks, once it has a nick */
    struct list link;    /* srv->unregistered, idle or pinged */
    struct list holding; /* srv->holding while it has held lines or untold refusals */
    struct client *doomed_next;

    struct linebuf in;   /* the unfinished line */
    struct held *held;   /* cmd's, one block: lines that wait; NULL: none */
    uint16_t held_lines; /* that wait */
    uint16_t held_paid;  /* of these: a credit pays for them */
    uint16_t held_joins; /* channels that the paid JOINs among these name */
    uint16_t nick_len;
    uint32_t join_until;  /* monotonic, the low bits: the JOIN credit ends */
    uint16_t held_struck; /* of held_lines: the first ones, which one strike is for */
    struct bucket flood;
    struct bucket buckets[BUCKETS];

    msec since;              /* monotonic: connected; then last input; then PING sent */
    msec signon;             /* wall: registered */
    msec talked;             /* monotonic: last PRIVMSG or NOTICE (WHOIS 317) */
    msec struck;             /* monotonic: last flood strike (at most one a second) */
    msec refused_at;         /* monotonic: first of `refused` */
    uint64_t id;             /* of no other connection since the start; not 0 */
    uint64_t sent, received; /* bytes */
    msec opened;             /* monotonic: connected */
    uint32_t commands;       /* that it had run */
    uint32_t outside_stamp;  /* renewed when what lists of channels that it is not on
                              * say of it may have changed */

    struct addr addr;
    struct host *host; /* policy's: counters and strikes of its host */
    struct client *host_prev, *host_next; /* on host->clients (utlist) */
    struct network *network;              /* policy's */
    const struct config_class *class;     /* NULL: none; renewed by REHASH */
    void *conn;                           /* the shell's */

    uint64_t privileges;        /* bits of privs.def */
    char *oper;                 /* name of its oper block; NULL: no operator */
    char *hostname;             /* as shown; at most NAME_HOST_MAX */
    char *cloak;                /* what it shows with +x; NULL: it has none */
    char *realname;             /* NULL before USER */
    char *away;                 /* NULL: not away */
    char *quit;                 /* why it goes, once DOOMED */
    char *password;             /* of PASS, until registration */
    struct client_lists *lists; /* one block, or NULL: it has none of these */
    struct callerid *callerid;  /* accept.c's; NULL: accepts nobody, accepted by none */
    struct multiline *multiline; /* cmd's, one block: the batch it has open, or NULL */
    struct targets *targets;     /* policy's, one block, or NULL: whom it talks with */
    struct left *left;           /* policy's, one block, or NULL: channels it was on */
    struct label *label;         /* takes what is sent to it; NULL: none (label.h) */
    struct cursor *cursors;      /* its answers that are not all said, by next_own */
    struct carried *carried;     /* policy's, one block, or NULL (policy/debt.h) */
    uint16_t ncursors;
    uint16_t untold;              /* lines refused without a word so far */
    char nick[NAME_NICK_MAX + 2]; /* "" before NICK */
    char user[NAME_USER_MAX + 2]; /* "" before USER */
    uint64_t slots[]; /* of other subsystems: subsystem_client (state/subsystem.h) */
};

_Static_assert(offsetof(struct client, modes) == 64,
               "a fan-out touches one cache line");
_Static_assert(sizeof(struct client) <= 640, "a plain idle client stays small");

/* An invitation: known to both sides, gone when either goes or when it is used. */
struct invite {
    struct list of_client, of_channel;
    struct channel *chan;
    struct client *client;
};

/* Its lists, made if they are missing; kept until client_free. */
struct client_lists *client_lists(struct client *c);

/* A client of this address on srv->unregistered. Freed by client_free. */
struct client *client_new(struct server *srv, const struct addr *addr, void *conn);

/* What is known of its connection beside the address (copied; NULL: nothing), before it
 * has registered. A client of which nothing is known pays nothing for it. */
void client_set_connection(struct client *c, bool secure, const char *certfp,
                           const char *gateway);
/* NULL: none. */
const char *client_certfp(const struct client *c);
const char *client_gateway(const struct client *c);

/* Gives c, which has not registered, another address: its host is that one, and it has
 * no cloak. Counts nothing. */
void client_set_address(struct client *c, const struct addr *addr);

/* Frees a client that has left everything (client_leave). */
void client_free(struct server *srv, struct client *c);

/* c, which has left all subsystems, leaves the nick table and its list; then it is
 * DEAD. Only the session calls it, outside any walk. */
void client_leave(struct server *srv, struct client *c);

/* Gives c a nick (valid; free or its own) in the nick table. */
void client_set_nick(struct server *srv, struct client *c, const char *nick);

/* Takes the nick of one who has not registered away again: it is free. */
void client_drop_nick(struct server *srv, struct client *c);

/* The client with this nick (case-insensitive), registered or not; NULL if none. */
struct client *client_find(const struct server *srv, const char *nick);
/* The same for registered ones. */
struct client *client_find_registered(const struct server *srv, const char *nick);

/* "nick!user@host" into out (MASK_TEXT is enough), "*" for what it has not sent yet;
 * returns its length. */
size_t client_source(const struct client *c, char *out, size_t size);

/* The same with its real address, for logs and for who may see addresses. */
size_t client_real_source(const struct client *c, char *out, size_t size);

/* Its real address as a host ("0::1": a parameter must not begin with ':'). */
const char *client_real_host(const struct client *c, char out[CLIENT_HOST_TEXT]);

/* Shows another host from now on (copied). A host that is the real address ends
 * CLIENT_HIDDEN for good; bans are judged anew. No client is told. */
void client_set_host(struct client *c, const char *host);

/* Its nick, or "*" before it has one: the first parameter of numerics. */
const char *client_name(const struct client *c);

/* What masks are matched against; address (ADDR_TEXT) is the caller's room for it. */
void client_subject(const struct client *c, char *address, size_t size,
                    struct mask_subject *out);

/* The same for masks of channel operators: without an address that no other client was
 * ever shown (CLIENT_HIDDEN), so that no mask tells what it is. */
void client_shown_subject(const struct client *c, char *address, size_t size,
                          struct mask_subject *out);

/* Moves c to the end of srv->idle: input has come. */
void client_touch(struct server *srv, struct client *c);

/* Sets or clears user modes and keeps the counters and srv->opers. */
void client_set_modes(struct server *srv, struct client *c, uint32_t modes);

/* Calls fn for every registered client until it returns false. fn may kill. */
void client_each(struct server *srv,
                 bool (*fn)(struct server *, struct client *, void *ctx), void *ctx);

/* Whether more waits for c than limits.sendq allows; once its socket was tried, it is
 * ended for that. */
static inline bool
client_is_over(const struct client *c)
{
    return c->sendq.bytes > c->sendq_max;
}

static inline bool
client_is_registered(const struct client *c)
{
    return (c->flags & (CLIENT_REGISTERED | CLIENT_DEAF)) == CLIENT_REGISTERED;
}

#endif
