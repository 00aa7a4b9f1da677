/* The functions of the core that the shell calls. A session is the life of one
 * connection.
 *
 * In each turn the shell calls session_clock before any other of these functions. At
 * the end of a turn it writes the queues of dirty clients and frees dead clients
 * (session_turn), and then calls session_written. The functions are grouped by the file
 * in src/session that defines them. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "base/addr.h"
#include "base/msec.h"
#include "state/refusal.h"
#include "state/shell.h"
#include "state/start.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct certificate;
struct client;
struct config;
struct journal;
struct log;
struct sendq;
struct server;

/* The facts about a connection. The struct and all that it points to are borrowed for
 * the call; the core copies what it keeps. */
struct connection_info {
    struct addr addr;     /* address of the client, not of a gateway */
    const char *listener; /* listener of the connection, as configured */
    /* SHA-256 of its certificate, in 64 lower-case hex digits; NULL: none */
    const char *certfp;
    const char *sni;     /* name of the server that it asked for; NULL: none */
    const char *gateway; /* name of the gateway that vouches for addr; NULL: none */
    /* True if the whole way from the client is encrypted; it is true before a handshake
     * that encrypts, so that classes with tls = true hold at accept. */
    bool secure;
    /* It came through the control socket, and `listener` is the number of the user at its
     * other end. Only the user of the server and root can open it. No
     * limit, ban or server password applies to it, and it becomes an operator with all
     * privileges when it registers. */
    bool owner;
    /* SHA-256 of the bearer token of a call of the API, in 64 lower-case hex digits, for
     * session_act; NULL: it is no call. As for `owner`, but its oper block has the
     * hosts, and the privileges. */
    const char *token;
};

/* --- session.c: the server, and the life of a session --- */

/* Makes a server without clients and loads the records of the store. session_end frees
 * it; before that, the shell must close and free all sessions. */
struct server *session_begin(const struct server_start *start);
void session_end(struct server *srv);

/* Sets the clocks of the turn. Call it before any other function in a turn. */
void session_clock(struct server *srv, msec now, msec wall);

/* The connection of c has ended. error is the text of the failure (copied); NULL: the
 * other side closed the connection. Other clients are told later (at session_dirty, or
 * at the next line or connection), when all clients that leave in this turn are known.
 * So clients that leave together are not told of each other. A second call does
 * nothing. The client stays allocated until session_free. */
void session_close(struct server *srv, struct client *c, const char *error);

/* True if c is dead: the shell must write its queue, close its connection and call
 * session_free. */
bool session_is_dead(const struct client *c);
/* True if a dead client has left by itself (QUIT, or it closed the connection). The
 * shell then need not wait for further input from it. */
bool session_has_left(const struct client *c);
/* The pointer that the shell gave to session_open or session_set_conn for c. */
void *session_conn(const struct client *c);
/* Sets what session_conn returns. A shell that makes its connection only for an
 * admitted client opens with NULL and calls this before any other function. */
void session_set_conn(struct client *c, void *conn);
/* Frees a dead client. The shell calls it when the connection is closed. */
void session_free(struct server *srv, struct client *c);

/* The worker's answer to a job: at most JOB_ANSWER_MAX bytes. */
void session_answered(struct server *srv, uint64_t job, const void *answer, size_t n);
/* The store's news of saved or failed changes. */
void session_stored(struct server *srv, const struct store_news *news);

/* The certificates that the shell shows from now on (state/certificate.h), in the order
 * of their blocks. asked: the number of the REHASH TLS that it answers; 0: none.
 * Borrowed for the call. */
void session_certificates(struct server *srv, uint64_t asked,
                          const struct certificate *all, size_t n);

/* What STATS s shows of the process, besides what the core knows: lines "key: value", each
 * ends with LF; a line "wrong: …" names a fault and its remedy. Replaces the lines of
 * the last call. Copied. */
void session_about(struct server *srv, const char *lines);

/* Puts a valid configuration into force. The server owns it and frees the old one.
 * asked: the number of the REHASH that it answers (state/shell.h); 0: a signal. motd is
 * copied. text is the text from which config was parsed (NULL without a journal). */
void session_configure(struct server *srv, uint64_t asked, struct config *config,
                       const char *text, const char *motd);
/* The new configuration has faults, one a line: logs them and tells the client that
 * asked and operators with the privilege. */
void session_configure_failed(struct server *srv, uint64_t asked, const char *faults);

/* The answer to the RESTART with this number. faults is NULL if the server is about to
 * end and start again. Otherwise it has the faults, one a line, and nothing changes. */
void session_restarted(struct server *srv, uint64_t asked, const char *faults);

/* True if a client waits to be told whether its change is saved. The server ends once it
 * is told, if the disk answers in time. */
bool session_awaits_store(const struct server *srv);
/* Tells all clients that the server ends and marks all of them as dead. */
void session_shutdown(struct server *srv, const char *reason);

/* The number of connections, registered or not, without those of the control socket. */
size_t session_count(const struct server *srv);

/* Asserts every invariant of the state (tests, fuzzers). */
void session_check(const struct server *srv);

/* --- admission.c: connections become clients --- */

/* Checks a new connection (contrib/POLICY.md 2) and makes it a client. NULL: it is
 * refused, and `refusal` (refusal_size bytes, 512 are enough) is the one line to send
 * before closing it, CRLF included. `conn` is the shell's own (session_conn). */
struct client *session_open(struct server *srv, const struct connection_info *info,
                            void *conn, char *refusal, size_t refusal_size);

