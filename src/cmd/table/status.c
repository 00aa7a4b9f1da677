/* The table of the state of the server: the lines of STATS s. */
#include "cmd/status.h"
#include "cmd/table.h"
#include "walk.h"

/* A line of STATS s. */
struct status_line {
    const char *key, *value;
};

static void
get_status_key(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ((const struct status_line *)row->item)->key);
}

static void
get_status_value(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ((const struct status_line *)row->item)->value);
}

struct status_offer {
    struct table_answer *answer;
    struct table_row *row;
};

static void
offer_status_line(void *ctx, const char *key, const char *value)
{
    const struct status_offer *o = ctx;
    const struct status_line line = {key, value};
    o->row->item = &line;
    table_offer(o->answer, o->row);
}

static void
offer_status(struct table_answer *answer, struct table_row *row)
{
    struct status_offer o = {answer, row};
    status_each(row->srv, offer_status_line, &o);
}

static const struct table_column status_columns[] = {
#define STATUS(name, type, search, meaning)                                            \
    {#name, meaning, TABLE_##type, TABLE_##search, get_status_##name},
#include "cmd/tables.def"
#undef STATUS
};

const struct table table_status = {
    .name = "status",
    .columns = status_columns,
    .n_columns = sizeof status_columns / sizeof *status_columns,
    .all = offer_status,
};
