/* Shared by test_conformance.c and its checks: the world of a check, and the way to
 * ask. */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include "world.h"

/* ann is an operator of #a and of the server; bob is on #a as well. */
struct cast {
    struct world *w;
    struct actor *ann, *bob;
    const char *value; /* of the capability that is tried; "": none */
};

/* Tries one token; value is the text behind the '=' in 005. */
struct token_check {
    const char *token;
    void (*check)(struct cast *t, const char *value);
};

/* Lengths and counts; modes and lists. Each ends with a row without a token. */
extern const struct token_check conformance_lengths[], conformance_modes[];

/* ann sends the line, and the client `who` must receive one that matches; or must not.
 */
void answered(struct cast *t, struct actor *who, const char *line, const char *pattern);
void not_answered(struct cast *t, struct actor *who, const char *line,
                  const char *pattern);

/* before, n times x, after: one text in out (size bytes), which is returned. */
const char *with_text(char *out, size_t size, const char *before, size_t n,
                      const char *after);

/* The whole number at the beginning of a value. */
size_t number(const char *value);

#endif
