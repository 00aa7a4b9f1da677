/* The directory that a file is in. */
#ifndef SRC_MAIN_DIRECTORY_H
#define SRC_MAIN_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the directory of a file to out, cut to `size` bytes, by the name alone; "." if
 * the name has no slash. */
void directory_of(const char *file, char *out, size_t size);

/* If the directory is one where many programs keep files ("/etc" and the like), returns
 * the name of that directory, else NULL. */
const char *directory_common(const char *directory);

/* If the file, or the target of a link, is directly in such a directory, returns the name
 * of that directory. NULL: it is not, or file is NULL or "". */
const char *directory_shared(const char *file);

/* False with the reason if `data`, the directory of the store, is such a directory: the
 * sandbox lets the server write all of it. config: NULL if there is no -c. */
bool directory_check_data(const char *data, const char *config, char *err,
                          size_t errlen);

/* Writes the path of `file`, which may be relative to the directory of the configuration
 * file (NULL, standard input: the working directory). False if it is too long. */
bool directory_beside(const char *config, const char *file, char *out, size_t size);

#endif
