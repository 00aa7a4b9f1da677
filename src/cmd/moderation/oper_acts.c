/* KILL, CLOSE, WALLOPS, GLOBOPS.
 *
 * Each act is one log event and one notice to the other operators. The operator that
 * acts reads the answer to its command. KILL has the notice as its answer if the
 * operator reads such notices. The text behind '|' in a reason is for operators and the
 * log only. */
#include "base/str.h"
#include "cmd/command.h"
#include "policy/access.h"
#include "proto/mode.h"
#include "state/client_end.h"
#include "state/relay.h"
#include "state/tell.h"

#include <string.h>

#define REASON_MAX 250
#define CLOSINGS_TOLD 50 /* 362 lines of one CLOSE */

static void
kill_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char text[MESSAGE_LINE], why[REASON_MAX + 64], host[CLIENT_HOST_TEXT];
    char reason[REASON_MAX + 1], more[REASON_MAX + 1];
    struct relay r;
    struct client *target = client_find_registered(srv, m->params[0]);
    if (target == NULL) {
        reply(req, ERR_NOSUCHNICK, m->params[0]);
        return;
    }
    command_join_rest(m, 1, text, sizeof text);
    command_split_reason(text, reason, sizeof reason, more, sizeof more);
    if (reason[0] == '\0')
        str_format(reason, sizeof reason, "no reason given");
    str_format(why, sizeof why, "Killed (%s (%s))", client_author(srv, c), reason);
    relay_begin(&r, srv, c, "KILL %s :%s", target->user.nick, reason);
    relay_to(&r, target);
    relay_end(&r);
    const char *real = client_real_host(target, host);
    TELL(srv, TELL_FORMS(PRIV_see_address), kill, .by = c->user.oper,
         .nick = target->user.nick, .host = real, .reason = reason,
         .oper_reason = *more ? more : NULL, .oper = client_act_name(c),
         .user = target->user.username, .hidden = target->user.host);
    if (!(c->user.snomask & SNO_KILLS)) /* else the notice is its answer */
        reply_notice(req, "KILL: %s is disconnected: %s%s%s", target->user.nick, reason,
                     *more ? " | " : "", more);

    client_end(srv, target,
               &(struct end){.cause = END_KILL, .why = why, .by = c->user.oper});
}

static void
wallops_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct relay r;
    relay_begin(&r, srv, c, "WALLOPS :%s", m->params[0]);
    relay_modes(&r, USER_WALLOPS);
    relay_end(&r);
    TELL(srv, TELL_ALL, wallops, .by = c->user.oper, .text = m->params[0]);
}

/* Sends a text to all operators. A WALLOPS reaches other users with mode +w as well. */
static void
globops_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct relay r;
    relay_begin(&r, srv, NULL, "NOTICE * :*** GLOBOPS from %s: %s", client_act_name(c),
                m->params[0]);
    relay_modes(&r, USER_OPER);
    relay_end(&r);
    TELL(srv, TELL_ALL, globops, .by = c->user.oper, .text = m->params[0]);
}

/* Ends all connections that have not registered. */
static void
close_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char host[CLIENT_HOST_TEXT];
    size_t n = 0;
    bool sees = access_has(c, PRIV_see_address);
    LIST_EACH(&srv->unregistered, node) {
        struct client *other = LIST_ENTRY(node, struct client, link);
        if (other->out.flags & CLIENT_ENDING)
            continue;
        client_end(srv, other, &(struct end){.cause = END_CLOSE, .by = c->user.oper});
        if (n++ < CLOSINGS_TOLD)
            reply(req, RPL_CLOSING, sees ? client_real_host(other, host) : "*");
    }
    reply(req, RPL_CLOSEEND, n);
    TELL(srv, TELL_OTHERS(c, 0), close, .by = c->user.oper, .connections = n,
         .oper = client_act_name(c));
}

const struct command commands_oper_acts[] = {
    {
        .name = "KILL",
        .run = kill_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_kill,
        .group = GROUP_PEOPLE,
        .syntax = "<nick> [:<reason>[|<for operators>]]",
        .help = "disconnect a user",
        .example = "KILL bob :flooding",
    },
    {
        .name = "WALLOPS",
        .run = wallops_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_wallops,
        .group = GROUP_OPERATE,
        .syntax = ":<text>",
        .help = "send a text to all users with mode +w",
        .example = "WALLOPS :back at nine",
    },
    {
        .name = "GLOBOPS",
        .run = globops_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_wallops,
        .group = GROUP_OPERATE,
        .syntax = ":<text>",
        .help = "send a text to all operators",
        .example = "GLOBOPS :look at #help",
    },
    {
        .name = "CLOSE",
        .run = close_run,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_kill,
        .group = GROUP_PEOPLE,
        .syntax = "",
        .help = "disconnect all clients that have not registered",
    },
    {.name = NULL},
};
