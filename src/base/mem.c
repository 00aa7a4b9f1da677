/* Allocation that aborts if it fails. A server that goes on after a failed allocation
 * runs code that no test has reached. A server that aborts is restarted and loses
 * nothing that must survive, because that is in the store. No function may return NULL,
 * and no caller may pass a size that a client chooses without a limit. */
#include "base/mem.h"

#include "base/attr.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
mem_failed(const char *what)
{
    fprintf(stderr, "ircd: out of memory: no room for %s\n", what);
    abort();
}

static void ATTR_NORETURN
fail_allocation(size_t count, size_t size)
{
    char what[64];

    snprintf(what, sizeof what, "%zu x %zu bytes", count, size);
    mem_failed(what);
}

ATTR_HOT void *
xmalloc(size_t size)
{
    void *p = malloc(size > 0 ? size : 1);

    if (p == NULL)
        fail_allocation(1, size);
    return p;
}

void *
xcalloc(size_t count, size_t size)
{
    void *p = count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);

    if (p == NULL)
        fail_allocation(count, size);
    return p;
}

void *
xrealloc(void *old, size_t size)
{
    void *p = realloc(old, size > 0 ? size : 1);

    if (p == NULL)
        fail_allocation(1, size);
    return p;
}

char *
xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(xmalloc(size), text, size);
}

char *
xstrndup(const char *text, size_t max)
{
    size_t n = strnlen(text, max);
    char *copy = xmalloc(n + 1);

    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

void
xreplace(char **slot, const char *text)
{
    char *old = *slot;

    *slot = text != NULL ? xstrdup(text) : NULL;
    free(old);
}

void
mem_wipe(void *bytes, size_t n)
{
    if (n > 0)
        sodium_memzero(bytes, n);
}

void
mem_free_secret(char *text)
{
    if (text != NULL)
        mem_wipe(text, strlen(text));
    free(text);
}

size_t
mem_text(const char *text)
{
    return text != NULL ? mem_block(strlen(text) + 1) : 0;
}
