/* Import of bans from a text file into the server and its store, with a report. */
#ifndef ENACT_BAN_IMPORT_H
#define ENACT_BAN_IMPORT_H

#include "policy/ban_format/foreign.h"
#include "state/store.h"

#include <stdbool.h>
#include <stddef.h>

#define BAN_IMPORT_LINE 8192 /* the longest line in bytes, without its LF */
/* refused lines that are reported one by one; the rest are counted */
#define BAN_IMPORT_EXAMPLES 20
#define BAN_IMPORT_SKIPS 8 /* distinct reasons for which lines are skipped */

/* The format of a line, which is recognised for each line. No line of an unknown format
 * is imported. */
enum ban_form {
    BAN_FORM_OWN,
    BAN_FORM_CSV,
    BAN_FORM_XLINE,
    BAN_FORM_PLAIN, /* <mask> [<duration>] [<reason>[|<for operators>]] */
    BAN_FORM_UNKNOWN,
    BAN_FORMS
};

/* The results of the lines of one format. */
struct ban_import_count {
    unsigned long lines, taken[BAN_KINDS], replaced, same, expired, refused, cut;
    struct {
        const char *why; /* NULL: the list ends here */
        unsigned long n;
    } skipped[BAN_IMPORT_SKIPS];
};

struct ban_import {
    struct server *srv;
    const char *file; /* its name for messages; borrowed */
    const char *hint; /* ban_foreign_hint of it */
    /* Called for a refused line with "FILE:LINE: fault". */
    void (*fault)(void *ctx, const char *text);
    void *ctx;
    bool checks;            /* lines are checked and counted, and no ban is set */
    unsigned long line;     /* the number of the last line */
    unsigned long examples; /* refused lines so far */
    unsigned long latin1;   /* lines that were not UTF-8 and were read as Latin-1 */
    unsigned long refused;  /* lines not read, and faults of the own head or end */
    bool begun, ended;      /* the head and the end line of the own format were seen */
    unsigned long above;    /* lines above that head that may be of the own format */
    store_ticket last;      /* the ticket of the last change; 0: none */
    struct ban_import_count forms[BAN_FORMS];
    size_t pending;                     /* bytes in whole of a line that is continued */
    char text[2 * BAN_IMPORT_LINE + 1]; /* the current line, as UTF-8 */
    char whole[2 * BAN_IMPORT_LINE + 1];
};

/* Begins an import. srv->wall decides which bans have expired. The texts are borrowed. */
void ban_import_init(struct ban_import *import, struct server *srv, const char *file);

/* Imports one line without its LF (a CR at its end is removed). A ban is set as a whole
 * or not at all, and replaces a ban with the same mask unless all the fields in the
 * line are equal. A mask that KLINE would refuse as too broad by its form, or as that
 * of a proxy, is refused, unless the line is of the own format and has force=yes. `whole` false: the line is
 * longer than BAN_IMPORT_LINE, and this is its beginning. */
void ban_import_line(struct ban_import *import, const char *line, size_t len,
                     bool whole);

/* Call after the last line: reports a continued line and a list without an end, and ends
 * the clients that the bans cover, as any ban does. */
void ban_import_end(struct ban_import *import);

/* Says a summary, one line in each call of `say`. True if every ban of the file was
 * taken, was there already, or has expired. */
bool ban_import_report(const struct ban_import *import,
                       void (*say)(void *ctx, const char *text), void *ctx);

#endif