/* What session_act says of a bearer token. */
enum act_verdict {
    ACT_ADMITTED,
    ACT_UNKNOWN,    /* no oper block has the token: it counts as a failed OPER */
    ACT_LOCKED_OUT, /* too many failures from the host: the token was not compared */
    ACT_HOST, /* the block, or any block with a token, does not admit the address */
    ACT_PLAIN /* neither encrypted nor from this machine: it was not compared */
};

struct act_refusal {
    enum act_verdict verdict;
    int seconds;   /* ACT_LOCKED_OUT: until the end of the lockout */
    char why[200]; /* a sentence for the caller */
};

/* As session_open, for info->token. NULL: *out says why. It is the client of one call:
 * hidden from all others, not counted and without limits. It registers as the client of
 * `ircd ctl` does (proto/control_answer.h, with ACCESS_TOKEN_USER) and is then an
 * operator with the privileges of the block. The shell ends it by session_close. */
struct client *session_act(struct server *srv, const struct connection_info *info,
                           void *conn, struct act_refusal *out);

/* A gateway reports that c, which has not registered, comes from info->addr, or its
 * handshake has given other facts. From now on c is treated as if it had connected so:
 * the counts, classes, exemptions, bans and limits of its new address and facts apply,
 * and the old address gets back its count and its token of connect_rate. The input of c
 * so far and its time to register stay counted. Nothing is counted anew if neither the
 * address nor the class changes. False: c is refused from
 * there and ended, with the text with which session_open would have refused it; or
 * nothing has changed, because c has registered, is ended, or waits for a check of its
 * server password. Removes ended clients, as session_open does: not for use within a
 * walk over clients. */
bool session_rehome(struct server *srv, struct client *c,
                    const struct connection_info *info);

/* The facts about the connection of c, without the listener (NULL). Borrowed until
 * session_rehome or session_free. */
void session_info(const struct client *c, struct connection_info *out);

/* --- refused.c --- */

/* A connection that the shell refuses, or ends before its client has said anything.
 * Borrowed for the call. */
struct refused {
    enum refusal kind;
    struct addr addr;     /* of the peer, which may be a proxy */
    const char *listener; /* as configured */
    const char *why;      /* in lower case, for logs and operators */
};

/* Counts it, logs it and tells operators of it. It changes no client. */
void session_refused(struct server *srv, const struct refused *r);

/* --- input.c --- */

/* Bytes from the connection of c, split anywhere. They are parsed in place: the buffer
 * must be writable and have room for one more byte after n. */
void session_input(struct server *srv, struct client *c, char *bytes, size_t n);

/* Whether c has sent no byte of IRC yet. */
bool session_is_silent(const struct client *c);

/* --- tick.c: deadlines --- */

/* Does all timed work that is due. Returns the time after which to call it again (1 to
 * 1000 ms). */
msec session_tick(struct server *srv);

/* Whether a long answer can go on in the next turn (cursor_can_continue). Call it after
 * the writes of a turn, because an answer waits for its reader. */
bool session_can_continue(const struct server *srv);

/* Makes a few pieces of long answers, which else wait for the next tick. Call it at
 * most once a turn, and not in the turn of a tick, which makes pieces as well. */
void session_continue(struct server *srv);

/* A gap of this length between two turns or two ticks is a stall: the process was
 * stopped, or the machine slept. No client times out because of it. */
#define SESSION_STALL (5 * MSEC_SECOND)

/* Call it if the clocks were moved on since the last tick but the process was not
 * stopped, as a simulation does: the gap is no stall. */
void session_skip(struct server *srv);

/* --- output.c: writing queues --- */

/* Removes the next client that has bytes to send or is dead from the list of dirty
 * clients and returns it; NULL: the list is empty. The shell writes the queue of the
 * client (session_sendq). If the client is dead, the shell then closes the connection
 * and calls session_free. If bytes are left in the queue, the client is not put back on
 * the list: the shell waits for the socket. A close can put more clients on the
 * list. */
struct client *session_dirty(struct server *srv);
/* As session_dirty, but only for the clients that are due in this turn; NULL: no more
 * are due. The caller sets *n to 0 at the start of a turn; the function counts in it.
 * If very many clients have queues, some are deferred to the next turn, so that
 * messages of clients that are read in between go out with the same write. A client is
 * never deferred if it sent input this turn or its queue is at half its limit, and
 * never for more than eight turns. */
struct client *session_turn(struct server *srv, size_t *n);
/* True if clients are left for the next turn. */
bool session_is_dirty(const struct server *srv);
struct sendq *session_sendq(struct client *c);
/* The socket of c took the first n bytes of its queue; they leave the queue. `blocked`:
 * the socket takes no more for now, and the queue frees memory that it does not
 * need. */
void session_sent(struct server *srv, struct client *c, size_t n, bool blocked);
/* True if the queue of c is over limits.sendq, or session_is_full is true. The shell
 * then writes until this is false or the socket takes no more, even if it already waits
 * for the socket. */
bool session_is_over(const struct server *srv, const struct client *c);
/* True if all queues together are over limits.sendq_total. The shell then reads from no
 * client until the next turn. This bounds what one turn can queue, however many clients
 * send input in it. */
bool session_is_full(const struct server *srv);
/* The queue of c, which is alive, was written until its socket took no more. c is ended
 * if its queue is still over limits.sendq; nothing else ends it for that within a
 * turn. */
void session_tried(struct server *srv, struct client *c);
/* All writes of the turn were tried: checks the limits on the memory of all clients
 * together (limits.sendq_total, limits.recvq_total). Call it once a turn, after
 * session_turn or session_dirty has returned NULL. It can put clients on the list. */
void session_written(struct server *srv);

#endif
