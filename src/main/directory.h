/* The directory that a file is in, by its name alone. */
#ifndef SRC_MAIN_DIRECTORY_H
#define SRC_MAIN_DIRECTORY_H

#include <stddef.h>

/* Writes the directory of a file to out, cut to `size` bytes; "." if the name has no
 * slash. */
void directory_of(const char *file, char *out, size_t size);

#endif
