/* Reference-counted buffers: a message is made once and shared by the queues of all its
 * receivers. */
#ifndef BASE_SBUF_H
#define BASE_SBUF_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

/* Counts the buffers of one server, and the rings of the queues that hold them. */
struct sbuf_home {
    struct mem_sum sum; /* n: buffers; bytes: of the buffers and the rings */
    uint32_t made;      /* buffers made so far, modulo SBUF_STAMPS */
};
#define SBUF_STAMPS (1u << 31) /* stamps have 31 bits */

struct sbuf {
    uint32_t refs;    /* above 0; only one thread may change it */
    uint32_t len;     /* bytes in data; never changes once a second reference exists */
    uint32_t cap;     /* bytes allocated for data */
    uint32_t own : 1; /* sendq_append made it and may add to it; sendq.c writes it */
    uint32_t stamp : 31;    /* home->made when this buffer was made */
    struct sbuf_home *home; /* counts it; NULL: it is not counted */
    char data[];
};

/* Makes a buffer with one reference (the caller's) and room for `cap` bytes; len is 0.
 * *home (NULL: none) counts the buffer as long as it lives, and must outlive it. */
struct sbuf *sbuf_new(struct sbuf_home *home, size_t cap);

/* The number of buffers that its home has made since it made b, modulo SBUF_STAMPS. b
 * must have a home. */
static inline uint32_t
sbuf_age(const struct sbuf *b)
{
    return (b->home->made - b->stamp) % SBUF_STAMPS;
}

/* Adds a reference to b and returns b. */
static inline struct sbuf *
sbuf_ref(struct sbuf *b)
{
    b->refs++;
    return b;
}

/* Takes a reference from b and frees b if that was the last one. b may be NULL. */
void sbuf_unref(struct sbuf *b);

#endif
