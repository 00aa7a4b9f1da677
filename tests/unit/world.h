/* A whole server in one process with a clock that is set by hand: session tests talk to
 * it as clients do. The state is checked (session_check) after each step, or after each
 * check_every steps. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "base/msec.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/client.h"
#include "state/server.h"
#include "test.h"

#include <stdbool.h>
#include <stddef.h>

#define WORLD_CLIENTS 4096
#define WORLD_ASKED 64
#define WORLD_JOBS 1024            /* as the worker's queue */
#define WORLD_WALL 1795305600000LL /* 2026-11-22 00:00:00 UTC */

/* The first references of batches that the key of a world gives. */
#define WORLD_REFERENCE_1 "50f455c4"
#define WORLD_REFERENCE_2 "5a0d9c96"
#define WORLD_REFERENCE_3 "b5753848"

/* One connection as the tests see it. */
struct actor {
    struct client *client; /* NULL: closed, or never accepted */
    char *inbox;           /* lines received and not yet expected, each ends with LF */
    size_t len, cap;
    bool closed;
    bool deaf;   /* reads nothing, so its queue grows */
    bool drains; /* reads all and keeps nothing: for crowds */
};

struct world {
    struct server *srv;
    struct store *store;
    struct log log;
    char *logged; /* all log lines so far */
    size_t logged_len;
    struct actor actors[WORLD_CLIENTS];
    int n_actors;
    bool verify_later;         /* answers wait for world_verify */
    uint64_t jobs[WORLD_JOBS]; /* waiting */
    unsigned char answers[WORLD_JOBS];
    int n_jobs;
    bool answer_later; /* REHASH and RESTART wait for world_answer */
    struct world_asked {
        uint64_t id;
        bool restart; /* else a REHASH */
        bool tls;     /* a REHASH TLS; it fails if rehash_text is NULL */
        char reason[512];
    } asked[WORLD_ASKED]; /* waiting */
    int n_asked;
    unsigned check_every; /* turns for one session_check; 0: each turn has one */
    unsigned turns;
    uint8_t seeds; /* servers begun: each gets another random seed for cloaks */
    const char *rehash_text; /* the text that REHASH reads; NULL: it fails */
    const char *motd;        /* the MOTD with which world_restart starts; NULL: none */
    char died[512];          /* reason given to DIE; "" else */
    char restarted[512];     /* reason given to RESTART; "" else */
    const char *restart_fault; /* why RESTART is refused; NULL: it is not */
    struct shell shell;
    struct shell_memory memory; /* that the shell reports */
};

/* A server with this configuration text (NULL: no options), without cloaks unless the
 * text has the word. Passwords of operators are written "$argon2id$secret" in it, and a
 * password is right when it equals the text behind the last '$'. A wrong text ends the
 * test run. */
struct world *world_new(const char *config);
/* If it is not NULL, servers that begin are recorded in it. */
extern struct journal *world_journal;
/* The configuration as world_new reads it; NULL: it is wrong. */
struct config *world_parse(const char *config);
/* A restart or crash: a new server on the same store; all clients are gone. */
void world_restart(struct world *w, const char *config);
void world_free(struct world *w);
/* The end of a turn: all queued lines are delivered, and the server is checked. */
void world_settle(struct world *w);
/* Ends the test run. */
_Noreturn void world_stop(const char *why);

/* Connects from an address ("192.0.2.1"). Never NULL: look at `closed`. */
struct actor *world_connect(struct world *w, const char *address);
/* The same with these facts; their address is ignored. */
struct actor *world_connect_with(struct world *w, const char *address,
                                 struct connection_info info);
/* Connects from an address of its own, registers, and forgets the welcome. */
struct actor *world_user(struct world *w, const char *nick);
/* The same with these facts. */
struct actor *world_user_with(struct world *w, const char *nick,
                              struct connection_info info);
struct actor *world_user_at(struct world *w, const char *nick, const char *address);
/* The same, and OPER alice with all privileges (the configuration needs the block). */
struct actor *world_oper(struct world *w, const char *nick);
/* The same as the operator of another block. */
struct actor *world_oper_as(struct world *w, const char *nick, const char *block);

