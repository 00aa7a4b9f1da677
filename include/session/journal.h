/* The journal of a core. Each call of session.h that changes the core becomes an entry
 * of a turn (session/turn.h). Another core that gets the same turns writes the same
 * bytes (session/player.h). */
#ifndef SESSION_JOURNAL_H
#define SESSION_JOURNAL_H

#include "base/mem.h"
#include "session/turn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct certificate;
struct client;
struct config;
struct connection_info;
struct refused;
struct server;
struct server_start;
struct shell_memory;
struct store;
struct store_news;

/* Owned by the caller, borrowed by the server from session_begin to session_end. The
 * caller sets the first three fields and zeroes the rest, which the core writes. */
struct journal {
    /* Called with the header and then with one whole turn each time. The bytes are
     * wiped after it returns. */
    void (*write)(void *ctx, const void *bytes, size_t n);
    void *ctx;
    unsigned out_every; /* turns between two TURN_OUT entries */
    bool stopped;       /* set by `write`: the journal takes no more turns */
    bool begun;         /* a turn has begun and is not written yet */
    struct turn_writer turn;
    uint64_t hash, out; /* hash and number of all bytes that were sent */
};

/* Writes the current turn and begins the next one with the same clocks. */
void journal_flush(struct server *srv);

/* Returns the hash of all output with the next n bytes to the client cid added. The
 * first hash is 0. */
uint64_t journal_hash(uint64_t hash, uint64_t cid, const void *bytes, size_t n);

/* The same for the first n bytes of the queue of c. */
uint64_t journal_hash_queue(const struct client *c, size_t n, uint64_t hash);

/* The number and the size of the records in the store, as the store reports them. The
 * report is also an entry of the journal, because a core that is played cannot compute
 * it. */
struct mem_sum journal_count(const struct server *srv);
/* The same for the memory of transports, as the shell reports it. */
void journal_memory(const struct server *srv, struct shell_memory *out);

/* --- called by the functions of session.h; each does nothing without a journal --- */

void journal_begin(struct server *srv, const struct server_start *start);
void journal_clock(struct server *srv, msec mono, msec wall);
void journal_end(struct server *srv); /* Writes the last turn and frees the buffers. */

/* c is NULL if the connection was refused with the line `refusal`. */
void journal_open(struct server *srv, const struct client *c,
                  const struct connection_info *info, const char *refusal);
void journal_rehome(struct server *srv, const struct client *c,
                    const struct connection_info *info);
void journal_refused(struct server *srv, const struct refused *r);
void journal_input(struct server *srv, const struct client *c, const char *bytes,
                   size_t n);
/* Call it before the first n bytes leave the queue of c. */
void journal_sent(struct server *srv, const struct client *c, size_t n, bool blocked);
void journal_certificates(struct server *srv, uint64_t asked,
                          const struct certificate *all, size_t n);
void journal_about(struct server *srv, const char *lines);
void journal_answered(struct server *srv, uint64_t job, const void *answer, size_t n);
void journal_stored(struct server *srv, const struct store_news *news);
/* The answer of the shell to the REHASH or RESTART with the number `asked`. faults is
 * NULL if there are none. */
void journal_config(struct server *srv, uint64_t asked, const struct config *config,
                    const char *text, const char *motd);
void journal_faults(struct server *srv, enum turn_kind kind, uint64_t asked,
                    const char *faults);
/* An entry without fields, or with one text. The cid of the entry is that of c, or 0 if
 * c is NULL. */
void journal_note(struct server *srv, enum turn_kind kind, const struct client *c);
void journal_text(struct server *srv, enum turn_kind kind, const struct client *c,
                  const char *text);

#endif
