/* ACCEPT (caller-id, user mode +g): shows and changes whose messages get through.
 *
 * "ACCEPT a,-b" changes, "ACCEPT *" lists (281, 282). Numerics 281 to 282 and 456 to
 * 458 as ratbox, hybrid and their kin use them; there is no specification. */
#include "state/accept.h"

#include "base/str.h"
#include "cmd/command.h"
#include "cmd/words.h"

static void
send_list(struct server *srv, struct client *c, const char *line)
{
    reply(srv, c, RPL_ACCEPTLIST, line);
}

static void
show(struct server *srv, struct client *c)
{
    struct words w;
    struct list *list = accept_list(c);
    words_begin(&w, srv, c, ' ', 0, send_list);
    if (list)
        LIST_EACH(list, node)
            words_add(&w, LIST_ENTRY(node, struct accept_entry, of_owner)->other->nick);
    words_end(&w);
    reply(srv, c, RPL_ENDOFACCEPT);
}

static void
add(struct server *srv, struct client *c, const char *nick)
{
    struct client *other = client_find_registered(srv, nick);
    if (other == NULL)
        reply(srv, c, ERR_NOSUCHNICK, command_echo(nick));
    else if (accept_has(c, other))
        reply(srv, c, ERR_ACCEPTEXIST, other->nick);
    else if (!accept_add(c, other))
        reply(srv, c, ERR_ACCEPTFULL, ACCEPT_MAX);
}

static void
subtract(struct server *srv, struct client *c, const char *nick)
{
    const struct client *other = client_find_registered(srv, nick);
    if (other == NULL)
        reply(srv, c, ERR_NOSUCHNICK, command_echo(nick));
    else if (!accept_remove(c, other))
        reply(srv, c, ERR_ACCEPTNOT, other->nick);
}

static void
accept_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char all[] = "*", *list = m->nparams && m->params[0][0] ? m->params[0] : all;
    const char *first = list, *item;
    while ((item = command_next_item(&list)) != NULL) {
        if (command_is_repeat(first, item))
            continue;
        if (strcmp(item, "*") == 0)
            show(srv, c);
        else if (*item == '-')
            subtract(srv, c, item + 1);
        else
            add(srv, c, *item == '+' ? item + 1 : item);
    }
}

const struct command commands_accept[] = {
    {
        .name = "ACCEPT",
        .run = accept_run,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_WEIGHED,
        .syntax = "<nick | -nick | *>[,…]",
        .help = "whose messages get through your mode +g; * lists",
    },
    {.name = NULL},
};
