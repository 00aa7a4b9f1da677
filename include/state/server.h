/* The context: all state of one server. There are no global variables; a test may make
 * several servers. */
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
#include "state/counts.h"
#include "state/msgid.h"
#include "state/origin.h"
#include "state/refusal.h"
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
/* Work of one turn, about 10 ms, for verdicts on all channels of clients. */
#define VERDICTS_TURN 10000000

struct server {
    const struct subsystem *const *subsystems; /* ends with NULL (subsystem.h) */
    struct subsystem_place *places;            /* one for each subsystem, by its id */
    /* Bytes of the slots of subsystems in each session and in each host. */
    uint32_t client_room, host_room;
    msec ticked_seconds;            /* monotonic: last call of tick_seconds */
    struct origin me;               /* this server */
    msec now;                       /* monotonic, of this turn */
    msec wall;                      /* since 1970, of this turn */
    msec started, started_wall;     /* now and wall of server_new */
    char started_text[MOMENT_TEXT]; /* started_wall as text */
    bool ending;                    /* all clients are being ended */

    struct config *config; /* owned */
    struct log *log;       /* borrowed, as are store and shell */
    struct store *store;
    const struct shell *shell;
    struct journal *journal;                 /* borrowed; NULL: no input is recorded */
    const struct watch *watch;               /* borrowed; NULL: none (watch.h) */
    const struct observer *const *observers; /* ends with NULL (irc_event.h) */
    struct hash_key hash_key; /* random, of all tables by names and of references */
    char *motd;               /* owned; NULL: none */
    char *about;              /* lines of session_about; owned; NULL: none */
    /* The first fault of the configuration that was read last, or of the certificates
     * (REHASH TLS), and is not in force; owned; NULL: it is in force. */
    char *misconfigured, *uncertified;
    /* Why the store cannot write its last changes; owned; NULL: it can. */
    char *unsaved;

    struct client *nicks;            /* uthash by folded nick */
    struct channel *channels;        /* uthash by folded name */
    struct forward_target *forwards; /* owned by forward.c: uthash by folded name */
    struct list timed;               /* channels with timed list entries */
    msec timed_at;            /* wall: no timed entry ends before; 0: there is none */
    struct list unregistered; /* clients that have not registered, oldest first */
    /* Registered clients by their pace (config.paces), the longest silent first. */
    struct list idle[CONFIG_PACES];
    struct list pinged;      /* those with an unanswered PING, oldest first */
    struct list sessionless; /* registered clients of other servers */
    struct list dirty;       /* clients to write to, in the order of writing */
    struct client *doomed, *doomed_tail; /* by doomed_next, in order */
    struct client **opers;               /* n_opers entries, room for opers_cap */
    size_t n_opers, opers_cap;
    uint32_t epoch;          /* of the last relay that reaches each client once */
    uint32_t ban_stamp;      /* last one that a channel was given */
    uint64_t last_deferred;  /* number of the last deferred request */
    unsigned n_jobs;         /* jobs that are not answered */
    uint32_t last_reference; /* counter of origin_reference_next */
    struct list jobs;        /* requests that wait for the worker; cmd/job.c */
    struct list saved_waits; /* owned by saved.c */
    struct request *at_work; /* the request that is answered now; NULL: none */
    size_t verdicts_left;    /* of VERDICTS_TURN; only policy/access.c subtracts */
    /* Work of the command at work: the bytes that were compared, and for each item that
     * was looked at the number of bytes that take as long to compare (about one a
     * nanosecond). */
    size_t work;

    size_t n_clients; /* connections, registered or not, until session_free */
    size_t n_acting;  /* those of them with CLIENT_ACTING */
    uint64_t n_acted; /* all clients of n_accepted with CLIENT_ACTING */
    /* These and the highest numbers are without them. */
    size_t n_registered; /* registered clients, with or without a session */
    size_t n_local;      /* registered clients with a session */
    size_t n_invisible;  /* registered clients with +i */
    size_t n_channels;
    size_t n_members;                              /* memberships of all channels */
    size_t max_registered, max_local, max_clients; /* highest since the start */
    uint64_t n_accepted;                           /* connections since the start */
    uint64_t n_refused;           /* connections refused at accept since the start */
    uint64_t refusals[REFUSALS];  /* other refusals since the start */
    uint64_t bytes_in, bytes_out; /* of all clients since the start */
    struct server_counts counts;
    struct sbuf_home buffers; /* buffers and rings of all queues */
    size_t input_bytes;       /* of held and unfinished lines; recvq.c writes it */
    bool writing;             /* session_dirty gives out the queues of this turn */

    char time_tag[SERVER_TIME_TAG]; /* text of the moment time_tag_at */
    msec time_tag_at;

    struct policy *policy; /* owned by policy */
};

/* A server without clients and without subsystems, which the layers above add. Takes
 * config. */
struct server *server_new(struct config *config, struct log *log, struct store *store,
                          const struct shell *shell, const struct hash_key *key,
                          msec now, msec wall);
/* The lists of clients that have a session: unregistered is 0, those of idle, and pinged
 * is the last. */
#define SERVER_LISTS (CONFIG_PACES + 2)
static inline const struct list *
server_list(const struct server *srv, size_t i)
{
    if (i == 0)
        return &srv->unregistered;
    return i <= CONFIG_PACES ? &srv->idle[i - 1] : &srv->pinged;
}

/* No client may be left. */
void server_free(struct server *srv);

/* "time=..." for this turn, formatted at most once a millisecond. */
const char *server_time_tag(struct server *srv);

/* Asserts that the slots, counters and lists of clients agree. */
void server_check(const struct server *srv);

#endif
