/* The table of the last events of the core, the oldest first.
 *
 * A reader with see_address reads the values as they are. For the others, each address
 * among them is "*", as in server notices. log.redact is about files and changes
 * nothing here. */
#include "base/event.h"
#include "base/redact.h"
#include "cmd/table.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "state/event_ring.h"
#include "state/server.h"
#include "walk.h"

#define KEY_WORK 50 /* of the search for the value of a key */

static const struct kept_event *
event_of_row(const struct table_row *row)
{
    return row->item;
}

static void
get_event_seq(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, event_of_row(row)->seq);
}

static void
get_event_time(const struct table_row *row, struct table_value *out)
{
    table_set_time(out, event_of_row(row)->wall);
}

static void
get_event_level(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, log_level_name(event_rows[event_of_row(row)->event].level));
}

static void
get_event_event(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, event_rows[event_of_row(row)->event].word);
}

/* The value of a key, as the reader may read it. */
static void
get_key_value(const struct table_row *row, const char *key, struct table_value *out)
{
    static const struct redact hide = {.mode = REDACT_ADDRESSES};
    const char *value = event_ring_value(event_of_row(row), key);
    row->srv->work += KEY_WORK;
    if (value && !access_has(row->reader, PRIV_see_address))
        value = redact_value(&hide, key, value, out->room, sizeof out->room);
    table_set_text(out, value);
}

#define KEY(name, key, kind)                                                           \
    static void get_key_##name(const struct table_row *row, struct table_value *out)   \
    {                                                                                  \
        get_key_value(row, key, out);                                                  \
    }
#include "base/log_keys.def"
#undef KEY

/* No event has this key as a field: the ring counts what it leaves out. */
static void
get_event_suppressed(const struct table_row *row, struct table_value *out)
{
    if (event_of_row(row)->suppressed)
        table_set_number(out, event_of_row(row)->suppressed);
}

static bool
find_next_event(struct table_place *at, struct table_row *row)
{
    const struct kept_event *e = event_ring_find(row->srv, at->at);
    row->item = e;
    at->end = e == NULL;
    at->at = e ? e->seq + 1 : 0;
    return e != NULL;
}

static const struct table_column event_columns[] = {
#define LOG(name, type, search, meaning)                                               \
    {#name, meaning, TABLE_##type, TABLE_##search, get_event_##name},
#include "cmd/tables.def"
#undef LOG
#define KEY(name, key, kind)                                                           \
    {key, "", REDACT_##kind == REDACT_NUMBER ? TABLE_NUMBER : TABLE_TEXT,              \
     TABLE_SEARCH, get_key_##name},
#include "base/log_keys.def"
#undef KEY
};

const struct table table_log = {
    .name = "log",
    .priv = PRIV_spy,
    .sparse = true,
    .columns = event_columns,
    .n_columns = sizeof event_columns / sizeof *event_columns,
    .next = find_next_event,
};
