/* MODE on channels (RFC 2812 3.2.3; Modern IRC "MODE message").
 *
 * The letters are applied one after the other, each by the function for its type. The
 * changes that were made are sent to the channel as one MODE line (mode_line.c). If an
 * empty channel loses +P, it is removed at the end of the command, not before. */
#include "cmd/mode_channel.h"

#include "cmd/command.h"
#include "mode_line.h"
#include "mode_list.h"
#include "policy/access.h"
#include "proto/casemap.h"
#include "state/channel.h"
#include "state/channel_mode.h"
#include "state/channel_record.h"

/* 461 for a letter that needs a parameter and has none, once a command. */
static void
refuse_missing_param(struct mode_line *line)
{
    if (!line->told_no_param)
        command_too_few_of(line->srv, line->c, &commands_mode[0]);
    line->told_no_param = true;
}

/* +f may name only a channel where c is operator, too. */
static bool
may_forward_to(struct mode_line *line, const char *name)
{
    const struct channel *to = channel_find(line->srv, name);
    if (!name_is_channel(name))
        return true; /* channel_param_set refuses it */
    if (to == NULL || !access_sees_channel(to, line->c))
        reply(line->req, ERR_NOSUCHCHANNEL, name);
    else if (!access_is_op(to, line->c))
        reply(line->req, ERR_CHANOPRIVSNEEDED, to->name);
    else
        return true;
    return false;
}

static void
set_channel_param(struct mode_line *line, const struct mode_row *row, const char *param)
{
    char text[CHANNEL_PARAM_TEXT];
    const char *why;
    if (row->bit == CHAN_FORWARD && !may_forward_to(line, param))
        return;
    switch (channel_param_set(line->srv, line->chan, row, param, &why)) {
    case PARAM_INVALID:
        mode_line_invalid(line, row, param, why);
        break;
    case PARAM_CHANGED:
        channel_param_text(line->chan, row, text, sizeof text);
        mode_line_add(line, row->letter, text);
        break;
    case PARAM_SAME:
        break;
    }
}

/* -k takes a parameter as well, which is not read; the MODE line shows it as "*". */
static void
apply_param(struct mode_line *line, const struct mode_row *row)
{
    bool is_key = row->type == MODE_KEY;
    const char *param = line->adding || is_key ? mode_line_param(line) : NULL;
    if (!mode_line_may(line, false))
        return;
    if (line->adding && param)
        set_channel_param(line, row, param);
    else if (line->adding)
        refuse_missing_param(line);
    else if (channel_param_clear(line->srv, line->chan, row))
        mode_line_add(line, row->letter, is_key ? "*" : NULL);
}

/* +P and -P need the privilege, other flags an operator of the channel. */
static bool
may_change_flag(struct mode_line *line, const struct mode_row *row)
{
    if (row->bit != CHAN_PERMANENT)
        return mode_line_may(line, false);
    if (access_has(line->c, PRIV_override))
        return true;
    if (!line->told_no_priv)
        reply(line->req, ERR_NOPRIVILEGES, "you need the privilege 'override'");
    line->told_no_priv = true;
    return false;
}

static void
apply_flag(struct mode_line *line, const struct mode_row *row)
{
    if (!may_change_flag(line, row) || !(line->chan->modes & row->bit) == !line->adding)
        return;
    if (row->bit == CHAN_PERMANENT && !line->adding)
        channel_record_end(line->srv, line->chan);
    line->chan->modes ^= row->bit;
    if (row->bit == CHAN_PERMANENT && line->adding)
        channel_record_begin(line->srv, line->chan);
    mode_line_add(line, row->letter, NULL);
}

/* Half-operators may give and take voice; a member may take each prefix mode from
 * itself. */
static bool
may_change_prefix(struct mode_line *line, const struct mode_row *row, const char *nick)
{
    const struct member *m = channel_member(line->chan, line->c);
    bool own = !line->adding && m && m->modes & row->bit && nick &&
               client_find_registered(line->srv, nick) == line->c;
    return own || mode_line_may(line, row->bit == CHAN_VOICE);
}

