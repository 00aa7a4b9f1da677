/* Modes that take a parameter: one row a mode to set it from a text.
 *
 * MODE and the store both use texts, and only this file parses them. Rights are not
 * checked here. */
#include "state/channel_mode.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "state/forward.h"
#include "state/server.h"

#include <string.h>

#define LIMIT_MAX 1000000
#define JOINS_MAX 1000
#define SECONDS_MAX 86400
#define ASCII_DELETE 127

static enum channel_param
set_number(uint32_t *field, bool is_set, const char *text, uint32_t max)
{
    uint64_t n;
    if (!str_to_uint(text, 1, max, &n))
        return PARAM_INVALID;
    if (is_set && *field == n)
        return PARAM_SAME;
    *field = (uint32_t)n;
    return PARAM_CHANGED;
}

static enum channel_param
set_limit(struct server *srv, struct channel *chan, bool is_set, const char *text)
{
    (void)srv;
    return set_number(&chan->limit, is_set, text, LIMIT_MAX);
}

static enum channel_param
set_slow(struct server *srv, struct channel *chan, bool is_set, const char *text)
{
    (void)srv;
    return set_number(&chan->slow, is_set, text, SECONDS_MAX);
}

static enum channel_param
set_throttle(struct server *srv, struct channel *chan, bool is_set, const char *text)
{
    (void)srv;
    char joins[16];
    uint64_t n, seconds;
    size_t len = strcspn(text, ":");
    str_format(joins, sizeof joins, "%.*s", len < sizeof joins ? (int)len : 0, text);
    if (text[len] != ':' || !str_to_uint(joins, 1, JOINS_MAX, &n) ||
        !str_to_uint(text + len + 1, 1, SECONDS_MAX, &seconds))
        return PARAM_INVALID;
    if (is_set && chan->joins == n && chan->joins_per == seconds)
        return PARAM_SAME;
    chan->joins = (uint32_t)n;
    chan->joins_per = (uint32_t)seconds;
    chan->joining = (struct bucket){0};
    return PARAM_CHANGED;
}

static enum channel_param
set_key(struct server *srv, struct channel *chan, bool is_set, const char *text)
{
    size_t n = strlen(text);
    (void)srv, (void)is_set;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == ',' || text[i] == ASCII_DELETE)
            return PARAM_INVALID;
    if (n < 1 || n > CHANNEL_KEY_MAX || text[0] == ':')
        return PARAM_INVALID;
    xreplace(&chan->key, text);
    return PARAM_CHANGED;
}

static enum channel_param
set_forward(struct server *srv, struct channel *chan, bool is_set, const char *text)
{
    if (!name_is_channel(text) || name_equal(text, chan->name))
        return PARAM_INVALID;
    if (is_set && strcmp(forward_name(chan), text) == 0)
        return PARAM_SAME;
    forward_set(srv, chan, text);
    return PARAM_CHANGED;
}

static const struct {
    uint32_t bit;
    enum channel_param (*set)(struct server *srv, struct channel *chan, bool is_set,
                              const char *text);
    const char *expected;
} rows[] = {
    {CHAN_KEY, set_key, "expected a key of 1 to 23 bytes without blanks and commas"},
    {CHAN_LIMIT, set_limit, "expected a number from 1 to 1000000"},
    {CHAN_SLOW, set_slow, "expected seconds from 1 to 86400"},
    {CHAN_THROTTLE, set_throttle,
     "expected joins:seconds, 1 to 1000 joins in 1 to 86400 seconds"},
    {CHAN_FORWARD, set_forward, "expected the name of another channel"},
};

enum channel_param
channel_param_set(struct server *srv, struct channel *chan, const struct mode_row *row,
                  const char *text, const char **why)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].bit != row->bit)
            continue;
        enum channel_param done =
            rows[i].set(srv, chan, (chan->modes & row->bit) != 0, text);
        if (done != PARAM_INVALID)
            chan->modes |= row->bit;
        *why = rows[i].expected;
        return done;
    }
    *why = "takes no parameter";
    return PARAM_INVALID;
}

bool
channel_param_clear(struct server *srv, struct channel *chan,
                    const struct mode_row *row)
{
    if (!(chan->modes & row->bit))
        return false;
    chan->modes &= ~row->bit;
    if (row->bit == CHAN_KEY)
        xreplace(&chan->key, NULL);
    if (row->bit == CHAN_FORWARD)
        forward_set(srv, chan, NULL);
    return true;
}

void
channel_param_text(const struct channel *chan, const struct mode_row *row, char *out,
                   size_t size)
{
    if (row->bit == CHAN_KEY)
        str_format(out, size, "%s", chan->key);
    else if (row->bit == CHAN_FORWARD)
        str_format(out, size, "%s", forward_name(chan));
    else if (row->bit == CHAN_THROTTLE)
        str_format(out, size, "%u:%u", chan->joins, chan->joins_per);
    else
        str_format(out, size, "%u", row->bit == CHAN_SLOW ? chan->slow : chan->limit);
}

static msec
join_interval(const struct channel *chan)
{
    return chan->joins_per * MSEC_SECOND / chan->joins;
}

int
channel_join_wait(const struct server *srv, const struct channel *chan)
{
    if (!(chan->modes & CHAN_THROTTLE))
        return 0;
    msec wait =
        bucket_wait(&chan->joining, srv->now, (int)chan->joins, join_interval(chan), 1);
    return msec_seconds_up(wait);
}

void
channel_join_count(const struct server *srv, struct channel *chan)
{
    if (chan->modes & CHAN_THROTTLE)
        bucket_take(&chan->joining, srv->now, (int)chan->joins, join_interval(chan), 1);
}

void
channel_mode_text(const struct channel *chan, bool show_key, char *out, size_t size,
                  char *params, size_t params_size)
{
    char text[CHANNEL_PARAM_TEXT];
    struct str s, p;
    str_init(&s, out, size);
    str_init(&p, params, params_size);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++) {
        const struct mode_row *row = &mode_channel[i];
        if (row->type == MODE_PREFIX || row->type == MODE_LIST ||
            !(chan->modes & row->bit))
            continue;
        str_addc(&s, row->letter);
        if (row->type == MODE_FLAG)
            continue;
        channel_param_text(chan, row, text, sizeof text);
        /* The target of a forward may be a secret channel. */
        bool is_private = row->type == MODE_KEY || row->bit == CHAN_FORWARD;
        str_addf(&p, " %s", is_private && !show_key ? "*" : text);
    }
}
