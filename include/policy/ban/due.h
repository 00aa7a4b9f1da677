/* Bans that end, by when they do: a binary heap, the next one on top. */
#ifndef POLICY_BAN_DUE_H
#define POLICY_BAN_DUE_H

#include <stddef.h>

struct ban;

/* Zeroed: empty. A ban knows its place (ban.due, from 1 on; 0: it is not in). */
struct ban_due {
    struct ban **heap;
    size_t n, room;
};

/* The ban's end is new, or was changed: in, out (it never ends), or to its place. */
void ban_due_place(struct ban_due *due, struct ban *ban);
/* Before a ban goes; nothing happens if it is not in. */
void ban_due_remove(struct ban_due *due, struct ban *ban);
/* The ban that ends first; NULL: none ends. */
struct ban *ban_due_first(const struct ban_due *due);
void ban_due_free(struct ban_due *due);

#endif
