/* Copies the small buffers of a send queue into one piece for one write. If the next
 * queue holds the same buffers, it uses the same piece. */
#ifndef BASE_GATHER_H
#define BASE_GATHER_H

#include <stddef.h>
#include <stdint.h>

struct iovec;
struct sbuf;
struct sendq;

#define GATHER_BUFFERS 1024 /* buffers in one piece at most */
#define GATHER_BYTES 65536  /* bytes in one piece at most */

/* Bytes of a first buffer that gather_flat gives as it is, without a copy. */
#define GATHER_FLAT_LEAST 16384

/* Copies the whole lines at the start of from[0..n) into out in another form, as many as
 * have room there, and returns the bytes that it has written. *taken: bytes of the copied
 * lines. The result depends on the arguments only. */
typedef size_t gather_form(const char *from, size_t n, char *out, size_t room,
                           size_t *taken);

/* A zeroed struct holds nothing. */
struct gather {
    uint32_t count;  /* buffers in the piece, with one reference to each */
    uint32_t bytes;  /* of these buffers */
    uint32_t formed; /* bytes of the piece that gather_formed has made, */
    uint32_t taken;  /* and of its lines in the queue */
    uint64_t made;   /* pieces copied so far (for tests and profiles) */
    struct sbuf *held[GATHER_BUFFERS];
    char piece[GATHER_BYTES];
};

/* Fills at most max iovecs with the first unsent bytes of q, in order, and returns the
 * number of filled ones. If the buffers are small, it fills one: the piece. If the
 * buffers are large on average, or q has only one buffer, or the first one was sent in
 * part, the iovecs are the buffers of q. The bytes are borrowed until the next call on
 * g or q. */
int gather_iov(struct gather *g, const struct sendq *q, struct iovec *iov, int max);

/* The first unsent bytes of q as one piece, which is the first buffer itself if it is
 * large or the only one; *n is their number (0: q is empty). At the same position of q,
 * a later call gives at least as many bytes as an earlier one, or GATHER_FLAT_LEAST:
 * what a write that did not end needs to be tried again. The bytes are borrowed until
 * the next call on g or q. */
const char *gather_flat(struct gather *g, const struct sendq *q, size_t *n);

/* The first unsent lines of q in this form, as one piece; *n is its size (0: q is
 * empty), and *lines the bytes of these lines in q. The buffers of q hold whole lines, and whole lines were taken off q. A line
 * must have at most GATHER_BYTES in the form. As with gather_flat, a later call at the
 * same position of q gives the same bytes, and at least as many or GATHER_FLAT_LEAST.
 * The bytes are borrowed until the next call on g. g has no other use than
 * this form. */
const char *gather_formed(struct gather *g, gather_form *form, const struct sendq *q,
                          size_t *n, size_t *lines);

/* Releases the references to the buffers. Call it at the end of each turn, so that g
 * keeps no buffer longer. */
void gather_release(struct gather *g);

#endif
