/* Lists of masks and extbans: the letters b, e, I and q of MODE (Modern IRC "Channel
 * modes", type A).
 *
 * A client that sees the channel may read b and q. The lists e and I name trusted
 * clients, so only members may read them. Half-operators may change all four. A timed
 * entry matches nothing once its time is over; the tick removes it later and sends the
 * MODE line. */
#include "mode_list.h"

#include "cmd/command.h"
#include "mode_line.h"
#include "policy/access.h"
#include "state/channel_list.h"
#include "state/subsystem.h"

/* A tick stops after the channel in which it has removed so many entries in all. */
#define EXPIRED_A_TICK 5000

/* One of these for each list: sends an entry, or the end of the list (e NULL). */
static void
show_bans(struct mode_line *line, const struct list_entry *e, long long set)
{
    if (e)
        reply(line->req, RPL_BANLIST, line->chan->name, e->ban.mask.text, e->setter,
              set);
    else
        reply(line->req, RPL_ENDOFBANLIST, line->chan->name);
}

static void
show_excepts(struct mode_line *line, const struct list_entry *e, long long set)
{
    if (e)
        reply(line->req, RPL_EXCEPTLIST, line->chan->name, e->ban.mask.text, e->setter,
              set);
    else
        reply(line->req, RPL_ENDOFEXCEPTLIST, line->chan->name);
}

static void
show_invexes(struct mode_line *line, const struct list_entry *e, long long set)
{
    if (e)
        reply(line->req, RPL_INVEXLIST, line->chan->name, e->ban.mask.text, e->setter,
              set);
    else
        reply(line->req, RPL_ENDOFINVEXLIST, line->chan->name);
}

static void
show_quiets(struct mode_line *line, const struct list_entry *e, long long set)
{
    if (e)
        reply(line->req, RPL_QUIETLIST, line->chan->name, e->ban.mask.text, e->setter,
              set);
    else
        reply(line->req, RPL_ENDOFQUIETLIST, line->chan->name);
}

static void (*const shows[LIST_COUNT])(struct mode_line *, const struct list_entry *,
                                       long long) = {
    [LIST_BAN] = show_bans,
    [LIST_EXCEPT] = show_excepts,
    [LIST_INVEX] = show_invexes,
    [LIST_QUIET] = show_quiets,
};

/* The lists e and I tell which masks may join: a client that is no member needs a
 * privilege to read them. */
static bool
may_read_list(const struct mode_line *line, const struct mode_row *row)
{
    bool open = row->list != LIST_EXCEPT && row->list != LIST_INVEX;
    return open || channel_member(line->chan, line->c) ||
           access_has(line->c, PRIV_see_address) || access_has(line->c, PRIV_override);
}

static void
show_mask_list(struct mode_line *line, const struct mode_row *row)
{
    if (line->listed & row->bit)
        return;
    line->listed |= row->bit;
    if (!may_read_list(line, row)) {
        reply(line->req, ERR_NOTONCHANNEL, line->chan->name);
        shows[row->list](line, NULL, 0);
        return;
    }
    LIST_EACH(&line->chan->lists[row->list], node) {
        const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        if (!channel_list_is_over(line->srv, e))
            shows[row->list](line, e, (long long)(e->set_at / MSEC_SECOND));
    }
    shows[row->list](line, NULL, 0);
}

/* True if a valid mask may be added; else the client is answered. */
static bool
may_add_entry(struct mode_line *line, const struct mode_row *row,
              const struct extban *ban, const char *param)
{
    int max = line->srv->config->limits.bans_per_channel;
    if (ban->mute && row->list != LIST_BAN && row->list != LIST_EXCEPT) {
        mode_line_invalid(line, row, param, "~mute: is for +b and +e; +q mutes alone");
        return false;
    }
    if (ban->kind == EXTBAN_CHANNEL) {
        const struct channel *other = channel_find(line->srv, ban->mask.nick);
        if (other == NULL || !access_sees_channel(other, line->c)) {
            reply(line->req, ERR_NOSUCHCHANNEL, ban->mask.nick);
            return false;
        }
    }
    if (line->chan->list_len[row->list] < (uint32_t)max)
        return true;
    reply(line->req, ERR_BANLISTFULL, line->chan->name, row->letter, max);
    return false;
}

