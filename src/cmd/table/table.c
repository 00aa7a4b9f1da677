/* TABLE: rows of clients, channels, hosts, bans, events and the state of the server, for
 * programs.
 *
 * The answer is a cursor (state/cursor.h) that keeps no place in a list: it has a
 * position (cmd/table.h), which the client may give to the next command. Nothing is
 * kept for a client between two commands. */
#include "cmd/table.h"

#include "cmd/command.h"
#include "place.h"
#include "policy/access.h"
#include "policy/flood.h"
#include "proto/casemap.h"
#include "row.h"
#include "state/cursor.h"
#include "walk.h"

#define ROWS_OF_COMMAND 500
#define ROWS_OF_TURN 50
#define ROWS_A_TOKEN 50 /* rows for one token */

const struct table *const tables[] = {
    &table_bans,   &table_hosts, &table_clients, &table_channels, &table_log,
    &table_status, NULL};

/* The state of a TABLE. */
struct table_answer {
    struct cursor cursor; /* first */
    const struct table *table;
    struct table_place place;
    struct table_filter filter;
    unsigned rows;  /* sent so far */
    unsigned piece; /* of them, in this piece */
    uint64_t offer; /* table.all: the number of the next row that is offered */
};

/* The bytes of the row to send in this line. A line neither begins nor ends with a
 * blank, which a reader might drop, unless there are very many. */
static size_t
measure_line(const char *text, size_t room)
{
    size_t len = strlen(text);
    if (len <= room)
        return len;
    size_t n = str_cut(text, len, room), at = n;
    while (at > n / 2 && (text[at - 1] == ' ' || text[at] == ' '))
        at--;
    return at > n / 2 ? at : n;
}

static void
send_table_row(struct table_answer *a, const struct table_row *row)
{
    struct server *srv = row->srv;
    char text[TABLE_ROW];
    struct str s;
    str_init(&s, text, sizeof text);
    table_row_write(&s, a->table, row);
    size_t room = MESSAGE_LINE - 2 - srv->me.name_len - strlen(a->table->name) -
                  (sizeof ": TABLE  + :" - 1);
    const char *more = "";
    for (const char *at = text; *at; more = " +") {
        char line[MESSAGE_LINE];
        size_t n = measure_line(at, room);
        str_format(line, sizeof line, "%.*s", (int)n, at);
        out_line(srv, a->cursor.owner, ":%s TABLE %s%s :%s", srv->me.name,
                 a->table->name, more, line);
        at += n;
    }
    a->rows++;
    a->piece++;
}

static void
send_table_end(const struct table_answer *a, const char *cursor)
{
    const struct server *srv = a->cursor.srv;
    out_line(a->cursor.srv, a->cursor.owner, ":%s TABLE %s * %s", srv->me.name,
             a->table->name, cursor);
}

/* Whether the piece has room for one more row. */
static bool
has_room(struct table_answer *a)
{
    return a->rows < ROWS_OF_COMMAND && a->piece < ROWS_OF_TURN &&
           !cursor_yields(&a->cursor);
}

void
table_offer(struct table_answer *a, const struct table_row *row)
{
    if (a->place.end || a->offer++ != a->place.at)
        return;
    if (!has_room(a)) {
        a->place.end = true; /* of this piece */
        return;
    }
    a->place.at++;
    if (table_filter_matches(&a->filter, a->table, row))
        send_table_row(a, row);
}

/* Offers all rows of a table without `next`. */
static void
offer_all(struct table_answer *a)
{
    struct table_row row = {.srv = a->cursor.srv, .reader = a->cursor.owner};
    a->offer = 0;
    a->place.end = false;
    a->table->all(a, &row);
    a->place.end = !a->place.end;
}

/* Sends rows until the piece is full or no row is left. */
static void
send_table_rows(struct table_answer *a)
{
    struct table_row row = {.srv = a->cursor.srv, .reader = a->cursor.owner};
    while (!a->place.end && has_room(a)) {
        row.item = NULL;
        if (a->table->next(&a->place, &row) && row.item &&
            table_filter_matches(&a->filter, a->table, &row))
            send_table_row(a, &row);
    }
}

