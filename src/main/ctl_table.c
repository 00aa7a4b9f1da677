/* Tables through `ircd ctl table`: the lines of a row are put together, and each further
 * page is asked for with the cursor of the last one (contrib/TABLES.md). */
#include "ctl_table.h"

#include "base/draft.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define CURSOR_TEXT 128

struct table_pages {
    struct draft row;         /* the row at work; at NULL or empty: none */
    char cursor[CURSOR_TEXT]; /* of the next page; "end": there is none */
    void (*take)(void *ctx, const struct control_text *line);
    void *ctx;
};

static void
pass_row(struct table_pages *t)
{
    struct control_text whole = {.code = "TABLE", .text = t->row.at};
    if (t->row.len == 0)
        return;
    t->take(t->ctx, &whole);
    t->row.len = 0;
}

/* A row, "+ " and a further part of the row before, or "* " and the cursor. */
static void
take_table_line(void *ctx, const struct control_text *line)
{
    struct table_pages *t = ctx;
    bool more = strncmp(line->text, "+ ", 2) == 0;
    if (strcmp(line->code, "TABLE") != 0) {
        t->take(t->ctx, line);
        return;
    }
    if (!more)
        pass_row(t);
    if (strncmp(line->text, "* ", 2) == 0)
        str_format(t->cursor, sizeof t->cursor, "%s", line->text + 2);
    else
        draft_add(&t->row, line->text + (more ? 2 : 0));
}

/* The words with a blank between two of them. False: they do not fit. */
static bool
join_words(char *const *words, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; words[i]; i++)
        str_addf(&s, "%s%s", i ? " " : "", words[i]);
    return !s.cut;
}

enum ctl_result
ctl_table_list(struct ctl_link *l, char *const *words,
               void (*take)(void *ctx, const struct control_text *line), void *ctx)
{
    struct table_pages t = {.cursor = "*", .take = take, .ctx = ctx};
    char command[CTL_COMMAND], filter[CTL_COMMAND - 2 * CURSOR_TEXT];
    enum ctl_result result = CTL_DONE;
    if (!join_words(words + 1, filter, sizeof filter)) {
        take(ctx, &(struct control_text){.code = "FAIL",
                                         .text = "the filter is too long",
                                         .refuses = true});
        return CTL_REFUSED;
    }
    while (result == CTL_DONE && strcmp(t.cursor, "end") != 0) {
        char cursor[CURSOR_TEXT];
        str_format(cursor, sizeof cursor, "%s", t.cursor);
        str_format(command, sizeof command, "TABLE %s %s :%s", SHOWN(words[0]), cursor,
                   filter);
        /* A refusal has no cursor. */
        str_format(t.cursor, sizeof t.cursor, "end");
        result = ctl_link_run(l, command, take_table_line, &t);
    }
    free(t.row.at);
    return result;
}
