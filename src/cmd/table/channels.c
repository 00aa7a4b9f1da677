/* The table of channels: those that the reader may see. The key of a channel is its
 * name, so a channel that is renamed is another row. */
#include "base/hash_walk.h"
#include "cmd/table.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "proto/mode.h"
#include "state/channel.h"
#include "state/channel_mode.h"
#include "state/server.h"
#include "walk.h"

static const struct channel *
channel_of_row(const struct table_row *row)
{
    return row->item;
}

static void
get_channel_name(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, channel_of_row(row)->name);
}

static void
get_channel_members(const struct table_row *row, struct table_value *out)
{
    table_set_number(out, channel_of_row(row)->nmembers);
}

static void
get_channel_modes(const struct table_row *row, struct table_value *out)
{
    const struct channel *chan = channel_of_row(row);
    char letters[CHAN_MODE_COUNT + 1], params[CHANNEL_PARAMS_TEXT];
    bool inside =
        channel_member(chan, row->reader) || access_has(row->reader, PRIV_see_address);
    channel_mode_text(chan, inside, letters, sizeof letters, params, sizeof params);
    str_format(out->room, sizeof out->room, "+%s%s", letters, params);
    table_set_text(out, out->room);
}

static void
get_channel_topic(const struct table_row *row, struct table_value *out)
{
    table_set_text(out, channel_of_row(row)->topic);
}

static void
get_channel_topic_by(const struct table_row *row, struct table_value *out)
{
    const struct channel *chan = channel_of_row(row);
    table_set_text(out, chan->topic ? chan->topic_by : NULL);
}

static void
get_channel_topic_at(const struct table_row *row, struct table_value *out)
{
    const struct channel *chan = channel_of_row(row);
    table_set_time(out, chan->topic ? chan->topic_at : 0);
}

static void
get_channel_created(const struct table_row *row, struct table_value *out)
{
    table_set_time(out, channel_of_row(row)->created);
}

static bool
find_next_channel(struct table_place *at, struct table_row *row)
{
    struct server *srv = row->srv;
    const struct channel *chan =
        HASH_WALK(srv->channels, &srv->hash_key, &at->at, &srv->work);
    if (chan && access_sees_channel(chan, row->reader))
        row->item = chan;
    return table_walk_on(at, chan != NULL);
}

static const struct table_column channel_columns[] = {
#define CHANNELS(name, type, search, meaning)                                          \
    {#name, meaning, TABLE_##type, TABLE_##search, get_channel_##name},
#include "cmd/tables.def"
#undef CHANNELS
};

const struct table table_channels = {
    .name = "channels",
    .columns = channel_columns,
    .n_columns = sizeof channel_columns / sizeof *channel_columns,
    .next = find_next_channel,
};
