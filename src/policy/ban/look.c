/* Searches for server bans, for CHECK and PARDON.
 *
 * The matching of ban.c counts hits and stops at the first ban. A search here finds
 * every ban and changes none. */
#include "policy/ban/look.h"
#include "policy/cloaking.h"

#include "policy/ban/ban.h"
#include "proto/addr_glob.h"
#include "proto/casemap.h"
#include "state/client.h"
#include "state/server.h"

struct looking {
    const struct server *srv;
    const struct client *client; /* NULL: an address without a client */
    const struct mask_subject *subject;
    ban_seen *fn;
    void *ctx;
};

static bool
is_all_wild(const char *glob)
{
    return glob[strspn(glob, "*?")] == '\0';
}

static bool
is_about_address(const struct ban *ban, const struct mask_subject *s)
{
    const struct mask *m = &ban->mask;
    if (!ban_is_of_hosts(ban->kind))
        return false;
    if (m->is_prefix)
        return prefix_match(&m->prefix, s->addr);
    return !is_all_wild(m->host) &&
           (mask_glob(m->host, s->address) || mask_glob(m->host, s->cloak));
}

static bool
judge_seen_ban(void *ctx, struct ban_indexed *entry)
{
    struct looking *l = ctx;
    struct ban *ban = LIST_ENTRY(entry, struct ban, indexed);
    if (ban_is_expired(ban, l->srv->wall))
        return false;
    bool about = is_about_address(ban, l->subject);
    if (l->client ? !about && ban_covers(ban, l->client) : about)
        l->fn(l->ctx, ban);
    return false;
}

/* The texts of an address without a client, and the subject made of them. */
struct place {
    char address[ADDR_TEXT], cloak[CLOAK_TEXT];
    struct mask_subject subject;
};

static void
make_place_subject(const struct server *srv, const struct addr *addr, struct place *out)
{
    addr_format(addr, out->address, sizeof out->address);
    cloak_make(cloaking_key(srv), addr, out->cloak);
    out->subject = (struct mask_subject){.nick = "",
                                         .user = "",
                                         .host = out->address,
                                         .address = out->address,
                                         .cloak = out->cloak,
                                         .addr = addr};
}

void
ban_look_addr(const struct server *srv, const struct addr *addr, ban_seen *fn,
              void *ctx)
{
    struct place place;
    make_place_subject(srv, addr, &place);
    struct looking l = {srv, NULL, &place.subject, fn, ctx};
    for (enum ban_kind k = 0; k < BAN_KINDS; k++)
        if (ban_is_of_hosts(k))
            ban_index_find(&srv->policy->index[k], &srv->hash_key, &place.subject,
                           judge_seen_ban, &l);
}

/* A search for a ban of this kind that covers all clients of an address. */
struct asking {
    enum ban_kind kind;
    bool found;
};

static void
note_ban_kind(void *ctx, struct ban *ban)
{
    struct asking *a = ctx;
    const struct mask *m = &ban->mask;
    a->found |= ban->kind == a->kind && is_all_wild(m->nick) && is_all_wild(m->user);
}

bool
ban_look_any(const struct server *srv, enum ban_kind kind, const struct addr *addr)
{
    struct asking a = {.kind = kind};
    ban_look_addr(srv, addr, note_ban_kind, &a);
    return a.found;
}

struct covering {
    const struct server *srv;
    const struct client *client;
};

static bool
ban_covers_client(void *ctx, struct ban_indexed *entry)
{
    const struct covering *v = ctx;
    const struct ban *ban = LIST_ENTRY(entry, struct ban, indexed);
    return !ban_is_expired(ban, v->srv->wall) && ban_covers(ban, v->client);
}

bool
ban_look_covers(const struct server *srv, const struct client *c)
{
    char address[ADDR_TEXT];
    struct mask_subject subject;
    struct covering v = {srv, c};
    client_subject(c, address, sizeof address, &subject);
    for (enum ban_kind k = 0; k < BAN_KINDS; k++)
        if (ban_is_of_hosts(k) && ban_index_find(&srv->policy->index[k], &srv->hash_key,
                                                 &subject, ban_covers_client, &v))
            return true;
    return false;
}

