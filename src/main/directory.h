/* The directory that a file is in. */
#ifndef SRC_MAIN_DIRECTORY_H
#define SRC_MAIN_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the directory of a file to out, cut to `size` bytes, by the name alone; "." if
 * the name has no slash. */
void directory_of(const char *file, char *out, size_t size);

/* If the file, or the target of a link, is directly in a directory where many programs
 * keep files and secrets ("/etc" and the like), returns the name of that directory.
 * NULL: it is not, or file is NULL or "". */
const char *directory_shared(const char *file);

/* Writes the path of `file`, which may be relative to the directory of the configuration
 * file (NULL, standard input: the working directory). False if it is too long. */
bool directory_beside(const char *config, const char *file, char *out, size_t size);

#endif
