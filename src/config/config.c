/* Makes and frees the configuration, and compares two. It must never open a file, and a
 * file with one fault must never become a configuration. */
#include "config/config.h"

#include "base/mem.h"
#include "base/str.h"
#include "fault.h"
#include "operclass.h"
#include "parse.h"
#include "titled.h"
#include "value.h"

#include <stdlib.h>

/* Calls fn for each option of the single blocks. */
#define EACH_OPTION(b, o)                                                              \
    for (const struct block *b = blocks_single; b->name != NULL; b++)                  \
        for (const struct option *o = b->options; o->name != NULL; o++)

struct config *
config_parse(const char *file, const char *text, const struct config_words *words,
             config_fault *fault, void *ctx)
{
    struct faults *faults = xcalloc(1, sizeof *faults);
    struct config *c = xcalloc(1, sizeof *c);
    EACH_OPTION(b, o)
    value_default(o, c);
    parse_text(text, words, faults, c);
    operclass_resolve(c, faults);
    titled_done(c);
    if (faults->n > 0) {
        faults_tell(faults, file, fault, ctx);
        config_free(c);
        c = NULL;
    }
    faults_clear(faults);
    free(faults);
    return c;
}

void
config_free(struct config *c)
{
    if (c == NULL)
        return;
    EACH_OPTION(b, o)
    value_clear(o, c);
    titled_clear(c);
    free(c);
}

void
config_fixed_changes(const struct config *before, const struct config *after,
                     void (*fn)(void *ctx, const char *option), void *ctx)
{
    char name[64];
    EACH_OPTION(b, o)
    {
        if (!o->fixed || value_same(o, before, after))
            continue;
        str_format(name, sizeof name, "%s.%s", b->name, o->name);
        fn(ctx, name);
    }
    if (!titled_same_listeners(before, after))
        fn(ctx, "listen");
}

/* The values change places: both configurations stay whole and are freed as before. */
void
config_keep_fixed(struct config *after, struct config *before)
{
    EACH_OPTION(b, o)
    if (o->fixed)
        value_swap(o, after, before);
    struct config_listen *listen = after->listen;
    size_t n = after->n_listen;
    after->listen = before->listen;
    after->n_listen = before->n_listen;
    before->listen = listen;
    before->n_listen = n;
}
