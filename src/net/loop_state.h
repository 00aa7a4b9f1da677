/* The inside of the loop, for the files of this layer. */
#ifndef SRC_NET_LOOP_STATE_H
#define SRC_NET_LOOP_STATE_H

#include "base/gather.h"
#include "base/list.h"
#include "base/msec.h"
#include "drain.h"
#include "listen.h"
#include "net/loop.h"

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOP_READ 16384 /* bytes read of one client a turn */

struct conn;
struct worker;

struct loop {
    struct ev_loop *ev;
    struct server *srv; /* NULL until loop_listen */
    struct log *log;
    struct loop_hooks hooks;
    struct worker *worker;
    struct listeners listeners;
    struct drain drain;
    msec now;             /* monotonic, of this turn */
    msec tick_not_before; /* after a stall: input first, deadlines later */
    bool busy;            /* a client has spoken since the last tick */

    struct ev_check turn;
    struct ev_prepare flush;
    struct ev_idle unwritten; /* runs while clients wait for the next turn */
    struct list more; /* connections (conn.c) whose transport holds bytes for a read,
                       * the one that has waited longest first */
    struct list handshakes; /* connections of which a step of the handshake is due */
    uint32_t turns;         /* since the start, modulo 2^32 */
    struct ev_timer tick, sweep;
    struct ev_async stored, verified;
    struct ev_signal term, interrupt, hangup, usr1;

    bool answers; /* hooks.answer is due with the next turn */
    bool ending, told;
    char reason[256];     /* of the end */
    msec flush_until;     /* until then clients may still take what they were sent */
    msec over_at;         /* then the loop returns, whatever is left */
    struct conn **unsent; /* dead clients at the end that have not taken everything */
    size_t n_unsent;

    struct gather gather;      /* of the queues that are written in this turn */
    char input[LOOP_READ + 1]; /* shared by all reads; the core needs one byte more */
};

#endif
