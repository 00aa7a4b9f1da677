/* The counters of a simulation, for each host, and how they are printed. */
#ifndef REPLAY_TALLY_H
#define REPLAY_TALLY_H

#include "base/addr.h"
#include "base/hash.h"
#include "base/msec.h"

#include <stdint.h>
#include <stdio.h>

#define TALLY_NAMES 24 /* causes or limits; further ones are counted as "other" */

/* How often each of a few names was counted, in the order of their first use. */
struct tally_names {
    struct {
        const char *name; /* borrowed: a literal of the core */
        uint64_t n;
    } rows[TALLY_NAMES];
    size_t used; /* rows */
};

struct tally_ban {
    /* at: since the start; length: 0: the client was only disconnected */
    msec at, length;
    const char *cause;
};

/* One host, or the sum of all. */
struct tally_counts {
    uint64_t connects; /* attempts */
    uint64_t refused_connects;
    struct tally_names limits; /* by the limit that refused it */
    /* lines that ran at once, that ran later, that were refused */
    uint64_t run, held, refused;
    /* lines that came behind the end of their connection, ended it, or were held when
     * it ended */
    uint64_t lost;
    msec longest; /* the longest wait of a held line */
    uint64_t strikes;
    struct tally_names causes; /* of the strikes */
    uint64_t bans, disconnects;
};

struct tally_host {
    UT_hash_handle hh;
    struct prefix key;
    msec first; /* its first connect */
    struct tally_counts counts;
    struct tally_ban *bans; /* n_bans of them, disconnections included */
    size_t n_bans;
};

struct tally {
    /* uthash by prefix, in the order of their first connect */
    struct tally_host *hosts;
};

/* The host; it is added with the time `now` if it is missing. Valid as long as the
 * tally. */
struct tally_host *tally_host(struct tally *t, const struct prefix *key, msec now);
void tally_name(struct tally_names *names, const char *name, uint64_t n);
void tally_ban(struct tally_host *h, msec at, msec length, const char *cause);
void tally_free(struct tally *t);

/* A table with one line a host, and the summary. */
void tally_print(const struct tally *t, FILE *to);
/* The same as JSON: one object a line for each host, and {"summary":...} at the end. */
void tally_print_json(const struct tally *t, FILE *to);

#endif
