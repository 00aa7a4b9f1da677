/* The places of the lines of a joined text. A file without includes is one piece. */
#include "config/source.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

void
config_source_plain(struct config_source *s, const char *file)
{
    *s = (struct config_source){xmalloc(sizeof *s->pieces), 1};
    s->pieces[0] = (struct config_piece){1, 1, 0, xstrdup(file)};
}

void
config_source_clear(struct config_source *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->pieces[i].file);
    free(s->pieces);
    *s = (struct config_source){0};
}

/* The piece that has a line: the last one that begins at it or before it. */
static const struct config_piece *
find_piece(const struct config_source *s, int line)
{
    size_t low = 0, high = s->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->pieces[middle].from <= line)
            low = middle;
        else
            high = middle;
    }
    return &s->pieces[low];
}

const char *
config_place(const struct config_source *s, int line, char *out, size_t size)
{
    const struct config_piece *p = find_piece(s, line);
    int n = (int)str_cut(p->file, strlen(p->file), 200);
    if (line == 0)
        str_format(out, size, "%.*s", n, p->file);
    else
        str_format(out, size, "%.*s:%d", n, p->file, line - p->from + p->line);
    return out;
}

void
config_trail(const struct config_source *s, int line, struct str *out)
{
    char place[240];
    int by = find_piece(s, line)->by;
    for (const char *before = " (included"; by > 0; before = ",") {
        str_addf(out, "%s by %s", before, config_place(s, by, place, sizeof place));
        by = find_piece(s, by)->by;
        if (by == 0)
            str_add(out, ")");
    }
}

const char *
config_line(const struct config_source *s, int line, int from, char *out, size_t size)
{
    const struct config_piece *p = find_piece(s, line);
    int n = (int)str_cut(p->file, strlen(p->file), 200);
    bool same = strcmp(p->file, find_piece(s, from)->file) == 0;
    str_format(out, size, "line %d%s%.*s", line - p->from + p->line, same ? "" : " of ",
               same ? 0 : n, p->file);
    return out;
}