/* The actor of the client with this nick; the test ends if there is none. */
struct actor *world_actor(struct world *w, const char *nick);
/* A channel with members: world_channel(w, "#a", "ann@", "bob"). Each joins in this
 * order (world_user, if there is no such nick); "ann@" and "bob+" have these prefixes
 * then, and the others none. Forgets what is waiting, of all. */
#define world_channel(w, ...) world_join_all((w), (const char *[]){__VA_ARGS__, NULL})
void world_join_all(struct world *w, const char **channel_and_members);

/* A server with world_easy and these users, all without privileges: ann is an operator
 * of #a, bob is a member of it, and eve is not. */
struct world *world_three(struct actor **ann, struct actor **bob, struct actor **eve);
/* A server with this configuration (it has the block of alice) and world_oper alice. */
struct world *world_with_oper(const char *config, struct actor **alice);

/* Sends a line (CRLF is added), or bytes as they are. */
void world_say(struct world *w, struct actor *a, const char *line);
void world_sayf(struct world *w, struct actor *a, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
void world_say_times(struct world *w, struct actor *a, const char *line, int times);
/* Forgets what is waiting, of all, sends a line, and tells the core what is stored. */
void world_enact(struct world *w, struct actor *a, const char *line);
void world_send(struct world *w, struct actor *a, const char *bytes, size_t n);
/* The same as world_sayf, but the turn goes on. */
void world_inputf(struct world *w, struct actor *a, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
void world_close(struct world *w, struct actor *a);

/* Lets time pass in steps, with ticks as the shell makes them. */
void world_sleep(struct world *w, msec ms);
/* Lets time pass at once, with one tick at its end. */
void world_leap(struct world *w, msec ms);
/* Sets the wall clock alone. */
void world_set_wall(struct world *w, msec wall);
/* Tells the core what the store has done. */
void world_store_news(struct world *w);
/* As if so many jobs waited that the queue is full; or no longer. */
void world_fill_worker(struct world *w, bool full);

/* Answers REHASH and RESTART (with answer_later). */
void world_answer(struct world *w);
/* The record of the host with this address; NULL: there is none. Settled: with all
 * that has decayed until now. */
struct host *world_host(const struct world *w, const char *address);
struct host *world_settled_host(const struct world *w, const char *address);

/* The configuration is read again as after SIGHUP; false: it is refused. */
bool world_rehash(struct world *w);

/* Answers the waiting password jobs (with verify_later). */
void world_verify(struct world *w);

/* The next line must match the pattern (`*` any run, `?` any byte), and is taken. */
#define EXPECT(w, a, pattern) world_expect((w), (a), (pattern), __FILE__, __LINE__)
void world_expect(struct world *w, struct actor *a, const char *pattern,
                  const char *file, int line);
/* Lines are skipped until one matches; it must come. */
#define AWAIT(w, a, pattern) world_await((w), (a), (pattern), __FILE__, __LINE__)
void world_await(struct world *w, struct actor *a, const char *pattern,
                 const char *file, int line);
/* No line that matches is waiting; nothing is taken. */
#define NEVER(w, a, pattern) world_never((w), (a), (pattern), __FILE__, __LINE__)
void world_never(struct world *w, struct actor *a, const char *pattern,
                 const char *file, int line);
/* Nothing is waiting. */
#define SILENT(w, a) world_silent((w), (a), __FILE__, __LINE__)
void world_silent(struct world *w, struct actor *a, const char *file, int line);
/* Forgets what is waiting, of one or of all. */
void world_drain(struct actor *a);
void world_drain_all(struct world *w);
/* The number in a row of the census (STATS z). */
size_t world_counted(const struct world *w, const char *row);
/* Sends the line; the work of its turn. */
size_t world_work(struct world *w, struct actor *a, const char *line);
/* The tokens that the bucket of lines of `a` lacks. */
int world_owed(const struct world *w, const struct actor *a);
/* The number of waiting lines that match. */
unsigned world_count(const struct actor *a, const char *pattern);

/* A configuration with oper alice (all privileges, any host) and nothing else. */
extern const char world_alice[];
/* The same, with limits that no test reaches. */
extern const char world_easy[];

#endif
