/* Parameters of a message: the items of a list, words for replies that repeat them, and
 * the replies to a parameter that is missing or wrong. */
#include "cmd/params.h"

#include "base/attr.h"
#include "cmd/command.h"
#include "proto/casemap.h"
#include "proto/name.h"

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
