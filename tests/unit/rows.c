/* Reads answers of TABLE turn by turn: joins the lines of a row, and measures the work of
 * each turn. */
#include "rows.h"

#include "base/mem.h"
#include "base/str.h"
#include "crowd.h"
#include "state/cursor.h"

struct world *
rows_begin(const char *more, const char *privileges, struct actor **alice,
           struct actor **mod)
{
    char config[2048];
    str_format(config, sizeof config,
               "%soper \"mod\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
               "privileges = { %s } }\n%s",
               world_easy, privileges, more);
    struct world *w = world_with_oper(config, alice);
    *mod = world_oper_as(w, "mod", "mod");
    world_drain_all(w);
    return w;
}

/* Takes a line behind ":irc.localhost TABLE name". */
static void
take_line(struct rows *out, const char *text)
{
    if (strncmp(text, " * ", 3) == 0) {
        str_format(out->cursor, sizeof out->cursor, "%s", text + 3);
        return;
    }
    CU_ASSERT_FATAL(out->n < ROWS_MAX);
    if (strncmp(text, " + :", 4) == 0) {
        CU_ASSERT_FATAL(out->n > 0);
        char **row = &out->row[out->n - 1];
        size_t before = strlen(*row), more = strlen(text + 4);
        *row = xrealloc(*row, before + more + 1);
        memcpy(*row + before, text + 4, more + 1);
        return;
    }
    CU_ASSERT_FATAL(strncmp(text, " :{", 3) == 0);
    out->row[out->n++] = xstrdup(text + 2);
}

static void
take_inbox(struct actor *a, const char *table, struct rows *out)
{
    char head[64];
    size_t before = out->n;
    str_format(head, sizeof head, ":irc.localhost TABLE %s", table);
    for (char *at = a->inbox, *end; a->len && (end = strchr(at, '\n')); at = end + 1) {
        *end = '\0';
        CU_ASSERT(end - at <= 511);
        if (end > at && end[-1] == '\r')
            end[-1] = '\0';
        bool of_answer = strncmp(at, head, strlen(head)) == 0;
        if (!of_answer)
            EQUAL_TEXT(at, "a line of the answer");
        CU_ASSERT_FATAL(of_answer);
        take_line(out, at + strlen(head));
    }
    if (out->n - before > out->turn_rows)
        out->turn_rows = (unsigned)(out->n - before);
    world_drain(a);
}

/* The work that the first cursor has done so far. */
static size_t
spent_work(const struct world *w)
{
    const struct list *all = &cursors_of(w->srv)->all;
    return crowd_waits(w) ? LIST_ENTRY(all->next, struct cursor, link)->spent : 0;
}

void
rows_page(struct world *w, struct actor *a, const char *table, const char *cursor,
          const char *filter, struct rows *out)
{
    char line[512];
    size_t before = 0, spent;
    world_drain(a);
    str_format(line, sizeof line, "TABLE %s %s :%s", table, cursor, filter);
    out->cursor[0] = '\0';
    out->commands++;
    world_say(w, a, line);
    take_inbox(a, table, out);
    for (int turns = 0; crowd_waits(w) && turns < 10000; turns++) {
        spent = spent_work(w);
        if (spent - before > out->turn_work)
            out->turn_work = spent - before;
        out->all_work += spent - before;
        before = spent;
        crowd_turn(w, a);
        take_inbox(a, table, out);
    }
    CU_ASSERT_FATAL(out->cursor[0] != '\0');
}

void
rows_read(struct world *w, struct actor *a, const char *table, const char *filter,
          struct rows *out)
{
    memset(out, 0, sizeof *out);
    str_format(out->cursor, sizeof out->cursor, "*");
    while (strcmp(out->cursor, "end") != 0) {
        char cursor[128];
        str_format(cursor, sizeof cursor, "%s", out->cursor);
        rows_page(w, a, table, cursor, filter, out);
    }
}

void
rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        free(rows->row[i]);
    memset(rows, 0, sizeof *rows);
}

unsigned
rows_with(const struct rows *rows, const char *text)
{
    unsigned n = 0;
    for (size_t i = 0; i < rows->n; i++)
        n += strstr(rows->row[i], text) != NULL;
    return n;
}
