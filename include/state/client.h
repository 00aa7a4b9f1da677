/* A client: a user and the session in which it is connected. The structs are dense,
 * because there are very many. */
#ifndef STATE_CLIENT_H
#define STATE_CLIENT_H

#include "base/list.h"
#include "base/msec.h"
#include "base/sendq.h"
#include "proto/cap.h"
#include "proto/mask.h"
#include "state/session.h"
#include "state/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;

enum client_flag {
    CLIENT_REGISTERED = 1 << 0,
    CLIENT_DOOMED = 1 << 1,       /* client_end was called: nothing more is queued */
    CLIENT_DEAD = 1 << 2,         /* has left all subsystems; until session_free */
    CLIENT_DIRTY = 1 << 3,        /* on srv->dirty: output waits */
    CLIENT_CAP_HOLD = 1 << 4,     /* CAP LS or REQ before registration, no CAP END */
    CLIENT_CAP_302 = 1 << 5,      /* sent CAP LS 302 */
    CLIENT_WAITING = 1 << 6,      /* a deferred request waits: lines are held */
    CLIENT_PINGED = 1 << 7,       /* a PING is unanswered; on srv->pinged */
    CLIENT_PASSED = 1 << 8,       /* sent the right server password */
    CLIENT_LEFT = 1 << 9,         /* sent QUIT */
    CLIENT_GONE = 1 << 10,        /* connection is closed: no byte can be written */
    CLIENT_URGENT = 1 << 11,      /* on srv->dirty before all without this flag */
    CLIENT_HIDDEN = 1 << 12,      /* no other client was ever shown its address */
    CLIENT_STRUCK = 1 << 13,      /* the line that runs got its strike when held */
    CLIENT_CURSOR = 1 << 14,      /* a long answer is unfinished: lines are held */
    CLIENT_SPOILED = 1 << 15,     /* a line was refused, perhaps of a BATCH */
    CLIENT_SESSIONLESS = 1 << 16, /* session is NULL */
    CLIENT_PUBLIC = 1 << 17,      /* its listener is for other machines, without TLS */
    CLIENT_REDIRECT = 1 << 18,    /* its listener has redirect = true */
    CLIENT_UNIX = 1 << 19,        /* its listener is a unix socket */
    /* It acts for the owner (control socket) or an oper block (bearer token): hidden,
     * not counted, without limits. */
    CLIENT_ACTING = 1 << 20,
    CLIENT_WEB = 1 << 21, /* its listener speaks HTTP: it uses WebSocket */
};
/* The bits of its place in config.paces. */
#define CLIENT_PACE_AT 30
#define CLIENT_PACE(flags) ((flags) >> CLIENT_PACE_AT)
/* A client that is ended: nothing is queued for it. */
#define CLIENT_ENDING (CLIENT_DOOMED | CLIENT_DEAD)
/* A client for which nothing is queued now. */
#define CLIENT_UNREACHED (CLIENT_ENDING | CLIENT_SESSIONLESS)
/* A client with a command that is not answered: its lines are held. */
#define CLIENT_HELD (CLIENT_WAITING | CLIENT_CURSOR)

/* The part of a client that a fan-out reads and writes: one cache line. */
struct output {
    struct sendq sendq;
    struct list dirty; /* in srv->dirty if CLIENT_DIRTY */
    uint64_t caps;     /* CAP_* */
    uint32_t flags;    /* CLIENT_* */
    uint32_t epoch;    /* == srv->epoch: this relay has reached it already */
};

_Static_assert(sizeof(struct output) == 64, "a fan-out touches one cache line");

struct client {
    /* The first cache line: a fan-out touches nothing else. */
    struct output out;
    /* in the same block; NULL: the client is connected to another server */
    struct session *session;
    struct list link; /* in srv->unregistered, idle, pinged or sessionless */
    struct user user;
    struct client *doomed_next; /* on srv->doomed; NULL: the last */
    char *quit;                 /* the reason for its end, once CLIENT_DOOMED; owned */
};

_Static_assert(offsetof(struct client, session) == 64,
               "a fan-out touches one cache line");
_Static_assert(sizeof(struct client) + sizeof(struct session) <= 640,
               "a plain idle client stays small");

/* An invitation, in a list of the client and in a list of the channel. It is removed
 * when the client leaves the server or joins, and when the channel is freed. */
struct invite {
    struct list of_client, of_channel;
    struct channel *chan;
    struct client *client;
};

