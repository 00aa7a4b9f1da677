/* The files of src/web/, which are inside of the program. */
#ifndef SRC_MAIN_WEB_FILES_H
#define SRC_MAIN_WEB_FILES_H

#include "web_tag.h"

#include <stdbool.h>
#include <stddef.h>

struct web_answer;
struct web_request;

/* A file. All is static. */
struct web_file {
    const char *name; /* as below src/web/ */
    const char *type; /* Content-Type */
    const void *bytes;
    size_t size;
    const void *packed; /* the same, compressed with gzip when the server was built */
    size_t packed_size;
};

/* The file with this name, such as "style.css". False: there is none. */
bool web_files_find(const char *name, struct web_file *out);

/* File i in the order of their names. False: there is none. */
bool web_files_at(size_t i, struct web_file *out);

/* Answers a request for a file, compressed if the client takes that. *out is zeroed, and
 * stays so if no file has this path, or if it is a template of pages (*.html). */
void web_files_answer(const struct web_request *r, struct web_answer *out);

#endif
