/* MONITOR (IRCv3 monitor): + adds nicks, - removes them, C clears the list, L shows it,
 * S shows which of its nicks are online.
 *
 * Only the command is here: state/monitor.c has the tables and tells watchers of
 * changes. An item that cannot be a nick is ignored. */
#include "state/monitor.h"

#include "base/str.h"
#include "cmd/command.h"
#include "cmd/line_wrap.h"
#include "proto/casemap.h"
#include "proto/name.h"

static void
send_online(const struct request *req, const char *line)
{
    reply(req, RPL_MONONLINE, line);
}

static void
send_offline(const struct request *req, const char *line)
{
    reply(req, RPL_MONOFFLINE, line);
}

static void
send_monitor_list(const struct request *req, const char *line)
{
    reply(req, RPL_MONLIST, line);
}

static void
send_monitor_full(const struct request *req, const char *line)
{
    reply(req, ERR_MONLISTFULL, MONITOR_MAX, line);
}

/* Lists of nicks that are online and offline, in as few lines as possible. */
struct presence {
    struct line_wrap on, off;
};

static void
presence_begin(struct presence *s, const struct request *req)
{
    line_wrap_begin(&s->on, req, ',', 0, send_online);
    line_wrap_begin(&s->off, req, ',', 0, send_offline);
}

static void
presence_add(struct presence *s, const char *nick)
{
    char source[MASK_TEXT];
    const struct client *watched = client_find_registered(s->on.req->srv, nick);
    if (watched == NULL) {
        line_wrap_add(&s->off, nick);
        return;
    }
    client_source(watched, source, sizeof source);
    line_wrap_add(&s->on, source);
}

static void
presence_end(struct presence *s)
{
    line_wrap_end(&s->on);
    line_wrap_end(&s->off);
}

static void
add_monitored(struct request *req, char *list)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct presence presence;
    struct line_wrap full;
    const char *first = list, *nick;
    presence_begin(&presence, req);
    line_wrap_begin(&full, req, ',', sizeof "100  Monitor list is full",
                    send_monitor_full);
    while ((nick = command_next_item(&list)) != NULL) {
        if (command_is_repeat(first, nick) ||
            !name_is_nick(nick, (size_t)srv->config->limits.nick_length))
            continue;
        if (monitor_add(srv, c, nick))
            presence_add(&presence, nick);
        else
            line_wrap_add(&full, nick);
    }
    presence_end(&presence);
    line_wrap_end(&full);
}

static void
remove_monitored(struct request *req, char *list)
{
    const char *nick;
    while ((nick = command_next_item(&list)) != NULL)
        monitor_remove(req->srv, req->client, nick);
}

static void
clear_monitored(struct request *req, char *list)
{
    (void)list;
    monitor_clear(req->srv, req->client);
}

static void
show_monitored(struct request *req, char *list)
{
    struct client *c = req->client;
    struct line_wrap w;
    (void)list;
    line_wrap_begin(&w, req, ',', 0, send_monitor_list);
    LIST_EACH(&client_lists(c)->monitors, node)
        line_wrap_add(&w,
                      monitor_name(LIST_ENTRY(node, struct monitor_entry, of_client)));
    line_wrap_end(&w);
    reply(req, RPL_ENDOFMONLIST);
}

static void
show_monitor_status(struct request *req, char *list)
{
    struct client *c = req->client;
    struct presence presence;
    (void)list;
    presence_begin(&presence, req);
    LIST_EACH(&client_lists(c)->monitors, node)
        presence_add(&presence,
                     monitor_name(LIST_ENTRY(node, struct monitor_entry, of_client)));
    presence_end(&presence);
}

static const struct {
    const char *name;
    bool needs_list;
    void (*run)(struct request *req, char *list);
} subcommands[] = {
    {"+", true, add_monitored},        {"-", true, remove_monitored},
    {"C", false, clear_monitored},     {"L", false, show_monitored},
    {"S", false, show_monitor_status},
};

static void
monitor_run(struct request *req)
{
    struct message *m = req->message;
    bool has_list = m->nparams > 1 && m->params[1][0];
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (!name_equal(m->params[0], subcommands[i].name))
            continue;
        if (subcommands[i].needs_list && !has_list)
            command_too_few(req);
        else
            subcommands[i].run(req, m->params[1]);
        return;
    }
    reply_standard(req, "FAIL", "MONITOR", "INVALID_PARAMS", "",
                   "MONITOR takes +, -, C, L or S as its first parameter");
}

const struct command commands_monitor[] = {
    {
        .name = "MONITOR",
        .run = monitor_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_WEIGHED,
        .group = GROUP_LOOK,
        .syntax = "+ <nick>[,<nick>…] | - <nick>[,<nick>…] | C | L | S",
        .help =
            "be told when nicks connect and disconnect; C clears your list, L shows "
            "it, S shows which of its nicks are on",
        .example = "MONITOR + bob,carol",
    },
    {.name = NULL},
};
