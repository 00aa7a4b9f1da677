/* Bans out of a text file into the server and its store, with an account of each line.
 */
#ifndef ENACT_BAN_IMPORT_H
#define ENACT_BAN_IMPORT_H

#include "policy/ban_format/foreign.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

#define BAN_IMPORT_LINE 8192   /* bytes of a line, its LF not included, that are read */
#define BAN_IMPORT_EXAMPLES 20 /* refused lines that are told; the rest are counted */
#define BAN_IMPORT_SKIPS 8     /* distinct reasons for which lines are passed over */

/* Which form a line has: told for each line alone. Nothing of an unknown form is taken.
 */
enum ban_form {
    BAN_FORM_OWN,
    BAN_FORM_CSV,
    BAN_FORM_XLINE,
    BAN_FORM_UNKNOWN,
    BAN_FORMS
};

/* What became of the lines of one form. */
struct ban_import_count {
    unsigned long lines, taken[BAN_KINDS], replaced, same, expired, refused, cut;
    struct {
        const char *why; /* NULL: no more of them */
        unsigned long n;
    } skipped[BAN_IMPORT_SKIPS];
};

struct ban_import {
    struct server *srv;
    const char *file;                           /* as told; borrowed */
    const char *hint;                           /* ban_foreign_hint of it */
    void (*fault)(void *ctx, const char *text); /* "FILE:LINE: what is wrong" */
    void *ctx;
    unsigned long line;     /* number of the last one */
    unsigned long examples; /* told so far */
    unsigned long latin1;   /* lines that were no UTF-8 and taken as Latin-1 */
    unsigned long refused;  /* lines of no form, or that could not be read at all */
    bool begun, ended;      /* the head and the end of the own form were seen */
    unsigned long above;    /* lines that may be of the own form above that head */
    store_ticket last;      /* of the last change; 0: none */
    struct ban_import_count forms[BAN_FORMS];
    size_t pending;                     /* bytes in text of a line that goes on */
    char text[2 * BAN_IMPORT_LINE + 1]; /* the line at work */
    char whole[2 * BAN_IMPORT_LINE + 1];
};

/* srv->wall judges what has expired; srv must have nobody on. Texts are borrowed. */
void ban_import_init(struct ban_import *import, struct server *srv, const char *file);

/* One line without its LF (a CR at the end goes as well). A ban is set whole or not at
 * all, and replaces one with the same mask; what a line leaves out is no difference.
 * Nothing that KLINE would refuse as too broad by its form, unless a line of the own
 * form says force=yes. `whole` false: the line is longer than BAN_IMPORT_LINE and this
 * is its beginning. */
void ban_import_line(struct ban_import *import, const char *line, size_t len,
                     bool whole);

/* After the last line: says what did not end. */
void ban_import_end(struct ban_import *import);

/* Says a summary, one line a call. True if every ban of the file was taken, was there
 * already, or has expired. */
bool ban_import_report(const struct ban_import *import,
                       void (*say)(void *ctx, const char *text), void *ctx);

#endif
