/* A heap of the bans that have an end, the next end on top.
 *
 * The tick looks at the top and removes it if it has expired, so its cost depends on
 * the number of bans removed and not on the number of bans. The heap must never hold a
 * freed ban: remove a ban from it before you free it. */
#include "policy/ban/due.h"

#include "base/mem.h"
#include "policy/ban/ban.h"

#define ROOM_MIN 64

static void
set_heap_slot(struct ban_due *due, size_t at, struct ban *ban)
{
    due->heap[at - 1] = ban;
    ban->due = at;
}

/* Places the ban at `at`, which is free, or moves it up or down from there. */
static void
sift_ban(struct ban_due *due, size_t at, struct ban *ban)
{
    while (at > 1 && ban->until < due->heap[at / 2 - 1]->until) {
        set_heap_slot(due, at, due->heap[at / 2 - 1]);
        at /= 2;
    }
    for (size_t child; (child = 2 * at) <= due->n; at = child) {
        if (child < due->n && due->heap[child]->until < due->heap[child - 1]->until)
            child++;
        if (ban->until <= due->heap[child - 1]->until)
            break;
        set_heap_slot(due, at, due->heap[child - 1]);
    }
    set_heap_slot(due, at, ban);
}

void
ban_due_remove(struct ban_due *due, struct ban *ban)
{
    size_t at = ban->due;
    if (at == 0)
        return;
    ban->due = 0;
    struct ban *last = due->heap[--due->n];
    if (last != ban)
        sift_ban(due, at, last);
}

void
ban_due_place(struct ban_due *due, struct ban *ban)
{
    if (ban->until == 0) {
        ban_due_remove(due, ban);
        return;
    }
    if (ban->due == 0 && due->n == due->room) {
        due->room = due->room ? 2 * due->room : ROOM_MIN;
        due->heap = xrealloc(due->heap, due->room * sizeof(struct ban *));
    }
    sift_ban(due, ban->due ? ban->due : ++due->n, ban);
}

struct ban *
ban_due_first(const struct ban_due *due)
{
    return due->n ? due->heap[0] : NULL;
}

void
ban_due_free(struct ban_due *due)
{
    free(due->heap);
    *due = (struct ban_due){0};
}
