/* KLINE, DLINE, RESV and XLINE, and the commands that lift them.
 *
 * All kinds share these handlers; a row of policy/ban/kinds.c holds the differences. A
 * change is in force when the handler returns. It is acknowledged when the store has
 * saved it. */
#include "policy/ban/ban.h"
#include "ban_order.h"
#include "base/duration.h"
#include "base/str.h"
#include "cmd/ack.h"
#include "cmd/ban_list.h"
#include "cmd/command.h"
#include "enact/ban.h"
#include "host_target.h"
#include "policy/access.h"
#include "policy/ban/look.h"
#include "policy/ban/shown.h"
#include "policy/gateway.h"
#include "policy/host.h"
#include "proto/casemap.h"
#include "proto/name.h"
#include "state/event_ring.h"
#include "state/tell.h"
#include "state/whowas.h"

/* Clients that NOW may end without FORCE, even if no others are on. */
#define NOW_ALWAYS 3

/* Makes a mask of the parameter. The nick of a client that is or was on becomes the
 * mask of its host, not of its address: an IPv6 client can use any address of its /64.
 * Any other parameter is parsed as a mask. False: err says why. */
static bool
resolve_ban_mask(struct server *srv, enum ban_kind kind, const char *target,
                 struct mask *mask, char *err, size_t errlen)
{
    char text[MASK_TEXT], typed[HOST_TARGET_TYPED];
    struct prefix host;
    const struct ban_kind_row *row = &ban_kinds[kind];
    if (row->of_host == NULL)
        return row->parse(target, mask, err, errlen);
    const struct client *on = client_find_connected(srv, target);
    const struct whowas_entry *gone = whowas_find_host(srv, target);
    if (!on && !gone && name_is_nick(target, NAME_NICK_MAX)) {
        str_format(err, errlen,
                   "'%s' is neither a mask nor a nick that is or was on (expected %s)",
                   target, row->expected);
        return false;
    }
    if (on || gone) {
        host_prefix(srv, on ? &on->session->addr : &gone->addr, &host);
        row->of_host(&host, text, sizeof text);
        target = text;
    }
    if (row->parse(host_target_typed(target, typed), mask, err, errlen))
        return !ban_is_of_hosts(kind) || !mask_is_misspelled(mask, err, errlen);
    size_t n = strlen(err);
    str_format(err + n, errlen - n, "%s", host_target_hint(target));
    return false;
}

/* Refuses an operator without the privilege 'unban' that would end a present ban
 * earlier by setting it again. True: it is refused, and the operator is told. */
static bool
refuse_shortening(struct request *req, const struct ban_order *o)
{
    struct server *srv = req->srv;
    char until[80], text[MESSAGE_LINE];
    const struct ban *there = ban_find(srv, o->kind, o->mask.text);
    if (there == NULL || o->length == 0 || access_has(req->client, PRIV_unban))
        return false;
    if (there->until != 0 && srv->wall + o->length >= there->until)
        return false;
    ban_until(there, srv->wall, until, sizeof until);
    str_format(text, sizeof text,
               "%s %s by %s holds %s; only the privilege 'unban' may end it earlier",
               ban_kinds[o->kind].name, there->mask.text, there->setter, until);
    reply(req, ERR_NOPRIVILEGES, text);
    return true;
}

/* The parameter, if it is a nick that stands for its host; NULL: it is a mask. */
static const char *
find_typed_nick(enum ban_kind kind, const char *target)
{
    return ban_is_of_hosts(kind) && name_is_nick(target, NAME_NICK_MAX) ? target : NULL;
}

/* Whether NOW would end too many clients: more than NOW_ALWAYS, and more than half of
 * them. It counts clients even if the breadth of the kind is counted in channels. */
static bool
ends_too_many(struct server *srv, const struct ban_order *o, char *why, size_t size)
{
    struct ban_cover cover;
    ban_cover(srv, o->kind, &o->mask, &cover);
    size_t n = cover.all - cover.exempt - cover.opers, of = srv->n_local;
    str_format(why, size, "is too broad: it ends %zu of %zu clients", n, of);
    return n > NOW_ALWAYS && n * 2 > of;
}

static bool
may_set_ban(struct request *req, struct ban_order *o)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char why[256], full[320];
    if (!resolve_ban_mask(srv, o->kind, o->target, &o->mask, why, sizeof why)) {
        ban_order_refuse(req, o->kind, why);
        return false;
    }
    if (o->length == 0 && !access_has(c, PRIV_permanent)) {
        reply(req, ERR_NOPRIVILEGES,
              "a ban without end needs the privilege 'permanent'; give a duration");
        return false;
    }
    if (refuse_shortening(req, o))
        return false;
    if (o->force || (!gateway_needs_force(srv, o->kind, &o->mask, why, sizeof why) &&
                     !ban_too_broad(srv, o->kind, &o->mask, c, why, sizeof why) &&
                     !(o->now && ends_too_many(srv, o, why, sizeof why))))
        return true;
    str_format(full, sizeof full, "%s %s. %s FORCE … sets it anyway", o->mask.text, why,
               ban_kinds[o->kind].set);
    ban_order_refuse(req, o->kind, full);
    return false;
}

