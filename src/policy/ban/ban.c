/* Server bans: setting, matching, lifting. enact/ban.c ends clients and tells
 * operators.
 *
 * Matching uses the bans in memory. Each change is queued for the store, which reports
 * the result later; the caller keeps the ticket. An expired ban never matches, even if
 * the tick has not removed it yet. */
#include "policy/ban/ban.h"

#include "base/duration.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/access.h"
#include "policy/ban/internal.h"
#include "policy/client_policy.h"
#include "policy/counts.h"
#include "state/client.h"
#include "state/server.h"

/* room for admin.email and the words around it; a longer one is left out */
#define CONTACT_MAX 120

void
ban_count_hit(struct server *srv, struct ban *ban)
{
    ban->hits++;
    srv->policy->counts->ban_hits[ban->kind]++;
    ban->last_hit = srv->wall;
}

/* True if the ban does not apply to c. A client that is exempt from strikes is not
 * banned for the strikes of other clients of its host. */
static bool
is_exempt_from_ban(const struct ban *ban, const struct client *c)
{
    return policy_of(c)->exempt & (EXEMPT_BANS | (ban->automatic ? EXEMPT_STRIKES : 0));
}

struct matching {
    const struct server *srv;
    const struct client *client; /* NULL: an address without a client */
    const struct mask_subject *subject;
    struct ban *found;
};

static bool
judge_indexed_ban(void *ctx, struct ban_indexed *entry)
{
    struct matching *m = ctx;
    struct ban *ban = LIST_ENTRY(entry, struct ban, indexed);
    if (ban_is_expired(ban, m->srv->wall))
        return false;
    bool matches = m->client ? !is_exempt_from_ban(ban, m->client) &&
                                   ban_kinds[ban->kind].match(&ban->mask, m->subject)
                             : prefix_match(&ban->mask.prefix, m->subject->addr);
    if (matches)
        m->found = ban;
    return matches;
}

static struct ban *
find_matching_ban(struct server *srv, enum ban_kind kind, struct matching *m)
{
    ban_index_find(&srv->policy->index[kind], &srv->hash_key, m->subject,
                   judge_indexed_ban, m);
    if (m->found)
        ban_count_hit(srv, m->found);
    return m->found;
}

struct ban *
ban_find_over_client(const struct server *srv, enum ban_kind kind,
                     const struct client *c)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    client_subject(c, address, sizeof address, &subject);
    struct matching m = {srv, c, &subject, NULL};
    ban_index_find(&srv->policy->index[kind], &srv->hash_key, m.subject,
                   judge_indexed_ban, &m);
    return m.found;
}

struct ban *
ban_match_client(struct server *srv, enum ban_kind kind, const struct client *c)
{
    struct ban *ban = ban_find_over_client(srv, kind, c);
    if (ban)
        ban_count_hit(srv, ban);
    return ban;
}

struct ban *
ban_match_nick(struct server *srv, const struct client *c, const char *nick)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    client_subject(c, address, sizeof address, &subject);
    subject.nick = nick;
    return find_matching_ban(srv, BAN_KLINE,
                             &(struct matching){srv, c, &subject, NULL});
}

struct ban *
ban_match_addr(const struct server *srv, enum ban_kind kind, const struct addr *addr)
{
    struct mask_subject subject = {.addr = addr};
    struct matching m = {srv, NULL, &subject, NULL};
    ban_index_find(&srv->policy->index[kind], &srv->hash_key, m.subject,
                   judge_indexed_ban, &m);
    return m.found;
}

struct ban *
ban_match_text(struct server *srv, enum ban_kind kind, const struct client *c,
               const char *text)
{
    struct mask_subject subject = {.nick = "", .user = "", .host = text};
    return find_matching_ban(srv, kind, &(struct matching){srv, c, &subject, NULL});
}

struct ban *
ban_reserves(struct server *srv, const struct client *c, const char *name)
{
    if (c->out.flags & CLIENT_ACTING || access_has(c, ban_kinds[BAN_RESV].priv))
        return NULL;
    return ban_match_text(srv, BAN_RESV, c, name);
}

