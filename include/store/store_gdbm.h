/* The store on disk: a mirrored pair of GDBM files in a directory, written by a thread
 * of its own. One change is on both files, synced one after the other, before it counts
 * as saved. */
#ifndef STORE_STORE_GDBM_H
#define STORE_STORE_GDBM_H

#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

/* How a note is meant. */
enum store_note {
    STORE_INFO,    /* nothing is lost */
    STORE_WARNING, /* nothing is lost, and an operator should look at it */
    STORE_LOSS     /* something is lost, may be lost, or cannot be saved for now */
};

struct store_gdbm_options {
    const char *dir; /* made with mode 0700 if it is missing; its parent must exist */
    /* Called from the writer thread when store_gdbm_news has something, never during
     * store_gdbm_close. It must be safe there, as ev_async_send is, and not call the
     * store. */
    void (*wake)(void *ctx);
    /* What happened at opening, one sentence each, during store_gdbm_open, on its
     * thread; may be NULL. */
    void (*note)(void *ctx, enum store_note how, const char *text);
    /* Whether a key is a ban's, for the account of what is in a file; may be NULL. */
    bool (*is_ban)(const void *key, size_t key_len);
    /* Becomes true when opening fails because another server uses the directory; NULL:
     * nobody asks. */
    bool *busy;
    /* Only to read: nothing is written, made, repaired or renamed, and nothing may be
     * put. A server that uses the directory is excluded if the lock file is there and
     * can be opened; if it cannot be opened, that is noted. */
    bool look;
    void *ctx;
    unsigned retry_ms; /* between attempts after a failure; 0: 5000 */
};

/* Makes the directory with mode 0700 unless it is there (*made says which), so that it
 * outlives a power cut. False with a sentence in err. */
bool store_gdbm_make_directory(const char *dir, bool *made, char *err, size_t errlen);

/* Opens, checks and if need be repairs the pair, and starts the writer thread. NULL
 * with a sentence in err (up to 2,000 bytes): another server uses the directory, it
 * cannot be used at all, or its files are not of one store or hold different contents
 * of one save, and nothing was changed. A damaged file or a full disk is no reason to
 * fail: it is noted, and writing is retried. Makes the process ignore SIGXFSZ, so that
 * a file size limit is an error like a full disk. The thread blocks all signals. */
struct store *store_gdbm_open(const struct store_gdbm_options *options, char *err,
                              size_t errlen);

/* The next news for session_stored, in order; false when there is none. Call it on the
 * loop thread after wake, until it is false. news->why lives until the next call. A
 * failure is told once for each ticket, at once for those put while it lasts; when
 * saving works again, news for all of them with why == NULL follow. */
bool store_gdbm_news(struct store *s, struct store_news *news);

/* Saves what is queued, tries at most once on a disk that fails, and waits at most
 * timeout_ms for a disk that hangs (then the memory is left to the thread). True if
 * everything put is saved. NULL is fine, and true. */
bool store_gdbm_close(struct store *s, unsigned timeout_ms);

/* How often a file was synced since opening; puts that arrive together share. */
unsigned long store_gdbm_syncs(struct store *s);

#endif