static bool
step_table(struct server *srv, struct cursor *cur)
{
    struct table_answer *a = (struct table_answer *)(void *)cur;
    char next[PLACE_TEXT] = "end";
    a->piece = 0;
    a->place.last = NULL; /* it may have left since the last piece */
    if (a->table->next)
        send_table_rows(a);
    else
        offer_all(a);
    if (!a->place.end && a->rows < ROWS_OF_COMMAND)
        return false;
    if (!a->place.end)
        table_place_write(srv, a->table, &a->place, next);
    send_table_end(a, next);
    flood_charge(srv, cur->owner, (int)(a->rows / ROWS_A_TOKEN) + cursor_tokens(cur));
    return true;
}

static void
refuse_table(struct request *req, const char *code, const char *why)
{
    reply_standard(req, "FAIL", "TABLE", code, "", "TABLE refused: %s", why);
}

/* The table of this name; NULL: the client is told that there is none, or that it may
 * not read it. */
static const struct table *
find_table(struct request *req, const char *name)
{
    char why[MESSAGE_LINE];
    struct str s;
    str_init(&s, why, sizeof why);
    str_addf(&s, "'%s' is no table; there are", SHOWN(name));
    for (const struct table *const *t = tables; *t; t++) {
        if (!name_equal((*t)->name, name)) {
            str_addf(&s, "%s %s", t == tables ? "" : ",", (*t)->name);
            continue;
        }
        if (access_has(req->client, (*t)->priv))
            return *t;
        str_format(why, sizeof why, "you need the privilege '%s'",
                   privs_name((*t)->priv));
        reply(req, ERR_NOPRIVILEGES, why);
        return NULL;
    }
    refuse_table(req, "UNKNOWN_TABLE", why);
    return NULL;
}

/* Reads [cursor] [:filter]; a cursor begins with '~', or is "*". */
static bool
read_rest(struct request *req, struct table_answer *a)
{
    const struct message *m = req->message;
    char why[MESSAGE_LINE], err[MESSAGE_LINE / 2];
    const char *first = m->nparams > 1 ? m->params[1] : "";
    bool starts = strcmp(first, PLACE_START) == 0;
    bool resumes = *first == TABLE_CURSOR;
    const char *filter = m->nparams > 2 ? m->params[2] : resumes || starts ? "" : first;
    if (m->nparams > 3) {
        refuse_table(req, "INVALID_FILTER",
                     "a filter of several words needs ':' before it");
        return false;
    }
    if ((m->nparams > 2 && !resumes && !starts) ||
        (resumes && !table_place_read(req->srv, a->table, first, &a->place))) {
        str_format(why, sizeof why,
                   "'%s' is no cursor of the table %s since the server started; begin "
                   "again with *",
                   SHOWN(first), a->table->name);
        refuse_table(req, "INVALID_CURSOR", why);
        return false;
    }
    if (table_filter_read(&a->filter, a->table, filter, err, sizeof err))
        return true;
    refuse_table(req, "INVALID_FILTER", err);
    return false;
}

/* TABLE <name> [cursor] [:filter] */
static void
table_run(struct request *req)
{
    const struct table *table = find_table(req, req->message->params[0]);
    if (table == NULL)
        return;
    struct table_answer *a = cursor_new(req->srv, req->client, sizeof *a, step_table);
    a->table = table;
    if (read_rest(req, a))
        cursor_start(req->srv, &a->cursor);
    else
        free(a);
}

const struct command commands_table[] = {
    {
        .name = "TABLE",
        .run = table_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_check,
        .group = GROUP_OPERATE,
        .syntax =
            "<bans | hosts | clients | channels | log | status> [<cursor> | *] [:<word "
            "or column=word> …]",
        .help = "list the rows of a table for programs, as JSON: at most 500, then a "
                "cursor with which the next command goes on; HELP TABLES",
        .example = "TABLE bans * :kind=K-line spam",
    },
    {.name = NULL},
};
