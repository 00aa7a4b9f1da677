/* Text files: the configuration and the files that it names. */
#ifndef SRC_MAIN_TEXT_FILE_H
#define SRC_MAIN_TEXT_FILE_H

#include <stddef.h>

/* Reads a whole text file of at most max bytes without NUL bytes, which the caller frees.
 * A NULL path is standard input. NULL: err has the reason. */
char *text_file_read(const char *path, size_t max, char *err, size_t errlen);

#endif