/* The lists of c, made at the first call; they are kept until client_free. */
struct client_lists *client_lists(struct client *c);

/* A new client with this address, on srv->unregistered. Freed by client_free. */
struct client *client_new(struct server *srv, const struct addr *addr, void *conn);

/* A new registered user without a session, on srv->sessionless: it is connected to
 * another server. Texts are copied. Nothing is ever sent to it; client_addr is NULL. */
struct user_start {
    uint64_t id;                                   /* unique since the start; not 0 */
    const char *nick, *username, *host, *realname; /* nick: valid and free */
};
struct client *client_new_user(struct server *srv, const struct user_start *start);

/* Makes c, which has all that it needs, a registered client. No client is told. */
void client_set_registered(struct server *srv, struct client *c);

/* c, which is new, acts for the owner or for an oper block (CLIENT_ACTING). */
void client_set_acting(struct server *srv, struct client *c);

/* Frees a client after client_leave. */
void client_free(struct server *srv, struct client *c);

/* Takes c, which has left all subsystems, out of the nick table and its list and makes
 * it DEAD. Called by the session only, outside of any walk. */
void client_leave(struct server *srv, struct client *c);

/* Gives c a nick, which is valid and free or its own, in the nick table. */
void client_set_nick(struct server *srv, struct client *c, const char *nick);

/* Takes the nick from a client that has not registered: the nick is free. */
void client_drop_nick(struct server *srv, struct client *c);

/* The client with this nick (case-insensitive), registered or not; NULL: none. */
struct client *client_find(const struct server *srv, const char *nick);
/* The same for registered clients; and for registered clients with a session. No client
 * with CLIENT_ACTING is among them: it is hidden from all others. */
struct client *client_find_registered(const struct server *srv, const char *nick);
struct client *client_find_connected(const struct server *srv, const char *nick);

/* Writes "nick!user@host" into out (MASK_TEXT is enough), with "*" for a part that it
 * has not sent yet, and returns the length. */
size_t client_source(const struct client *c, char *out, size_t size);

/* The same with its real address, for logs and for clients that may see addresses. */
size_t client_real_source(const struct client *c, char *out, size_t size);

/* Whose act it is, as users read it: the nick and the source of c, or the name of the
 * server if c is hidden (CLIENT_ACTING). client_author_source returns the length. */
const char *client_author(const struct server *srv, const struct client *c);
size_t client_author_source(const struct server *srv, const struct client *c, char *out,
                            size_t size);

/* The same, as operators read it: the nick of c, or the oper block that c acts for. */
const char *client_act_name(const struct client *c);

/* Sets the host that c shows (copied). If the host is its real address, CLIENT_HIDDEN
 * is cleared for good. Cached verdicts become void. No client is told. */
void client_set_host(struct client *c, const char *host);

/* The nick of c, or "*" if it has none: the first parameter of numerics. */
const char *client_name(const struct client *c);

/* The texts that masks are matched against. `address` (ADDR_TEXT bytes) is memory of
 * the caller for one of them. */
void client_subject(const struct client *c, char *address, size_t size,
                    struct mask_subject *out);

/* The same for masks of channel operators: without the address if no other client was
 * ever shown it (CLIENT_HIDDEN), so that no mask can find it out. */
void client_shown_subject(const struct client *c, char *address, size_t size,
                          struct mask_subject *out);

/* Moves c to the end of its list of srv->idle, after input from it. */
void client_touch(struct server *srv, struct client *c);

/* The number of operators, without clients of the control socket. */
size_t client_count_opers(const struct server *srv);

/* Sets the user modes of c to `modes` and updates the counters and srv->opers. */
void client_set_modes(struct server *srv, struct client *c, uint32_t modes);

/* Calls fn for each registered client with a session until fn returns false. fn may end
 * clients (client_end). */
void client_each(struct server *srv,
                 bool (*fn)(struct server *, struct client *, void *ctx), void *ctx);

/* True if the queue of c is longer than its limit (limits.sendq). The client is ended
 * for this once its socket was tried (session_tried). */
static inline bool
client_is_over(const struct client *c)
{
    return c->out.sendq.bytes > c->out.sendq.limit;
}

/* The capabilities of c (CAP_*). They decide whether it gets a message, and in which
 * form. */
static inline uint64_t
client_form(const struct client *c)
{
    return c->out.caps;
}

/* The address of c; NULL: it has no session. */
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
