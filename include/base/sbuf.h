/* Reference-counted bytes: built once, shared by the queues of all who receive them. */
#ifndef BASE_SBUF_H
#define BASE_SBUF_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

/* All buffers of one server, and the rings of the queues that hold them. */
struct sbuf_home {
    struct mem_sum sum; /* n: buffers; bytes: theirs and those of the rings */
    uint32_t made;      /* buffers made so far, modulo SBUF_STAMPS */
};
#define SBUF_STAMPS (1u << 31)

struct sbuf {
    uint32_t refs;    /* > 0; one thread only */
    uint32_t len;     /* bytes in data; never changes once a second reference exists */
    uint32_t cap;     /* room in data */
    uint32_t own : 1; /* sendq_append made it and may add to it; sendq.c writes it */
    uint32_t stamp : 31;    /* home->made when it was made */
    struct sbuf_home *home; /* where it is counted; NULL: nowhere */
    char data[];
};

/* A buffer with one reference (the caller's) and room for `cap` bytes; len is 0. *home
 * (NULL: nothing) counts it and its memory as long as it lives, and outlives it. */
struct sbuf *sbuf_new(struct sbuf_home *home, size_t cap);

/* How many buffers were made since b was, b's home given; right for the last 2^31. */
static inline uint32_t
sbuf_age(const struct sbuf *b)
{
    return (b->home->made - b->stamp) % SBUF_STAMPS;
}

static inline struct sbuf *
sbuf_ref(struct sbuf *b)
{
    b->refs++;
    return b;
}

/* Gives a reference back; the last one frees. NULL is fine. */
void sbuf_unref(struct sbuf *b);

#endif
