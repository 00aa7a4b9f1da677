/* Globs: one pattern for one text. */
#ifndef PROTO_GLOB_H
#define PROTO_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Does the glob match all of the text? `*` is any run, `?` any one byte; letters as by
 * CASEMAPPING=ascii. Never recursive. The work is at most a few hundred steps and, for
 * each 64 letters of the glob (of fewer than 512), one step a byte of the text. */
bool mask_glob(const char *glob, const char *text);

/* The same, and adds the work it took to *work: bytes compared, about a nanosecond
 * each. */
bool mask_glob_work(const char *glob, const char *text, size_t *work);

#endif
