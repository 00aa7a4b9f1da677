/* The table of hosts with strikes or an offence level. Its rows and their parts are
 * those of STRIKES. */
#include "base/hash_walk.h"
#include "cmd/table.h"
#include "config/config.h"
#include "policy/access.h"
#include "policy/class.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/privs.h"
#include "policy/strikes.h"
#include "state/server.h"
#include "walk.h"

/* The host as it is when all that has decayed is subtracted. The host itself does not
 * change, because a list changes nothing. */
static struct host
settle_row(const struct table_row *row)
{
    struct host now = *(const struct host *)row->item;
    host_settle(row->srv, &now);
    return now;
}

static void
get_host_host(const struct table_row *row, struct table_value *out)
{
    const struct host *h = row->item;
    if (!access_has(row->reader, PRIV_see_address))
        return;
    prefix_word(&h->key, out->room, sizeof out->room);
    table_set_text(out, out->room);
}

static void
get_host_strikes(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, settle_row(row).strikes);
}

static void
get_host_limit(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, (uint64_t)row->srv->config->strikes.limit);
}

static void
get_host_level(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, settle_row(row).level);
}

static void
get_host_cause(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, strike_words(row->item));
}

static void
get_host_nick(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ((const struct host *)row->item)->nick);
}

static void
get_host_by(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, ((const struct host *)row->item)->by);
}

static void
get_host_since(const struct table_row *row, struct table_value *out)
{
    struct host now = settle_row(row);
    table_set_time(out, now.strikes ? now.strike_at : 0);
}

static void
get_host_forgets(const struct table_row *row, struct table_value *out)
{
    struct host now = settle_row(row);
    table_set_time(out,
                   now.strikes ? now.strike_at + row->srv->config->strikes.decay : 0);
}

static void
get_host_falls(const struct table_row *row, struct table_value *out)
{
    struct host now = settle_row(row);
    table_set_time(out,
                   now.level ? now.level_at + row->srv->config->strikes.forgive : 0);
}

static void
get_host_consequence(const struct table_row *row, struct table_value *out)
{
    struct host now = settle_row(row);
    const struct config_class *class = class_find(row->srv, &now.key.addr, NULL);
    table_set_text(out, "the client is disconnected");
    if (strike_only_disconnects(&now, class))
        return;
    strike_ban_words(row->srv, &now, "the", out->room, sizeof out->room);
    table_set_text(out, out->room);
}

static void
get_host_connections(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, ((const struct host *)row->item)->connections);
}

static bool
find_next_host(struct table_place *at, struct table_row *row)
{
    struct server *srv = row->srv;
    const struct host *h =
        HASH_WALK(srv->policy->hosts, &srv->hash_key, &at->at, &srv->work);
    if (h && (h->strikes || h->level)) {
        row->item = h;
        struct host now = settle_row(row);
        if (now.strikes == 0 && now.level == 0)
            row->item = NULL;
    }
    return table_walk_on(at, h != NULL);
}

static const struct table_column host_columns[] = {
#define HOSTS(name, type, search, meaning)                                             \
    {#name, meaning, TABLE_##type, TABLE_##search, get_host_##name},
#include "cmd/tables.def"
#undef HOSTS
};

const struct table table_hosts = {
    .name = "hosts",
    .columns = host_columns,
    .n_columns = sizeof host_columns / sizeof *host_columns,
    .next = find_next_host,
};
