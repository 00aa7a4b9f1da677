/* The context: everything one server knows. No globals; tests make as many as they
 * like. */
#ifndef STATE_SERVER_H
#define STATE_SERVER_H

#include "base/bucket.h"
#include "base/duration.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/msec.h"
#include "base/sbuf.h"
#include "config/config.h"
#include "proto/snomask.h"
#include "state/msgid.h"
#include "state/origin.h"
#include "state/reference.h"
#include "state/shell.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct client;
struct forward_target;
struct journal;
struct observer;
struct policy;
struct request;
struct subsystem;
struct subsystem_place;
struct watch;

#define SERVER_TIME_TAG 40 /* "time=2026-11-22T14:03:05.123Z" */

/* Work (server.work) that costs a client one token. */
#define WORK_A_TOKEN 400000
/* Work that one turn spends on verdicts on all channels of clients, about: 10 ms. */
#define VERDICTS_TURN 10000000

struct server {
    const struct subsystem *const *subsystems; /* NULL ends it (subsystem.h) */
    struct subsystem_place *places;            /* of each, by its id */
    uint32_t client_room, host_room; /* bytes of slots behind each client and host */
    msec ticked_seconds;             /* monotonic: last walk of tick_seconds */
    struct origin me;                /* this server */
    msec now;                        /* monotonic, of this turn */
    msec wall;                       /* since 1970, of this turn */
    msec started, started_wall;
    char started_text[MOMENT_TEXT]; /* the latter, for people */
    bool ending;                    /* everybody is being sent away */

    struct config *config; /* owned */
    struct log *log;       /* borrowed, as the next two */
    struct store *store;
    const struct shell *shell;
    struct journal *journal;   /* cmd's, borrowed; NULL: nothing is recorded */
    const struct watch *watch; /* borrowed; NULL: nobody looks on */
    const struct observer *const *observers; /* of events; NULL ends it (event.h) */
    struct hash_key hash_key;
    char *motd; /* owned; NULL: none */

    struct client *nicks;            /* uthash by folded nick */
    struct channel *channels;        /* uthash by folded name */
    struct forward_target *forwards; /* state/forward.h's table by folded name */
    struct list timed;               /* channels with list entries that end */
    msec timed_at;            /* wall: none of these ends before; 0: there is none */
    struct list unregistered; /* clients by age */
    struct list idle;         /* registered clients, longest silent first */
    struct list pinged;       /* registered clients with a PING out, by its time */
    struct list sessionless;  /* registered clients that are connected elsewhere */
    struct list dirty;        /* clients to write to, in this order */
    struct client *doomed, *doomed_tail; /* by doomed_next */
    struct client **opers;               /* n_opers of them */
    size_t n_opers, opers_cap;
    uint32_t epoch;
    uint32_t ban_stamp;      /* last one given to a channel */
    uint64_t last_deferred;  /* number of a deferred request */
    unsigned n_jobs;         /* not answered */
    uint32_t last_reference; /* reference_next's */
    struct list jobs;        /* cmd's: what waits for the worker */
    struct list saved_waits; /* state/saved.h's */
    struct request *at_work; /* whose client is answered; NULL: none (request.h) */
    size_t verdicts_left;    /* of VERDICTS_TURN; only policy/access.c takes from it */
    size_t work; /* of the command at work: bytes compared, and as much as takes the
                  * same time (a nanosecond, about) for each thing looked at */

    size_t n_clients;    /* connections, registered or not, dead ones not yet freed
                            included */
    size_t n_registered; /* those without a session included */
    size_t n_local;      /* registered, with a session */
    size_t n_invisible;
    size_t n_channels;
    size_t max_registered, max_local;
    size_t max_clients;
    uint64_t n_accepted;          /* connections since the start */
    uint64_t n_refused;           /* turned away at accept since the start */
    uint64_t bytes_in, bytes_out; /* of all clients since the start */
    struct sbuf_home buffers;     /* of all queues, with their rings */
    size_t input_bytes;           /* memory of lines held or unfinished; recvq.c's */
    bool writing;                 /* the turn's queues are being given out */

    char time_tag[SERVER_TIME_TAG]; /* of time_tag_at */
    msec time_tag_at;

    struct policy *policy; /* policy's own state */
};

/* The structure with nobody on; the layers above put in theirs. Takes config. */
struct server *server_new(struct config *config, struct log *log, struct store *store,
                          const struct shell *shell, const struct hash_key *key,
                          msec now, msec wall);
/* Nobody may be on any more. */
void server_free(struct server *srv);

/* "time=…" for this turn, made at most once a millisecond. */
const char *server_time_tag(struct server *srv);

/* The invariants: slots agree, counters agree, lists agree. Asserts. */
void server_check(const struct server *srv);

#endif
