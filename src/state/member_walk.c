/* Walks over the members of a channel that may pause between two of them.
 *
 * The members are a dense array, and a member that leaves is replaced by the last one.
 * So a member that is still to be met can move to an index that the walk has passed.
 * Such indexes are marked as due and are met at the end. A part costs one step for each
 * unfinished walk of the channel, which is no more than a PART line to its client
 * costs. */
#include "state/member_walk.h"

#include "base/mem.h"
#include "state/channel.h"

#include <stdbool.h>
#include <string.h>

static bool
is_index_due(const struct member_walk *w, uint32_t i)
{
    return i < w->room && w->due[i / 8] & 1u << i % 8;
}

static void
set_index_due(struct member_walk *w, uint32_t i, bool due)
{
    if (is_index_due(w, i) == due)
        return;
    if (w->due == NULL) {
        w->room = w->end;
        w->due = xcalloc((w->room + 7) / 8, 1);
    }
    w->due[i / 8] ^= (uint8_t)(1u << i % 8);
    if (due && (w->n_due == 0 || i < w->due_from))
        w->due_from = i;
    w->n_due += due ? 1 : (uint32_t)-1;
}

void
member_walk_begin(struct member_walk *w, struct channel *chan)
{
    *w = (struct member_walk){.chan = chan, .end = chan->nmembers};
    list_append(&chan->walks, &w->link);
}

const struct member *
member_walk_next(struct member_walk *w)
{
    if (w->chan == NULL)
        return NULL;
    if (w->next < w->end)
        return &w->chan->members[w->next++];
    if (w->n_due == 0)
        return NULL;
    /* no bit before it is set, so that a walk reads each bit once */
    uint32_t i = w->due_from;
    while (i % 8 && !is_index_due(w, i))
        i++;
    while (w->due[i / 8] == 0)
        i += 8;
    while (!is_index_due(w, i))
        i++;
    w->due_from = i;
    set_index_due(w, i, false);
    return &w->chan->members[i];
}

void
member_walk_end(struct member_walk *w)
{
    if (w->chan)
        list_remove(&w->link);
    free(w->due);
    *w = (struct member_walk){0};
}

static void
adjust_walk(struct member_walk *w, uint32_t at, uint32_t last)
{
    if (at < w->next) {
        bool comes = last < w->next ? is_index_due(w, last) : last < w->end;
        set_index_due(w, at, comes && at != last);
    }
    if (last < w->next) {
        set_index_due(w, last, false);
        w->next = last;
    }
    if (last < w->end)
        w->end = last;
}

void
member_walk_part(struct channel *chan, uint32_t at, uint32_t last)
{
    LIST_EACH(&chan->walks, node)
        adjust_walk(LIST_ENTRY(node, struct member_walk, link), at, last);
}

void
member_walk_lose(struct channel *chan)
{
    LIST_EACH_SAFE(&chan->walks, node, next) {
        struct member_walk *w = LIST_ENTRY(node, struct member_walk, link);
        member_walk_end(w);
    }
}