/* Writes the effect of the ban on the clients that are on. */
static void
describe_effect(const struct ban_outcome *done, bool now, char *out, size_t size)
{
    const struct ban_kind_row *row = &ban_kinds[done->ban->kind];
    struct str s;
    str_init(&s, out, size);
    if (row->stay[0] && !now) {
        str_addf(&s, "%zu %s", done->cover.all, row->stay[done->cover.all != 1]);
        return;
    }
    str_addf(&s, "removed %u client%s", done->removed, done->removed == 1 ? "" : "s");
    ban_list_add_staying(&s, &done->cover);
}

/* Whether both forms of the notice fit in one line with the reasons. */
static bool
fits_line(const struct client *c, const struct ban_order *o, const char *text,
          const char *hidden)
{
    size_t room = MESSAGE_LINE - 2 - NAME_HOST_MAX - NAME_NICK_MAX -
                  (sizeof ":  NOTICE  :*** " - 1) - strlen(client_act_name(c)) -
                  (sizeof ": , reason:  | " - 1);
    size_t n = strlen(text) > strlen(hidden) ? strlen(text) : strlen(hidden);
    return n + strlen(o->reason) + strlen(o->oper_reason) <= room;
}

/* Sends the notice of a ban that does not fit in one line: the reasons follow in lines
 * of their own. */
static void
tell_in_lines(struct server *srv, const struct client *c, const struct ban_order *o,
              const char *text, const char *hidden)
{
    const char *oper = client_act_name(c);
    TELL(srv, TELL_OTHERS(c, ban_mask_privileges(o->kind)), ban_set, .oper = oper,
         .open = text, .hidden = hidden);
    TELL(srv, TELL_OTHERS(c, 0), ban_reason, .oper = oper, .reason = o->reason);
    if (o->oper_reason[0])
        TELL_LIKE(srv, TELL_OTHERS(c, 0), EVENT_ban_oper_reason, ban_reason,
                  .oper = oper, .reason = o->oper_reason);
}

static void
tell_ban_set(struct server *srv, const struct client *c, const struct ban_order *o,
             const struct ban_outcome *done, const char *until, const char *text,
             const char *hidden)
{
    struct event_kline fields = {.by = c->user.oper,
                                 .mask = o->mask.text,
                                 .until = until,
                                 .reason = o->reason,
                                 .oper_reason =
                                     o->oper_reason[0] ? o->oper_reason : NULL,
                                 .removed = done->removed,
                                 .oper = client_act_name(c),
                                 .open = text,
                                 .hidden = hidden};
    enum event event = event_like(ban_kinds[o->kind].set_event, EVENT_kline);
    if (fits_line(c, o, text, hidden)) {
        tell_event(srv, TELL_OTHERS(c, ban_mask_privileges(o->kind)), event, &fields);
        return;
    }
    event_note(srv, event, NULL, &fields);
    tell_in_lines(srv, c, o, text, hidden);
}

/* Tells the operator if the mask covers only a part of a host (IPv6: of a /64): its
 * client can use the other addresses. The mask is kept as it is: several clients may
 * share the host, so the operator decides. */
static void
hint_at_host(struct request *req, const struct ban_order *o)
{
    char text[MASK_TEXT], address[PREFIX_TEXT], shown[PREFIX_TEXT];
    struct prefix host;
    const struct ban_kind_row *row = &ban_kinds[o->kind];
    host_prefix(req->srv, &o->mask.prefix.addr, &host);
    if (!o->mask.is_prefix || o->mask.prefix.bits <= host.bits)
        return;
    row->of_host(&host, text, sizeof text);
    prefix_word(&o->mask.prefix, address, sizeof address);
    prefix_word(&host, shown, sizeof shown);
    reply_notice(req,
                 "%s: %s is a part of the host %s; its other addresses are not banned "
                 "(%s %s bans all of them)",
                 row->set, address, shown, row->set, text);
}

static void
set_ordered_ban(struct request *req, const struct ban_order *o)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    char text[MESSAGE_LINE], hidden[MESSAGE_LINE], room[BAN_SHOWN], until[80],
        done_to[120];
    struct ban_outcome done;
    struct ban_request request = {.kind = o->kind,
                                  .mask = &o->mask,
                                  .length = o->length,
                                  .now = o->now,
                                  .setter = c->user.oper,
                                  .reason = o->reason,
                                  .oper_reason = o->oper_reason};
    enact_ban(srv, &request, &done);
    ban_until(done.ban, srv->wall, until, sizeof until);
    describe_effect(&done, o->now, done_to, sizeof done_to);
    const char *name = ban_kinds[o->kind].name,
               *nick = find_typed_nick(o->kind, o->target);
    const char *act = done.replaced ? "replaced" : "set";
    str_format(text, sizeof text, "%s %s %s %s: %s", name, o->mask.text, act, until,
               done_to);
    ack_when_saved(srv, c, done.ticket, text);
    str_format(hidden, sizeof hidden, "%s %s %s %s: %s", name,
               ban_hidden_mask(o->kind, o->mask.text, nick, room), act, until, done_to);
    tell_ban_set(srv, c, o, &done, until, text, hidden);
    hint_at_host(req, o);
}

