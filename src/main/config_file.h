/* The configuration and the files that it names. */
#ifndef SRC_MAIN_CONFIG_FILE_H
#define SRC_MAIN_CONFIG_FILE_H

#include "config/config.h"

#include <stdbool.h>

/* A configuration with the texts that belong to it. */
struct config_file {
    struct config *config; /* config_free, or session_begin/session_configure own it */
    char *text;            /* that config was made of; mem_free_secret */
    char *motd;            /* NULL: none; free */
    char *motd_file;       /* the path of motd; NULL: none; free */
    /* A warning that the database seems to be where version 0.3.0 looked for it. NULL:
     * it does not; free. */
    char *left_data;
};

/* Reads and parses `path`. NULL is the built-in configuration: the defaults, and an
 * exemption of loopback from the limits on connections. False after at least one call
 * of fault ("file:line: what is wrong", or "file: …"); then *out is empty. */
bool config_file_load(const char *path, config_fault *fault, void *ctx,
                      struct config_file *out);

/* A config_fault that prints the fault on standard error; ctx is not used. */
void config_file_print_fault(void *ctx, const char *text);

/* Frees all that is left in it, with the configuration. */
void config_file_clear(struct config_file *loaded);

/* The names that the parser checks privileges and host masks with. */
extern const struct config_words config_file_words;

#endif
