/* The store on disk: a mirrored pair of GDBM files in a directory, written by a thread
 * of its own. A change counts as saved when it is on both files, which are synced one
 * after the other. */
#ifndef STORE_STORE_GDBM_H
#define STORE_STORE_GDBM_H

#include "base/histogram.h"
#include "base/msec.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The severity of a note. */
enum store_note {
    STORE_INFO,    /* nothing is lost */
    STORE_WARNING, /* nothing is lost, and an operator should look at it */
    STORE_LOSS     /* something is lost, may be lost, or cannot be saved for now */
};

struct store_gdbm_options {
    const char *dir; /* made with mode 0700 if it is missing; its parent must exist */
    /* Called on the writer thread when store_gdbm_news has news, never during
     * store_gdbm_close. It must be safe on that thread, as ev_async_send is, and must
     * not call the store. */
    void (*wake)(void *ctx);
    /* Called on the opening thread during store_gdbm_open, with one sentence for each
     * event. May be NULL. */
    void (*note)(void *ctx, enum store_note how, const char *text);
    /* Whether a key is that of a ban; used to describe a file in an error. May be
     * NULL. */
    bool (*is_ban)(const void *key, size_t key_len);
    /* Set to true if opening fails because another server uses the directory. May be
     * NULL. */
    bool *busy;
    /* Only read: nothing is written, made, repaired or renamed, and no change may be
     * put. A server that uses the directory is excluded if the lock file exists and can
     * be opened; if it cannot be opened, a note says so. */
    bool look;
    void *ctx;
    unsigned retry_ms; /* milliseconds between attempts after a failure; 0: 5000 */
};

/* Makes the directory with mode 0700 if it is missing (*made: whether it was), and
 * syncs its parent, so that it outlives a power cut. False with a sentence in err. */
bool store_gdbm_make_directory(const char *dir, bool *made, char *err, size_t errlen);

/* Whether a file of a database is in the directory. */
bool store_gdbm_exists(const char *dir);

/* Opens, checks and if necessary repairs the pair, and starts the writer thread. NULL
 * with a sentence in err (up to 2,000 bytes) if another server uses the directory, if
 * the directory cannot be used, or if its files are of different stores or hold
 * different contents of one save; then nothing was changed. A damaged file or a full
 * disk does not make it fail: there is a note, and writing is tried again. Makes the
 * process ignore SIGXFSZ, so that a file size limit is an error like a full disk. The
 * thread blocks all signals. */
struct store *store_gdbm_open(const struct store_gdbm_options *options, char *err,
                              size_t errlen);

/* The next news for session_stored, in order; false if there is none. Call it on the
 * loop thread after wake, until it is false. news->why lives until the next call. A
 * failure is reported once for each ticket, and at once for tickets that are put while
 * it lasts. When saving works again, news with why == NULL follows for all of them. */
bool store_gdbm_news(struct store *s, struct store_news *news);

/* What the store has done since it was opened, for metrics. */
struct store_stats {
    struct histogram saves; /* time of each attempt to save, with its syncs */
    uint64_t failed;        /* attempts that have failed */
    uint64_t unsaved;       /* changes that are not on disk now */
    msec unsaved_for;       /* time since the oldest of them; 0: there is none */
};
void store_gdbm_stats(struct store *s, struct store_stats *out);

/* Saves the queued changes and frees the store. A disk that fails is tried at most
 * once; a disk that hangs is waited for at most timeout_ms, and then the memory stays
 * with the thread. True if every change is saved. NULL is fine, and true. */
bool store_gdbm_close(struct store *s, unsigned timeout_ms);

/* The number of syncs of a file since opening. Changes that arrive together share a
 * sync. */
unsigned long store_gdbm_syncs(struct store *s);

#endif
