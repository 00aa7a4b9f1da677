/* A store in a directory of its own, and a model of the facts that were put, for the
 * tests of the store. The key and value of fact i in version v follow from the numbers
 * alone; version 0 means that the fact is not there. */
#ifndef TESTS_BOX_H
#define TESTS_BOX_H

#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

enum { BOX_FACTS = 12000 };

struct box {
    char dir[64];
    char data[80]; /* dir/data, which the store makes */
    struct store *store;
    store_ticket last;   /* ticket of the last put */
    char notes[8000];    /* all notes of the last opening, one a line */
    int notes_bad;       /* how many notes were STORE_LOSS */
    int warnings;        /* how many notes were STORE_WARNING */
    char err[2000];      /* of the last opening */
    char why[200];       /* of the last failure told */
    int failures;        /* news of failure seen */
    unsigned retry_ms;   /* for the next opening */
    int want[BOX_FACTS]; /* versions put last */
    int got[BOX_FACTS];  /* versions read by box_read; -1: a wrong value */
    int old;
};

void box_init(struct box *b);
/* Closes and deletes everything. */
void box_clear(struct box *b);

bool box_open(struct box *b);
/* The same, only to read. */
bool box_look(struct box *b);
/* Opens the store, which is saved with facts 0 to `facts` - 1 then. */
void box_fill(struct box *b, int facts);
/* store_gdbm_close with 3 s. */
bool box_close(struct box *b);

/* Puts version v of fact i. */
void box_put(struct box *b, int i, int v);
/* Waits for news until everything put is saved: true; false after `ms`. */
bool box_saved(struct box *b, int ms);
/* Waits until a failure for the last ticket was told, or everything is saved; true for
 * failure. */
bool box_failed(struct box *b, int ms);

/* Reads all facts from the store that was just opened. Returns how many differ from
 * `want`; foreign keys and wrong values count 1,000,000 each. */
int box_differences(struct box *b);

/* Path of a file in the data directory; valid until the third call after this one. */
const char *box_path(const struct box *b, const char *name);
/* Whole files; the caller frees. */
char *box_read_file(const char *path, size_t *n);
void box_write_file(const char *path, const void *bytes, size_t n);
/* Names in the data directory that contain `part`. */
int box_count_files(const struct box *b, const char *part);

#endif