static void
ban_set_run(struct request *req)
{
    struct ban_order o = {.kind = (enum ban_kind)req->row->arg};
    if (ban_order_read(req, &o) && may_set_ban(req, &o))
        set_ordered_ban(req, &o);
}

static void
ban_unset_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    const char *target = req->message->params[0];
    char text[MESSAGE_LINE], err[256] = "", room[BAN_SHOWN];
    struct mask mask;
    enum ban_kind kind = (enum ban_kind)req->row->arg;
    const struct ban_kind_row *row = &ban_kinds[kind];
    struct ban *ban = ban_find(srv, kind, target);
    if (ban == NULL && resolve_ban_mask(srv, kind, target, &mask, err, sizeof err))
        ban = ban_find(srv, kind, mask.text);
    if (ban == NULL) {
        reply_notice(req, "%s refused: there is no %s %s%s%s", row->unset, row->name,
                     target, *err ? ": " : "", err);
        return;
    }
    const char *nick = find_typed_nick(kind, target);
    const char *hidden = ban_hidden_mask(kind, ban->mask.text, nick, room);
    str_format(text, sizeof text, "%s %s removed", row->name,
               nick && !ban_shows_mask(c, kind) ? hidden : ban->mask.text);
    TELL_LIKE(srv, TELL_OTHERS(c, ban_mask_privileges(kind)), row->unset_event, unkline,
              .by = c->user.oper, .mask = ban->mask.text, .oper = client_act_name(c),
              .kind = row->name, .hidden = hidden);
    ack_when_saved(srv, c, ban_remove(srv, ban), text);
}

const struct command commands_ban[] = {
    {
        .name = "KLINE",
        .run = ban_set_run,
        .arg = BAN_KLINE,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_kline,
        .group = GROUP_BANS,
        .syntax = "[FORCE] [<duration>] <nick | user@host | address | CIDR> "
                  "[:<reason>[|<for operators>]]",
        .help = "ban users by mask; a nick means its host (IPv6: the /64); a duration "
                "without a unit is in minutes, a ban without a duration has no end",
        .example = "KLINE 1h *@192.0.2.7 :spam",
    },
    {
        .name = "UNKLINE",
        .run = ban_unset_run,
        .arg = BAN_KLINE,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_unban,
        .group = GROUP_BANS,
        .syntax = "<mask>",
        .help = "lift a K-line",
        .example = "UNKLINE *@192.0.2.7",
    },
    {
        .name = "DLINE",
        .run = ban_set_run,
        .arg = BAN_DLINE,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_dline,
        .group = GROUP_BANS,
        .syntax = "[FORCE] [<duration>] <nick | address | CIDR> [:<reason>[|<for "
                  "operators>]]",
        .help = "ban addresses: their connections are refused",
        .example = "DLINE 1d 192.0.2.0/24 :proxies",
    },
    {
        .name = "UNDLINE",
        .run = ban_unset_run,
        .arg = BAN_DLINE,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_unban,
        .group = GROUP_BANS,
        .syntax = "<address | CIDR>",
        .help = "lift a D-line",
        .example = "UNDLINE 192.0.2.0/24",
    },
    {
        .name = "RESV",
        .run = ban_set_run,
        .arg = BAN_RESV,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_resv,
        .group = GROUP_BANS,
        .syntax = "[FORCE] [NOW] [<duration>] <nick mask | #channel mask> "
                  "[:<reason>[|<for operators>]]",
        .help = "reserve nicks or channels; a client that uses one keeps it, and with "
                "NOW is disconnected",
        .example = "RESV 1d #warez* :not here",
    },
    {
        .name = "UNRESV",
        .run = ban_unset_run,
        .arg = BAN_RESV,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_unban,
        .group = GROUP_BANS,
        .syntax = "<mask>",
        .help = "lift a RESV",
        .example = "UNRESV #warez*",
    },
    {
        .name = "XLINE",
        .run = ban_set_run,
        .arg = BAN_XLINE,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_xline,
        .group = GROUP_BANS,
        .syntax =
            "[FORCE] [NOW] [<duration>] <real name mask> [:<reason>[|<for operators>]]",
        .help = "ban real names; NOW also disconnects the clients that match; in the "
                "mask \\s is a blank and \\\\ a backslash",
        .example = "XLINE 1d *free\\smoney* :spam",
    },
    {
        .name = "UNXLINE",
        .run = ban_unset_run,
        .arg = BAN_XLINE,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 1,
        .priv = PRIV_unban,
        .group = GROUP_BANS,
        .syntax = "<mask>",
        .help = "lift an X-line",
        .example = "UNXLINE *free\\smoney*",
    },
    {.name = NULL},
};
