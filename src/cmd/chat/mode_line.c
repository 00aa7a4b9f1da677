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
mode_line_begin(struct mode_line *line)
{
    str_init(&line->letters, line->letters_room, sizeof line->letters_room);
    str_init(&line->args, line->args_room, sizeof line->args_room);
    str_init(&line->report_args, line->report_room, sizeof line->report_room);
    line->last_sign = 0;
}

/* The report does not show a key: it is a secret of the channel. */
static void
report_changes(const struct mode_line *line)
{
    char text[2 * MESSAGE_LINE];
    str_format(text, sizeof text, "%s%s", line->letters.at, line->report_args.at);
    override_report(line->srv, line->c, line->override, line->chan->name, NULL, text);
}

void
mode_line_flush(struct mode_line *line)
{
    char all[2 * MESSAGE_LINE];
    struct irc_event e = {
        .kind = IRC_MODE, .source = line->c, .channel = line->chan, .param = all};
    if (line->letters.len > 0) {
        str_format(all, sizeof all, "%s%s", line->letters.at, line->args.at);
        irc_event_emit(line->srv, &e);
        if (line->override)
            report_changes(line);
    }
    mode_line_begin(line);
}

void
mode_line_add(struct mode_line *line, char letter, const char *param)
{
    size_t more = param ? strlen(param) + 3 : 3;
    if (line->letters.len + line->args.len + more > LINE_FULL)
        mode_line_flush(line);
    char sign = line->adding ? '+' : '-';
    if (sign != line->last_sign)
        str_addc(&line->letters, sign);
    line->last_sign = sign;
    line->changed = true;
    str_addc(&line->letters, letter);
    if (param == NULL)
        return;
    str_addf(&line->args, " %s", param);
    str_addf(&line->report_args, " %s",
             mode_find_channel(letter)->type == MODE_KEY ? "*" : param);
}

char *
mode_line_param(struct mode_line *line)
{
    if (*line->params == NULL || line->with_param >= MODES_MAX)
        return NULL;
    line->with_param++;
    return *line->params++;
}

bool
mode_line_may(struct mode_line *line, bool halfop_is_enough)
{
    bool may = halfop_is_enough ? line->is_halfop : line->is_op;
    if (!may && !line->told_no_op)
        reply(line->req, ERR_CHANOPRIVSNEEDED, line->chan->name);
    line->told_no_op = line->told_no_op || !may;
    return may;
}

void
mode_line_invalid(struct mode_line *line, const struct mode_row *row, const char *param,
                  const char *why)
{
    reply(line->req, ERR_INVALIDMODEPARAM, line->chan->name, row->letter,
          row->type == MODE_KEY ? "*" : command_echo(param), why);
}
