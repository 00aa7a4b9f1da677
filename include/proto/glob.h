/* Globs: patterns with `*` and `?`. */
#ifndef PROTO_GLOB_H
#define PROTO_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* True if the glob matches all of the text. `*` is any run of bytes, `?` any one byte;
 * letters are compared as by CASEMAPPING=ascii. It is not recursive. If the glob has
 * fewer than 512 letters (`*` not counted), the work is at most a few hundred steps,
 * and for each 64 letters one more step for each byte of the text. A longer glob has no
 * such limit. */
bool mask_glob(const char *glob, const char *text);

/* The same, and adds its work to *work: bytes compared, about a nanosecond each. */
bool mask_glob_work(const char *glob, const char *text, size_t *work);

#endif
