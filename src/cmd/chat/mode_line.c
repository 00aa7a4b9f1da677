/* The MODE line that a channel reads of a MODE command.
 *
 * It has only the changes that were made. Changes that do not fit in one line are sent
 * in more lines, so a mask is never cut. */
#include "mode_line.h"

#include "cmd/command.h"
#include "cmd/override.h"
#include "proto/name.h"
#include "state/channel.h"
#include "state/irc_event.h"

/* Bytes of letters and parameters that fit in a MODE line with the longest source and
 * channel. */
#define LINE_FULL                                                                      \
    (MESSAGE_LINE - 2 - (int)sizeof ":!@ MODE  " - NAME_NICK_MAX - NAME_USER_MAX -     \
     NAME_HOST_MAX - NAME_CHANNEL_MAX)

void
mode_line_begin(struct mode_line *x)
{
    str_init(&x->letters, x->letters_room, sizeof x->letters_room);
    str_init(&x->args, x->args_room, sizeof x->args_room);
    str_init(&x->report_args, x->report_room, sizeof x->report_room);
    x->last_sign = 0;
}

/* The report does not show a key: it is a secret of the channel. */
static void
report_changes(const struct mode_line *x)
{
    char text[2 * MESSAGE_LINE];
    str_format(text, sizeof text, "%s%s", x->letters.at, x->report_args.at);
    override_report(x->srv, x->c, x->override, x->chan->name, NULL, text);
}

void
mode_line_flush(struct mode_line *x)
{
    char all[2 * MESSAGE_LINE];
    struct irc_event e = {
        .kind = IRC_MODE, .source = x->c, .channel = x->chan, .param = all};
    if (x->letters.len > 0) {
        str_format(all, sizeof all, "%s%s", x->letters.at, x->args.at);
        irc_event_emit(x->srv, &e);
        if (x->override)
            report_changes(x);
    }
    mode_line_begin(x);
}

void
mode_line_add(struct mode_line *x, char letter, const char *param)
{
    size_t more = param ? strlen(param) + 3 : 3;
    if (x->letters.len + x->args.len + more > LINE_FULL)
        mode_line_flush(x);
    char sign = x->adding ? '+' : '-';
    if (sign != x->last_sign)
        str_addc(&x->letters, sign);
    x->last_sign = sign;
    x->changed = true;
    str_addc(&x->letters, letter);
    if (param == NULL)
        return;
    str_addf(&x->args, " %s", param);
    str_addf(&x->report_args, " %s",
             mode_find_channel(letter)->type == MODE_KEY ? "*" : param);
}

char *
mode_line_param(struct mode_line *x)
{
    if (*x->params == NULL || x->with_param >= MODES_MAX)
        return NULL;
    x->with_param++;
    return *x->params++;
}

bool
mode_line_may(struct mode_line *x, bool halfop_is_enough)
{
    bool may = halfop_is_enough ? x->is_halfop : x->is_op;
    if (!may && !x->told_no_op)
        reply(x->req, ERR_CHANOPRIVSNEEDED, x->chan->name);
    x->told_no_op = x->told_no_op || !may;
    return may;
}

void
mode_line_invalid(struct mode_line *x, const struct mode_row *row, const char *param,
                  const char *why)
{
    reply(x->req, ERR_INVALIDMODEPARAM, x->chan->name, row->letter,
          row->type == MODE_KEY ? "*" : command_echo(param), why);
}
