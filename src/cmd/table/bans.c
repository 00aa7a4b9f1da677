/* The table of server bans of all kinds. Its rows and their parts are those of BANS. */
#include "base/hash_walk.h"
#include "cmd/table.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/ban/shown.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/server.h"
#include "walk.h"

static const struct ban *
ban_of_row(const struct table_row *row)
{
    return row->item;
}

static void
get_ban_kind(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ban_kinds[ban_of_row(row)->kind].name);
}

static void
get_ban_mask(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ban_of_row(row)->mask.text);
}

static void
get_ban_setter(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ban_of_row(row)->setter);
}

static void
get_ban_automatic(const struct table_row *row, struct table_value *out)
{
    table_set_yesno(out, ban_of_row(row)->automatic);
}

static void
get_ban_set(const struct table_row *row, struct table_value *out)
{
    table_set_time(out, ban_of_row(row)->set_at);
}

static void
get_ban_expires(const struct table_row *row, struct table_value *out)
{
    table_set_time(out, ban_of_row(row)->until);
}

static void
get_ban_reason(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ban_of_row(row)->reason);
}

static void
get_ban_oper_reason(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ban_shown_oper_reason(row->reader, ban_of_row(row)));
}

static void
get_ban_hits(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, ban_of_row(row)->hits);
}

static void
get_ban_last_hit(const struct table_row *row, struct table_value *out)
{
    table_set_time(out, ban_of_row(row)->last_hit);
}

static void
get_ban_level(const struct table_row *row, struct table_value *out)
{
    const struct ban *ban = ban_of_row(row);
    const struct host *h = NULL;
    if (ban->automatic && ban->mask.is_prefix)
        h = host_find(row->srv, &ban->mask.prefix.addr);
    if (h == NULL)
        return;
    struct host now = *h; /* the decay is not applied to the host itself */
    host_settle(row->srv, &now);
    table_set_number(out, now.level);
}

static void
get_ban_lift(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ban_kinds[ban_of_row(row)->kind].unset);
}

static bool
find_next_ban(struct table_place *at, struct table_row *row)
{
    struct server *srv = row->srv;
    const struct ban *ban =
        HASH_WALK(srv->policy->bans, &srv->hash_key, &at->at, &srv->work);
    if (ban && !ban_is_expired(ban, srv->wall))
        row->item = ban;
    return table_walk_on(at, ban != NULL);
}

static const struct table_column ban_columns[] = {
#define BANS(name, type, search, meaning)                                              \
    {#name, meaning, TABLE_##type, TABLE_##search, get_ban_##name},
#include "cmd/tables.def"
#undef BANS
};

const struct table table_bans = {
    .name = "bans",
    .columns = ban_columns,
    .n_columns = sizeof ban_columns / sizeof *ban_columns,
    .next = find_next_ban,
};
