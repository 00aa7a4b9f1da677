/* Reference-counted bytes: built once, shared by the queues of all who receive them. */
#ifndef BASE_SBUF_H
#define BASE_SBUF_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

struct sbuf {
    uint32_t refs; /* > 0; one thread only */
    uint32_t len;  /* bytes in data; never changes once a second reference exists */
    uint32_t cap;  /* room in data */
    uint32_t
        own; /* 1: made by sendq_append, which may add to it; written only by sendq.c */
    struct mem_sum *home; /* where it is counted; NULL: nowhere */
    char data[];
};

/* A buffer with one reference (the caller's) and room for `cap` bytes; len is 0. *home
 * (NULL: nothing) counts it and its memory as long as it lives, and outlives it. */
struct sbuf *sbuf_new(struct mem_sum *home, size_t cap);

static inline struct sbuf *
sbuf_ref(struct sbuf *b)
{
    b->refs++;
    return b;
}

/* Gives a reference back; the last one frees. NULL is fine. */
void sbuf_unref(struct sbuf *b);

#endif