void
ban_until(const struct ban *ban, msec wall, char *out, size_t size)
{
    char moment[MOMENT_TEXT], left[DURATION_TEXT];
    if (ban->until == 0) {
        str_format(out, size, "for good");
        return;
    }
    moment_format(ban->until, moment, sizeof moment);
    duration_words(ban->until - wall, left, sizeof left);
    str_format(out, size, "until %s (%s)", moment, left);
}

void
ban_why(const struct ban *ban, msec wall, char *out, size_t size)
{
    char until[BAN_UNTIL];
    ban_until(ban, wall, until, sizeof until);
    str_format(out, size, "%s: %s", until, ban->reason);
}

/* " (complaints: staff@example.org)", or "" if there is no admin.email. */
static void
format_contact(const struct server *srv, char out[CONTACT_MAX])
{
    const char *email = srv->config->admin.email;
    out[0] = '\0';
    if (*email && strlen(email) + sizeof " (complaints: )" <= CONTACT_MAX)
        str_format(out, CONTACT_MAX, " (complaints: %s)", email);
}

void
ban_words(const struct server *srv, const struct ban *ban, char *out, size_t size)
{
    char why[BAN_WHY], contact[CONTACT_MAX], head[48];
    ban_why(ban, srv->wall, why, sizeof why);
    format_contact(srv, contact);
    str_format(head, sizeof head, "You are banned (%s) ", ban_kinds[ban->kind].name);
    size_t around = strlen(head) + strlen(contact) + 1;
    size_t room = size > around ? size - around : 0;
    str_format(out, size, "%s%.*s%s", head, (int)str_cut(why, strlen(why), room), why,
               contact);
}

enum ban_verdict
ban_judge(const struct ban *ban, const struct client *c)
{
    if (c->out.flags & (CLIENT_ENDING | CLIENT_ACTING) || !ban_covers(ban, c))
        return BAN_MISSES;
    if (is_exempt_from_ban(ban, c))
        return BAN_EXEMPTS;
    return c->user.oper ? BAN_LETS_STAY : BAN_ENDS;
}

void
ban_put(struct server *srv, const struct ban_request *request, struct ban_outcome *out)
{
    struct ban *ban = ban_find_any(srv, request->kind, request->mask->text);
    out->replaced = ban && !ban_is_expired(ban, srv->wall);
    if (ban == NULL)
        ban = ban_add(srv, request->kind, request->mask);
    if (!out->replaced)
        ban->hits = 0;
    ban->set_at = request->set_at ? request->set_at : srv->wall;
    ban->until = request->length ? ban->set_at + request->length : 0;
    ban_set_automatic(srv, ban, request->automatic);
    str_format(ban->setter, sizeof ban->setter, "%s", request->setter);
    ban_give_reasons(srv, ban, request->reason,
                     request->oper_reason ? request->oper_reason : "");
    ban_clean_texts(ban);
    ban_due_place(&srv->policy->due, ban);
    srv->policy->counts
        ->bans_set[ban->kind][request->automatic ? BAN_BY_SERVER : BAN_BY_OPER]++;
    out->ban = ban;
    out->ticket = ban_save(srv, ban);
}

store_ticket
ban_extend(struct server *srv, struct ban *ban, msec until)
{
    ban->until = until;
    ban_due_place(&srv->policy->due, ban);
    return ban_save(srv, ban);
}

store_ticket
ban_remove(struct server *srv, struct ban *ban)
{
    store_ticket ticket = store_put(srv->store, ban->key, strlen(ban->key), NULL, 0);
    ban_unlink(srv, ban);
    return ticket;
}

void
ban_free_all(struct server *srv)
{
    for (int k = 0; k < BAN_KINDS; k++)
        while (!list_empty(&srv->policy->kinds[k]))
            ban_unlink(srv, LIST_ENTRY(srv->policy->kinds[k].next, struct ban, link));
    ban_due_free(&srv->policy->due);
    ban_drop_stale_records(srv);
}
