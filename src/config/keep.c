/* What REHASH cannot apply keeps its old value, so that the struct always says what is
 * in force.
 *
 * Values change places between the two configurations: both stay whole and free as
 * before. */
#include "config/config.h"
#include "option.h"
#include "value.h"

#include <string.h>

static const size_t sizes[] = {
    [OPTION_TEXT] = sizeof(char *),      [OPTION_BOOL] = sizeof(bool),
    [OPTION_COUNT] = sizeof(int),        [OPTION_SPAN] = sizeof(msec),
    [OPTION_RATE] = sizeof(struct rate), [OPTION_SPANS] = sizeof(msec *),
};

static void
swap(void *a, void *b, size_t n)
{
    char room[sizeof(struct rate)];
    memcpy(room, a, n);
    memcpy(a, b, n);
    memcpy(b, room, n);
}

static void
swap_option(const struct option *o, struct config *a, struct config *b)
{
    swap(value_field(o, a), value_field(o, b), sizes[o->kind]);
    if (o->kind == OPTION_SPANS)
        swap((char *)a + o->offset_n, (char *)b + o->offset_n, sizeof(size_t));
}

void
config_keep_fixed(struct config *after, struct config *before)
{
    for (const struct block *b = blocks_single; b->name != NULL; b++)
        for (const struct option *o = b->options; o->name != NULL; o++)
            if (o->fixed)
                swap_option(o, after, before);
    swap(&after->listen, &before->listen, sizeof(struct config_listen *));
    swap(&after->n_listen, &before->n_listen, sizeof(size_t));
}
