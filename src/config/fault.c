/* Collects the faults of a file. The fault of a block may be found behind those of its
 * options, so each is inserted by its line. This file must never keep more than
 * FAULTS_MAX of them: one wrong byte can make a fault of every line. */
#include "fault.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
fault_add(struct faults *f, int line, const char *fmt, ...)
{
    if (f->n == FAULTS_MAX) {
        f->dropped++;
        if (f->list[f->n - 1].line <= line)
            return;
        free(f->list[--f->n].text);
    }
    char text[FAULT_TEXT];
    va_list ap;
    va_start(ap, fmt);
    struct str s;
    str_init(&s, text, sizeof text);
    str_addv(&s, fmt, ap);
    va_end(ap);
    size_t at = f->n++;
    for (; at > 0 && f->list[at - 1].line > line; at--)
        f->list[at] = f->list[at - 1];
    f->list[at] = (struct fault){.line = line, .text = xstrdup(text)};
}

void
faults_tell(const struct faults *f, const struct config_source *source,
            config_fault *tell, void *ctx)
{
    char text[FAULT_LINE], place[240];
    for (size_t i = 0; i < f->n; i++) {
        struct str s;
        str_init(&s, text, sizeof text);
        str_addf(&s, "%s: %s",
                 config_place(source, f->list[i].line, place, sizeof place),
                 f->list[i].text);
        config_trail(source, f->list[i].line, &s);
        tell(ctx, text);
    }
    if (f->dropped == 0)
        return;
    str_format(text, sizeof text, "%s: %zu more faults",
               config_place(source, 0, place, sizeof place), f->dropped);
    tell(ctx, text);
}

void
faults_clear(struct faults *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->list[i].text);
    f->n = f->dropped = 0;
}
