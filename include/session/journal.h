/* The journal of a core: each call of the seam that changes the core becomes an entry
 * of a turn (session/turn.h), so that another core that gets the same turns says the
 * same bytes (session/player.h). */
#ifndef SESSION_JOURNAL_H
#define SESSION_JOURNAL_H

#include "base/mem.h"
#include "session/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct config;
struct connection_info;
struct server;
struct server_start;
struct store;
struct store_news;

/* The caller's, borrowed by the server from session_begin to session_end. It sets the
 * first three fields and zeroes the rest; the core writes the others. */
struct journal {
    /* Takes the header or a whole turn; wiped after it returns. */
    void (*write)(void *ctx, const void *bytes, size_t n);
    void *ctx;
    unsigned out_every; /* turns between two entries of the hash of all output */
    bool stopped;       /* write sets it: nothing more is taken */
    bool begun;         /* a turn is under way */
    struct turn_writer turn;
    uint64_t hash, out; /* of all bytes that sockets took, and how many these are */
};

/* Ends the turn under way now, and begins another one with its clocks. */
void journal_flush(struct server *srv);

/* The hash of all output with the n next bytes to client cid; it begins at 0. */
uint64_t journal_hash(uint64_t hash, uint64_t cid, const void *bytes, size_t n);

/* The same with the first n bytes that wait for c. */
uint64_t journal_hash_queue(const struct client *c, size_t n, uint64_t hash);

/* What the store says that it keeps: the journal has it too, because it is a fact that
 * the core does not know. */
struct mem_sum journal_count(const struct server *srv);

/* --- the seam's: each does nothing where there is no journal ------------------------
 */

void journal_begin(struct server *srv, const struct server_start *start);
void journal_clock(struct server *srv, msec mono, msec wall);
void journal_end(struct server *srv); /* the last turn is written; buffers are freed */

/* c: NULL if it was refused with these words. */
void journal_open(struct server *srv, const struct client *c,
                  const struct connection_info *info, const char *refusal);
void journal_rehome(struct server *srv, const struct client *c,
                    const struct connection_info *info);
void journal_input(struct server *srv, const struct client *c, const char *bytes,
                   size_t n);
/* The first n bytes of its queue are about to leave it. */
void journal_sent(struct server *srv, const struct client *c, size_t n, bool blocked);
void journal_answered(struct server *srv, uint64_t job, const void *answer, size_t n);
void journal_stored(struct server *srv, const struct store_news *news);
/* Answers of the shell to the REHASH or RESTART number `asked`; faults: NULL is none.
 */
void journal_config(struct server *srv, uint64_t asked, const struct config *config,
                    const char *text, const char *motd);
void journal_faults(struct server *srv, enum turn_kind kind, uint64_t asked,
                    const char *faults);
/* An entry without fields (c: NULL is cid 0), or with one text. */
void journal_note(struct server *srv, enum turn_kind kind, const struct client *c);
void journal_text(struct server *srv, enum turn_kind kind, const struct client *c,
                  const char *text);

#endif
