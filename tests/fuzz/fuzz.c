/* Shared by the fuzz targets. CUnit is not linked: the checks of world.c end here too,
 * and a failure ends the program, so that libFuzzer keeps the input. The code must
 * never go on after a failure. */
#include "fuzz.h"

#include "base/mem.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    fflush(stdout);
    abort();
}

/* In CUnit's place. */
CU_BOOL
CU_assertImplementation(CU_BOOL good, unsigned line, const char *what, const char *file,
                        const char *function, CU_BOOL fatal)
{
    (void)function, (void)fatal;
    if (!good)
        fuzz_fail(what, file, (int)line);
    return good;
}

unsigned
fuzz_byte(struct fuzz_input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

char *
fuzz_line(struct fuzz_input *in)
{
    size_t left = (size_t)(in->end - in->at);
    const uint8_t *lf = left > 0 ? memchr(in->at, '\n', left) : NULL;
    size_t n = lf ? (size_t)(lf - in->at) : left;
    char *text = xmalloc(n + 1);
    memcpy(text, in->at, n);
    text[n] = '\0';
    in->at += n + (lf != NULL);
    return text;
}
