/* The configuration and the files that it names. */
#ifndef SRC_MAIN_CONFIG_FILE_H
#define SRC_MAIN_CONFIG_FILE_H

#include "config/config.h"
#include "includes.h"

#include <stdbool.h>

/* A configuration with the texts that belong to it. config_file_clear frees all of it;
 * a field that another owner takes over is set to NULL before. */
struct config_file {
    struct config *config;
    /* of the configuration, joined with all that it includes; wiped when it is freed */
    char *text;
    struct includes_found includes;
    char *motd;      /* message of the day; NULL: none */
    char *motd_file; /* path of motd; NULL: none */
    /* A warning that the database seems to be where version 0.3.0 looked for it. NULL:
     * it does not. */
    char *left_data;
};

#define CONFIG_FILE_STANDARD "-" /* the path that is standard input */

bool config_file_is_standard(const char *path);

/* Reads and parses `path` with the files that it names. NULL is the built-in configuration: the defaults, and an
 * exemption of loopback from the limits on connections. False after at least one call
 * of fault ("file:line: what is wrong", or "file: …"); then *out is empty. */
bool config_file_load(const char *path, config_fault *fault, void *ctx,
                      struct config_file *out);

/* Writes the data directory of this configuration into dir, also if the configuration
 * has faults (*faulty): a server may run with what it was before. "": the server keeps no
 * data. False with the reason in err: the file cannot be read. */
bool config_file_find_data(const char *path, char *dir, size_t dirlen, bool *faulty,
                           char *err, size_t errlen);

/* A config_fault that prints the fault on standard error; ctx is not used. */
void config_file_print_fault(void *ctx, const char *text);

/* Frees all that is left in it, with the configuration. */
void config_file_clear(struct config_file *loaded);

/* The names that the parser checks privileges and host masks with. */
extern const struct config_words config_file_words;

#endif
