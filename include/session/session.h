/* The seam: all that the shell knows of the core. A session is one connection's life.
 *
 * The shell calls session_clock once a turn, before any other of these calls; after a
 * turn it sends the queues of dirty clients and frees the dead (see session_turn), and
 * then says that all was tried (session_written). */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "base/addr.h"
#include "base/msec.h"
#include "state/shell.h"
#include "state/start.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct config;
struct journal;
struct log;
struct sendq;
struct server;

/* What is known of a connection. It and all that it points to are borrowed for the
 * call; the core copies what it keeps. */
struct connection_info {
    struct addr addr;     /* of the client, not of a gateway before it */
    const char *listener; /* it came in through, as configured */
    const char *certfp;   /* fingerprint of its certificate, in hex; NULL: none */
    const char *gateway;  /* name of the gateway that vouches for addr; NULL: none */
    bool secure;          /* encrypted all the way from the client */
};

/* The server with nobody on, what the store knows loaded. Freed by session_end, which
 * closes nothing: close all sessions first. */
struct server *session_begin(const struct server_start *start);
void session_end(struct server *srv);

/* The turn's clocks; call before anything else in a turn. */
void session_clock(struct server *srv, msec now, msec wall);

/* The check at accept (contrib/POLICY.md 2), then a client. NULL: not let in; `refusal`
 * (size refusal_size, 512 is enough) holds the one line to send before closing, CRLF
 * included. `conn` is the shell's own and comes back in session_conn. */
struct client *session_open(struct server *srv, const struct connection_info *info,
                            void *conn, char *refusal, size_t refusal_size);

/* c, which has not registered, comes from info->addr in truth: a gateway before it says
 * so. From now on it is as if it had connected from there, and as if its old address
 * had never had this connection: all that is counted for an address, its classes,
 * exemptions, bans and limits are those of the new one, and the token of connect_rate
 * that the old address has paid comes back. What c has sent so far, and the time that
 * it has to register, count on. Also for the same address, of which more is known now.
 * False: c is not let in from there and is ended with the words that session_open would
 * have refused it with; or nothing has changed, because c has registered, is ended, or
 * its server password is being checked. Takes the doomed out of everything, as
 * session_open does: not for use within a walk over clients. */
bool session_rehome(struct server *srv, struct client *c,
                    const struct connection_info *info);

/* What is known of the connection of c, but for the listener (NULL); borrowed until
 * session_rehome or session_free. */
void session_info(const struct client *c, struct connection_info *out);

/* Bytes that arrived, in any split; they are parsed in place, so the buffer must be
 * writable and have room for one more byte after n. */
void session_input(struct server *srv, struct client *c, char *bytes, size_t n);

/* The connection is gone or has failed. error: what failed (copied); NULL: the
 * other side has closed it. Other clients are told once all that have gone in this turn
 * are known (session_dirty, or the next line or connection), so that many that go at
 * once are not told of each other. Idempotent. The client stays allocated
 * until session_free. */
void session_close(struct server *srv, struct client *c, const char *error);

/* Everything that is due; returns in how many milliseconds to call again (1..1000). */
msec session_tick(struct server *srv);

/* ms between two turns or two ticks: after a longer gap the process was stopped, or the
 * machine slept, and no client times out for it. */
#define SESSION_STALL (5 * MSEC_SECOND)

/* The clock was moved on since the last tick with nothing to do: that is no stall. */
void session_skip(struct server *srv);

/* The next client that has bytes to send or has died, taken off the list; NULL at the
 * end of the list. The shell writes its sendq (session_sendq) and, if it is dead,
 * closes the connection and calls session_free. A client that could not be written
 * whole is not put back: the shell waits for the socket. A close can make more clients
 * dirty. */
struct client *session_dirty(struct server *srv);
/* The same for one turn, at whose start *n is 0: where very many only listen, some wait
 * for the next turn, so that others are read meanwhile and what is said meanwhile goes
 * with the same write. Nobody waits who has spoken in this turn or for whom half of his
 * limit is queued, nor anybody for long: in eight turns all have been given out. NULL:
 * this turn's are over. */
struct client *session_turn(struct server *srv, size_t *n);
/* Whether somebody is left for the next turn. */
bool session_is_dirty(const struct server *srv);
struct sendq *session_sendq(struct client *c);
/* The socket of c has taken the first n bytes of its queue, which leave it. `blocked`:
 * it takes no more for now, and the queue gives back what it does not need. */
void session_sent(struct server *srv, struct client *c, size_t n, bool blocked);
/* Whether more waits for c than limits.sendq allows, or session_is_full. The shell then
 * writes until that is no longer so or the socket takes no more, also where it waits
 * for the socket. */
bool session_is_over(const struct server *srv, const struct client *c);
/* Whether all queues take more than limits.sendq_total allows. The shell then reads of
 * no client until the next turn: what one turn can queue is bounded by that, however
 * many clients speak in it. */
bool session_is_full(const struct server *srv);
/* The queue of c, which lives, was written as far as its socket takes it: c is ended if
 * it is still over its limit. Nothing else ends c for its queue within a turn. */
void session_tried(struct server *srv, struct client *c);
/* The turn's writes are done: the limits on memory of all clients together
 * (limits.sendq_total, limits.recvq_total) are judged now. Call it once a turn, after
 * session_turn or session_dirty has returned NULL. It can make clients dirty. */
void session_written(struct server *srv);
bool session_is_dead(const struct client *c);
/* It went by itself (QUIT, or it closed): nothing it may still send is waited for. */
bool session_has_left(const struct client *c);
void *session_conn(const struct client *c);
/* What session_conn returns from now on: a shell that would make its own for nobody
 * opens with NULL and sets it before anything else. */
void session_set_conn(struct client *c, void *conn);
/* Frees a dead client; the shell calls it once its connection is closed. */
void session_free(struct server *srv, struct client *c);

/* Answers of the shell's helpers. A job has at most JOB_ANSWER_MAX bytes of answer. */
void session_answered(struct server *srv, uint64_t job, const void *answer, size_t n);
void session_stored(struct server *srv, const struct store_news *news);

/* A good configuration takes over; the server owns it and frees the old one. asked: the
 * number of the REHASH that it answers (state/shell.h); 0: a signal's. motd is copied;
 * text is what config was made of (NULL without a journal). */
void session_configure(struct server *srv, uint64_t asked, struct config *config,
                       const char *text, const char *motd);
/* A configuration that was refused: logs and tells the client that asked and operators
 * with the right. faults: one a line. */
void session_configure_failed(struct server *srv, uint64_t asked, const char *faults);

/* The answer to the RESTART with this number. NULL: the server is about to end, and
 * starts anew; faults, one a line: nothing changes. */
void session_restarted(struct server *srv, uint64_t asked, const char *faults);

/* Tells everyone that the server ends and marks all clients dead. */
void session_shutdown(struct server *srv, const char *reason);

/* How many connections there are, registered or not. */
size_t session_count(const struct server *srv);

/* Asserts every invariant of the state (tests, fuzzers). */
void session_check(const struct server *srv);

#endif
