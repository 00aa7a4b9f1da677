/* The faults of one file: collected while it is read, then reported in the order of
 * lines. */
#ifndef SRC_CONFIG_FAULT_H
#define SRC_CONFIG_FAULT_H

#include "base/attr.h"
#include "config/config.h"

#include <stddef.h>

/* The first faults of the file are kept, and the others counted: a binary file must not
 * fill the log. */
#define FAULTS_MAX 100
#define FAULT_TEXT 1024             /* room for the text of one */
#define FAULT_LINE (4 * FAULT_TEXT) /* room for one with its place and includes */

/* A zeroed struct is empty. */
struct faults {
    struct fault {
        int line;
        char *text;
    } list[FAULTS_MAX];
    size_t n;       /* in list */
    size_t dropped; /* faults that were counted only */
};

void fault_add(struct faults *f, int line, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Calls tell with each fault as "file:line: text", the lowest line first and the faults
 * of a line in the order found. */
void faults_tell(const struct faults *f, const struct config_source *source,
                 config_fault *tell, void *ctx);
void faults_clear(struct faults *f);

#endif
