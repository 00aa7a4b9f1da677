/* What a simulation has counted, a host each, and how it is shown. */
#ifndef REPLAY_TALLY_H
#define REPLAY_TALLY_H

#include "base/addr.h"
#include "base/hash.h"
#include "base/msec.h"

#include <stdint.h>
#include <stdio.h>

#define TALLY_NAMES 24 /* causes, or limits; one more is counted as "other" */

/* How often each of a few names was counted, in the order they came. */
struct tally_names {
    struct {
        const char *name; /* borrowed: a literal of the core */
        uint64_t n;
    } rows[TALLY_NAMES];
    size_t used;
};

struct tally_ban {
    msec at, length; /* since the start; 0: only the client was disconnected */
    const char *cause;
};

/* One host, or the sum of all. */
struct tally_counts {
    uint64_t connects; /* attempts */
    uint64_t refused_connects;
    struct tally_names limits;   /* by which */
    uint64_t run, held, refused; /* lines: at once, later, not at all */
    uint64_t lost; /* lines that came when their connection was gone, or ended it, or
                      waited when it ended */
    msec longest;  /* wait of a held line */
    uint64_t strikes;
    struct tally_names causes;
    uint64_t bans, disconnects;
};

struct tally_host {
    UT_hash_handle hh;
    struct prefix key;
    msec first; /* its first connect */
    struct tally_counts counts;
    struct tally_ban *bans; /* n_bans, the disconnections among them */
    size_t n_bans;
};

struct tally {
    struct tally_host *hosts; /* uthash by prefix, in the order they came */
};

/* The host, made at `now` if missing. Lives as long as the tally. */
struct tally_host *tally_host(struct tally *t, const struct prefix *key, msec now);
void tally_name(struct tally_names *names, const char *name, uint64_t n);
void tally_ban(struct tally_host *h, msec at, msec length, const char *cause);
void tally_free(struct tally *t);

/* A table with one line a host, and the summary. */
void tally_print(const struct tally *t, FILE *to);
/* The same as JSON: one object a line for each host, and {"summary":...} at the end. */
void tally_print_json(const struct tally *t, FILE *to);

#endif
