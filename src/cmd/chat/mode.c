/* MODE of a client on itself (RFC 2812 3.1.5; Modern IRC "MODE message"), and the row of
 * MODE. Channels are in mode_channel.c.
 *
 * All letters are read before a mode is changed. So the changes that were made are one
 * MODE line, and each kind of refusal is sent once. */
#include "proto/mode.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/announce.h"
#include "cmd/command.h"
#include "cmd/mode_channel.h"
#include "cmd/oper_rights.h"
#include "enact/spend.h"
#include "policy/access.h"
#include "policy/cloaking.h"
#include "policy/throttle.h"
#include "proto/casemap.h"
#include "state/channel.h"
#include "state/irc_event.h"

static void
show_snomask(struct request *req)
{
    char text[SNOMASK_TEXT];
    snomask_format(req->client->user.snomask, text, sizeof text);
    reply(req, RPL_SNOMASK, text);
}

static void
show_user_modes(struct request *req)
{
    struct client *c = req->client;
    char text[USER_MODES_TEXT];
    mode_write_user(c->user.modes, text, sizeof text);
    reply(req, RPL_UMODEIS, text);
    if (c->user.modes & USER_NOTICES)
        show_snomask(req);
}

/* True if c may change this mode: +o is set by OPER alone, and -o not by a client that
 * acts for an oper block, whose rights are those of the block. +s needs the privilege, +x a
 * cloak, and -x the configuration's permission. The server alone changes Z. */
static bool
may_change_user_mode(const struct server *srv, const struct client *c, uint32_t bit,
                     bool adding)
{
    if (bit == USER_CLOAKED && !adding)
        return srv->config->server.cloak_optional || !(c->user.modes & bit);
    if (bit == USER_CLOAKED)
        return c->user.cloak != NULL;
    if (bit == USER_NOTICES && adding)
        return access_has(c, PRIV_spy);
    if (bit == USER_OPER)
        return !adding && !(c->out.flags & CLIENT_ACTING);
    return bit != USER_SECURE;
}

/* Peers without chghost read a change of host as QUIT and JOINs, so it is as limited as
 * nick changes, and counts as one. */
static bool
may_change_host(struct request *req)
{
    struct client *c = req->client;
    int seconds;
    if (enact_spend(req->srv, c, COUNTER_nick, &seconds))
        return true;
    reply_notice(
        req, "MODE %s %cx refused: you change your host too often; try again in %ds",
        c->user.nick, c->user.modes & USER_CLOAKED ? '-' : '+', seconds);
    return false;
}

/* One reply for each reason, also if it holds for several letters. A change of Z gets no
 * reply, as on other servers. */
static void
refuse_user_modes(struct request *req, uint32_t refused, char unknown_letter)
{
    if (refused & USER_OPER)
        reply(req, ERR_NOPRIVILEGES,
              req->client->out.flags & CLIENT_ACTING ? "its oper block gives +o"
                                                     : "use OPER");
    if (refused & USER_NOTICES)
        reply(req, ERR_NOPRIVILEGES, "you need the privilege 'spy'");
    if (refused & USER_CLOAKED)
        reply(req, ERR_NOPRIVILEGES,
              req->client->user.cloak ? "this server lets no user remove the cloak"
                                      : "you have no cloak");
    if (unknown_letter)
        reply(req, ERR_UMODEUNKNOWNFLAG, command_echo_letter(unknown_letter));
}

