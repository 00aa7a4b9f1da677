/* Bans that have an end: a binary heap with the next end on top. */
#ifndef POLICY_BAN_DUE_H
#define POLICY_BAN_DUE_H

#include <stddef.h>

struct ban;

/* All zeros: empty. Each ban has its place (ban.due, from 1; 0: not in the heap). */
struct ban_due {
    struct ban **heap;
    size_t n, room;
};

/* Call after the end of a ban was set or changed: adds, moves or removes the ban (one
 * that never ends is not in the heap). */
void ban_due_place(struct ban_due *due, struct ban *ban);
/* Call before a ban is freed. Does nothing if it is not in the heap. */
void ban_due_remove(struct ban_due *due, struct ban *ban);
/* The ban with the next end; NULL: the heap is empty. */
struct ban *ban_due_first(const struct ban_due *due);
void ban_due_free(struct ban_due *due);

#endif
