/* ACCEPT: shows and changes the list of clients that may write to a client with user
 * mode +g (caller-id).
 *
 * "ACCEPT a,-b" changes it, "ACCEPT *" shows it (281, 282). There is no specification:
 * the numerics 281, 282 and 456 to 458 are those of ratbox and hybrid. */
#include "state/accept.h"

#include "base/str.h"
#include "cmd/command.h"
#include "cmd/line_wrap.h"

static void
send_accept_list(const struct request *req, const char *line)
{
    reply(req, RPL_ACCEPTLIST, line);
}

static void
show_accept_list(struct request *req)
{
    struct client *c = req->client;
    struct line_wrap w;
    struct list *list = accept_list(c);
    line_wrap_begin(&w, req, ' ', 0, send_accept_list);
    if (list)
        LIST_EACH(list, node)
            line_wrap_add(
                &w, LIST_ENTRY(node, struct accept_entry, of_owner)->other->user.nick);
    line_wrap_end(&w);
    reply(req, RPL_ENDOFACCEPT);
}

static void
add_accepted_nick(struct request *req, const char *nick)
{
    struct client *c = req->client;
    struct client *other = client_find_registered(req->srv, nick);
    if (other == NULL)
        reply(req, ERR_NOSUCHNICK, command_echo(nick));
    else if (accept_has(c, other))
        reply(req, ERR_ACCEPTEXIST, other->user.nick);
    else if (!accept_add(c, other))
        reply(req, ERR_ACCEPTFULL, ACCEPT_MAX);
}

static void
remove_accepted_nick(struct request *req, const char *nick)
{
    const struct client *other = client_find_registered(req->srv, nick);
    if (other == NULL)
        reply(req, ERR_NOSUCHNICK, command_echo(nick));
    else if (!accept_remove(req->client, other))
        reply(req, ERR_ACCEPTNOT, other->user.nick);
}

static void
accept_run(struct request *req)
{
    struct message *m = req->message;
    char all[] = "*", *list = m->nparams && m->params[0][0] ? m->params[0] : all;
    const char *first = list, *item;
    while ((item = command_next_item(&list)) != NULL) {
        if (command_is_repeat(first, item))
            continue;
        if (strcmp(item, "*") == 0)
            show_accept_list(req);
        else if (*item == '-')
            remove_accepted_nick(req, item + 1);
        else
            add_accepted_nick(req, *item == '+' ? item + 1 : item);
    }
}

const struct command commands_accept[] = {
    {
        .name = "ACCEPT",
        .run = accept_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_WEIGHED,
        .group = GROUP_LOOK,
        .syntax = "<nick | -nick | *>[,…]",
        .help =
            "add or remove users that may write to you while you have +g; * lists them",
        .example = "ACCEPT bob",
    },
    {.name = NULL},
};
