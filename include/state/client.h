/* A client: a user, and the session in which it is connected. Dense: there are very
 * many. */
#ifndef STATE_CLIENT_H
#define STATE_CLIENT_H

#include "base/list.h"
#include "base/msec.h"
#include "proto/cap.h"
#include "proto/mask.h"
#include "state/output.h"
#include "state/session.h"
#include "state/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;

enum client_flag {
    CLIENT_REGISTERED = 1 << 0,
    CLIENT_DOOMED = 1 << 1,       /* client_kill was called; takes nothing more */
    CLIENT_DEAD = 1 << 2,         /* has left everything; waits for session_free */
    CLIENT_DIRTY = 1 << 3,        /* on srv->dirty */
    CLIENT_CAP_HOLD = 1 << 4,     /* CAP was sent before registration and END was not */
    CLIENT_CAP_302 = 1 << 5,      /* CAP LS 302 */
    CLIENT_WAITING = 1 << 6,      /* a deferred request waits: lines are held */
    CLIENT_PINGED = 1 << 7,       /* a PING is out; on srv->pinged */
    CLIENT_PASSED = 1 << 8,       /* the server password was right */
    CLIENT_LEFT = 1 << 9,         /* it has said QUIT */
    CLIENT_GONE = 1 << 10,        /* its connection is closed: nothing can be written */
    CLIENT_URGENT = 1 << 12,      /* on srv->dirty, in front of those who can wait */
    CLIENT_HIDDEN = 1 << 13,      /* no other client was ever shown its address */
    CLIENT_STRUCK = 1 << 14,      /* the last strike is for the line at work too */
    CLIENT_CURSOR = 1 << 15,      /* the rest of a long answer is pending: the same */
    CLIENT_SPOILED = 1 << 16,     /* a line was refused that may belong to a batch */
    CLIENT_SECURE = 1 << 17,      /* its connection is encrypted all the way */
    CLIENT_SESSIONLESS = 1 << 18, /* session is NULL */
};
/* Whom nothing is queued for any more. */
#define CLIENT_ENDING (CLIENT_DOOMED | CLIENT_DEAD)
/* That nothing is queued for now. */
#define CLIENT_UNREACHED (CLIENT_ENDING | CLIENT_SESSIONLESS)
/* Whose lines are held. */
#define CLIENT_HELD (CLIENT_WAITING | CLIENT_CURSOR)

struct client {
    struct output out;       /* the first cache line is all that a fan-out touches */
    struct session *session; /* in the same block; NULL: it is connected elsewhere */
    struct list link;        /* srv->unregistered, idle, pinged or sessionless */
    struct user user;
    struct client *doomed_next;
    char *quit; /* why it goes, once DOOMED */
};

_Static_assert(offsetof(struct client, session) == 64,
               "a fan-out touches one cache line");
_Static_assert(sizeof(struct client) + sizeof(struct session) <= 640,
               "a plain idle client stays small");

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

/* A registered user without a session on srv->sessionless: it is connected somewhere
 * else. Texts are copied. Nothing is ever sent to it; client_addr is NULL. */
struct user_start {
    uint64_t id; /* of no other client since the start; not 0 */
    const char *nick, *username, *host, *realname; /* the nick is valid and free */
};
struct client *client_new_user(struct server *srv, const struct user_start *start);

/* c, which has all that it needs, is registered from now on; nothing is told. */
void client_set_registered(struct server *srv, struct client *c);

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
/* The same for registered ones; and for those of them that have a session. */
struct client *client_find_registered(const struct server *srv, const char *nick);
struct client *client_find_connected(const struct server *srv, const char *nick);

/* "nick!user@host" into out (MASK_TEXT is enough), "*" for what it has not sent yet;
 * returns its length. */
size_t client_source(const struct client *c, char *out, size_t size);

/* The same with its real address, for logs and for who may see addresses. */
size_t client_real_source(const struct client *c, char *out, size_t size);

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

/* Calls fn for every registered client that has a session until it returns false. fn
 * may kill. */
void client_each(struct server *srv,
                 bool (*fn)(struct server *, struct client *, void *ctx), void *ctx);

/* Whether more waits for c than limits.sendq allows; once its socket was tried, it is
 * ended for that. */
static inline bool
client_is_over(const struct client *c)
{
    return c->out.sendq.bytes > c->out.sendq.limit;
}

/* What a fan-out needs of the capabilities of c: CAP_* that decide whether it gets a
 * message and in which form. */
static inline uint64_t
client_form(const struct client *c)
{
    return c->out.caps;
}

/* Its address; NULL: it has no session. */
static inline const struct addr *
client_addr(const struct client *c)
{
    return c->session ? &c->session->addr : NULL;
}

static inline bool
client_is_registered(const struct client *c)
{
    return (c->out.flags & (CLIENT_REGISTERED | CLIENT_ENDING)) == CLIENT_REGISTERED;
}

#endif
