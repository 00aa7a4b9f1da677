/* Shared by the fuzz targets. A target is int fuzz_NAME(bytes, n) in fuzz_NAME.c and a
 * row of targets.def: libFuzzer drives it (run.sh), and replay.c runs its corpus. A
 * fault aborts. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#define TARGET(name, max) int fuzz_##name(const uint8_t *bytes, size_t n);
#include "targets.def"
#undef TARGET

/* Aborts and tells where; in every build, unlike assert. */
#define MUST(condition)                                                                \
    ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *what, const char *file, int line);

/* The rest of an input. */
struct fuzz_input {
    const uint8_t *at, *end;
};

/* The next byte; 0 at the end. */
unsigned fuzz_byte(struct fuzz_input *in);
/* The next line without its LF, or the rest, as a text that ends at its first NUL. The
 * caller frees it. */
char *fuzz_line(struct fuzz_input *in);

#endif