static void
set_user_modes(struct request *req, uint32_t modes)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char text[USER_MODES_TEXT], host[CLIENT_HOST_TEXT];
    struct str s;
    struct irc_event e = {.kind = IRC_MODE, .source = c, .client = c, .text = text};
    uint32_t changed_bits = c->user.modes ^ modes;
    char *ended = c->user.modes & USER_OPER && !(modes & USER_OPER)
                      ? xstrdup(c->user.oper)
                      : NULL;
    str_init(&s, text, sizeof text);
    for (int adding = 1; adding >= 0; adding--) {
        size_t before = s.len;
        for (size_t i = 0; i < USER_MODE_COUNT; i++) {
            uint32_t bit = mode_user[i].bit;
            if (!(changed_bits & bit) || ((modes & bit) != 0) != (adding != 0))
                continue;
            if (s.len == before)
                str_addc(&s, adding ? '+' : '-');
            str_addc(&s, mode_user[i].letter);
        }
    }
    if (s.len == 0)
        return;
    if (changed_bits & USER_OPER)
        throttle_count_oper(c, modes & USER_OPER ? 1 : -1);
    client_set_modes(srv, c, modes);
    irc_event_emit(srv, &e);
    if (ended)
        oper_ended(srv, c, ended, "logged out");
    free(ended);
    announce_host(req, cloaking_host(c, host));
}

/* "MODE nick +s [letters]": the letters change the mask that c had before the command;
 * without them the mask is the default. */
static void
set_snomask(struct request *req, uint16_t had, const char *changes)
{
    struct client *c = req->client;
    char unknown = 0;
    uint16_t mask = SNO_DEFAULT;
    if (changes)
        mask = snomask_change(had, changes, &unknown);
    if (unknown)
        reply_notice(req,
                     "MODE %s +s: there is no server notice '%c'; HELP SNOMASKS lists "
                     "them, for example MODE %s +s bf-c",
                     c->user.nick, command_echo_letter(unknown), c->user.nick);
    if (mask == 0)
        set_user_modes(req, c->user.modes & ~(uint32_t)USER_NOTICES);
    c->user.snomask = mask;
    show_snomask(req);
}

static void
user_mode_run(struct request *req, struct message *m)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    bool adding = true, notices = false; /* notices: +s was asked for */
    uint16_t snomask = c->user.snomask;
    char unknown_letter = 0;
    uint32_t modes = c->user.modes, refused = 0;
    if (!name_equal(m->params[0], c->user.nick)) {
        if (client_find_registered(srv, m->params[0]))
            reply(req, ERR_USERSDONTMATCH);
        else
            reply(req, ERR_NOSUCHNICK, m->params[0]);
        return;
    }
    if (m->nparams == 1) {
        show_user_modes(req);
        return;
    }
    cloaking_give(srv, c);
    for (const char *at = m->params[1]; *at; at++) {
        const struct mode_row *row = mode_find_user(*at);
        if (*at == '+' || *at == '-')
            adding = *at == '+';
        else if (row == NULL)
            unknown_letter = unknown_letter ? unknown_letter : *at;
        else if (may_change_user_mode(srv, c, row->bit, adding))
            modes = adding ? modes | row->bit : modes & ~row->bit;
        else
            refused |= row->bit;
        notices |= adding && *at == mode_user[USER_INDEX_NOTICES].letter;
    }
    refuse_user_modes(req, refused, unknown_letter);
    if ((modes ^ c->user.modes) & USER_CLOAKED && !may_change_host(req))
        modes ^= USER_CLOAKED;
    /* An operator that loses +o loses +s as well. */
    if (c->user.modes & USER_OPER && !(modes & USER_OPER))
        modes &= ~(uint32_t)USER_NOTICES;
    set_user_modes(req, modes);
    if (notices && c->user.modes & USER_NOTICES)
        set_snomask(req, snomask, m->nparams > 2 ? m->params[2] : NULL);
}

static void
mode_run(struct request *req)
{
    struct message *m = req->message;
    if (name_has_channel_prefix(m->params[0]))
        mode_channel_run(req, false);
    else
        user_mode_run(req, m);
}

const struct command commands_mode[] = {
    {
        .name = "MODE",
        .run = mode_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .flags = COMMAND_WEIGHED,
        .credit = CREDIT_MODE,
        .group = GROUP_CHANNEL,
        .syntax = "<#channel | nick> [<changes> [<parameters>]]",
        .help = "show or change modes of a channel, or your own",
        .example = "MODE #tea +b *!*@192.0.2.7",
    },
    {.name = NULL},
};
