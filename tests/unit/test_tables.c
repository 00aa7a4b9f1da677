/* The rows that documents show, as the program has them: tests/readme-tables.sh makes
 * the tables of them. They are written to the file that IRCD_TEST_TABLES names, a row a
 * line, its fields behind tabs: "command" name, syntax, help, example, cost, privilege;
 * "token" name (005); "event" word, keys, when; "key" name, what log.redact does with
 * it; "cause" word, when, how it is logged; "metric" name, type, labels, help; "column"
 * table, name, type, whether words of a filter search it, meaning. */
#include "base/attr.h"
#include "base/event.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/registry.h"
#include "cmd/table.h"
#include "session/metrics.h"
#include "world.h"

#include <stdarg.h>

static const char *const event_whens[EVENTS] = {
#define EVENT(name, word, level, rate, fields, notice, when) [EVENT_##name] = when,
#define LIKE(name, same, word, level, rate, notice, when) [EVENT_##name] = when,
#include "base/events.def"
#undef EVENT
#undef LIKE
};

static FILE *out;

/* A row: fields behind tabs; none of them has one, or a line end. */
static void ATTR_PRINTF(1, 2) write_row(const char *fmt, ...)
{
    char line[2048];
    struct str s;
    va_list args;
    va_start(args, fmt);
    str_init(&s, line, sizeof line);
    str_addv(&s, fmt, args);
    va_end(args);
    CU_ASSERT(!s.cut && strchr(line, '\n') == NULL);
    fprintf(out, "%s\n", line);
}

static void
print_commands(const struct server *srv)
{
    const struct command *row;
    for (size_t i = 0; (row = registry_row(srv, i, NULL, NULL)); i++)
        write_row("command\t%s\t%s\t%s\t%s\t%d\t%s", row->name, row->syntax, row->help,
                  row->example ? row->example : "", row->cost,
                  row->priv ? privs_name(row->priv) : "");
}

/* From the line that a client reads: "... 005 ann TOKEN=x TOKEN :are supported ...". */
static void
print_tokens(struct world *w)
{
    struct actor *a = world_connect(w, "192.0.2.1");
    world_say(w, a, "NICK ann");
    world_say(w, a, "USER ann 0 * :x");
    for (const char *at = a->inbox; (at = strstr(at, " 005 ann "));
         at = strchr(at, ' ')) {
        at += strlen(" 005 ann ");
        for (; *at != ':'; at += strcspn(at, " ") + 1)
            write_row("token\t%.*s", (int)strcspn(at, "= "), at);
    }
}

static void
print_events(void)
{
    char keys[512];
    struct str s;
    for (int i = 0; i < EVENTS; i++) {
        if (event_rows[i].word[0] == '\0')
            continue;
        str_init(&s, keys, sizeof keys);
        for (const struct event_field *f = event_rows[i].fields(); f->name; f++)
            if (f->key)
                str_addf(&s, "%s ", f->key);
        write_row("event\t%s\t%s\t%s", event_rows[i].word, keys, event_whens[i]);
    }
}

static void
print_columns(void)
{
    static const char *const types[] = {[TABLE_TEXT] = "text",
                                        [TABLE_NUMBER] = "number",
                                        [TABLE_YESNO] = "true or false",
                                        [TABLE_TIME] = "time"};
    for (const struct table *const *t = tables; *t; t++)
        for (size_t i = 0; i < (*t)->n_columns; i++) {
            const struct table_column *column = &(*t)->columns[i];
            if (*column->meaning == '\0')
                continue;
            write_row("column\t%s\t%s\t%s\t%s\t%s", (*t)->name, column->name,
                      types[column->type], column->searched ? "yes" : "",
                      column->meaning);
        }
}

static void
print_metrics(void)
{
    size_t n;
    const struct metric *rows = metrics_rows(&n);
    for (size_t i = 0; i < n; i++)
        write_row("metric\t%s\t%s\t%s\t%s", rows[i].name,
                  metric_type_name(rows[i].type), rows[i].labels, rows[i].help);
}

static void
each_row_is_a_line(void)
{
    /* The token CLIENTTAGDENY is there only with this option. */
    struct world *w = world_new("server { client_tag_deny = \"x\" }\n");
    const char *path = getenv("IRCD_TEST_TABLES");
    out = path ? fopen(path, "w") : tmpfile();
    CU_ASSERT_FATAL(out != NULL);
    print_commands(w->srv);
    print_tokens(w);
    print_events();
    print_metrics();
    print_columns();
#define KEY(name, key, kind) write_row("key\t%s\t%s", key, #kind);
#include "base/log_keys.def"
#undef KEY
#define END(NAME, word, LOGGED, text, when)                                            \
    write_row("cause\t%s\t%s\t%s", word, when, #LOGGED);
#include "state/ends.def"
#undef END
    CU_ASSERT(ftell(out) > 10000);
    CU_ASSERT(fclose(out) == 0);
    world_free(w);
}

SUITE(tables)
{
    TEST(each_row_is_a_line);
}