static void
apply_prefix(struct mode_line *line, const struct mode_row *row)
{
    const char *param = mode_line_param(line);
    if (!may_change_prefix(line, row, param))
        return;
    if (param == NULL || *param == '\0') {
        refuse_missing_param(line);
        return;
    }
    const struct client *target = client_find_registered(line->srv, param);
    if (target == NULL) {
        reply(line->req, ERR_NOSUCHNICK, command_echo(param));
        return;
    }
    struct member *m = channel_member(line->chan, target);
    if (m == NULL) {
        reply(line->req, ERR_USERNOTINCHANNEL, target->user.nick, line->chan->name);
        return;
    }
    if (!(m->modes & row->bit) == !line->adding)
        return;
    m->modes ^= row->bit;
    mode_line_add(line, row->letter, target->user.nick);
}

static void (*const appliers[])(struct mode_line *, const struct mode_row *) = {
    [MODE_LIST] = mode_list_apply, [MODE_KEY] = apply_param,
    [MODE_NUMBER] = apply_param,   [MODE_FLAG] = apply_flag,
    [MODE_PREFIX] = apply_prefix,
};

/* 472 for a letter that is no channel mode. A letter that stands before `at` as well has
 * been answered; all letters that the reply shows as '?' are answered as one. */
static void
refuse_unknown_letter(struct mode_line *line, const char *letters, const char *at)
{
    char shown = command_echo_letter(*at);
    for (const char *before = letters; before < at; before++)
        if (*before == *at || (shown != *at && command_echo_letter(*before) != *before))
            return;
    reply(line->req, ERR_UNKNOWNMODE, shown);
}

static void
show_channel_modes(struct request *req, const struct channel *chan)
{
    struct client *c = req->client;
    char letters[CHAN_MODE_COUNT + 1], params[CHANNEL_PARAMS_TEXT];
    bool inside = channel_member(chan, c) || access_has(c, PRIV_see_address);
    channel_mode_text(chan, inside, letters, sizeof letters, params, sizeof params);
    reply(req, RPL_CHANNELMODEIS, chan->name, letters, params);
    reply(req, RPL_CREATIONTIME, chan->name, (long long)(chan->created / MSEC_SECOND));
}

/* True if the change is the first one with a parameter beyond MODES of 005. The client
 * is told that this change and the rest of the line are not done. */
static bool
is_one_too_many(struct mode_line *line, const struct mode_row *row)
{
    bool takes_param =
        row->type != MODE_FLAG && (line->adding || row->type != MODE_NUMBER);
    if (!takes_param || *line->params == NULL || line->with_param < MODES_MAX)
        return false;
    reply_notice(
        line->req,
        "MODE %s: at most %d changes with a parameter in one line; the rest was "
        "not done",
        line->chan->name, MODES_MAX);
    return true;
}

static void
change_channel_modes(struct mode_line *line, const char *letters)
{
    mode_line_begin(line);
    for (const char *at = letters; *at; at++) {
        const struct mode_row *row = mode_find_channel(*at);
        if (*at == '+' || *at == '-')
            line->adding = *at == '+';
        else if (row && is_one_too_many(line, row))
            break;
        else if (row)
            appliers[row->type](line, row);
        else
            refuse_unknown_letter(line, letters, at);
    }
    mode_line_flush(line);
}

void
mode_channel_run(struct request *req, bool forced)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct channel *chan = command_find_channel(req, m->params[0]);
    if (chan == NULL)
        return;
    if (m->nparams == 1) {
        show_channel_modes(req, chan);
        return;
    }
    /* Before the changes, which may make c an operator of the channel. */
    bool override = forced || access_overrides(chan, c);
    struct mode_line line = {.srv = srv,
                             .c = c,
                             .req = req,
                             .chan = chan,
                             .is_op = access_is_op(chan, c),
                             .is_halfop = access_is_halfop(chan, c),
                             .adding = true,
                             .override = override ? m->verb : NULL,
                             .params = m->params + 2};
    store_begin(srv->store);
    change_channel_modes(&line, m->params[1]);
    if (line.changed)
        channel_record_save(srv, chan);
    store_commit(srv->store);
    channel_drop(srv, chan);
}