void
ban_look_client(const struct server *srv, const struct client *c, ban_seen *fn,
                void *ctx)
{
    char address[ADDR_TEXT];
    struct place place;
    struct mask_subject whole;
    make_place_subject(srv, &c->session->addr, &place);
    client_subject(c, address, sizeof address, &whole);
    struct looking l = {srv, c, &place.subject, fn, ctx};
    for (int k = 0; k < BAN_KINDS; k++)
        ban_index_find(&srv->policy->index[k], &srv->hash_key, &whole, judge_seen_ban,
                       &l);
}

/* True if glob `a` matches every text that glob `b` matches. A '?' of b needs a
 * wildcard of a, and a '*' of b needs a '*' of a. Only the last '*' is retried, as in
 * mask_glob. */
static bool
glob_covers(const char *a, const char *b)
{
    const char *star = NULL, *retry = NULL;
    while (*b) {
        bool same = *a == '?' ? *b != '*'
                              : *b != '*' && *b != '?' && *a &&
                                    casemap_fold(*a) == casemap_fold(*b);
        if (*a == '*') {
            star = ++a;
            retry = b;
        } else if (same) {
            a++;
            b++;
        } else if (star) {
            a = star;
            b = ++retry;
        } else {
            return false;
        }
    }
    return a[strspn(a, "*")] == '\0';
}

static bool
prefix_covers(const struct prefix *a, const struct prefix *b)
{
    return a->bits <= b->bits && prefix_match(a, &b->addr);
}

/* The prefix that the host of a mask stands for, as a CIDR or as a glob. False: none.
 */
static bool
host_prefix_of(const struct mask *m, struct prefix *out)
{
    if (m->is_prefix)
        *out = m->prefix;
    return m->is_prefix || addr_glob_prefix(m->host, out);
}

static bool
mask_covers(const struct mask *a, const struct mask *b)
{
    if (!glob_covers(a->nick, b->nick) || !glob_covers(a->user, b->user))
        return false;
    struct prefix of_a, of_b;
    if (!a->is_prefix && !b->is_prefix)
        return glob_covers(a->host, b->host);
    if (!host_prefix_of(a, &of_a))
        return false;
    return host_prefix_of(b, &of_b) ? prefix_covers(&of_a, &of_b)
                                    : addr_glob_lies_in(b->host, &of_a);
}

static void
look_through_bans(const struct server *srv,
                  bool (*is_wanted)(const struct ban *, const void *), const void *what,
                  ban_seen *fn, void *ctx)
{
    for (int k = 0; k < BAN_KINDS; k++)
        LIST_EACH_SAFE(&srv->policy->kinds[k], node, next) {
            struct ban *ban = LIST_ENTRY(node, struct ban, link);
            if (!ban_is_expired(ban, srv->wall) && is_wanted(ban, what))
                fn(ctx, ban);
        }
}

static bool
ban_covers_mask(const struct ban *ban, const void *mask)
{
    return mask_covers(&ban->mask, mask);
}

void
ban_look_mask(const struct server *srv, const struct mask *mask, ban_seen *fn,
              void *ctx)
{
    look_through_bans(srv, ban_covers_mask, mask, fn, ctx);
}

static bool
ban_lies_inside(const struct ban *ban, const void *mask)
{
    return ban_is_of_hosts(ban->kind) && mask_covers(mask, &ban->mask) &&
           !mask_covers(&ban->mask, mask);
}

void
ban_look_inside(const struct server *srv, const struct mask *mask, ban_seen *fn,
                void *ctx)
{
    look_through_bans(srv, ban_lies_inside, mask, fn, ctx);
}

static bool
is_automatic_of(const struct ban *ban, const void *host)
{
    const struct prefix *p = host;
    return ban->automatic && ban->mask.is_prefix &&
           (prefix_covers(&ban->mask.prefix, p) || prefix_covers(p, &ban->mask.prefix));
}

void
ban_look_automatic(const struct server *srv, const struct prefix *host, ban_seen *fn,
                   void *ctx)
{
    look_through_bans(srv, is_automatic_of, host, fn, ctx);
}
