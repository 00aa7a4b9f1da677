/* Parameters of a message: the items of a list, words for replies that repeat them, and
 * the replies to a parameter that is missing or wrong. */
#include "cmd/params.h"

#include "base/attr.h"
#include "cmd/command.h"
#include "policy/access.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "state/channel.h"

#include <string.h>

void
command_too_few_of(struct server *srv, struct client *c, const struct command *row)
{
    out_numeric(srv, c, ERR_NEEDMOREPARAMS, row->name, row->name, row->syntax,
                row->example ? "; for example " : "", row->example ? row->example : "");
}

void
command_too_few(struct request *req)
{
    command_too_few_of(req->srv, req->client, req->row);
}

ATTR_HOT char *
command_next_item(char **list)
{
    char *at = *list;
    while (*at == ',')
        at++;
    if (*at == '\0')
        return NULL;
    char *end = at;
    while (*end && *end != ',')
        end++;
    *list = *end ? end + 1 : end;
    *end = '\0';
    return at;
}

void
command_no_channel(struct request *req, const char *name)
{
    if (name_has_channel_prefix(name))
        reply(req, ERR_NOSUCHCHANNEL, command_echo(name));
    else
        reply(req, ERR_NOCHANNELPREFIX, command_echo(name));
}

struct channel *
command_find_channel(struct request *req, const char *name)
{
    struct channel *chan = channel_find(req->srv, name);
    if (chan && access_finds_channel(chan, req->client))
        return chan;
    command_no_channel(req, name);
    return NULL;
}

const char *
command_echo(const char *word)
{
    return *word == '\0' || *word == ':' || strchr(word, ' ') ? "*" : word;
}

char
command_echo_letter(char letter)
{
    return letter > ' ' && letter < 127 ? letter : '?';
}

void
command_refuse(struct request *req, const char *verb, const char *why,
               const char *example)
{
    reply_notice(req, "%s refused: %s. Example: %s", verb, why, example);
}

void
command_tell_faults(struct request *req, const char *what, const char *faults)
{
    for (size_t at = 0, n; faults[at]; at += n + (faults[at + n] == '\n')) {
        n = strcspn(faults + at, "\n");
        reply_notice(req, "%s refused, nothing changed: %.*s", what, (int)n,
                     faults + at);
    }
}

bool
command_is_repeat(const char *list, const char *item)
{
    while (list < item) {
        if (*list == ',' || *list == '\0') {
            list++;
            continue;
        }
        if (name_equal(list, item))
            return true;
        list += strlen(list);
    }
    return false;
}

void
command_join_rest(const struct message *m, int from, char *out, size_t size)
{
    char text[MESSAGE_LINE];
    struct str s;
    str_init(&s, text, sizeof text);
    for (int i = from; i < m->nparams; i++)
        str_addf(&s, "%s%s", i > from ? " " : "", m->params[i]);
    utf8_copy(out, size, text, size);
}

void
command_split_reason(const char *text, char *shown, size_t size, char *hidden,
                     size_t hidden_size)
{
    const char *bar = strchr(text, '|');
    size_t n = utf8_copy(shown, size, text, bar ? (size_t)(bar - text) : size);
    while (n > 0 && shown[n - 1] == ' ')
        shown[--n] = '\0';
    hidden[0] = '\0';
    if (bar)
        utf8_copy(hidden, hidden_size, bar + 1 + strspn(bar + 1, " "), hidden_size);
}