/* A mask of an address that was set matches fewer clients than expected if hosts are
 * cloaks: tells the client so, once a command. */
static void
warn_of_address(struct mode_line *line, const struct mode_row *row,
                const struct extban *ban)
{
    if (line->told_address || !line->srv->config->server.cloak ||
        ban->kind != EXTBAN_MASK || !mask_is_address(&ban->mask))
        return;
    line->told_address = true;
    reply_notice(line->req,
                 "MODE %s +%c %s: hosts are cloaks here, so this matches only clients "
                 "that have shown their address to others; WHO shows the cloaks, and "
                 "*!*@*.<net>.<net>.cloak means a whole network",
                 line->chan->name, row->letter, ban->mask.text);
}

static void
add_list_entry(struct mode_line *line, const struct mode_row *row,
               const struct extban *ban, const char *param)
{
    char source[MASK_TEXT];
    struct list_entry *old = channel_list_find(line->chan, row->list, ban);
    if (old && channel_list_is_over(line->srv, old))
        channel_list_remove(line->srv, line->chan, row->list, old);
    else if (old)
        return;
    if (!may_add_entry(line, row, ban, param))
        return;
    client_author_source(line->srv, line->c, source, sizeof source);
    channel_list_add(line->srv, line->chan, row->list, ban, source);
    mode_line_add(line, row->letter, ban->mask.text);
    warn_of_address(line, row, ban);
}

void
mode_list_apply(struct mode_line *line, const struct mode_row *row)
{
    const char *why, *param = mode_line_param(line);
    struct extban ban;
    if (param == NULL || *param == '\0') {
        show_mask_list(line, row);
        return;
    }
    if (!mode_line_may(line, true))
        return;
    if (!extban_parse(param, &ban, &why)) {
        mode_line_invalid(line, row, param, why);
        return;
    }
    if (line->adding) {
        add_list_entry(line, row, &ban, param);
        return;
    }
    struct list_entry *e = channel_list_find(line->chan, row->list, &ban);
    if (e == NULL)
        return;
    /* The stored text: clients look it up in their copies of the list. */
    mode_line_add(line, row->letter, e->ban.mask.text);
    channel_list_remove(line->srv, line->chan, row->list, e);
}

/* Returns the number of entries that were removed. */
static size_t
expire_list(struct mode_line *line, const struct mode_row *row)
{
    size_t n = 0;
    LIST_EACH_SAFE(&line->chan->lists[row->list], node, next) {
        struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        if (!channel_list_is_over(line->srv, e))
            continue;
        mode_line_add(line, row->letter, e->ban.mask.text);
        channel_list_remove(line->srv, line->chan, row->list, e);
        n++;
    }
    return n;
}

static size_t
expire_channel(struct server *srv, struct channel *chan)
{
    struct mode_line line = {.srv = srv, .chan = chan};
    size_t n = 0;
    mode_line_begin(&line);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        if (mode_channel[i].type == MODE_LIST)
            n += expire_list(&line, &mode_channel[i]);
    mode_line_flush(&line);
    return n;
}

/* Removes the entries that have ended, and tells their channels. */
static void
expire_mode_lists(struct server *srv)
{
    if (!channel_list_any_due(srv))
        return;
    size_t left = EXPIRED_A_TICK;
    /* Meanwhile a channel may leave srv->timed, or move to its end. */
    LIST_EACH_SAFE(&srv->timed, node, next) {
        struct channel *chan = LIST_ENTRY(node, struct channel, timed);
        if (!channel_list_is_due(srv, chan))
            continue;
        if (left == 0)
            return; /* the next tick removes the rest, which matches nothing */
        size_t n = expire_channel(srv, chan);
        left -= n < left ? n : left;
    }
    channel_list_looked(srv);
}

const struct subsystem mode_list_subsystem = {
    .id = SUBSYSTEM_mode_list,
    .tick = expire_mode_lists,
};
