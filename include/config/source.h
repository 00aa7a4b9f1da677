/* Joins a configuration file with the files that it names: `include "PATTERN"`, outside of
 * blocks and alone on its line, and the files of secrets, as in `password_file = "PATH"`. The
 * result is one text for config_parse_joined, with the place of each of its lines. */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "config/config.h"

#include <stddef.h>

#define CONFIG_SOURCE_MAX (4u << 20) /* bytes of the joined text */
#define CONFIG_SOURCE_DEPTH 16       /* includes inside of includes */
/* Pieces of the joined text; an include makes at least two. */
#define CONFIG_SOURCE_PIECES 20000
#define CONFIG_SECRET_MAX 4096 /* bytes of the file of a secret */

struct str;

/* Access to files, which this layer does not have. `err` has the reason of a failure. */
struct config_files {
    void *ctx;
    /* The files that a pattern names, sorted, ended by NULL; possibly none. The caller
     * frees the list and its texts. NULL: they cannot be found. */
    char **(*find)(void *ctx, const char *pattern, char *err, size_t errlen);
    /* The whole text of a file that `find` has named, for the caller to free. NULL: it
     * cannot be read, or has more than max bytes. */
    char *(*read)(void *ctx, const char *path, size_t max, char *err, size_t errlen);
    /* The same for the file of a secret, which stands in the configuration as `path`. */
    char *(*read_secret)(void *ctx, const char *path, size_t max, char *err,
                         size_t errlen);
    /* Whether two names are the same file. NULL: if the names are equal. */
    bool (*same)(void *ctx, const char *a, const char *b);
    /* A text with faults is returned as well, without what cannot be read. No server may
     * run with it. */
    bool keep_faulty;
};

/* Joins `text`, the text of `file`. Each `include` is replaced by the files that it names,
 * in order, and each NAME_file of a secret option NAME by NAME and the text of the file,
 * without the end of its line. Returns the joined text, which the caller frees with
 * mem_free_secret, and fills `out`, which config_source_clear frees. NULL after at least
 * one call of fault with "file:line: what is wrong" and the trail (config_trail). */
char *config_join(const char *file, const char *text, const struct config_files *files,
                  struct config_source *out, config_fault *fault, void *ctx);

/* Makes the source of a text that is one file. */
void config_source_plain(struct config_source *s, const char *file);

void config_source_clear(struct config_source *s);

/* As config_parse, for a joined text. Takes over what `source` holds, in any case. */
struct config *config_parse_joined(struct config_source *source, const char *text,
                                   const struct config_words *words,
                                   config_fault *fault, void *ctx);

/* Writes the place of a line of the joined text: "FILE:3". Line 0 is the name of
 * the first file. Returns out. */
const char *config_place(const struct config_source *s, int line, char *out,
                         size_t size);

/* Adds the includes that lead to a line of the joined text: " (included by FILE:2)", or
 * " (included by FILE:1, by FILE:2)"; nothing if the line is in the first file. */
void config_trail(const struct config_source *s, int line, struct str *out);

/* Writes the line as a message about line `from` names it: "line 3", or "line 3 of
 * FILE" if it is in another file. Returns out. */
const char *config_line(const struct config_source *s, int line, int from, char *out,
                        size_t size);

#endif
