/* The inside of the loop, for the files of this layer. */
#ifndef SRC_NET_LOOP_STATE_H
#define SRC_NET_LOOP_STATE_H

#include "arrival.h"
#include "base/gather.h"
#include "base/list.h"
#include "base/msec.h"
#include "drain.h"
#include "explain.h"
#include "listen.h"
#include "net/loop.h"
#include "passed.h"
#include "session/metrics.h"
#include "transport.h"
#include "turn_time.h"
#include "web_call.h"
#include "web_conn.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_READ 16384 /* bytes read from one client in a turn */

struct conn;
struct tls;
struct worker;

struct loop {
    struct ev_loop *ev;
    struct server *srv; /* NULL until loop_listen */
    struct log *log;
    struct loop_hooks hooks;
    struct worker *worker;
    struct listeners listeners;
    struct passed passed;
    struct drain drain;
    struct arrivals arrivals;
    msec now; /* monotonic, of this turn */
    /* Monotonic: no tick before; after a stall input comes first. */
    msec tick_not_before;
    bool busy; /* a client has sent input since the last tick */
    /* A long answer can go on in this turn (session_can_continue after the last one). */
    bool continues;

    struct ev_check turn;
    struct ev_prepare flush;
    struct ev_idle unwritten; /* runs while clients wait for the next turn */
    /* Connections (conn.c) with bytes inside their transport, the longest waiting
     * first. */
    struct list more;
    struct list handshakes;      /* connections with a due step of the handshake */
    struct list held_handshakes; /* waiting for the end of another handshake */
    struct list in_handshake;    /* all in their handshake, oldest first */
    struct list in_part;         /* connections with a part of a record, oldest first */
    msec part_timeout;           /* limits.ping_timeout */
    unsigned under_way;          /* handshakes that have made a step */
    size_t kept;                 /* connections with a client and a struct conn_kept */
    size_t kept_bytes; /* theirs, beside SESSION_CONN_BYTES and those of handshakes */
    unsigned handshakes_most;              /* tls_limits.handshakes */
    msec handshake_timeout;                /* tls_limits.handshake_timeout */
    struct metric_series ended_handshakes; /* by result and version */
    struct explain explain;
    struct web_calls calls;
    struct tls *tls; /* for new connections; NULL: not loaded yet */
    struct turn_time turn_time;
    uint32_t turns; /* number of turns since the start, modulo 2^32 */
    struct ev_timer tick, sweep;
    struct ev_async stored, verified;
    struct ev_signal term, interrupt, hangup, usr1;

    bool answers;     /* hooks.answer is due with the next turn */
    bool ending;      /* loop_end was called */
    bool told;        /* clients were told of the end */
    char reason[256]; /* of the end of the server */
    /* Monotonic: until then the end waits for changes that are being saved. */
    msec save_until;
    /* Monotonic: until then clients may still take their last lines. */
    msec flush_until;
    msec over_at;         /* monotonic: then the loop returns in any case */
    struct conn **unsent; /* dead clients at the end that have unsent bytes */
    size_t n_unsent;
    struct webs webs; /* connections of HTTP */

    struct gather gather; /* gathers the queues that are written in this turn */
    struct gather formed[TRANSPORT_FORMS]; /* the same in each form but the first */
    char input[LOOP_READ + 1]; /* shared by all reads; the core needs one byte more */
};

#endif
