/* The directory that a file is in. */
#ifndef SRC_MAIN_DIRECTORY_H
#define SRC_MAIN_DIRECTORY_H

#include <stddef.h>

/* Writes the directory of a file to out, cut to `size` bytes, by the name alone; "." if
 * the name has no slash. */
void directory_of(const char *file, char *out, size_t size);

/* The directory of the file or, if it is a link, of its target, if all programs keep
 * files there, secrets among them: "/etc" and the like. NULL: it is no such directory,
 * or file is NULL or "". */
const char *directory_shared(const char *file);

#endif
